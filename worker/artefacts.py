"""Fetches what a job runs with, each file checked against the SHA-256 that the user data names."""

from __future__ import annotations

import logging
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gems_core.errors import GemsError
from gems_core.manifest import Artefact
from gems_formats.library_json import LIBRARY_JSON
from worker.errors import ObjectMissing
from worker.settings import Settings
from worker.store import ObjectStore, download

_log = logging.getLogger(__name__)
_CONTENT = "content"
_READ_AND_EXECUTE = 0o500
_BLOCK_BYTES = 2**20


class ArtefactRefused(GemsError):
    """An artefact is not what its name promises."""


@dataclass(frozen=True)
class Artefacts:
    """Where the artefacts lie on this machine.

    Attributes:
        library: the folder that holds ``library.json``.
        cross_match: the site's program, executable; None where the site published none.
    """

    jar: Path
    library: Path
    panel: Path
    cross_match: Path | None = None


def fetch_all(store: ObjectStore, settings: Settings) -> Artefacts:
    """Fetch a job's artefacts into ``root/artefacts/<sha256>``, or find them there.

    Raises:
        ArtefactRefused: one is missing, damaged, replaced or malformed.
        TransferBroken, CloudRefused: one cannot be fetched.
    """
    cache = settings.root / "artefacts"
    jar, reference, panel = (
        fetch(store, settings.control_bucket, settings.artefacts[kind], cache)
        for kind in ("hla-typer", "reference", "panel")
    )
    return Artefacts(jar, _library_folder(unpack(reference)), panel, _program(store, settings, cache))


def _program(store: ObjectStore, settings: Settings, cache: Path) -> Path | None:
    """The site's cross_match; it becomes executable only now that its hash is known to be right."""
    artefact = settings.artefacts.get("cross_match")
    if artefact is None:
        return None
    path = fetch(store, settings.control_bucket, artefact, cache)
    path.chmod(_READ_AND_EXECUTE)
    return path


def fetch(store: ObjectStore, bucket: str, artefact: Artefact, cache: Path) -> Path:
    """One artefact as a file; a file in the cache was checked before it got there."""
    path = cache / artefact.sha256 / PurePosixPath(artefact.key).name
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unchecked = path.with_name(path.name + ".unchecked")
    try:
        found = download(store, bucket, artefact.key, unchecked)
    except ObjectMissing as error:
        raise ArtefactRefused(
            f"s3://{bucket}/{artefact.key}: expected version {artefact.version}, found no such object (NoSuchKey). Publish "
            "that version again, then retry the job."
        ) from error
    if found != artefact.sha256:
        unchecked.unlink()
        raise ArtefactRefused(
            f"s3://{bucket}/{artefact.key}: expected SHA-256 {artefact.sha256}, found {found}. "
            "Publish the artefact again under a new version and start a new job."
        )
    unchecked.replace(path)
    _log.info("fetched %s, version %s", artefact.key, artefact.version)
    return path


def unpack(archive: Path) -> Path:
    """Unpack a ``.tar.gz`` of plain files beside itself, once; the folder is there whole or not at all.

    Raises:
        ArtefactRefused: it is no such archive, or a member would land or point outside.
    """
    folder = archive.with_name(_CONTENT)
    if folder.exists():
        return folder
    part = archive.with_name(_CONTENT + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in [_checked(member, archive) for member in tar]:
                _extract(tar, member, part)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArtefactRefused(f"{archive.name}: expected a .tar.gz, found {error}. Publish it again.") from error
    part.replace(folder)
    return folder


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a member that was checked; Debian 12's Python 3.11.2 has no ``filter`` of ``extractall`` yet."""
    target = folder / member.name
    source = tar.extractfile(member)
    if source is None:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file, _BLOCK_BYTES)


def _checked(member: tarfile.TarInfo, archive: Path) -> tarfile.TarInfo:
    path = PurePosixPath(member.name)
    if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts:
        raise ArtefactRefused(
            f"{archive.name}: expected plain files inside the archive, found the member {member.name!r} "
            f"(a link, a device, or outside). Build the archive again."
        )
    return member


def _library_folder(unpacked: Path) -> Path:
    """The folder with ``library.json``: the archive's root or its only folder."""
    for folder in (unpacked, *sorted(path for path in unpacked.iterdir() if path.is_dir())):
        if (folder / LIBRARY_JSON).is_file():
            return folder
    raise ArtefactRefused("reference archive: expected library.json at its root or in its only folder, found none")
