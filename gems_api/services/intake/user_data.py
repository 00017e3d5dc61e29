"""Writing a job's user data: only names and addresses, never a secret."""

from __future__ import annotations

from gems_api.settings import Settings
from gems_core.manifest import Manifest
from userdata import Bootstrap, render

# The machine's own end comes after the reaper's: it is for the day when there is no reaper.
DEAD_MAN_MARGIN_SECONDS = 900


def user_data(manifest: Manifest, settings: Settings) -> str:
    """The bootstrap script of a job's instances.

    Raises:
        ValueError: it would be larger than EC2 takes.
    """
    return render(
        Bootstrap(
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
    )
