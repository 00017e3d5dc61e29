"""Mailing that the report is written, or that none will be: once a run at most, and never a reason for a job to fail."""

from __future__ import annotations

import logging
from dataclasses import replace

from gems_api.services.context import Context
from gems_api.services.lifecycle.mail_events import tags_of
from gems_api.services.lifecycle.mail_text import compose
from gems_api.services.metrics import Metric, tell
from gems_api.services.shown.publishable import publishable
from gems_api.services.state.records import MailRecord
from gems_api.services.state.snapshot import Snapshot
from gems_core import layout
from gems_core.errors import CloudRefused
from gems_core.protocol.answer import MailOutcome, MailState

LOG = logging.getLogger(__name__)
UNKNOWN_END = "a mail was begun, but what became of it was not recorded; it is not sent twice"


def send_once(context: Context, snapshot: Snapshot) -> MailOutcome:
    """Mail the report's address to the one who asked for the job, or that the job failed before there was one.

    ``mail.json`` is written before the mail is sent: of two callers one sends, and a caller that dies in between
    leaves a mail unsent rather than sent twice. Each run of a job has a mail of its own, which replaces the last one's; who
    comes late, in a run that is over, leaves it be.

    Raises:
        CloudRefused: ``mail.json`` cannot be written; the mail is sent when this is called again.
    """
    manifest = snapshot.manifest
    if not manifest.email:
        return MailOutcome(MailState.NOT_ASKED)
    key = layout.mail_key(manifest.session_key)

    def begun(mail: MailRecord | None) -> MailRecord | None:
        if mail is not None and mail.run >= snapshot.run:
            return None
        return MailRecord(MailState.FAILED, UNKNOWN_END, context.clock(), snapshot.run)

    amended = context.jobs.amend(manifest.session_key, key, MailRecord.from_json, begun)
    if amended is None:
        raise CloudRefused(f"s3://{context.settings.control_bucket}/{key} cannot be written; the mail is sent later")
    if amended.after is not None:
        return _send_and_record(context, snapshot, amended.after.etag)
    assert amended.before is not None  # nothing is written only where there is a record already
    return MailOutcome(amended.before.state, amended.before.reason)


def _send_and_record(context: Context, snapshot: Snapshot, begun: str) -> MailOutcome:
    session_key = snapshot.manifest.session_key
    outcome = _send(context, snapshot)
    record = MailRecord(outcome.state, outcome.reason, context.clock(), snapshot.run)
    context.jobs.write(layout.mail_key(session_key), record, begun)
    context.history.event(session_key, context.clock(), f"mail {outcome.state.value}", reason=outcome.reason)
    return outcome


def _send(context: Context, snapshot: Snapshot) -> MailOutcome:
    try:
        context.cloud.mailer.send(
            replace(compose(context, snapshot), tags=tags_of(snapshot.manifest.session_key, snapshot.run))
        )
    except CloudRefused as refusal:
        facts = {"session_key": str(snapshot.manifest.session_key)}
        tell(context.settings.stage, context.clock(), {Metric.MAILS_FAILED: 1})
        LOG.warning("mail not sent", exc_info=True, extra={"facts": facts})
        return MailOutcome(MailState.FAILED, publishable(str(refusal)))  # SES names the addresses that it refuses
    return MailOutcome(MailState.SENT)
