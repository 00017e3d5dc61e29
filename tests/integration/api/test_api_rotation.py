"""Rotating credentials over a real CredStash table, while requests flow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
import requests
from api_site import REGION, USER_TOKEN, WORKER_TOKEN, SimulatedWorker, Site, TestClock, serving
from botocore.session import get_session
from click.testing import CliRunner, Result
from keyring.errors import NoKeyringError

from gems_api.app import create_app
from gems_api.aws.cloud import aws_cloud
from gems_api.aws.credentials import CredstashCredentials
from gems_api.services.context import Context
from gems_cli.credentials import credentials as command
from gems_core.credentials import WEBHOOK_CREDENTIAL
from gems_core.errors import CloudRefused
from gems_deploy.vault import Vault

Crew = Callable[[str], list[SimulatedWorker]]
TABLE, KEY = "credential-store", "alias/credstash"
USER_NAME, WORKER_NAME = "rotated.user.token", "rotated.worker.token"


@pytest.fixture
def site(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An app of its own on the deployment, with tokens of its own, which `gems credentials` finds in the environment."""
    names = {"user_credential": USER_NAME, "worker_credential": WORKER_NAME}
    monkeypatch.setenv("GEMS_USER_CREDENTIAL", USER_NAME)
    monkeypatch.setenv("GEMS_WORKER_CREDENTIAL", WORKER_NAME)
    settings = replace(site.settings, **names)
    clock = TestClock()
    cloud = aws_cloud(settings)
    with serving(create_app(settings, cloud, clock)) as url:
        yield Site(site.endpoint, url, settings, Context(settings, cloud, clock), clock, site.moto)


@pytest.fixture
def vault(site: Site) -> Iterator[Vault]:
    """The first version of each token."""
    session = boto3.Session(region_name=REGION)
    vault = Vault(session.resource("dynamodb"), session.client("kms"), TABLE, KEY)
    vault.put(USER_NAME, USER_TOKEN, 1)
    vault.put(WORKER_NAME, WORKER_TOKEN, 1)
    yield vault
    rows = session.resource("dynamodb").Table(TABLE)
    for name in (USER_NAME, WORKER_NAME):
        for version in vault.versions(name):
            rows.delete_item(Key={"name": name, "version": str(version.number).zfill(19)})


