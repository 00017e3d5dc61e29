"""`gems users` against a bucket of a stand-in for S3, and what the API makes of the records."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator

import boto3
import pytest
from control_bucket import BUCKET, REGION, a_control_bucket

from gems_api.services.access.passwords import is_right
from gems_api.services.state.person import Person
from gems_cli.main import gems, run_command
from gems_core.people import Role

Call = Callable[..., int]
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with a_control_bucket(monkeypatch):
        yield


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    def run(*arguments: str, typed: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return run_command(lambda: gems(["users", *arguments], standalone_mode=False))

    return run


def record(name: str = "anna") -> Person:
    body = boto3.client("s3", REGION).get_object(Bucket=BUCKET, Key=f"people/users/{name}.json")["Body"].read()
    return Person.from_bytes(body)


def test_a_person_is_added_listed_changed_and_shut_out(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("add", "anna", "--role", "viewer", typed=f"{PASSWORD}\n") == 0
    assert is_right(PASSWORD, record().password)
    assert call("role", "anna", "approver") == 0
    assert record().role is Role.APPROVER
    assert record().version == 1
    assert call("disable", "anna") == 0
    assert (record().disabled, record().version) == (True, 2)
    assert call("list") == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[1].split()[:3] == ["anna", "approver", "disabled"]
    assert call("enable", "anna") == 0
    assert call("revoke", "anna") == 0
    assert (record().disabled, record().version) == (False, 4)


def test_another_password_ends_sessions_and_keeps_tokens(call: Call) -> None:
    call("add", "anna", "--role", "reviewer", typed=f"{PASSWORD}\n")
    call("token", "add", "anna", "laptop")
    assert call("password", "anna", typed="quite another word\r\n") == 0
    person = record()
    assert is_right("quite another word", person.password)
    assert not is_right(PASSWORD, person.password)
    assert (person.version, len(person.tokens)) == (2, 1)


def test_a_token_is_printed_once_and_kept_as_a_hash(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call("add", "anna", "--role", "reviewer", typed=f"{PASSWORD}\n")
    capsys.readouterr()
    assert call("token", "add", "anna", "my laptop") == 0
    token = capsys.readouterr().out.strip()
    assert record().owns(token)
    assert token not in json.dumps(record().to_bytes().decode())
    assert call("list", "--tokens") == 0
    assert "my laptop (" in capsys.readouterr().out
    assert call("token", "add", "anna", "my laptop") == 2
    assert call("token", "revoke", "anna", "my laptop") == 0
    assert not record().owns(token)
    assert call("token", "revoke", "anna", "my laptop") == 2


REFUSED = {
    "a name that is none": (("add", "Anna", "--role", "viewer"), f"{PASSWORD}\n", "lower-case letters"),
    "the shared user's name": (("add", "gems", "--role", "viewer"), f"{PASSWORD}\n", "not `gems`"),
    "another role": (("add", "anna", "--role", "boss"), f"{PASSWORD}\n", "viewer"),
    "a short password": (("add", "anna", "--role", "viewer"), "short\n", "at least 12 characters"),
    "no password": (("add", "anna", "--role", "viewer"), "", "found 0"),
    "a password as an argument": (("password", "anna", PASSWORD), "", "unexpected extra argument"),
    "a person who is not there": (("disable", "bert"), "", "expected a user, found 'bert'"),
    "a path": (("disable", "../bert"), "", "expected a user"),
}


@pytest.mark.parametrize(("arguments", "typed", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_told_and_changes_nothing(
    call: Call, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], typed: str, told: str
) -> None:
    assert call(*arguments, typed=typed) == 2
    assert told in capsys.readouterr().err
    assert "Contents" not in boto3.client("s3", REGION).list_objects_v2(Bucket=BUCKET)


def test_a_taken_name_is_not_taken_over(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call("add", "anna", "--role", "viewer", typed=f"{PASSWORD}\n")
    before = record()
    assert call("add", "anna", "--role", "administrator", typed="quite another word\n") != 0
    assert "anna already" in capsys.readouterr().err
    assert record() == before


def test_no_password_is_shown(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call("add", "anna", "--role", "viewer", typed=f"{PASSWORD}\n")
    call("password", "anna", typed="quite another word\n")
    call("add", "bert", "--role", "viewer", typed="tooshort\n")
    call("list", "--tokens")
    said = capsys.readouterr()
    told = said.out + said.err
    for secret in (PASSWORD, "quite another word", "tooshort", record().password, record().seal):
        assert secret not in told


def test_a_terminal_asks_without_showing_what_is_typed() -> None:
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-c",
        "from gems_cli.main import main; main()",
        "users",
        "add",
        "anna",
        "--role",
        "viewer",
    ]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as program:
        os.close(theirs)
        told = ""
        for wanted in ("Password: ", "Repeat for confirmation: "):
            while wanted not in told:
                told += os.read(ours, 1000).decode()
            os.write(ours, b"tooshort\n")
        while "Choose another one" not in told:
            told += os.read(ours, 1000).decode()
        assert program.wait(60) == 2
    os.close(ours)
    assert "tooshort" not in told


def test_without_a_deployment_nothing_is_guessed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMS_CONTROL_BUCKET")
    assert call("list") == 2
