"""What a job's instances are told before they can ask anybody: only names and addresses, never a secret."""

from __future__ import annotations

from gems_api.settings import Settings
from gems_core.manifest import Manifest
from userdata import Bootstrap

# The machine's own end comes after the reaper's: it is for the day when there is no reaper.
DEAD_MAN_MARGIN_SECONDS = 900


def bootstrap_of(manifest: Manifest, settings: Settings) -> Bootstrap:
    """The values of a job's instances.

    Raises:
        ValueError: the job names too few artefacts.
    """
    return Bootstrap(
        session_key=str(manifest.session_key),
        api_url=settings.api_url.rstrip("/"),
        region=settings.region,
        control_bucket=settings.control_bucket,
        artefacts=manifest.artefacts,
        worker_credential=settings.worker_credential,
        credential_table=settings.credential_table,
        log_group=settings.worker_logs,
        dead_man_seconds=manifest.time_limit_seconds + DEAD_MAN_MARGIN_SECONDS,
    )
