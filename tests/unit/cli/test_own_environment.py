"""What the processes of the local cloud find in their environment."""

from __future__ import annotations

import pytest

from gems_local.machine import instance_environment
from gems_local.processes import own_environment
from gems_local.proxies import past_proxies


def test_no_proxy_is_before_this_machine_whatever_spelling_a_program_reads() -> None:
    found = past_proxies({"http_proxy": "http://proxy:3128"})
    assert found == {
        "http_proxy": "http://proxy:3128",
        "no_proxy": "127.0.0.1,localhost",
        "NO_PROXY": "127.0.0.1,localhost",
    }


@pytest.mark.parametrize("spelling", ["no_proxy", "NO_PROXY"])
def test_what_the_user_reaches_without_a_proxy_stays_so(spelling: str) -> None:
    found = past_proxies({spelling: ".example.org, localhost"})
    assert found["no_proxy"] == found["NO_PROXY"] == ".example.org,localhost,127.0.0.1"


def test_every_part_of_the_local_cloud_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", ".example.org")
    for environment in (own_environment(), instance_environment("http://127.0.0.1:4566", 1)):
        for spelling in ("no_proxy", "NO_PROXY"):
            assert "127.0.0.1" in environment[spelling].split(",")


def test_nothing_of_the_users_account_reaches_a_part_of_the_local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CONFIG_FILE", "GEMS_API_TOKEN"):
        monkeypatch.setenv(name, "the-user's")
    assert "the-user's" not in own_environment().values()


def test_no_part_of_the_local_cloud_reads_the_users_configuration_of_aws() -> None:
    # Without these two, ~/.aws is read.
    environment = own_environment()
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
