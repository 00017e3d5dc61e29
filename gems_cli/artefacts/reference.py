"""A compiled reference library, checked and packed for the workers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gems_cli.artefacts.tarball import sha256_of, write_tarball
from gems_core.errors import one_problem

LIBRARY_FILE = "library.json"
FORMAT = 1
_REPAIR = "Build one with `gems reference build`."


@dataclass(frozen=True)
class Library:
    """A library on disk: its release, the SHA-256 that names its content, and its files."""

    folder: Path
    release: str
    sha256: str
    files: dict[str, str]

    @property
    def version(self) -> str:
        """Release and content, as artefacts are named."""
        return f"{self.release}-{self.sha256[:12]}"


def open_library(folder: Path) -> Library:
    """Read a library's description and see that its files are there.

    Raises:
        InvalidInput: it is no library of format 1, or a file of it is missing.
    """
    described = folder / LIBRARY_FILE
    try:
        document: dict[str, Any] = json.loads(described.read_bytes())
        if document["format"] != FORMAT:
            raise one_problem("library", str(described), f"format {FORMAT}", str(document["format"]), _REPAIR)
        library = Library(folder, str(document["release"]), str(document["sha256"]), dict(document["files"]))
    except FileNotFoundError as error:
        raise one_problem("library", str(folder), f"a folder with {LIBRARY_FILE}", "none", _REPAIR) from error
    except (ValueError, KeyError, TypeError) as error:
        raise one_problem("library", str(described), "a library description", repr(error), _REPAIR) from error
    missing = [name for name in library.files if not (folder / name).is_file()]
    if missing:
        raise one_problem("library", str(folder), "all files it lists", f"no {', '.join(missing)}", _REPAIR)
    return library


def pack_library(library: Library, cache: Path) -> Path:
    """The library as `.tar.gz`, from the cache when it was packed before.

    Raises:
        InvalidInput: a file is not what the library says it is.
    """
    target = cache / f"reference-{library.release}-{library.sha256}.tar.gz"
    if target.exists():
        return target
    for name, expected in library.files.items():
        found = sha256_of(library.folder / name)
        if found != expected:
            raise one_problem(
                "library", str(library.folder / name), f"SHA-256 {expected}", found, "Build the library again."
            )
    return write_tarball(target, {name: library.folder / name for name in (LIBRARY_FILE, *library.files)})
