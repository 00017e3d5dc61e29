"""Is a file what it claims to be? Checksums, Git-LFS pointers, error pages in place of files."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from gems_core.errors import one_problem

# As BSD's md5 and as GNU's md5sum write it. One release's list has a file of macOS, "Icon" and a carriage return.
_MD5_LINES = (
    re.compile(r"MD5 \((?P<file>[^)]+)\) = (?P<md5>[0-9a-f]{32})"),
    re.compile(r"(?P<md5>[0-9a-f]{32}) [ *](?:\./)?(?P<file>\S.*)"),
)
_LFS = b"version https://git-lfs.github.com/spec/"
_HTML = (b"<!doctype html", b"<html", b"<?xml")
IMPOSTORS = frozenset({"lfs_pointer", "web_page", "empty_file"})
"""Codes of the problems that ``refuse_impostor`` finds."""


@dataclass(frozen=True)
class BuiltFrom:
    """A file that a library was built from.

    Attributes:
        checked: ``md5checksum.txt`` or ``pinned sha256`` when the content was held against a published sum, else
            ``not listed``.
    """

    file: str
    md5: str
    sha256: str
    checked: str

    def as_json(self) -> dict[str, str]:
        """Keys as the attributes."""
        return {"file": self.file, "md5": self.md5, "sha256": self.sha256, "checked": self.checked}


def parse_md5sums(text: str, name: str) -> dict[str, str]:
    """Lines ``MD5 (file) = hash`` or ``hash  file`` as file -> hash.

    Raises:
        InvalidInput: a line is something else.
    """
    sums = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        match = next((found for form in _MD5_LINES if (found := form.fullmatch(line.strip()))), None)
        if match is None:
            expected = "'MD5 (file) = hash' or 'hash  file'"
            raise one_problem(
                "md5checksum", f"{name} line {number}", expected, repr(line[:60]), "Fetch the file again."
            )
        sums[match["file"]] = match["md5"]
    return sums


def check_file(name: str, content: bytes, md5: str | None) -> BuiltFrom:
    """Hold a file against its published sum.

    Args:
        name: the file's name.
        content: all of it.
        md5: the published sum; None when none is published.

    Raises:
        InvalidInput: it is a Git-LFS pointer, a web page, empty, or has another sum.
    """
    refuse_impostor(name, content)
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if md5 is not None and found != md5:
        raise one_problem(
            "md5_mismatch",
            name,
            f"MD5 {md5}, as in md5checksum.txt",
            found,
            "The file is damaged or of another release than md5checksum.txt; fetch both again.",
        )
    return BuiltFrom(name, found, hashlib.sha256(content).hexdigest(), "md5checksum.txt" if md5 else "not listed")


def refuse_impostor(name: str, content: bytes) -> None:
    """Refuse what servers and Git leave in a file's place.

    Raises:
        InvalidInput: it is a Git-LFS pointer, a web page, or empty.
    """
    if content.startswith(_LFS):
        raise one_problem(
            "lfs_pointer",
            name,
            "the file itself",
            "a Git-LFS pointer to it",
            "Run 'git lfs pull' in the clone, or download the file from the release's site.",
        )
    if content[:200].lstrip().lower().startswith(_HTML):
        raise one_problem(
            "web_page",
            name,
            "the file itself",
            "a web page",
            "The server answered with a page; check the address and fetch it again.",
        )
    if not content.strip():
        raise one_problem("empty_file", name, "the file itself", "an empty file", "Fetch the file again.")
