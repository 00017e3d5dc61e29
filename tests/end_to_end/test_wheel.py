"""The wheel, in an empty virtualenv on a machine that has no clone: the client types the example."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gems_artefacts.bundle import SOURCE_ROOT
from gems_artefacts.cache import cache_folder
from gems_artefacts.carried import IN_CLONE
from gems_core import __version__


@dataclass(frozen=True)
class Installation:
    """A virtualenv with the wheel in it, and a home with nothing in it."""

    folder: Path

    def gems(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the program, with the cached library and no variable of ours."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        environment = {"HOME": str(home), "PATH": os.defpath, "GEMS_CACHE": str(cache_folder())}
        java = shutil.which("java")
        assert java is not None
        environment["PATH"] = f"{Path(java).parent}:{os.defpath}"
        command = [str(self.folder / "venv" / "bin" / "gems"), *map(str, words)]
        return subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=240
        )


@pytest.fixture(scope="module")
def installed(typer_jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    assert typer_jar.exists()
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    # As of a release, from a clone: setuptools leaves files beside what it builds.
    ignored = shutil.ignore_patterns(
        ".git", ".venv*", "node_modules", "target", "build", "dist", "out", "__pycache__", ".*_cache"
    )
    shutil.copytree(SOURCE_ROOT, sources, ignore=ignored)
    (sources / "hla-typer" / "target").mkdir()
    shutil.copy(typer_jar, sources / "hla-typer" / "target")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(sources)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    pip = [str(folder / "venv" / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    subprocess.run(pip, check=True)
    shutil.rmtree(sources)
    return Installation(folder)


def test_the_example_is_typed_where_no_clone_is(installed: Installation) -> None:
    done = installed.gems("demo", "-o", "demo")
    assert done.returncode == 0, done.stderr
    assert "42 of 42 alleles are among the call's names" in done.stdout


def test_it_carries_what_a_clone_has_beside_the_packages(installed: Installation) -> None:
    (data,) = (installed.folder / "venv").glob("lib/python*/site-packages/gems_artefacts/data")
    assert {path.name for path in data.iterdir()} == {*IN_CLONE, "commit"}
    assert installed.gems("--version").stdout == f"gems, version {__version__}\n"


@pytest.mark.parametrize(
    ("command", "extra"), [("run", "local"), ("local", "local"), ("deploy", "deploy"), ("artefacts", "deploy")]
)
def test_a_command_that_needs_more_than_the_client_says_what_to_install(
    installed: Installation, command: str, extra: str
) -> None:
    done = installed.gems(command, "--help")
    assert done.returncode == 2
    assert f"pip install 'gems-hla[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["type", "demo", "job", "report", "reference", "example"])
def test_the_client_has_these_commands(installed: Installation, command: str) -> None:
    assert installed.gems(command, "--help").returncode == 0
