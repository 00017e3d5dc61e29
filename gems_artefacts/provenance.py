"""From which commit an artefact comes, and who made it with what."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gems_artefacts.bundle import SOURCE_ROOT
from gems_artefacts.carried import carried_commit
from gems_core.errors import GemsError

UNKNOWN = "unknown"
DIRTY = "-dirty"
COMMIT_DIGITS = 12
_BUILD_PROPERTIES = "org/gems/typer/build.properties"
_COMMIT = re.compile(r"^commit=([0-9a-f]{7,40})$", re.MULTILINE)
_JDK = re.compile(r"^Build-Jdk-Spec: (\S{1,20})", re.MULTILINE)


class NoCommit(GemsError):
    """What is to be published comes from no commit that anybody could look up."""


@dataclass(frozen=True)
class Maker:
    """Who publishes, and when.

    Attributes:
        by: the caller's ARN, or whatever names them.
        run: address of the CI run; '' for a person at a machine.
    """

    by: str
    at: datetime
    run: str = ""


@dataclass(frozen=True)
class Source:
    """What an artefact was made of, and with.

    Attributes:
        commit: twelve digits, with ``-dirty`` where files differed from it; or ``unknown``.
        jdk: the Java release that compiled it; '' where none did.
        python: the Python that packed it.
    """

    commit: str
    jdk: str = ""
    python: str = platform.python_version()

    @property
    def is_known(self) -> bool:
        """Whether the commit tells all."""
        return self.commit != UNKNOWN and not self.commit.endswith(DIRTY)


def clone_source(root: Path = SOURCE_ROOT) -> Source:
    """The commit of the clone, or of the wheel, that this runs from."""
    if root == SOURCE_ROOT and carried_commit():
        return Source(carried_commit())
    if shutil.which("git") is None or not (root / ".git").exists():
        return Source(UNKNOWN)
    commit = _git(root, "rev-parse", f"--short={COMMIT_DIGITS}", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return Source((commit or UNKNOWN) + (DIRTY if commit and changed else ""))


def jar_source(jar: Path) -> Source:
    """The commit that a typer's jar says it was built from, and its JDK."""
    try:
        with zipfile.ZipFile(jar) as archive:
            names = archive.namelist()
            properties = archive.read(_BUILD_PROPERTIES).decode() if _BUILD_PROPERTIES in names else ""
            manifest = archive.read("META-INF/MANIFEST.MF").decode() if "META-INF/MANIFEST.MF" in names else ""
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError):
        return Source(UNKNOWN)
    commit, jdk = _COMMIT.search(properties), _JDK.search(manifest)
    return Source(commit[1][:COMMIT_DIGITS] if commit else UNKNOWN, jdk[1] if jdk else "")


def source_of(kind: str, path: Path, clone: Source) -> Source:
    """What an artefact of a kind was made of: a jar tells itself, all else comes from this clone."""
    return jar_source(path) if kind == "hla-typer" else clone


def demand_commit(kind: str, source: Source) -> None:
    """Refuse what nobody could build again.

    Raises:
        NoCommit: says how to get a commit.
    """
    if not source.is_known:
        raise NoCommit(
            f"{kind}: expected it to come from a commit, found {source.commit}. Commit the changes and build again "
            "(`make jar`; continuous integration does both), or publish it as it is with --dirty."
        )


def maker(by: str, at: datetime, environment: Mapping[str, str] = os.environ) -> Maker:
    """Who publishes, with the address of the CI run where this is one."""
    run = environment.get("CIRCLE_BUILD_URL", "")
    if environment.get("GITHUB_RUN_ID"):
        run = "/".join(
            environment.get(name, part)
            for name, part in (
                ("GITHUB_SERVER_URL", ""),
                ("GITHUB_REPOSITORY", ""),
                ("", "actions/runs"),
                ("GITHUB_RUN_ID", ""),
            )
        )
    return Maker(by, at, run)


def document(kind: str, version: str, sha256: str, source: Source, made: Maker) -> dict[str, object]:
    """The content of a provenance object."""
    return {
        "kind": kind,
        "version": version,
        "sha256": sha256,
        "commit": source.commit,
        "jdk": source.jdk,
        "python": source.python,
        "by": made.by,
        "run": made.run,
        "at": made.at.isoformat(),
    }


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
