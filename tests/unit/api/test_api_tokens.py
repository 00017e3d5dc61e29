"""Which tokens are in force, through rotations, guesses and a CredStash out of reach."""

from __future__ import annotations

import threading

import pytest
from api_fakes import FakeClock, FakeCredentials

from gems_api.services.access.tokens import LOOK_AGAIN_SECONDS, TokenKeeper, Verdict
from gems_core.errors import CloudRefused

NAME = "gems.user.token"
SECONDS = 60


@pytest.fixture
def credentials() -> FakeCredentials:
    return FakeCredentials({NAME: ("one",)})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keeper(credentials: FakeCredentials, clock: FakeClock) -> TokenKeeper:
    return TokenKeeper(credentials, clock, SECONDS)


def test_the_newest_token_and_the_one_before_are_right(keeper: TokenKeeper, credentials: FakeCredentials) -> None:
    credentials.known[NAME] = ("two", "one")
    assert [keeper.judge(NAME, token) for token in ("one", "two", "three")] == [
        Verdict.RIGHT,
        Verdict.RIGHT,
        Verdict.WRONG,
    ]


def test_a_rotation_is_seen_at_once_and_the_old_token_goes_on(
    keeper: TokenKeeper, credentials: FakeCredentials
) -> None:
    assert keeper.judge(NAME, "one") is Verdict.RIGHT
    credentials.known[NAME] = ("two", "one")
    assert keeper.judge(NAME, "two") is Verdict.RIGHT
    assert keeper.judge(NAME, "one") is Verdict.RIGHT
    assert credentials.asked == 2


def test_a_retired_token_is_right_for_the_caches_time_at_most(
    keeper: TokenKeeper, credentials: FakeCredentials, clock: FakeClock
) -> None:
    credentials.known[NAME] = ("two", "one")
    assert keeper.judge(NAME, "one") is Verdict.RIGHT
    credentials.known[NAME] = ("two",)
    clock.pass_seconds(SECONDS - 1)
    assert keeper.judge(NAME, "one") is Verdict.RIGHT
    clock.pass_seconds(1)
    assert keeper.judge(NAME, "one") is Verdict.WRONG


def test_a_thousand_guesses_make_one_look_in_five_seconds_and_none_of_them_is_right(
    keeper: TokenKeeper, credentials: FakeCredentials, clock: FakeClock
) -> None:
    verdicts = [keeper.judge(NAME, f"guess {number}") for number in range(1000)]
    assert credentials.asked == 2, "the first look, and one for the first guess"
    assert verdicts == [Verdict.WRONG] + [Verdict.UNSURE] * 999
    clock.pass_seconds(LOOK_AGAIN_SECONDS)
    assert keeper.judge(NAME, "guess") is Verdict.WRONG
    assert credentials.asked == 3


def test_guesses_at_one_credential_hold_up_no_look_for_the_other(
    keeper: TokenKeeper, credentials: FakeCredentials
) -> None:
    credentials.known["gems.worker.token"] = ("w1",)
    assert keeper.judge("gems.worker.token", "w1") is Verdict.RIGHT
    keeper.judge(NAME, "guess")
    credentials.known["gems.worker.token"] = ("w2", "w1")
    assert keeper.judge("gems.worker.token", "w2") is Verdict.RIGHT


def test_while_credstash_is_away_known_tokens_work_and_unknown_ones_are_no_refusal(
    keeper: TokenKeeper, credentials: FakeCredentials, clock: FakeClock
) -> None:
    assert keeper.judge(NAME, "one") is Verdict.RIGHT
    del credentials.known[NAME]
    assert keeper.judge(NAME, "one") is Verdict.RIGHT
    with pytest.raises(CloudRefused):
        keeper.judge(NAME, "two")
    clock.pass_seconds(SECONDS)
    with pytest.raises(CloudRefused):
        keeper.judge(NAME, "one")


@pytest.mark.parametrize("offered", ["", " ", "one ", "ONE", "on", "one\x00", "\ud800", "\u00f6ne"])
def test_nothing_but_the_token_itself_is_right(keeper: TokenKeeper, offered: str) -> None:
    assert keeper.judge(NAME, offered) is Verdict.WRONG


def test_an_empty_secret_lets_nobody_in(keeper: TokenKeeper, credentials: FakeCredentials) -> None:
    credentials.known[NAME] = ("", "one")
    assert keeper.judge(NAME, "") is Verdict.WRONG


def test_a_slow_credstash_keeps_nobody_waiting_whose_token_is_known(clock: FakeClock) -> None:
    asked, go_on = threading.Event(), threading.Event()

    class Slow(FakeCredentials):
        def secrets(self, name: str) -> tuple[str, ...]:
            if self.asked:
                asked.set()
                go_on.wait(10)
            return super().secrets(name)

    keeper = TokenKeeper(Slow({NAME: ("one",)}), clock, SECONDS)
    assert keeper.judge(NAME, "one") is Verdict.RIGHT
    with guessing(keeper):
        assert asked.wait(10)
        assert keeper.judge(NAME, "one") is Verdict.RIGHT
        assert not go_on.is_set()
        go_on.set()


class guessing:  # noqa: N801 - reads as a word
    """Somebody guesses in a thread of their own meanwhile."""

    def __init__(self, keeper: TokenKeeper) -> None:
        self._thread = threading.Thread(target=keeper.judge, args=(NAME, "guess"))

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
