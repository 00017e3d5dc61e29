"""Where `gems job` finds the API and the token."""

from __future__ import annotations

import pytest
from keyring.errors import NoKeyringError

from gems_cli.jobs.credentials import api_client
from gems_core.errors import UsageProblem

URL = {"GEMS_API_URL": "https://gems.example.org/"}


def no_keyring(service: str, user: str) -> str | None:
    raise NoKeyringError


def empty_keyring(service: str, user: str) -> str | None:
    return None


def test_the_token_of_the_environment_is_taken_first() -> None:
    assert api_client({**URL, "GEMS_API_TOKEN": "t"}, no_keyring).url == "https://gems.example.org"


def test_the_keyring_is_asked_for_the_token_of_this_service() -> None:
    asked: list[tuple[str, str]] = []

    def lookup(service: str, user: str) -> str:
        asked.append((service, user))
        return "secret"

    api_client(URL, lookup)
    assert asked == [("gems", "https://gems.example.org")]


@pytest.mark.parametrize("lookup", [no_keyring, empty_keyring])
def test_a_missing_token_is_told_with_both_ways_to_give_it(lookup: object) -> None:
    with pytest.raises(UsageProblem, match=r"GEMS_API_TOKEN.*keyring set gems https://gems\.example\.org"):
        api_client(URL, lookup)  # type: ignore[arg-type]


def test_reading_jobs_needs_no_token() -> None:
    assert api_client(URL, no_keyring, needs_token=False).url == "https://gems.example.org"


@pytest.mark.parametrize("url", ["", "gems.example.org", "http://[bad", "https://", "http://a:b", "ftp://a"])
def test_a_missing_url_is_told(url: str) -> None:
    with pytest.raises(UsageProblem, match="GEMS_API_URL"):
        api_client({"GEMS_API_URL": url}, empty_keyring)


@pytest.mark.parametrize("token", ["\u2026", "a\nb", "tök"])
def test_a_token_that_no_header_can_hold_is_told_without_being_shown(token: str) -> None:
    with pytest.raises(UsageProblem, match="GEMS_API_TOKEN") as caught:
        api_client({**URL, "GEMS_API_TOKEN": token}, no_keyring)
    assert token not in str(caught.value)
