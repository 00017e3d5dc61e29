"""What SES tells of a mail reaches the job, its view and its closed summary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from api_world import SETTINGS, World

from gems_api.services.lifecycle.mail_events import note_mail_event, tags_of
from gems_api.services.lifecycle.retry import retry
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.views import show_job
from gems_core.protocol.answer import MailState
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.session_key import SessionKey

SET = "gems-dev"
DELIVERED = {"eventType": "Delivery", "delivery": {}}
DELAYED = {"eventType": "DeliveryDelay", "deliveryDelay": {"delayType": "MailboxFull"}}
COMPLAINED = {"eventType": "Complaint", "complaint": {"complaintFeedbackType": "abuse"}}
REJECTED = {"eventType": "Reject", "reject": {"reason": "Bad content"}}


def bounce(sub_type: str = "General") -> dict[str, Any]:
    recipients = [{"emailAddress": "lab@example.org", "diagnosticCode": "smtp; 550 5.1.1 no such user lab@example.org"}]
    told = {"bounceType": "Permanent", "bounceSubType": sub_type, "bouncedRecipients": recipients}
    return {"eventType": "Bounce", "bounce": told}


@pytest.fixture
def world() -> World:
    return World(settings=replace(SETTINGS, mail_events=SET))


def a_mailed_job(world: World) -> SessionKey:
    session_key = world.start(1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    return session_key


def event(world: World, detail: dict[str, Any], configuration_set: str = SET) -> dict[str, Any]:
    """What EventBridge gives the function of the last mail."""
    tags = {name: [value] for name, value in world.mailer.sent[-1].tags.items()}
    mail = {"messageId": "1", "tags": {**tags, "ses:configuration-set": [configuration_set]}}
    return {"source": "aws.ses", "detail-type": "Email", "detail": {**detail, "mail": mail}}


def state(world: World, session_key: SessionKey) -> tuple[MailState, str]:
    mail = world.job(session_key).mail
    assert mail is not None
    return mail.state, mail.reason


@pytest.mark.parametrize(
    ("details", "found", "reason"),
    [
        ([], MailState.SENT, ""),
        ([DELIVERED], MailState.DELIVERED, ""),
        ([DELAYED], MailState.SENT, "delayed: MailboxFull"),
        ([DELAYED, DELIVERED], MailState.DELIVERED, ""),
        ([DELIVERED, DELAYED], MailState.DELIVERED, ""),
        (
            [bounce()],
            MailState.BOUNCED,
            "it came back (Permanent, General) smtp; 550 5.1.1 no such user lab@example.org",
        ),
        ([bounce("OnAccountSuppressionList")], MailState.BOUNCED, "SES suppresses mails to this address"),
        ([DELIVERED, COMPLAINED], MailState.COMPLAINED, "its recipient reported it as spam (abuse)"),
        ([bounce(), DELIVERED], MailState.BOUNCED, "it came back"),
        ([REJECTED], MailState.BOUNCED, "SES rejected it: Bad content"),
    ],
    ids=[
        "none",
        "delivered",
        "delayed",
        "late",
        "old",
        "bounce",
        "suppressed",
        "complaint",
        "out-of-order",
        "rejected",
    ],
)
def test_the_last_word_that_counts_is_the_mails_state(
    world: World, details: list[dict[str, Any]], found: MailState, reason: str
) -> None:
    session_key = a_mailed_job(world)
    for detail in details:
        note_mail_event(world.context, event(world, detail))
    assert state(world, session_key)[0] is found
    assert state(world, session_key)[1].startswith(reason)


def test_a_bounce_is_shown_without_the_address_even_of_a_job_that_is_closed(world: World) -> None:
    session_key = a_mailed_job(world)
    world.fleet.terminate(world.fleet.living())
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 600)
    reap(world.context)
    assert not world.context.active.holds(session_key)
    assert note_mail_event(world.context, event(world, bounce()))
    world.clock.pass_seconds(60)
    reap(world.context)
    assert not world.context.active.holds(session_key), "closed again, with a summary that tells"
    mail = show_job(world.context, session_key).content["mail"]
    assert mail["state"] == "bounced"
    assert "no such user (an address)" in mail["reason"]


def test_the_same_event_again_changes_nothing(world: World) -> None:
    a_mailed_job(world)
    assert note_mail_event(world.context, event(world, bounce()))
    assert not note_mail_event(world.context, event(world, bounce()))


def test_an_event_of_an_earlier_runs_mail_says_nothing_of_this_ones(world: World) -> None:
    session_key = world.start(1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share, SampleOutcome.FAILED)
    worker.say("finished", "UPLOADING", share)
    worker.merge()
    late = event(world, bounce())
    world.fleet.terminate(world.fleet.living())
    world.clock.pass_seconds(600)
    retry(world.context, session_key)
    again = next(item for item in world.crew(session_key) if item.instance_id in world.fleet.living())
    again.work()
    again.merge()
    assert not note_mail_event(world.context, late)
    assert state(world, session_key) == (MailState.SENT, "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: found["detail"].pop("mail"),
        lambda found: found["detail"]["mail"]["tags"].pop("gems_job_1"),
        lambda found: found["detail"]["mail"]["tags"].update(gems_job_1=["not base64!"]),
        lambda found: found["detail"]["mail"]["tags"].update(gems_run=["one"]),
        lambda found: found["detail"]["mail"]["tags"].update({"ses:configuration-set": ["gems-prod"]}),
        lambda found: found["detail"].update(eventType="Open"),
        lambda found: found["detail"].update(bounce=[]),
        lambda found: found.update(detail="text"),
    ],
)
def test_an_event_that_is_of_no_mail_of_ours_is_passed_over(world: World, spoil: Any) -> None:
    session_key = a_mailed_job(world)
    found = event(world, bounce())
    spoil(found)
    assert not note_mail_event(world.context, found)
    assert state(world, session_key) == (MailState.SENT, "")


def test_without_a_configuration_set_no_event_is_believed() -> None:
    world = World()
    a_mailed_job(world)
    assert not note_mail_event(world.context, event(world, bounce()))


@pytest.mark.parametrize("prefix", ["run", "x" * 300, "ä/b c"])
def test_tags_hold_any_session_key_in_what_ses_takes(world: World, prefix: str) -> None:
    key = SessionKey.make("b" * 63, prefix, "all", world.clock(), "0123456789")
    tags = tags_of(key, 3)
    assert tags["gems_run"] == "3"
    for value in tags.values():
        assert len(value) <= 256
        assert set(value) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
