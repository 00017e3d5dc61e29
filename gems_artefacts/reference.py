"""A compiled reference library, packed for the workers."""

from __future__ import annotations

from pathlib import Path

from gems_artefacts.tarball import write_tarball
from gems_formats.library_json import LIBRARY_JSON, check_sum
from gems_reference.library import Library


def library_version(library: Library) -> str:
    """Release and content, as artefacts are named."""
    return f"{library.release}-{library.summary['sha256'][:12]}"


def pack_library(library: Library, cache: Path) -> Path:
    """The library as `.tar.gz`, from the cache when it was packed before.

    Raises:
        InvalidInput: a file is not what the library says it is.
    """
    files: dict[str, str] = library.summary["files"]
    target = cache / f"reference-{library.release}-{library.summary['sha256']}.tar.gz"
    if not target.exists():
        for name, sha256 in files.items():
            check_sum(library.directory / name, sha256)
        write_tarball(target, {name: library.directory / name for name in (LIBRARY_JSON, *files)})
    return target
