"""What everybody may read names no address, no role and no account, whatever AWS said."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from api_world import CONTROL, World

from gems_api.app import create_app
from gems_api.services.shown.publishable import publishable
from gems_core import layout
from gems_core.errors import CloudRefused
from gems_core.protocol.failure import Failure

USER = {"Authorization": "Bearer user-secret"}
ROLE = "arn:aws:sts::123456789012:assumed-role/gems-dev-api/gems-dev"
DENIED = f"listing s3://gems-123456789012-x/active/ was refused (AccessDenied): User: {ROLE} is not authorized"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("not verified: Lab@Example.ORG, gems@example.org.", "not verified: (an address), (an address)."),
        ("GeMS <gems@example.org> failed", "GeMS <(an address)> failed"),
        ('mailto:"the lab"@example.org', "mailto:(an address)"),
        ("address=jörg@bücher.example", "address=(an address)"),
        (f"User: {ROLE} is not authorized", "User: (an ARN) is not authorized"),
        ("on ARN:aws-cn:s3:::b/x.fastq.gz. Next", "on (an ARN). Next"),
        ("'arn:aws:iam::123456789012:role/r', twice", "'(an ARN)', twice"),
        ("account 123456789012 and 1234-5678-9012", "account (an account) and (an account)"),
        ("s3://control-123456789012-eu/job.json", "s3://control-(an account)-eu/job.json"),
        ("Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XS-_x (Service", None),
    ],
)
def test_what_names_somebody_is_left_out(said: str, told: str | None) -> None:
    assert publishable(said) == (told or "Encoded authorization failure message: (left out) (Service")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "InsufficientInstanceCapacity (c7i.large in subnet-a, on-demand): none left.",
        "given up after 3 attempts: line 1 of K123456789012_S1_L001_R1_001.fastq.gz is '@M:1 1:N:0:1'",
        "job direct.typing-2016-10-27-PT140-class-2-161213-22:58:9397645206: i-0123456789012345f fell silent",
    ],
)
def test_what_names_nobody_stays(said: str) -> None:
    assert publishable(said) == said


@pytest.mark.parametrize("piece", ["a", "@", "a@", '"', "arn:", "1", "authorization failure message:"])
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    begun = time.process_time()
    publishable(piece * 20_000)
    assert time.process_time() - begun < 1


def test_everybody_may_read_why_a_mail_was_refused_but_no_address(world: World) -> None:
    world.mailer.refusal = "SES refused: identities failed the check in EU-WEST-1: gems@example.org, LAB@example.org"
    session_key = world.start(1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    worker.work()
    mail = worker.merge().mail
    assert mail is not None
    assert mail.reason == "SES refused: identities failed the check in EU-WEST-1: (an address), (an address)"
    assert "@" not in _shown(world, str(session_key))


def test_no_text_of_a_jobs_document_names_the_account(world: World) -> None:
    session_key = world.start(1, workers=1)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    worker.say("failed", "TYPING", share, Failure("typing", DENIED))
    state = world.job(session_key).state
    assert state is not None
    assert world.context.jobs.write(layout.state_key(session_key), replace(state.value, reason=DENIED), state.etag)
    shown = _shown(world, str(session_key))
    assert shown.count("User: (an ARN) is not authorized") == 2
    assert "123456789012" not in shown


def test_a_refusal_names_role_and_account_to_users_only(world: World, caplog: pytest.LogCaptureFixture) -> None:
    session_key = world.start(1)
    client = create_app(world.settings, world.cloud, world.clock).test_client()
    world.store.entries = _refuse  # type: ignore[method-assign]
    detail = client.get("/job").get_json()["detail"]
    assert "User: (an ARN) is not authorized" in detail
    assert "123456789012" not in detail
    assert client.get("/job", headers=USER).get_json()["detail"] == DENIED
    assert client.post(f"/job/{session_key}/cancel", headers=USER).get_json()["detail"] == DENIED
    assert DENIED in caplog.text
    answer = client.post("/job", headers={"Authorization": "Bearer worker-secret"}, json={})
    assert "123456789012" not in answer.get_data(as_text=True)


def test_records_that_cannot_be_read_are_not_shown_to_everybody(world: World) -> None:
    session_key = world.start(1)
    world.store.put(CONTROL, layout.state_key(session_key), b'{"overall_status": "lab@example.org"}')
    assert "@" not in _shown(World(store=world.store, clock=world.clock), str(session_key))


def _refuse(*_: object, **__: object) -> list[object]:
    raise CloudRefused(DENIED)


def _shown(world: World, session_key: str) -> str:
    client = create_app(world.settings, world.cloud, world.clock).test_client()
    return client.get("/job", query_string={"session_key": session_key}).get_data(as_text=True)
