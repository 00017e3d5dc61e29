"""`gems review verify` against a bucket of a stand-in for S3 whose log somebody has tampered with, in each way there is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from control_bucket import BUCKET, REGION, a_control_bucket

from gems_api.aws.s3 import S3Store
from gems_api.services.storage.read_cache import ReadCache
from gems_api.services.storage.review_log import ReviewLog
from gems_cli.main import gems, run_command
from gems_core.layout import review_entry_key
from gems_core.people import Role
from gems_core.review.chain import CHECKPOINTS, NOTHING_BEFORE, Entry, canonical
from gems_core.review.events import EVENT, Event, Kind
from gems_core.review.lock import Lock, LockMode, holding

JOB = "direct.typing-run-class-2-261123-10:00:0123456789"
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def said(kind: Kind, by: str, role: Role = Role.APPROVER) -> dict[str, object]:
    return EVENT.write(Event(kind, by, role, NOW, "S1", "a" * 64, words="seen" if kind is Kind.COMMENT else ""))


SAID = [said(Kind.COMMENT, "rita", Role.REVIEWER), said(Kind.ACCEPT, "rita", Role.REVIEWER), said(Kind.APPROVE, "anna"),
        said(Kind.APPROVE, "bert")]  # fmt: skip


def log() -> ReviewLog:
    return ReviewLog(S3Store(boto3.client("s3", REGION), time.sleep), BUCKET, ReadCache())


def write(chain: str, contents: list[dict[str, object]], sealed: tuple[int, ...] = ()) -> None:
    last: Entry | None = None
    for content in contents:
        last = log().append(chain, last, content)
        assert last is not None
        if last.number in sealed:
            log().seal(last)


@pytest.fixture(autouse=True)
def _deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with a_control_bucket(monkeypatch):
        write(JOB, SAID, sealed=(1, 3, 4))
        yield


def call(*arguments: str) -> int:
    return run_command(lambda: gems(["review", "verify", *arguments], standalone_mode=False))


def get(chain: str, number: int) -> bytes:
    return boto3.client("s3", REGION).get_object(Bucket=BUCKET, Key=review_entry_key(chain, number))["Body"].read()


def put(chain: str, number: int, body: bytes) -> None:
    boto3.client("s3", REGION).put_object(Bucket=BUCKET, Key=review_entry_key(chain, number), Body=body)


def drop(chain: str, *numbers: int) -> None:
    for number in numbers:
        boto3.client("s3", REGION).delete_object(Bucket=BUCKET, Key=review_entry_key(chain, number))


def forge_who_approved() -> None:
    document = json.loads(get(JOB, 3))
    document["content"]["by"] = "mallory"
    put(JOB, 3, canonical(document))


def write_anew_with_another_approver() -> None:
    drop(JOB, 1, 2, 3, 4)
    write(JOB, [*SAID[:3], said(Kind.APPROVE, "mallory")])


def swap() -> None:
    two, three = get(JOB, 2), get(JOB, 3)
    put(JOB, 2, three)
    put(JOB, 3, two)


def approve_twice_alone() -> None:
    write("another", [*SAID[:3], said(Kind.APPROVE, "anna")])


TAMPERED: dict[str, tuple[Callable[[], object], str]] = {
    "forged": (forge_who_approved, "entry 4: does not follow"),
    "written anew": (write_anew_with_another_approver, "entry 4: is not what checkpoint 3 says"),
    "replayed": (lambda: put(JOB, 5, get(JOB, 4)), "entry 5: is entry 4 at another place"),
    "replayed from another job": (lambda: put("another", 1, get(JOB, 1)), f"another, entry 1: is an entry of {JOB}"),
    "reordered": (swap, "entry 2: is entry 3 at another place"),
    "cut at the end": (lambda: drop(JOB, 4), "entry 4: checkpoint 3 says it was written, and it is gone"),
    "cut at the beginning": (lambda: drop(JOB, 1), "entry 1: expected this entry, found 2"),
    "cut in the middle": (lambda: drop(JOB, 2), "entry 2: expected this entry, found 3"),
    "dropped": (lambda: drop(JOB, 1, 2, 3, 4), "entry 1: checkpoint 1 says it was written, and it is gone"),
    "damaged": (lambda: put(JOB, 2, b"damaged"), "entry 2: cannot be read"),
    "a checkpoint cut out": (lambda: drop(CHECKPOINTS, 2), "checkpoints, entry 2: expected this entry, found 3"),
    "a rule broken": (
        approve_twice_alone,
        "another, entry 4: entry 4 breaks a rule: the second approval must be another",
    ),
    "something else in the log": (lambda: write("another", [{"what": "x"}]), "another, entry 1: is not a review event"),
}


@pytest.mark.parametrize(("tamper", "told"), TAMPERED.values(), ids=TAMPERED)
def test_whatever_was_done_to_the_log_is_found(
    capsys: pytest.CaptureFixture[str], tamper: Callable[[], object], told: str
) -> None:
    tamper()
    assert call() == 1
    assert told in capsys.readouterr().err


def test_a_locked_entry_stays_and_one_that_is_hidden_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    s3 = boto3.client("s3", REGION)
    where = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="locked", CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    lock = Lock(LockMode.GOVERNANCE, 1)
    hold = holding(lock, lambda: datetime.now(UTC))
    locked = ReviewLog(S3Store(s3, time.sleep), "locked", ReadCache(), hold)
    first = locked.append(JOB, None, SAID[0])
    assert first is not None
    locked.seal(first)
    key = review_entry_key(JOB, 1)
    held = s3.head_object(Bucket="locked", Key=key)
    assert (held["ObjectLockMode"], held["ObjectLockRetainUntilDate"] > datetime.now(UTC)) == ("GOVERNANCE", True)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="locked", Key=key, VersionId=held["VersionId"])
    marker = s3.delete_object(Bucket="locked", Key=key)
    assert call("--control-bucket", "locked") == 1
    assert "entry 1: checkpoint 1 says it was written, and it is gone" in capsys.readouterr().err
    s3.delete_object(Bucket="locked", Key=key, VersionId=marker["VersionId"])
    assert call("--control-bucket", "locked") == 0


def test_a_log_as_it_was_written_is_proven_and_its_head_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 0
    shown = capsys.readouterr()
    number, _, digest = shown.out.strip().partition(":")
    assert (number, len(digest)) == ("3", 64)
    assert "4 entries of 1 jobs, 0 faults" in shown.err


def test_a_head_that_was_kept_finds_that_even_the_checkpoints_were_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 0
    head = capsys.readouterr().out.strip()
    assert call("--since", head) == 0
    write("another", SAID, sealed=(1,))
    assert call("--since", head) == 0
    drop("another", 1, 2, 3, 4)
    drop(JOB, 4)
    drop(CHECKPOINTS, 3, 4)
    assert call() == 0
    assert call("--since", head) == 1
    assert "does not continue from the head" in capsys.readouterr().err


def test_entries_without_a_checkpoint_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    write("another", SAID[:3], sealed=(1,))
    assert call() == 0
    assert "another: the last 2 entries have no checkpoint yet" in capsys.readouterr().err


def test_an_empty_log_has_a_head_too(capsys: pytest.CaptureFixture[str]) -> None:
    drop(JOB, 1, 2, 3, 4)
    drop(CHECKPOINTS, 1, 2, 3)
    assert call() == 0
    assert capsys.readouterr().out.strip() == f"0:{NOTHING_BEFORE}"


@pytest.mark.parametrize("head", ["x", "3", "3:abc"])
def test_what_is_no_head_is_told(capsys: pytest.CaptureFixture[str], head: str) -> None:
    assert call("--since", head) == 2
    assert "a colon and a SHA-256" in capsys.readouterr().err
