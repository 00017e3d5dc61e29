"""From what a user calls a source (``ipd``, ``hlann``, a path) to the material of a library."""

from __future__ import annotations

from pathlib import Path

from gems_core.errors import InvalidInput, one_problem
from gems_reference import hlann, ipd
from gems_reference.build import Material
from gems_reference.checks import BuiltFrom, check_file
from gems_reference.loci import assemble_loci, read_alignments
from gems_reference.nomenclature import Nomenclature, ciwd_version, parse_ciwd, parse_groups
from gems_reference.release import GROUP_NAMES, decode, read_release
from gems_reference.release_version import one_release


def material_of_path(folder: Path, release: str | None, ciwd: Path | None, source: str = "path") -> Material:
    """Material from a copy of a release.

    Args:
        folder: see ``read_release``.
        release: the release that it must be; None takes what it is.
        ciwd: the CIWD table, or None.
        source: how the library calls its source.

    Raises:
        InvalidInput: a file is missing, damaged or of another release.
    """
    files = read_release(folder, release)
    found = one_release(
        {**files.alignments, **{GROUP_NAMES[kind]: text for kind, text in files.groups.items()}}, files.named
    )
    if release not in {None, found}:
        raise _other_release(str(folder), str(release), found)
    groups = {kind: parse_groups(text, GROUP_NAMES[kind]) for kind, text in files.groups.items()}
    categories, sources = _read_ciwd(ciwd)
    nomenclature = Nomenclature(groups.get("g"), groups.get("p"), *categories)
    return Material(
        source, found, tuple(assemble_loci(read_alignments(files.alignments))), nomenclature, files.built_from + sources
    )


def material_of_ipd(release: str, ciwd: Path | None, cache: Path, site: ipd.Site, progress: ipd.Progress) -> Material:
    """Material from IPD's own site.

    Raises:
        InvalidInput: a file is not what its sum says (the cache forgets it then).
        OutOfReach: the site cannot be reached.
        GemsError: the site has no such release.
    """
    folder = ipd.fetch_release(site, release, cache, progress)
    try:
        return material_of_path(folder, release, ciwd, source="ipd")
    except InvalidInput:
        ipd.forget(folder)
        raise


def material_of_hlann(release: str | None, ciwd: Path | None, cache: Path, wheel: Path | None) -> Material:
    """Material from NMDP's package.

    Args:
        release: must be 3.51.0 or None.
        ciwd: the CIWD table, or None.
        cache: where a downloaded wheel is kept.
        wheel: the wheel, if already here.

    Raises:
        InvalidInput: another release is asked for, or the wheel is not the pinned one.
        GemsError: the wheel could not be downloaded.
    """
    if release not in {None, hlann.RELEASE}:
        raise _other_release(hlann.REQUIREMENT, str(release), hlann.RELEASE)
    tables, built_from = hlann.read_wheel(wheel or hlann.fetch_wheel(cache))
    categories, sources = _read_ciwd(ciwd)
    nomenclature = Nomenclature(None, None, *categories)
    return Material("hlann", hlann.RELEASE, tuple(hlann.assemble_tables(tables)), nomenclature, (built_from, *sources))


def _read_ciwd(ciwd: Path | None) -> tuple[tuple[dict[str, str], str | None], tuple[BuiltFrom, ...]]:
    if ciwd is None:
        return ({}, None), ()
    content = ciwd.read_bytes()
    source = check_file(ciwd.name, content, None)
    return (parse_ciwd(decode(content, ciwd.name), ciwd.name), ciwd_version(ciwd.name)), (source,)


def _other_release(where: str, expected: str, found: str) -> InvalidInput:
    return one_problem(
        "other_release",
        where,
        f"release {expected}",
        f"release {found}",
        "Leave --release out, or give another source.",
    )
