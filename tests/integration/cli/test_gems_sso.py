"""`gems sso`, people with accounts, and the client secret, against stand-ins for S3, DynamoDB and KMS."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import boto3
import pytest
from control_bucket import BUCKET, REGION, a_control_bucket

from gems_api.services.state.person import Person
from gems_api.services.state.sso_settings import SsoSettings
from gems_cli.main import gems, run_command
from gems_core.people import Account, Role

Call = Callable[..., int]
PASSWORD = "correct horse battery"
ISSUER = "https://login.example.org/realms/lab"
SET = ("sso", "set", "--name", "Keycloak", "--issuer", ISSUER, "--client-id", "gems")


@pytest.fixture(autouse=True)
def _deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with a_control_bucket(monkeypatch):
        yield


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    def run(*arguments: str, typed: str = "") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return run_command(lambda: gems(list(arguments), standalone_mode=False))

    return run


def stored(key: str) -> bytes:
    body: bytes = boto3.client("s3", REGION).get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


def record(name: str) -> Person:
    return Person.from_bytes(stored(f"people/users/{name}.json"))


def owners() -> dict[str, str]:
    """Whose each account is noted to be."""
    listed = boto3.client("s3", REGION).list_objects_v2(Bucket=BUCKET, Prefix="people/accounts/").get("Contents", [])
    notes = [json.loads(stored(item["Key"])) for item in listed]
    return {note["subject"]: note["name"] for note in notes}


def test_it_is_set_shown_set_anew_and_turned_off(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("sso", "show") == 0
    assert capsys.readouterr().out == "off\n"
    more = (
        "--group",
        "gems=approvers=approver",
        "--group",
        "lab=viewer",
        "--scope",
        "groups",
        "--session-minutes",
        "60",
    )
    assert call(*SET, *more, "--subject-claim", "oid", "--groups-claim", "roles") == 0
    told = capsys.readouterr().err
    assert "<API>/sign-in/sso/back" in told
    assert "gems credentials sso" in told
    groups = {"gems=approvers": Role.APPROVER, "lab": Role.VIEWER}
    expected = SsoSettings("Keycloak", ISSUER, "gems", True, "oid", "roles", groups, 60, ("openid", "groups"))
    assert SsoSettings.from_bytes(stored("people/sso.json")) == expected
    assert call("sso", "show") == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in (ISSUER, "gems=approvers=approver, lab=viewer", "openid groups", "60 minutes"))
    assert call(*SET, "--no-secret") == 0
    assert SsoSettings.from_bytes(stored("people/sso.json")) == SsoSettings(
        "Keycloak", ISSUER, "gems", has_secret=False
    )
    assert call("sso", "off") == 0
    capsys.readouterr()
    assert call("sso", "show") == 0
    assert capsys.readouterr().out == "off\n"


REFUSED = {
    "an address without TLS": ((*SET[:4], "--issuer", "http://login.example.org", "--client-id", "x"), "issuer: expected an https address"),
    "an address with a query": ((*SET[:4], "--issuer", f"{ISSUER}?x=1", "--client-id", "x"), "issuer: expected an https address"),
    "an address with a user": ((*SET[:4], "--issuer", "https://a@b.example.org", "--client-id", "x"), "issuer: expected"),
    "no name": ((*SET[:2], "--name", " ", "--issuer", ISSUER, "--client-id", "x"), "name: expected 1 to 40"),
    "a client with a space": ((*SET[:4], "--issuer", ISSUER, "--client-id", "a b"), "client_id: expected"),
    "a role that is none": ((*SET, "--group", "staff=boss"), "expected GROUP=ROLE with one of viewer"),
    "a group without a role": ((*SET, "--group", "staff"), "expected GROUP=ROLE"),
    "a session without end": ((*SET, "--session-minutes", "10000"), "--session-minutes"),
    "a person without a provider": (("users", "add", "anna", "--role", "viewer", "--sso", "1"), "expected an identity provider"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_told_and_changes_nothing(
    call: Call, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert call(*arguments) == 2
    assert told in capsys.readouterr().err
    assert "Contents" not in boto3.client("s3", REGION).list_objects_v2(Bucket=BUCKET)


def test_a_person_is_added_with_an_account_and_no_password_is_asked_for(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    call(*SET)
    assert call("users", "add", "anna", "--role", "approver", "--sso", "7f-anna") == 0
    assert call("users", "add", "bert", "--role", "viewer", "--sso", "1", "--issuer", "https://other.example.org") == 0
    assert call("users", "add", "carl", "--role", "viewer", typed=f"{PASSWORD}\n") == 0
    assert (record("anna").account, record("anna").password) == (Account(ISSUER, "7f-anna"), "")
    assert record("bert").account == Account("https://other.example.org", "1")
    assert owners() == {"7f-anna": "anna", "1": "bert"}
    capsys.readouterr()
    assert call("users", "list") == 0
    listed = " ".join(capsys.readouterr().out.split())
    assert "anna approver enabled as 7f-anna at" in listed
    assert "carl viewer enabled with a password" in listed


def test_an_account_is_one_persons_and_can_be_moved_once_it_is_free(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    call(*SET)
    call("users", "add", "anna", "--role", "approver", "--sso", "1")
    call("users", "add", "bert", "--role", "viewer", typed=f"{PASSWORD}\n")
    for arguments in (("add", "carl", "--role", "approver", "--sso", "1"), ("sso", "bert", "1")):
        assert call("users", *arguments) == 2
        assert "found that of anna" in capsys.readouterr().err
    assert owners() == {"1": "anna"}
    assert call("users", "sso", "anna", "2") == 0
    assert (record("anna").account, record("anna").version) == (Account(ISSUER, "2"), 2)
    assert call("users", "sso", "bert", "1") == 0
    assert (record("bert").account, record("bert").password) == (Account(ISSUER, "1"), "")
    assert owners() == {"1": "bert", "2": "anna"}


def test_a_password_takes_the_account_away(call: Call) -> None:
    call(*SET)
    call("users", "add", "anna", "--role", "approver", "--sso", "1")
    assert call("users", "password", "anna", typed=f"{PASSWORD}\n") == 0
    assert record("anna").account is None
    assert record("anna").password


@pytest.mark.parametrize("subject", ["", " 1", "ä", "x" * 256, "a\nb"])
def test_a_subject_that_no_provider_gives_is_refused(
    call: Call, capsys: pytest.CaptureFixture[str], subject: str
) -> None:
    call(*SET)
    assert call("users", "add", "anna", "--role", "viewer", "--sso", subject) == 2
    assert "subject: expected 1 to 255 printable ASCII characters" in capsys.readouterr().err
    assert owners() == {}


def test_the_client_secret_is_stored_and_never_shown(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    key = boto3.client("kms", REGION).create_key()["KeyMetadata"]["KeyId"]
    boto3.client("kms", REGION).create_alias(AliasName="alias/credstash", TargetKeyId=key)
    boto3.client("dynamodb", REGION).create_table(
        TableName="credential-store",
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}, {"AttributeName": "version", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "name", "AttributeType": "S"},
            {"AttributeName": "version", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    assert call("credentials", "sso", typed="a secret with spaces\n") == 2
    for number, secret in enumerate(("first-secret", "second-secret"), start=1):
        assert call("credentials", "sso", typed=f"{secret}\n") == 0
        assert f"gems.sso.client: stored as version {number}" in capsys.readouterr().err
    assert call("credentials", "sso", typed="third-secret\n") == 2
    assert call("credentials", "retire", "--sso") == 0
    assert call("credentials", "show-versions") == 0
    said = capsys.readouterr()
    assert "gems.sso.client 2 accepted" in said.out
    assert "secret" not in said.out.replace("gems.sso.client", "")
    assert not any(secret in said.err for secret in ("first-secret", "second-secret", "third-secret"))
