"""The artefacts of a deployment: what is published, what should be, and publishing only what differs.

Worker and typer are the release's: each deployment publishes those of its own clone. Library and panel are the laboratory's: what
is published stays until another is named, for a wrong panel takes the primers' bases for the patient's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from gems_artefacts.architecture import Architecture
from gems_artefacts.cache import cache_folder
from gems_artefacts.inputs import find_library, find_panel, find_typer
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.provenance import Maker, maker
from gems_artefacts.publish import collect_artefacts, publish_artefacts
from gems_core.errors import DeploymentFailed
from gems_core.layout import CURRENT_ARTEFACTS_KEY
from gems_core.manifest import Artefact, artefacts_from_json
from gems_deploy.site import Site, code_of, doing

DEFAULT = "default"
# What stays until another is named, and the option that names it.
OPTION_OF = {"reference": "--library", "panel": "--panel"}
_ABSENT = ("NoSuchKey", "NoSuchBucket", "404")


@dataclass(frozen=True)
class Named:
    """What the command line named; None is what was not named, ``default`` what a first deployment takes."""

    library: Path | None = None
    panel: Path | None = None
    jar: Path | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that shall change though another is published."""
        given = {"reference": self.library, "panel": self.panel}
        return frozenset(kind for kind, path in given.items() if path is not None)

    def collect(self, kinds: Collection[str], architecture: Architecture) -> list[LocalArtefact]:
        """Worker and typer of this clone, and of library and panel those that are asked for; built where they are missing.

        Args:
            kinds: what is asked for.
            architecture: of the stage's workers.

        Raises:
            InvalidInput, GemsError: one of them is not what it should be, or cannot be built.
        """
        typer = find_typer(self.jar)
        panel = find_panel(_path(self.panel)) if "panel" in kinds else None
        library = find_library(_path(self.library), lambda _line: None) if "reference" in kinds else None
        return collect_artefacts(typer, library, panel, cache_folder() / "artefacts", architecture)


def _path(named: Path | None) -> Path | None:
    return None if named == Path(DEFAULT) else named


@dataclass(frozen=True)
class Publication:
    """What is to be published, and what of the published stays.

    Attributes:
        artefacts: of this machine, all that ``current.json`` shall name anew.
        lines: one for each of them that differs from what is published.
        staying: ``<kind> <version>`` of what stays as it is.
    """

    artefacts: list[LocalArtefact]
    lines: tuple[str, ...]
    staying: tuple[str, ...]


def published(site: Site, bucket: str) -> dict[str, Artefact]:
    """What ``artefacts/current.json`` names; nothing when there is none.

    Raises:
        DeploymentFailed: it cannot be read.
    """
    try:
        body = site.client("s3").get_object(Bucket=bucket, Key=CURRENT_ARTEFACTS_KEY)["Body"].read()
        return artefacts_from_json(json.loads(body))
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return {}
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise DeploymentFailed(
            f"s3://{bucket}/{CURRENT_ARTEFACTS_KEY}: expected the artefacts of a stage, found {error!r}. The stage's "
            "library and panel are not known: name them with `gems deploy --library … --panel …`, or bring an older version "
            "of that object back."
        ) from error


def absent_objects(site: Site, bucket: str, artefacts: Mapping[str, Artefact]) -> list[str]:
    """The kinds whose object is not in the bucket."""
    s3 = site.client("s3")
    return [kind for kind, artefact in artefacts.items() if not _exists(s3, bucket, artefact.key)]


def _exists(s3: object, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)  # type: ignore[attr-defined]  # a boto3 client
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return False
        raise
    return True


def plan_publication(
    site: Site, bucket: str, named: Collection[str], collect: Callable[[Collection[str]], list[LocalArtefact]]
) -> Publication:
    """What a deployment publishes.

    Args:
        site: the stage.
        bucket: its control bucket.
        named: the kinds that the command line named.
        collect: the artefacts of this machine, of library and panel only those kinds that it is called with.

    Raises:
        DeploymentFailed: what should stay is not there any more, or nobody knows what it is.
    """
    held = _held(site, bucket, named)
    absent = absent_objects(site, bucket, held)
    wanted = {kind for kind in OPTION_OF if kind in named or kind not in held or kind in absent}
    artefacts = collect(wanted)
    lines = []
    for local in artefacts:
        entry = held.get(local.kind)
        if entry == local.described() and local.kind not in absent:
            continue
        if entry != local.described() and local.kind in OPTION_OF and local.kind in absent and local.kind not in named:
            raise DeploymentFailed(
                f"s3://{bucket}/{held[local.kind].key}: expected the {local.kind} that the stage has, found no such object. "
                f"Name it again with {OPTION_OF[local.kind]}; this machine's would be another one, {local.version}."
            )
        lines.append(f"{local.kind} {entry.version if entry else 'none'} -> {local.version}")
    fresh = {local.kind for local in artefacts}
    staying = tuple(f"{kind} {entry.version}" for kind, entry in held.items() if kind not in fresh)
    return Publication(artefacts, tuple(lines), staying)


def _held(site: Site, bucket: str, named: Collection[str]) -> dict[str, Artefact]:
    try:
        return published(site, bucket)
    except DeploymentFailed:
        if set(OPTION_OF) <= set(named):
            return {}
        raise


def publish(site: Site, bucket: str, publication: Publication, named: Collection[str]) -> None:
    """Upload what is new and name it; what stays, a site's own kinds such as cross_match too, stays named.

    Raises:
        DeploymentFailed: S3 refused.
    """
    with doing(f"publishing artefacts to {bucket}", "Use the deployer's role, then run `gems deploy` again."):
        kept = _held(site, bucket, named)
        publish_artefacts(site.client("s3"), bucket, publication.artefacts, maker_at(site), kept=kept, action="deploy")


def maker_at(site: Site) -> Maker:
    """Who publishes here, as AWS knows them."""
    return maker(str(site.client("sts").get_caller_identity()["Arn"]), site.clock())
