"""What becomes of a mail after SES has accepted it: SES tells by events (EventBridge), and the job's record learns it.

A mail carries its job's name and run in tags, which SES gives back with each event. docs/adr/0024 says why by this way.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gems_api.services.context import Context
from gems_api.services.metrics import Metric, tell
from gems_api.services.state.records import MailRecord
from gems_core import layout
from gems_core.errors import CloudRefused, InvalidInput
from gems_core.protocol.answer import MailState
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
SOURCE = "aws.ses"
# A tag's value has 256 characters of a-z, A-Z, 0-9, _ and - (SES API reference, MessageTag); a session key has other ones.
_KEY_TAGS = ("gems_job_1", "gems_job_2")
_RUN_TAG = "gems_run"
_LONGEST_TAG = 256
_SET_TAG = "ses:configuration-set"
LONGEST_REASON = 500
_WEIGHT = {MailState.NOT_ASKED: 0, MailState.FAILED: 0, MailState.SENT: 1, MailState.DELIVERED: 2}
_HEAVIEST = 3


def tags_of(session_key: SessionKey, run: int) -> dict[str, str]:
    """The tags by which an event finds back to its job."""
    text = base64.urlsafe_b64encode(str(session_key).encode()).decode().rstrip("=")
    parts = (text[:_LONGEST_TAG], text[_LONGEST_TAG:])
    return {name: part for name, part in zip(_KEY_TAGS, parts, strict=True) if part} | {_RUN_TAG: str(run)}


def note_mail_event(context: Context, event: Mapping[str, Any]) -> bool:
    """Note in a job's record what became of its mail.

    Args:
        context: the collaborators.
        event: of EventBridge, as it is.

    Returns:
        whether it was of a mail of ours and told anything new. One that is not is passed over: SES repeats none that is answered.

    Raises:
        CloudRefused: the record cannot be written now; EventBridge sends the event again.
    """
    found = _read(context, event)
    if found is None:
        LOG.warning("an event of SES about a mail that GeMS did not send")
        return False
    session_key, run, state, reason = found

    def learned(mail: MailRecord | None) -> MailRecord | None:
        if mail is None or mail.run != run or not _is_news(mail, state, reason):
            return mail
        return replace(mail, state=state, reason=reason, at=context.clock())

    key = layout.mail_key(session_key)
    amended = context.jobs.amend(session_key, key, MailRecord.from_json, learned)
    if amended is None:
        raise CloudRefused(f"s3://{context.settings.control_bucket}/{key} keeps changing; send the event again")
    if amended.after is None:
        return False
    context.history.event(session_key, context.clock(), f"mail {state.value}", reason=reason)
    if state in (MailState.BOUNCED, MailState.COMPLAINED):
        tell(context.settings.stage, context.clock(), {Metric.MAILS_BOUNCED: 1})
    # A job that was closed meanwhile is shown by its summary: the reaper looks at it once more, and writes that again.
    context.active.enter(session_key)
    return True


def _is_news(mail: MailRecord, state: MailState, reason: str) -> bool:
    weight, known = _WEIGHT.get(state, _HEAVIEST), _WEIGHT.get(mail.state, _HEAVIEST)
    return weight > known or (weight == known and reason != mail.reason and state is MailState.SENT)


def _read(context: Context, event: Mapping[str, Any]) -> tuple[SessionKey, int, MailState, str] | None:
    """Job, run, state and reason of an event; None where it is of no mail that this deployment has sent."""
    try:
        detail = event["detail"]
        tags = detail["mail"]["tags"]
        if not context.settings.mail_events or tags[_SET_TAG] != [context.settings.mail_events]:
            return None
        text = "".join(tags[name][0] for name in _KEY_TAGS if name in tags)
        session_key = SessionKey.parse(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
        outcome = _outcome(detail)
        return None if outcome is None else (session_key, int(tags[_RUN_TAG][0]), *outcome)
    except (InvalidInput, KeyError, IndexError, TypeError, ValueError, AttributeError, binascii.Error):
        return None


def _outcome(detail: Mapping[str, Any]) -> tuple[MailState, str] | None:
    """What an event means (SES developer guide, "Contents of event data"); None for one that says nothing of the delivery."""
    match detail["eventType"]:
        case "Delivery":
            return MailState.DELIVERED, ""
        case "Bounce":
            bounce = detail["bounce"]
            said = next((item.get("diagnosticCode", "") for item in bounce["bouncedRecipients"]), "")
            kind = f"{bounce['bounceType']}, {bounce['bounceSubType']}"
            return MailState.BOUNCED, f"{_words_of(bounce['bounceSubType'])} ({kind}) {said}".strip()[:LONGEST_REASON]
        case "Complaint":
            kind = detail["complaint"].get("complaintFeedbackType") or "no reason given"
            return MailState.COMPLAINED, f"its recipient reported it as spam ({kind})"[:LONGEST_REASON]
        case "Reject":
            return MailState.BOUNCED, f"SES rejected it: {detail['reject']['reason']}"[:LONGEST_REASON]
        case "DeliveryDelay":
            return MailState.SENT, f"delayed: {detail['deliveryDelay']['delayType']}"[:LONGEST_REASON]
        case _:
            return None


def _words_of(sub_type: str) -> str:
    if sub_type in ("Suppressed", "OnAccountSuppressionList"):
        return (
            "SES suppresses mails to this address, because earlier ones came back; remove it from the suppression list"
        )
    return "it came back"
