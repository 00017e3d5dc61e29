"""Browsers' sessions: who is known again, for how long, and through which rotations of the token."""

from __future__ import annotations

import pytest
from api_fakes import FakeClock, FakeCredentials

from gems_api.services.access.sessions import LIFETIME, Sessions
from gems_api.services.access.tokens import LOOK_AGAIN_SECONDS, TokenKeeper
from gems_core.errors import CloudRefused

NAME = "gems.user.token"


class Deployment:
    """Some processes that share a clock and the tokens in force."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.credentials = FakeCredentials()

    def process(self) -> Sessions:
        return Sessions(TokenKeeper(self.credentials, self.clock, 60), NAME, self.clock)

    def in_force(self, *tokens: str) -> None:
        self.credentials.known[NAME] = tokens


@pytest.fixture
def deployment() -> Deployment:
    return Deployment()


def cookie_of(sessions: Sessions, token: str) -> str:
    visitor = sessions.sign_in(token)
    assert visitor is not None
    return visitor.cookie


def test_who_signed_in_is_known_again_by_every_process(deployment: Deployment) -> None:
    visitor = deployment.process().sign_in("user-secret")
    assert visitor is not None
    found = deployment.process().find(visitor.cookie)
    assert found == visitor
    assert (found.name, found.signed_in) == ("gems", True)


@pytest.mark.parametrize("offered", ["", "worker-secret", "user-secre", "\udcff"])
def test_another_token_signs_nobody_in(deployment: Deployment, offered: str) -> None:
    assert deployment.process().sign_in(offered) is None


def test_a_session_ends_after_twelve_hours(deployment: Deployment) -> None:
    sessions = deployment.process()
    cookie = cookie_of(sessions, "user-secret")
    deployment.clock.pass_seconds(LIFETIME.total_seconds() - 1)
    assert sessions.find(cookie) is not None
    deployment.clock.pass_seconds(1)
    assert sessions.find(cookie) is None


@pytest.mark.parametrize("change", ["", "x", "a.b", "\u00fc", "A" * 501])
def test_a_forged_cookie_is_nobodys(deployment: Deployment, change: str) -> None:
    sessions = deployment.process()
    cookie = cookie_of(sessions, "user-secret")
    assert sessions.find(change) is None
    content, _, signature = cookie.partition(".")
    assert sessions.find(f"{content}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}") is None
    assert sessions.find(f"x{cookie}") is None


def test_a_session_outlives_a_rotation_until_its_own_token_is_retired(deployment: Deployment) -> None:
    sessions = deployment.process()
    old = cookie_of(sessions, "user-secret")
    deployment.in_force("newer-secret", "user-secret")
    deployment.clock.pass_seconds(61)
    new = cookie_of(sessions, "newer-secret")
    assert sessions.find(old) is not None
    deployment.in_force("newer-secret")
    deployment.clock.pass_seconds(61)
    assert sessions.find(old) is None
    assert sessions.find(new) is not None


def test_a_process_that_holds_older_tokens_knows_a_session_of_a_newer_one(deployment: Deployment) -> None:
    other = deployment.process()
    cookie_of(other, "user-secret")
    deployment.in_force("newer-secret", "user-secret")
    cookie = cookie_of(deployment.process(), "newer-secret")
    assert other.find(cookie) is not None


def test_forged_cookies_make_a_process_look_for_tokens_every_five_seconds_at_most(deployment: Deployment) -> None:
    sessions = deployment.process()
    for _ in range(20):
        sessions.find("forged")
    assert deployment.credentials.asked == 2
    deployment.clock.pass_seconds(LOOK_AGAIN_SECONDS)
    sessions.find("forged")
    assert deployment.credentials.asked == 3


def test_who_has_not_signed_in_has_a_session_for_the_forms_sake_alone(deployment: Deployment) -> None:
    sessions = deployment.process()
    visitor = sessions.unsigned()
    assert not visitor.signed_in
    found = sessions.find(visitor.cookie)
    assert found is not None
    assert not found.signed_in
    deployment.clock.pass_seconds(3600)
    assert sessions.find(visitor.cookie) is None


def test_a_forms_token_is_good_for_its_own_session(deployment: Deployment) -> None:
    sessions = deployment.process()
    one, two = sessions.sign_in("user-secret"), sessions.sign_in("user-secret")
    assert one is not None
    assert two is not None
    assert one.sent(one.form_token)
    assert not one.sent(two.form_token)
    assert not one.sent("")
    assert not one.sent("\u00fc")


def test_neither_cookie_nor_form_tells_the_credential(deployment: Deployment) -> None:
    visitor = deployment.process().sign_in("user-secret")
    assert visitor is not None
    assert "secret" not in visitor.cookie + visitor.form_token


def test_without_a_credential_nobody_has_a_session(deployment: Deployment) -> None:
    deployment.in_force()
    with pytest.raises(CloudRefused):
        deployment.process().unsigned()
