"""The credentials endpoint of a local container: what it answers to whom, and that botocore takes it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests
from botocore.credentials import ContainerProvider

from gems_local.task_credentials import CredentialsServer

ROLE = "arn:aws:iam::123456789012:role/gems-worker"
CREDENTIALS = {
    "AccessKeyId": "key",
    "SecretAccessKey": "secret",
    "Token": "session",
    "Expiration": "2099-01-01T00:00:00Z",
}


@pytest.fixture
def server() -> Iterator[CredentialsServer]:
    server = CredentialsServer(ROLE, CREDENTIALS)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.mark.parametrize(
    ("token", "path", "status"),
    [("right", "", 200), ("right", "x", 404), ("wrong", "", 403), ("wrong", "x", 403), (None, "", 403)],
)
def test_only_who_has_the_token_is_answered_and_only_at_its_path(
    server: CredentialsServer, token: str | None, path: str, status: int
) -> None:
    uri = server.variables()["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    given = {"right": server.token, "wrong": f"{server.token}x"}
    headers = {} if token is None else {"Authorization": given[token]}
    answer = requests.get(uri + path, headers=headers, timeout=10)
    assert answer.status_code == status
    assert ("secret" in answer.text) == (status == 200)
    if status == 200:
        assert answer.json() == {"RoleArn": ROLE, **CREDENTIALS}


def test_botocore_takes_its_credentials_there(server: CredentialsServer) -> None:
    found = ContainerProvider(environ=server.variables()).load()
    assert (found.access_key, found.secret_key, found.token) == ("key", "secret", "session")
