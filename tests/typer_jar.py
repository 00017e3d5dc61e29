"""A jar that tells commit and JDK as the typer's does, without its classes."""

from __future__ import annotations

import zipfile
from pathlib import Path

MANIFEST = "Manifest-Version: 1.0\r\nBuild-Jdk-Spec: 17\r\n"


def write_typer_jar(path: Path, commit: str) -> None:
    """Write the jar: the same bytes for the same commit, at whatever time, as a build gives them.

    Args:
        path: of the jar.
        commit: as the build wrote it.
    """
    properties = f"version=0.1.0\ncommit={commit}\n"
    with zipfile.ZipFile(path, "w") as jar:
        # ZipInfo's own date is 1980: with the clock's, two builds two seconds apart would be two versions.
        jar.writestr(zipfile.ZipInfo("META-INF/MANIFEST.MF"), MANIFEST)
        jar.writestr(zipfile.ZipInfo("org/gems/typer/build.properties"), properties)
