"""Collects the artefacts of this machine, publishes them and names them in ``artefacts/current.json``."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from gems_artefacts.architecture import Architecture
from gems_artefacts.bundle import build_bundle
from gems_artefacts.checks import check_jar, panel_version
from gems_artefacts.files import sha256_of
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.pointer import Pointer, PointerUnreadable, move_pointer, read_pointer
from gems_artefacts.provenance import Maker, clone_source, source_of
from gems_artefacts.reference import library_version, pack_library
from gems_artefacts.releases import publish
from gems_artefacts.shelf import Shelf
from gems_core.layout import CURRENT_ARTEFACTS_KEY
from gems_core.manifest import Artefact
from gems_reference.library import open_library
from gems_reference.panel import check_panel

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def collect_artefacts(
    jar: Path, library: Path | None, panel: Path | None, cache: Path, architecture: Architecture | None = None
) -> list[LocalArtefact]:
    """Build or find the four artefacts.

    Args:
        jar: the typer.
        library: a library's folder; None for no reference among them.
        panel: a panel's file; None for no panel among them.
        cache: the folder that keeps what was packed.
        architecture: of the machines that shall run the worker; None for this one.

    Raises:
        InvalidInput: one of them is not what it should be.
        BundleProblem: the worker's dependencies cannot be had.
    """
    check_jar(jar)
    reference = open_library(library) if library else None
    if panel:
        check_panel(panel)
    with ThreadPoolExecutor() as pool:
        bundle = pool.submit(build_bundle, cache, architecture=architecture)
        packed = pool.submit(pack_library, reference, cache) if reference else None
        found = [
            LocalArtefact("worker", bundle.result().version, bundle.result().path, bundle.result().path.name),
            LocalArtefact("hla-typer", sha256_of(jar)[:12], jar, "hla-typer.jar"),
        ]
        if reference and packed:
            found.append(LocalArtefact("reference", library_version(reference), packed.result(), "library.tar.gz"))
        if panel:
            found.append(LocalArtefact("panel", panel_version(panel), panel, "panel.tsv"))
        return found


def publish_artefacts(
    s3: S3Client,
    bucket: str,
    artefacts: list[LocalArtefact],
    made: Maker,
    *,
    kept: Mapping[str, Artefact] | None = None,
    action: str = "publish",
) -> dict[str, Artefact]:
    """Publish artefacts, then name them all in one document, so that a job never meets half a set.

    Args:
        s3: of the deployment.
        bucket: the control bucket.
        artefacts: of this machine.
        made: who does it.
        kept: of other kinds, published before; they stay named. None for whatever is named now.
        action: for the log of moves.

    Raises:
        VersionTaken: other bytes are published under one of the versions.
        PointerMoved: somebody else named others meanwhile.
    """
    shelf, clone = Shelf(s3, bucket), clone_source()
    seen = read_pointer(shelf) if kept is None else _pointer_to_replace(shelf)
    with ThreadPoolExecutor() as pool:
        done = list(
            pool.map(lambda local: publish(shelf, local, source_of(local.kind, local.path, clone), made), artefacts)
        )
    described = {publication.kind: publication.artefact for publication in done}
    after = {**(seen.artefacts if kept is None else kept), **described}
    if after != dict(seen.artefacts):
        move_pointer(shelf, seen, after, action, made)
    return described


def _pointer_to_replace(shelf: Shelf) -> Pointer:
    """What ``current.json`` is, even if it is unreadable: who names every kind anew may replace that."""
    try:
        return read_pointer(shelf)
    except PointerUnreadable:
        etag = shelf.s3.head_object(Bucket=shelf.bucket, Key=CURRENT_ARTEFACTS_KEY)["ETag"]
        return Pointer({}, etag=etag)