def gems(*arguments: str) -> Result:
    result = CliRunner().invoke(command, [*arguments, "--region", REGION], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


class Stream(threading.Thread):
    """Sends requests without a pause and keeps the answers that are not what they should be."""

    def __init__(self, ask: Callable[[], requests.Response], right: int) -> None:
        super().__init__(daemon=True)
        self._ask = ask
        self._right = right
        self._enough = threading.Event()
        self.wrong: list[str] = []
        self.answers = 0

    def run(self) -> None:
        while not self._enough.is_set():
            answer = self._ask()
            self.answers += 1
            if answer.status_code != self._right:
                self.wrong.append(f"{answer.status_code}: {answer.text}")

    def end(self) -> None:
        self._enough.set()
        self.join(60)

    def flow(self, more: int = 5) -> None:
        """Wait until so many more requests were answered."""
        until = self.answers + more
        while self.answers < until and self.is_alive():
            self._enough.wait(0.01)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_rotations_while_requests_flow_make_none_of_them_fail(site: Site, vault: Vault, crew: Crew) -> None:
    (worker,) = crew(site.start("run-rotation", 1))
    worker.say("claim", "BOOTSTRAPPING")
    path = f"/job/{worker.session_key}/status"
    beat = {"instance_id": worker.instance_id, "instance_index": 0, "kind": "heartbeat", "status": "BOOTSTRAPPING"}

    def old_worker() -> requests.Response:
        return site.worker("POST", path, json=beat, headers=worker.proof)

    def old_user() -> requests.Response:
        return site.user("POST", "/job", json={})

    streams = [Stream(old_worker, 200), Stream(old_user, 422)]
    for stream in streams:
        stream.start()
    new_user = gems("rotate", "--user").stdout.strip()
    assert gems("rotate", "--worker").stdout == "", "the worker token is never shown"
    new_worker = vault_token(site, WORKER_NAME)
    streams += [
        Stream(lambda: site.user("POST", "/job", json={}, headers=bearer(new_user)), 422),
        Stream(lambda: site.worker("POST", path, json=beat, headers={**worker.proof, **bearer(new_worker)}), 200),
    ]
    for stream in streams[2:]:
        stream.start()
    for stream in streams:
        stream.flow()
        stream.end()
    assert [stream.wrong for stream in streams] == [[], [], [], []]
    assert all(stream.answers >= 5 for stream in streams)

    gems("retire", "--user")
    gems("retire", "--worker")
    site.clock.offset += timedelta(seconds=site.settings.credential_cache_seconds + 1)
    assert old_user().status_code == 401
    assert old_worker().status_code == 401
    assert site.user("POST", "/job", json={}, headers=bearer(new_user)).status_code == 422


def vault_token(site: Site, name: str) -> str:
    """The newest version, as a worker that starts now reads it."""
    return CredstashCredentials(get_session(), site.settings.region, TABLE).secrets(name)[0]


def test_a_third_version_is_refused_while_two_are_in_force(vault: Vault) -> None:
    gems("rotate", "--user")
    with pytest.raises(Exception, match="Retire the older one first"):
        CliRunner().invoke(command, ["rotate", "--user", "--region", REGION], catch_exceptions=False)
    before = [version.number for version in vault.versions(USER_NAME)]
    assert gems("retire", "--user").stderr == f"{USER_NAME}: retired {before[1]}\n"
    assert gems("retire", "--user").stderr == f"{USER_NAME}: there is no older version\n"
    gems("rotate", "--user")


def test_versions_are_shown_and_secrets_are_not(site: Site, vault: Vault) -> None:
    new = gems("rotate", "--user").stdout.strip()
    output = gems("show-versions").output
    lines = output.splitlines()
    assert lines[0].startswith(f"{USER_NAME} ")
    assert [line.split()[2] for line in lines] == ["accepted"] * 3
    assert lines[0].split()[3].startswith("20"), "when it was made"
    for secret in (new, USER_TOKEN, WORKER_TOKEN):
        assert secret not in output


def test_init_makes_what_is_missing_and_changes_nothing_else(
    site: Site, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gems("init").stdout == ""
    monkeypatch.setenv("GEMS_USER_CREDENTIAL", "other.user.token")
    made = gems("init")
    assert made.stdout.strip() == vault_token(site, "other.user.token")
    assert f"{WORKER_NAME}: exists already" in made.stderr
    assert gems("init").stdout == ""


def test_the_new_user_token_goes_into_the_keyring_when_asked(
    site: Site, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[tuple[str, ...]] = []
    monkeypatch.setenv("GEMS_API_URL", "https://gems.example.org/")
    monkeypatch.setattr("keyring.set_password", lambda *what: stored.append(what))
    result = gems("rotate", "--user", "--keyring")
    assert result.stdout == ""
    assert stored == [("gems", "https://gems.example.org", vault_token(site, USER_NAME))]


@pytest.mark.parametrize("url", ["https://gems.example.org", ""])
def test_a_token_that_the_keyring_does_not_take_is_printed_rather_than_lost(
    site: Site, vault: Vault, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    def refuse(*_: str) -> None:
        raise NoKeyringError

    monkeypatch.setenv("GEMS_API_URL", url)
    monkeypatch.setattr("keyring.set_password", refuse)
    assert gems("rotate", "--user", "--keyring").stdout.strip() == vault_token(site, USER_NAME)


def test_an_older_version_that_cannot_be_opened_does_not_shut_the_new_one_out(
    site: Site, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    new = gems("rotate", "--user").stdout.strip()
    rows: Any = boto3.Session(region_name=REGION).resource("dynamodb").Table(TABLE)
    old = str(vault.versions(USER_NAME)[1].number).zfill(19)
    rows.update_item(
        Key={"name": USER_NAME, "version": old},
        UpdateExpression="SET hmac = :broken",
        ExpressionAttributeValues={":broken": "00"},
    )
    found = CredstashCredentials(get_session(), REGION, TABLE).secrets(USER_NAME)
    assert found == (new,)
    assert "an older version is left out" in caplog.text


def test_a_missing_secret_and_a_missing_table_are_told_with_the_repair(site: Site) -> None:
    session = get_session()
    with pytest.raises(CloudRefused, match="gems credentials init"):
        CredstashCredentials(session, REGION, TABLE).secrets("no.such")
    with pytest.raises(CloudRefused, match="ResourceNotFound"):
        CredstashCredentials(session, REGION, "no-table").secrets(USER_NAME)


def test_the_secret_of_webhooks_is_made_shown_once_rotated_and_retired(site: Site) -> None:
    credstash = CredstashCredentials(get_session(), REGION, TABLE)
    rows: Any = boto3.Session(region_name=REGION).resource("dynamodb").Table(TABLE)
    try:
        first = gems("webhook").stdout.strip()
        assert credstash.secrets(WEBHOOK_CREDENTIAL) == (first,)
        again = CliRunner().invoke(command, ["webhook", "--region", REGION])
        assert "there is a secret already" in str(again.exception)
        second = gems("rotate", "--webhook").stdout.strip()
        assert credstash.secrets(WEBHOOK_CREDENTIAL) == (second, first)
        assert {first, second}.isdisjoint(gems("show-versions").output.split())
        gems("retire", "--webhook")
        assert credstash.secrets(WEBHOOK_CREDENTIAL) == (second,)
    finally:
        for number in (1, 2):
            rows.delete_item(Key={"name": WEBHOOK_CREDENTIAL, "version": str(number).zfill(19)})
