"""Prepares the two folders that Zappa packs, a virtualenv and a working folder, and has it pack them.

The virtualenv holds the pinned packages of ``requirements.txt`` as Lambda's runtime of this Python can load them. That of
3.11 is Amazon Linux 2, whose C library (glibc 2.26) is older than that of most machines on which somebody types ``make``.
"""

from __future__ import annotations

import compileall
import hashlib
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gems_artefacts.bundle import SOURCE_ROOT
from gems_artefacts.carried import carried
from gems_artefacts.dependencies import BundleProblem, install_with_pip
from gems_deploy.lambda_package import canonical, contents
from gems_deploy.lambda_package.canonical import canonical_zip
from gems_deploy.lambda_package.contents import operations_called, prune
from gems_deploy.python_runtime import runtime_to_build

PLATFORM = "manylinux2014_x86_64"
OUR_PACKAGES = ("gems_core", "gems_report", "gems_api", "userdata")
ZIPS_KEPT = 8  # of a stage; each change of the sources makes another
SETTINGS_NAME = "zappa_settings.json"
_SETTINGS = carried(SETTINGS_NAME)
# Zappa copies a handler of its own into the zip's root, then the virtualenv over it: so this one is what Lambda calls.
HANDLER = '''"""What Lambda calls."""

import gc

# What is imported lives as long as the process: to look for garbage in it meanwhile is a tenth of the start.
gc.disable()
from gems_api.lambda_handler import lambda_handler as lambda_handler

gc.freeze()
gc.enable()
'''
# The pages' script, which is fetched and not committed.
_FETCHED = "gems_api/static/vendor/htmx.min.js"
_SITE_PACKAGES = Path("lib", "python{}.{}".format(*sys.version_info[:2]), "site-packages")


@dataclass(frozen=True)
class LambdaBuild:
    """The folders that Zappa works on.

    Attributes:
        app: Zappa's working folder: our packages and its settings.
        venv: what it takes for the active virtualenv.
    """

    app: Path
    venv: Path

    def zappa(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run a command of Zappa.

        Args:
            arguments: such as ``deploy``, ``dev``.
            environment: more environment variables, such as AWS's own.

        Returns:
            what it printed.

        Raises:
            BundleProblem: it failed; with the end of what it printed.
        """
        program = Path(sys.executable).with_name("zappa")
        done = subprocess.run(
            [str(program), *arguments],
            cwd=self.app,
            env={**os.environ, **(environment or {}), "VIRTUAL_ENV": str(self.venv.resolve())},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BundleProblem(f"zappa {' '.join(arguments)} failed:\n{done.stdout[-2000:]}")
        return done.stdout


def prepare(folder: Path, cache: Path, settings: Path = _SETTINGS) -> LambdaBuild:
    """Make both folders again.

    Args:
        folder: takes them; what it held of an earlier build is replaced.
        cache: keeps the installed packages, by what they are.
        settings: Zappa's settings.

    Raises:
        BundleProblem: this Python is not one of Lambda's, or the packages or the pages' script cannot be had.
    """
    if not (SOURCE_ROOT / _FETCHED).is_file():
        raise BundleProblem(f"the Lambda's zip: expected {_FETCHED}, found none. Fetch it: tools/fetch-vendor.sh")
    build = LambdaBuild(folder / "app", folder / "venv")
    for part in (build.app, build.venv):
        shutil.rmtree(part, ignore_errors=True)
    build.app.mkdir(parents=True)
    (build.venv / _SITE_PACKAGES).parent.mkdir(parents=True)
    (build.venv / _SITE_PACKAGES).symlink_to(_packages(cache).resolve())
    for package in OUR_PACKAGES:
        shutil.copytree(SOURCE_ROOT / package, build.app / package, ignore=shutil.ignore_patterns("__pycache__"))
    _compile(build.app)
    shutil.copyfile(settings, build.app / SETTINGS_NAME)
    return build


def built_zip(stage: str, cache: Path, settings: Path = _SETTINGS) -> Path:
    """The zip of the sources as they stand, from the cache when nothing has changed.

    Raises:
        BundleProblem: it cannot be built.
    """
    digest = _digest(f"{runtime_to_build().name} {stage}", [settings, _requirements(), *_own_sources(), *_rules()])
    target = cache / f"gems-api-{stage}-{digest[:16]}.zip"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="lambda-", dir=cache) as folder:
            made = Path(folder).resolve() / "built.zip"
            prepare(Path(folder), cache, settings).zappa("package", stage, "--output", str(made))
            _move(canonical_zip(made, made.with_name("canonical.zip")), target)
        forget_old(cache, f"gems-api-{stage}-*.zip")
    return target


def forget_old(cache: Path, pattern: str) -> None:
    """Remove all but the newest zips of a stage; other processes may do so at the same time."""
    dated = []
    for path in cache.glob(pattern):
        with suppress(FileNotFoundError):
            dated.append((path.stat().st_mtime, path))
    for _, path in sorted(dated)[:-ZIPS_KEPT]:
        path.unlink(missing_ok=True)


def _packages(cache: Path) -> Path:
    """The pinned packages, pruned, from the cache or from the package registry."""
    runtime = runtime_to_build()
    called = operations_called("".join(path.read_text() for path in _own_sources() if path.suffix == ".py"))
    digest = _digest(f"{runtime.name} {PLATFORM} {sorted(called.items())}", [_requirements(), *_rules()])
    target = cache / f"lambda-packages-{digest[:16]}"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="packages-", dir=cache) as folder:
            installed = Path(folder) / "installed"
            install_with_pip(_requirements(), installed, [PLATFORM])
            prune(installed, called)
            (installed / "handler.py").write_text(HANDLER)
            _compile(installed)
            _move(installed, target)
    return target


def _compile(folder: Path) -> None:
    # Lambda's code folder is read-only: without byte code every start would compile every module again. It is never
    # checked against its source, for the zip keeps no times.
    compileall.compile_dir(
        folder, quiet=2, stripdir=folder, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )


def _requirements() -> Path:
    return carried("requirements.txt")


def _rules() -> list[Path]:
    return [Path(__file__), Path(contents.__file__), Path(canonical.__file__)]


def _own_sources() -> list[Path]:
    found = (path for package in OUR_PACKAGES for path in sorted((SOURCE_ROOT / package).rglob("*")))
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def _digest(words: str, files: list[Path]) -> str:
    digest = hashlib.sha256(words.encode())
    for file in files:
        digest.update(f"\n{file.name} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _move(made: Path, target: Path) -> None:
    """Put a finished thing in its place; another process may have been faster, which is as good."""
    try:
        made.rename(target)
    except OSError:
        if not target.exists():
            raise
