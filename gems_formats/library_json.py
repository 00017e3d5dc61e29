"""``library.json``, which names a library's files and loci (docs/contracts.md, section 1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gems_core.errors import InvalidInput, one_problem
from gems_core.json_input import parse_json

LIBRARY_FORMAT = 1
LIBRARY_JSON = "library.json"


def read_library_json(directory: Path) -> dict[str, Any]:
    """What a library says of itself; the table files are not looked at.

    Raises:
        InvalidInput: it is not a library, of another format, or names no loci.
    """
    path = directory / LIBRARY_JSON
    if not path.is_file():
        raise one_problem("no_library", str(directory), LIBRARY_JSON, "none", "Build it with 'gems reference build'.")
    try:
        about = parse_json(path.read_bytes())
    except ValueError as error:
        raise damaged(path, "JSON", str(error)) from error
    if not isinstance(about, dict) or about.get("format") != LIBRARY_FORMAT:
        found = about.get("format") if isinstance(about, dict) else type(about).__name__
        raise damaged(path, f"format {LIBRARY_FORMAT}", str(found))
    loci = about.get("loci")
    if not isinstance(loci, dict) or not all(_is_locus(locus) for locus in loci.values()):
        raise damaged(path, "loci, each with a reference allele and features", str(loci)[:80])
    return about


def write_library_json(directory: Path, about: Mapping[str, Any], sums: Mapping[str, str]) -> dict[str, Any]:
    """Write the file.

    Args:
        directory: of the library.
        about: what it says but of its files.
        sums: the SHA-256 of each table file, by its name.

    Returns:
        all that the file holds.
    """
    whole = {**about, "files": dict(sorted(sums.items())), "sha256": content_sha256(sums)}
    (directory / LIBRARY_JSON).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return whole


def content_sha256(sums: Mapping[str, str]) -> str:
    """The sum that names a library's content: over ``<sha256>  <file name>`` lines in file name order."""
    lines = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    return hashlib.sha256(lines.encode()).hexdigest()


def check_sum(path: Path, sha256: str) -> None:
    """Hold a file against its sum.

    Raises:
        InvalidInput: it is absent or has another sum.
    """
    if not path.is_file():
        raise damaged(path, "the file", "none")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise damaged(path, f"SHA-256 {sha256}", found)


def damaged(path: Path, expected: str, found: str) -> InvalidInput:
    """The error for a library's file that is not as it was written."""
    return one_problem("damaged_library", str(path), expected, found, "Build the library again with --force.")


def _is_locus(found: object) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("reference_allele"), str)
        and isinstance(found.get("features"), list)
    )
