"""What Zappa calls on a schedule."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from gems_api.compose import context_from_environment
from gems_api.services.context import Context

if TYPE_CHECKING:
    from gems_api.services.reaping.reaper import Reaped

LOG = logging.getLogger(__name__)
_CONTEXTS: list[Context] = []
# Of jobs, of what was done for each, and of instances.
_MOST_TOLD = 20


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
    from gems_api.services.reaping.reaper import reap as reap_jobs  # noqa: PLC0415 - no request waits for it

    outcome = _told(reap_jobs(_CONTEXTS[0]))
    LOG.info("reaped", extra={"facts": outcome})
    return outcome


def _told(reaped: Reaped) -> dict[str, object]:
    """A tick as one line of the log, what one wants to know first at its beginning."""
    return {
        "failed": _first(reaped.failed),
        "left": reaped.left,
        "useless": _first(reaped.useless),
        "orphans": _first(reaped.orphans),
        "jobs": {job: _first(actions) for job, actions in islice(reaped.actions.items(), _MOST_TOLD)},
        "jobs_changed": len(reaped.actions),
    }


def _first(items: Sequence[str]) -> list[str]:
    """The first items, and last how many more there are: a line of the log must stay one that can be read."""
    more = len(items) - _MOST_TOLD
    return [*items[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
