"""Publishing one version: its file, what is in it, where it comes from, and last what makes it published. Nothing is overwritten."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from gems_artefacts import provenance
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.provenance import Maker, Source
from gems_artefacts.sbom import bill_of_materials
from gems_artefacts.shelf import Shelf
from gems_core.errors import DeploymentFailed, GemsError
from gems_core.layout import ARTEFACT_KINDS, OPTIONAL_ARTEFACT_KINDS, artefact_key
from gems_core.manifest import Artefact
from gems_core.published import (
    BILL_OF_MATERIALS,
    PublishedVersion,
    artefact_of,
    descriptor,
    descriptor_key,
    provenance_key,
    published_versions,
)


class VersionTaken(DeploymentFailed):
    """Other bytes are published under this version already."""


class NotPublished(GemsError):
    """What was to be used is not published, or not whole."""


@dataclass(frozen=True)
class Publication:
    """What publishing one artefact came to.

    Attributes:
        is_new: whether its bytes were not there before.
        commit: that it was made of.
    """

    kind: str
    artefact: Artefact
    is_new: bool
    commit: str


def publish(shelf: Shelf, local: LocalArtefact, source: Source, made: Maker) -> Publication:
    """Publish an artefact; a repeat, and another commit that makes the same bytes, add a note of where it comes from.

    Raises:
        VersionTaken: there are other bytes under this version.
    """
    artefact = local.described()
    is_new = shelf.create_file(artefact.key, local.path, artefact.sha256)
    if not is_new:
        _demand_same(shelf, local.kind, artefact)
    bill = bill_of_materials(local.kind, artefact)
    shelf.create(artefact_key(local.kind, local.version, BILL_OF_MATERIALS), bill)
    note = provenance.document(local.kind, local.version, artefact.sha256, source, made)
    shelf.create(provenance_key(local.kind, local.version, source.commit), note)
    size_bytes = local.path.stat().st_size
    shelf.create(descriptor_key(local.kind, local.version), descriptor(local.kind, artefact, size_bytes, made.at))
    return Publication(local.kind, artefact, is_new, source.commit)


def _demand_same(shelf: Shelf, kind: str, artefact: Artefact) -> None:
    """See that the bytes that are there are these; an older release left no descriptor, so they are read then."""
    document = shelf.read(descriptor_key(kind, artefact.version))
    found = document.content.get("sha256") if document else _sha256_there(shelf, artefact.key)
    if found != artefact.sha256:
        raise VersionTaken(
            f"s3://{shelf.bucket}/{artefact.key}: expected SHA-256 {artefact.sha256}, found {found}. A version is never "
            "overwritten: give this one another name, or build it again from the commit that it was built from."
        )


def _sha256_there(shelf: Shelf, key: str) -> str:
    body = shelf.s3.get_object(Bucket=shelf.bucket, Key=key)["Body"]
    digest = hashlib.sha256()
    for chunk in body.iter_chunks(2**20):
        digest.update(chunk)
    return digest.hexdigest()


def versions(shelf: Shelf) -> list[PublishedVersion]:
    """All published versions of all kinds."""
    kinds = (*ARTEFACT_KINDS, *OPTIONAL_ARTEFACT_KINDS)
    return published_versions(key for kind in kinds for key in shelf.keys(f"artefacts/{kind}/"))


def read_version(shelf: Shelf, kind: str, version: str) -> Artefact:
    """A published version as jobs name it.

    Raises:
        NotPublished: there is none, or its file is gone.
    """
    document = shelf.read(descriptor_key(kind, version))
    if document is None:
        raise NotPublished(f"{kind} {version}: expected a published version, found none. See `gems artefacts list`.")
    try:
        artefact = artefact_of(document.content, kind, version)
    except (ValueError, KeyError, TypeError) as error:
        raise NotPublished(f"{kind} {version}: expected its description, found {error!r}. Publish it again.") from error
    demand_file(shelf, kind, artefact)
    return artefact


def demand_file(shelf: Shelf, kind: str, artefact: Artefact) -> None:
    """See that a version's file is there.

    Raises:
        NotPublished: it is gone.
    """
    if not shelf.exists(artefact.key):
        raise NotPublished(
            f"{kind} {artefact.version}: expected s3://{shelf.bucket}/{artefact.key}, found no such object. Publish it again."
        )


def publish_all(
    shelf: Shelf, artefacts: list[LocalArtefact], clone: Source, made: Maker, tell: Callable[[Publication], object]
) -> dict[str, Artefact]:
    """Publish artefacts one after the other; returns them by kind."""
    done = {}
    for local in artefacts:
        publication = publish(shelf, local, provenance.source_of(local.kind, local.path, clone), made)
        tell(publication)
        done[local.kind] = publication.artefact
    return done
