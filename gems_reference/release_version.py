"""Which release a copy is: what its files state, what its names tell, and whether all are of one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gems_core.errors import InvalidInput, one_problem

OLDEST = (3, 32, 0)
"""Before it the alignments had another head and another layout."""

_STATED = re.compile(r"version:\s*IPD-IMGT/HLA\s+([0-9]+\.[0-9]+\.[0-9]+)", re.ASCII)
_STATED_BEFORE = re.compile(
    r"IMGT/HLA\s+(?:Database\s+)?Release:?\s+([0-9]+\.[0-9]+\.[0-9]+)", re.ASCII | re.IGNORECASE
)
_HEAD_CHARACTERS = 2000
# The last line of an alignment: "Please see http://hla.alleles.org/terms.html for terms of use."
_FOOTER, _TAIL_CHARACTERS = "Please see", 400


def stated_release(text: str) -> str:
    """The release that a file's head states, e.g. ``3.33.0``; '' where it states none."""
    head = text[:_HEAD_CHARACTERS]
    found = _STATED.search(head) or _STATED_BEFORE.search(head)
    return found[1] if found else ""


def release_of_digits(digits: str) -> str:
    """``3330`` as people spell it, ``3.33.0``: the first digit, the last one, and what lies between; '' for fewer digits."""
    found = re.fullmatch(r"([0-9])([0-9]+)([0-9])", digits)
    return ".".join(found.groups()) if found else ""


def one_release(texts: Mapping[str, str], named: str) -> str:
    """The release of all files of a copy.

    Args:
        texts: text by file name, of alignments and group tables.
        named: what the names of the copy tell, or ''.

    Returns:
        what the files state; or the point release that the copy is named after, whose files may state the release before.

    Raises:
        InvalidInput: they are of several releases, of none, or of one before 3.32.0.
    """
    files_of: dict[str, str] = {}
    for name, text in texts.items():
        stated = stated_release(text)
        if stated or name.endswith(("_nuc.txt", "_gen.txt")):  # group tables need not state one
            files_of.setdefault(stated, name)
    if len(files_of) != 1 or "" in files_of:
        found = ", ".join(f"{release or 'none'} in {name}" for release, name in files_of.items()) or "no files"
        expected = "one '# version: IPD-IMGT/HLA x.y.z' in all files"
        raise one_problem("mixed_release", "the release's files", expected, found, "Fetch the release again.")
    stated = next(iter(files_of))
    if _parts(stated) < OLDEST:
        repair = "Take 3.32.0 or newer: the older layout is not read."
        raise one_problem("old_release", files_of[stated], "release 3.32.0 or newer", f"release {stated}", repair)
    if not named or named == stated:
        return stated
    if _parts(named)[:2] != _parts(stated)[:2] or _parts(named) < _parts(stated):
        repair = "Fetch the release again, the zip and what lies beside it."
        raise one_problem("mixed_release", files_of[stated], f"release {named}, as the copy is named", stated, repair)
    return named


def refuse_cut(texts: Mapping[str, str]) -> None:
    """Refuse an alignment whose last line is missing where others of the copy have it.

    Raises:
        InvalidInput: the file's end was lost; what was lost would count as unknown bases.
    """
    whole = [name for name, text in texts.items() if _FOOTER in text[-_TAIL_CHARACTERS:]]
    cut = sorted(texts.keys() - set(whole))
    if whole and cut:
        expected = f"a last line '{_FOOTER} ...', as in {whole[0]}"
        raise _cut(cut, expected)


def _cut(names: list[str], expected: str) -> InvalidInput:
    found = f"none; {len(names)} files end before it" if len(names) > 1 else "none"
    return one_problem("cut_alignment", ", ".join(names[:3]), expected, found, "The file is cut; fetch it again.")


def _parts(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
