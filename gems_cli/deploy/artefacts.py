"""The artefacts of a deployment: what is published, what should be, and publishing only what differs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from botocore.exceptions import ClientError

from gems_cli.artefacts.publish import LocalArtefact, collect_artefacts, publish_artefacts
from gems_cli.cache import cache_folder
from gems_cli.deploy.site import Site, code_of, doing
from gems_cli.run.inputs import find_tools
from gems_core.layout import CURRENT_ARTEFACTS_KEY
from gems_core.manifest import Artefact, artefacts_from_json

_ABSENT = ("NoSuchKey", "NoSuchBucket", "404")


def local_artefacts(library: Path | None, panel: Path | None, jar: Path | None) -> list[LocalArtefact]:
    """All four, built where they are missing.

    Raises:
        InvalidInput, GemsError: one of them is not what it should be, or cannot be built.
    """
    tools = find_tools(library, panel, jar, lambda _line: None)
    return collect_artefacts(tools.jar, tools.library, tools.panel, cache_folder() / "artefacts")


def published(site: Site, bucket: str) -> dict[str, Artefact]:
    """What ``artefacts/current.json`` names; nothing when there is none or it cannot be read."""
    try:
        body = site.client("s3").get_object(Bucket=bucket, Key=CURRENT_ARTEFACTS_KEY)["Body"].read()
        return artefacts_from_json(json.loads(body))
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return {}
        raise
    except (ValueError, KeyError, TypeError):
        return {}


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


def to_publish(site: Site, bucket: str, artefacts: Sequence[LocalArtefact]) -> list[str]:
    """A line for each artefact that differs from what is published."""
    held = published(site, bucket)
    absent = absent_objects(site, bucket, held)
    lines = []
    for local in artefacts:
        entry = held.get(local.kind)
        if entry != local.described() or local.kind in absent:
            lines.append(f"{local.kind} {entry.version if entry else 'none'} -> {local.version}")
    return lines


def publish(site: Site, bucket: str, artefacts: list[LocalArtefact]) -> None:
    """Upload all and name them; a site's own kinds, such as cross_match, stay named.

    Raises:
        DeploymentFailed: S3 refused.
    """
    with doing(f"publishing artefacts to {bucket}", "Use the deployer's role, then run `gems deploy` again."):
        publish_artefacts(site.client("s3"), bucket, artefacts, published(site, bucket))
