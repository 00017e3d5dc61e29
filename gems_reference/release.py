"""A copy of a release as its site serves it: a folder with the alignments (zipped or not), group tables and checksums."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gems_core.errors import InvalidInput, one_problem
from gems_reference.checks import BuiltFrom, check_file, parse_md5sums, refuse_impostor
from gems_reference.release_version import release_of_digits, stated_release

ALIGNMENT_NAME = re.compile(r"(?P<stem>[A-Z][A-Z0-9]*)_(?P<kind>gen|nuc)\.txt")
ZIP_NAME = re.compile(r"Alignments_Rel_(?P<digits>[0-9]+)\.zip")
MD5_NAME = "md5checksum.txt"
VERSION_NAME = "release_version.txt"
GROUP_NAMES = {"g": "hla_nom_g.txt", "p": "hla_nom_p.txt"}

# The largest alignment of release 3.33.0 has 36 MB unpacked; the limit only stops a zip that unpacks without end.
LARGEST_MEMBER_BYTES = 400_000_000


@dataclass(frozen=True)
class ReleaseFiles:
    """A release's files, read and checked.

    Attributes:
        alignments: text of each ``X_gen.txt`` and ``X_nuc.txt`` by file name.
        groups: text of the G and P group tables by ``g`` and ``p``; absent when the copy has none.
        built_from: every file used.
        named: the release that the zip's name or ``release_version.txt`` tells; '' where neither does.
    """

    alignments: dict[str, str]
    groups: dict[str, str] = field(default_factory=dict)
    built_from: tuple[BuiltFrom, ...] = ()
    named: str = ""


def release_digits(release: str) -> str:
    """``3.33.0`` as file names spell it, ``3330``."""
    return release.replace(".", "")


def read_release(folder: Path, release: str | None) -> ReleaseFiles:
    """Read a copy of a release.

    Args:
        folder: holds ``Alignments_Rel_<n>.zip`` or a folder ``alignments``, and beside it (or in ``wmda``)
            ``md5checksum.txt``, ``hla_nom_g.txt`` and ``hla_nom_p.txt``.
        release: chooses among several zips; None takes the only one.

    Raises:
        InvalidInput: a file is missing, damaged, or not what its name says.
    """
    if not folder.is_dir():
        raise one_problem(
            "no_release",
            str(folder),
            "a folder with a release's files",
            "no such folder",
            "Give the path of a copy of a release.",
        )
    sums = _read_sums(folder)
    archive = _find_zip(folder, release)
    if archive is not None:
        content = archive.read_bytes()
        sources = [check_file(archive.name, content, sums.get(archive.name))]
        alignments = dict(read_zip(archive.name, content))
    else:
        alignments, sources = _read_folder(folder, sums)
    groups = {}
    for kind, name in GROUP_NAMES.items():
        path = _beside(folder, name)
        if path is not None:
            content = path.read_bytes()
            sources.append(check_file(name, content, sums.get(f"wmda/{name}", sums.get(name))))
            groups[kind] = decode(content, name)
    return ReleaseFiles(alignments, groups, tuple(sources), _named_release(folder, archive))


def _named_release(folder: Path, archive: Path | None) -> str:
    """A point release's files call themselves by the release before; only names tell them apart."""
    if archive is not None and (match := ZIP_NAME.fullmatch(archive.name)):
        return release_of_digits(match["digits"])
    told = folder / VERSION_NAME
    return stated_release(decode(told.read_bytes(), VERSION_NAME)) if told.is_file() else ""


def decode(content: bytes, name: str) -> str:
    """UTF-8 text.

    Raises:
        InvalidInput: it is not.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise one_problem(
            "not_text",
            name,
            "UTF-8 text",
            f"byte 0x{content[error.start]:02x} at {error.start}",
            "Fetch the file again.",
        ) from error


def _beside(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / "wmda" / name) if path.is_file()), None)


def _read_sums(folder: Path) -> dict[str, str]:
    """Published sums; those of the top folder go before those of ``wmda``, which lists its own files only."""
    sums: dict[str, str] = {}
    for path in (folder / "wmda" / MD5_NAME, folder / MD5_NAME):
        if path.is_file():
            content = path.read_bytes()
            refuse_impostor(MD5_NAME, content)
            sums.update(parse_md5sums(decode(content, MD5_NAME), MD5_NAME))
    return sums


def _find_zip(folder: Path, release: str | None) -> Path | None:
    zips = {match["digits"]: path for path in sorted(folder.iterdir()) if (match := ZIP_NAME.fullmatch(path.name))}
    if release is not None:
        chosen = zips.get(release_digits(release))
        if chosen is None and zips:
            raise _no_alignments(
                folder, f"Alignments_Rel_{release_digits(release)}.zip", ", ".join(map(str, zips.values()))
            )
        return chosen
    if len(zips) > 1:
        raise one_problem(
            "several_releases",
            str(folder),
            "one Alignments_Rel_*.zip",
            ", ".join(sorted(zips)),
            "Choose one with --release.",
        )
    return next(iter(zips.values()), None)


def _no_alignments(folder: Path, expected: str, found: str) -> InvalidInput:
    return one_problem(
        "no_alignments",
        str(folder),
        expected,
        found,
        "Download Alignments_Rel_<release>.zip from the release's site into it.",
    )


def read_zip(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """The alignments in a zip, read in memory: no path of the zip ever becomes a path on disk.

    Yields:
        file name and text of every wanted alignment, in name order.

    Raises:
        InvalidInput: the zip is damaged or holds none.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = sorted((PurePosixPath(info.filename).name, info) for info in archive.infolist() if _wanted(info))
            for member, info in members:
                yield member, _read_member(f"{name}: {member}", archive, info)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise one_problem("bad_zip", name, "a whole zip file", str(error), "Fetch the zip again.") from error
    if not members:
        raise one_problem("bad_zip", name, "alignments/X_gen.txt and X_nuc.txt in it", "none", "Fetch the zip again.")


def _wanted(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    return str(path.parent) in {".", "alignments"} and _is_alignment(path.name)


def _is_alignment(name: str) -> bool:
    """An alignment of one gene or of the DRB genes; ``ClassI`` repeats what the genes' own files hold."""
    return ALIGNMENT_NAME.fullmatch(name) is not None


def _read_member(where: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    if info.file_size > LARGEST_MEMBER_BYTES:
        raise one_problem(
            "bad_zip", where, f"at most {LARGEST_MEMBER_BYTES} bytes", f"{info.file_size}", "Fetch the zip again."
        )
    content = archive.read(info)
    refuse_impostor(where, content)
    return decode(content, where)


def _read_folder(folder: Path, sums: dict[str, str]) -> tuple[dict[str, str], list[BuiltFrom]]:
    paths = [path for path in sorted((folder / "alignments").glob("*.txt")) if _is_alignment(path.name)]
    if not paths:
        raise _no_alignments(folder, "Alignments_Rel_<release>.zip or a folder alignments", "neither")
    alignments, sources = {}, []
    for path in paths:
        content, name = path.read_bytes(), f"alignments/{path.name}"
        sources.append(check_file(name, content, sums.get(name)))
        alignments[path.name] = decode(content, name)
    return alignments, sources
