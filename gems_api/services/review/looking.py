"""Noting who looked at whose results. Results are shown even where that cannot be written: the API's own log then has the entry."""

from __future__ import annotations

import logging

from gems_api.services.context import Context
from gems_api.services.metrics import Metric, tell
from gems_core.errors import CloudRefused
from gems_core.people import Caller
from gems_core.review.looks import LOOK, Look

LOG = logging.getLogger(__name__)


def note_look(context: Context, caller: Caller, session_key: str, sample: str, what: str) -> None:
    """Write down that somebody has seen results; the same again within a minute is the same look.

    Args:
        context: the collaborators.
        caller: who.
        session_key: the job.
        sample: whose results; '' for the whole run.
        what: the page, or the file.
    """
    look = Look(caller.name, caller.role or "", context.clock(), session_key, sample, what)
    if not context.looks.is_new(look):
        return
    try:
        context.access_log.add(look)
    except CloudRefused:
        # A laboratory must be able to see results while S3 takes no writes. The line is the entry, and an alarm can count it.
        LOG.exception("a look at results could not be noted", extra={"facts": LOOK.write(look)})
        tell(context.settings.stage, look.at, {Metric.LOOKS_NOT_NOTED: 1})
        return
    context.looks.keep(look)
