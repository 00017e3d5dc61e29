"""Which jobs use which artefacts: their manifests say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from gems_artefacts.shelf import Shelf
from gems_core.errors import DeploymentFailed, GemsError
from gems_core.layout import JOBS_PREFIX
from gems_core.manifest import Manifest

_MANIFEST = "/job.json"
# A manifest has some kilobytes and a request takes some 30 ms; sixteen at once read a thousand in a few seconds.
_READERS = 16


class Use(NamedTuple):
    """A version that a job uses."""

    kind: str
    version: str


class ManifestUnreadable(DeploymentFailed):
    """A job's manifest cannot be read, so nobody knows what it uses."""


def used_by_jobs(shelf: Shelf) -> Mapping[Use, list[str]]:
    """The session keys of the jobs that use each version, in the order of their days; every job that has a record.

    Raises:
        ManifestUnreadable: one of them is not a manifest.
    """
    keys = [key for key in shelf.keys(JOBS_PREFIX) if key.endswith(_MANIFEST) and key.count("/") == 3]  # noqa: PLR2004 - jobs/day/job/job.json
    uses: dict[Use, list[str]] = defaultdict(list)
    with ThreadPoolExecutor(_READERS) as pool:
        for manifest in pool.map(lambda key: _manifest(shelf, key), keys):
            for kind, artefact in manifest.artefacts.items():
                uses[Use(kind, artefact.version)].append(str(manifest.session_key))
    return uses


def _manifest(shelf: Shelf, key: str) -> Manifest:
    try:
        return Manifest.from_bytes(shelf.s3.get_object(Bucket=shelf.bucket, Key=key)["Body"].read())
    except (ValueError, KeyError, TypeError, GemsError) as error:
        raise ManifestUnreadable(
            f"s3://{shelf.bucket}/{key}: expected a job's manifest, found {error!r}. What the job uses is not known; bring an "
            "older version of that object back, or remove it."
        ) from error
