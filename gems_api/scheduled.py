"""What Zappa calls on a schedule."""

from __future__ import annotations

import logging

from gems_api.compose import context_from_environment
from gems_api.services.context import Context

LOG = logging.getLogger(__name__)
_CONTEXTS: list[Context] = []


def share_context(context: Context) -> None:
    """Reap with the app's own context from now on, so that a process holds one set of clients."""
    _CONTEXTS[:] = [context]


def reap(event: object = None, context: object = None) -> dict[str, object]:  # noqa: ARG001 - Lambda's signature
    """Look after all jobs; idempotent, so that it may be called again, or twice at once.

    Returns:
        what was done, for the log.
    """
    if not _CONTEXTS:  # kept while the process lives, for its cache of what never changes
        _CONTEXTS.append(context_from_environment())
    from gems_api.services.reaper import reap as reap_jobs  # noqa: PLC0415 - no request waits for it

    reaped = reap_jobs(_CONTEXTS[0])
    outcome: dict[str, object] = {"jobs": dict(reaped.actions), "orphans": reaped.orphans}
    LOG.info("reaped", extra={"facts": outcome})
    return outcome
