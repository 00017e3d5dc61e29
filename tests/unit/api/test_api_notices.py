"""Notices of runs: who is told of what, once, signed, without names, tried again and given up, and never in a request's way."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from api_world import CONTROL, SETTINGS, World
from test_api_work_list import Laboratory

from gems_api.services.reaping.reaper import reap
from gems_api.services.review.notices import MOST_TRIES, SIGNATURE_HEADER
from gems_api.services.storage.notices import Notices
from gems_core import layout
from gems_core.credentials import WEBHOOK_CREDENTIAL
from gems_core.errors import CloudRefused
from gems_core.session_key import SessionKey

URL, MAIL = "https://lis.example.org/gems", "lab@example.org"


@dataclass
class FakePoster:
    """Keeps what it is given, or refuses."""

    sent: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    refusal: str = ""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        if self.refusal:
            raise CloudRefused(self.refusal)
        self.sent.append((url, headers, body))

    @property
    def told(self) -> list[str]:
        return [json.loads(body)["event"] for _, _, body in self.sent]


class Told(Laboratory):
    """A laboratory that wants to be told."""

    def __init__(self, **settings: object) -> None:
        wanted = {"review_mail": (MAIL,), "webhook_url": URL, **settings}
        world = World(settings=replace(SETTINGS, **wanted))  # type: ignore[arg-type]
        self.poster = FakePoster()
        world.cloud = replace(world.cloud, poster=self.poster)
        world.context = replace(world.context, cloud=world.cloud)
        world.credentials.known[WEBHOOK_CREDENTIAL] = ("new", "old")
        super().__init__(world)

    def tick(self, seconds: float = 60) -> None:
        self.world.clock.pass_seconds(seconds)
        reap(self.world.context)

    @property
    def mailed(self) -> list[tuple[str, str]]:
        return [(message.recipient, message.subject) for message in self.world.mailer.sent]

    def owed(self) -> int:
        return len(self.world.store.entries(CONTROL, layout.OWED_NOTICES_PREFIX))

    def approved(self) -> SessionKey:
        key = self.run(samples=1)
        self.tick()
        self.approve(key, "K001")
        return key


def test_a_run_that_waits_and_one_that_is_approved_are_told_once() -> None:
    lab = Told()
    key = lab.approved()
    assert lab.poster.told == ["run.waits"], "the request sends nothing"
    lab.tick()
    assert lab.poster.told == ["run.waits", "run.approved"]
    assert lab.mailed == [(MAIL, f"GeMS: job {key} waits for review"), (MAIL, f"GeMS: job {key} is approved")]
    lab.world.context.active.enter(key)  # closed a second time, as after news of a mail
    lab.tick()
    lab.tick(7200)
    assert (len(lab.poster.sent), len(lab.mailed), lab.owed()) == (2, 2, 0)


def test_a_run_that_is_approved_again_is_told_again() -> None:
    lab = Told()
    key = lab.approved()
    lab.say("anna", key, "K001", "reopen", words="x")
    lab.approve(key, "K001")
    lab.tick()
    assert lab.poster.told == ["run.waits", "run.approved", "run.approved"]
    assert len({json.loads(body)["id"] for _, _, body in lab.poster.sent}) == 3


def test_the_webhook_is_signed_under_each_secret_in_force() -> None:
    lab = Told()
    lab.run()
    lab.tick()
    ((url, headers, body),) = lab.poster.sent
    assert url == URL
    moment, *digests = headers[SIGNATURE_HEADER].split(",")
    signed = moment.removeprefix("t=").encode() + b"." + body
    expected = [hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in (b"new", b"old")]
    assert digests == [f"v1={digest}" for digest in expected]


NAMED: dict[str, tuple[dict[str, object], bool]] = {
    "as it comes": ({}, False),
    "asked for": ({"notice_samples": True}, True),
    "asked for, and masked everywhere": ({"notice_samples": True, "mask_samples": True}, False),
}


@pytest.mark.parametrize(("settings", "named"), NAMED.values(), ids=NAMED)
def test_samples_are_named_only_where_that_is_asked_for(settings: dict[str, object], named: bool) -> None:
    lab = Told(**settings)
    lab.run()
    lab.tick()
    ((_, _, body),) = lab.poster.sent
    (message,) = lab.world.mailer.sent
    assert ("K001" in body.decode()) is named
    assert ("K001" in message.text) is named
    assert json.loads(body)["samples"] == {"fail": 0, "review": 2, "pass": 0}


WANTED = {
    "nothing": ({"review_mail": (), "webhook_url": ""}, 0, 0),
    "mail alone": ({"webhook_url": ""}, 1, 0),
    "the webhook alone": ({"review_mail": ()}, 0, 1),
    "two addresses": ({"review_mail": (MAIL, "boss@example.org")}, 2, 1),
}


@pytest.mark.parametrize(("settings", "mails", "hooks"), WANTED.values(), ids=WANTED)
def test_who_is_told_is_a_setting(settings: dict[str, object], mails: int, hooks: int) -> None:
    lab = Told(**settings)
    lab.run()
    lab.tick()
    assert (len(lab.mailed), len(lab.poster.sent), lab.owed()) == (mails, hooks, 0)


def test_what_was_refused_is_tried_again_and_what_was_sent_is_not() -> None:
    lab = Told()
    lab.poster.refusal = "the webhook answered 500"
    lab.run()
    lab.tick()
    tries = len(lab.mailed)
    assert (tries, lab.owed()) == (1, 1)
    lab.tick(1)
    lab.poster.refusal = ""
    lab.tick(3600)
    assert (len(lab.mailed), lab.poster.told, lab.owed()) == (1, ["run.waits"], 0)


def test_it_is_given_up_after_many_tries() -> None:
    lab = Told(review_mail=())
    lab.poster.refusal = "no"
    lab.run()
    for _ in range(MOST_TRIES):
        lab.tick(3601)
    assert lab.owed() == 0
    lab.poster.refusal = ""
    lab.tick(3601)
    assert lab.poster.sent == []


def test_without_a_secret_nothing_goes_out_unsigned() -> None:
    lab = Told(review_mail=())
    del lab.world.credentials.known[WEBHOOK_CREDENTIAL]
    lab.run()
    lab.tick()
    assert (lab.poster.sent, lab.owed()) == ([], 1)


def test_of_two_ticks_one_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Told()
    lab.run()
    record = Notices.record
    seen = []

    def both_read(self: Notices, notice_id: str) -> object:
        found = record(self, notice_id)
        if not seen:
            seen.append(found)
            lab.world.context.notices.write(replace(found.value, tries=1), found.etag)  # type: ignore[union-attr]
        return found

    before = len(lab.poster.sent)
    lab.world.store.put(CONTROL, layout.owed_notice_key("x"), b"not a notice")
    monkeypatch.setattr(Notices, "record", both_read)
    lab.tick()
    assert len(lab.poster.sent) == before


def test_who_died_between_queue_and_record_has_it_sent_all_the_same() -> None:
    lab = Told()
    create = lab.world.store.create
    lab.world.store.create = lambda bucket, key, body: (  # type: ignore[method-assign]
        None if key.startswith("worklist/notices/") else create(bucket, key, body)
    )
    lab.run()
    lab.world.store.create = create  # type: ignore[method-assign]
    lab.tick(7200)
    assert lab.poster.told == ["run.waits"]
