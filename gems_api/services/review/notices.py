"""Telling people and programs that a run waits for review, or is approved. The reaper sends; no request waits for it.

A notice that is owed is an object of a queue; how far it is, is a record of its own. A try is written down before it is made, so of
two ticks one sends, and who dies over a try leaves it to be made again: a notice may come twice, under the same id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from gems_api.services.context import Context
from gems_api.services.metrics import Metric, tell
from gems_api.services.ports import Message
from gems_api.services.state.notice import Notice, NoticeKind
from gems_api.services.state.work_note import WorkNote
from gems_core.credentials import WEBHOOK_CREDENTIAL
from gems_core.errors import CloudRefused, GemsError
from gems_report.verdict import Verdict

LOG = logging.getLogger(__name__)
SIGNATURE_HEADER = "GeMS-Signature"
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
# Some days of an endpoint that is away, at an hour's pause.
MOST_TRIES = 72
_TOLD = {NoticeKind.WAITS: "waits for review", NoticeKind.APPROVED: "is approved"}
Late = Callable[[], bool]


def owe(context: Context, kind: NoticeKind, note: WorkNote) -> None:
    """Note that a run's notice is to be sent, where anybody wants it; doing it again sends nothing twice.

    Raises:
        CloudRefused: S3 refuses.
    """
    settings = context.settings
    if settings.review_mail or settings.webhook_url:
        notice = Notice.of(kind, note, named=settings.notice_samples and not settings.mask_samples)
        notice = replace(notice, mails=settings.review_mail, hook=bool(settings.webhook_url))
        context.notices.owe(notice)


def send_notices(context: Context, is_late: Late) -> int:
    """Send what is owed, until the time is up; how many notices were looked at. Nothing that goes wrong is ever raised."""
    looked = 0
    try:
        for notice_id in context.notices.owed():
            if is_late():
                break
            looked += 1
            _send_safely(context, notice_id)
    except GemsError:
        LOG.warning("notices were not sent", exc_info=True)
    return looked


def _send_safely(context: Context, notice_id: str) -> None:
    try:
        _send(context, notice_id)
    except Exception:
        LOG.exception("a notice was not sent", extra={"facts": {"notice": notice_id}})


def _send(context: Context, notice_id: str) -> None:
    held = context.notices.record(notice_id)
    if held is None or held.value.is_over:
        context.notices.settle(notice_id)
        return
    notice, now = held.value, context.clock()
    if now < notice.next_at:
        return
    pause = min(FIRST_PAUSE * 2 ** min(notice.tries, 10), LONGEST_PAUSE)
    begun = replace(notice, tries=notice.tries + 1, next_at=now + pause)
    etag = context.notices.write(begun, held.etag)
    if etag is None:
        return  # another tick sends it
    sent = _hooked(context, _mailed(context, begun))
    if not sent.is_settled and sent.tries >= MOST_TRIES:
        sent = replace(sent, given_up=True)
        tell(context.settings.stage, now, {Metric.NOTICES_FAILED: 1})
        LOG.error("a notice is given up", extra={"facts": {"notice": notice_id, "tries": sent.tries}})
    context.notices.write(sent, etag)
    if sent.is_over:
        context.notices.settle(notice_id)


def _mailed(context: Context, notice: Notice) -> Notice:
    left = list[str]()
    for address in notice.mails:
        try:
            context.cloud.mailer.send(_mail(context, notice, address))
        except CloudRefused:
            LOG.warning("a notice was not mailed", exc_info=True, extra={"facts": {"notice": notice.id}})
            left.append(address)
    return replace(notice, mails=tuple(left))


def _hooked(context: Context, notice: Notice) -> Notice:
    url, poster = context.settings.webhook_url, context.cloud.poster
    if not notice.hook or not url or poster is None:
        return replace(notice, hook=False)  # the setting was taken away meanwhile
    body = json.dumps(payload(context, notice)).encode()
    try:
        secrets = context.cloud.credentials.secrets(WEBHOOK_CREDENTIAL)
        signed = signature(secrets, int(context.clock().timestamp()), body)
        poster.post(url, {"Content-Type": "application/json", SIGNATURE_HEADER: signed}, body)
    except CloudRefused as refusal:
        LOG.warning("the webhook was not told: %s", refusal, extra={"facts": {"notice": notice.id}})
        return notice
    return replace(notice, hook=False)


def signature(secrets: Sequence[str], moment: int, body: bytes) -> str:
    """The header's value: ``t=<seconds>,v1=<hexadecimal>``, a ``v1`` for each secret in force.

    Each is the HMAC-SHA256 of the seconds, a full stop and the body.
    """
    signed = f"{moment}.".encode() + body
    digests = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={moment}", *(f"v1={digest}" for digest in digests)])


def payload(context: Context, notice: Notice) -> dict[str, object]:
    """What the webhook is sent."""
    counts = {verdict.value.lower(): notice.counts[verdict] for verdict in Verdict}
    return {
        "id": notice.id,
        "event": notice.kind.value,
        "at": notice.at.isoformat(),
        "session_key": notice.session_key,
        "url": _address(context, notice),
        "samples": counts,
        **({"sample_names": list(notice.names)} if notice.names else {}),
    }


def _address(context: Context, notice: Notice) -> str:
    return f"{context.settings.api_url.rstrip('/')}/jobs/{quote(notice.session_key, safe=':')}/run"


def _mail(context: Context, notice: Notice, address: str) -> Message:
    told, counts = _TOLD[notice.kind], notice.counts
    text = (
        f"The run of job {notice.session_key} {told}.\n\n"
        f"Samples: {counts[Verdict.FAIL]} FAIL, {counts[Verdict.REVIEW]} REVIEW, {counts[Verdict.PASS]} PASS\n\n"
        + ("".join(f"  {name}\n" for name in notice.names) + "\n" if notice.names else "")
        + f"Look at the run, after signing in:\n  {_address(context, notice)}\n\n"
        "This mail was sent by GeMS because the deployment names this address in GEMS_REVIEW_MAIL.\n"
    )
    return Message(address, f"GeMS: job {notice.session_key} {told}", text)
