"""`gems review seen` against a bucket of a stand-in for S3."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from control_bucket import BUCKET, REGION, a_control_bucket

from gems_api.aws.s3 import S3Store
from gems_api.services.storage.access_log import AccessLog
from gems_cli.main import gems, run_command
from gems_core.review.looks import Look

JOB, OTHER = "job-1", "job-2"
LOOKS = [
    (0, "rita", "reviewer", JOB, "S1", "page of the sample"),
    (0, "anna", "approver", JOB, "", "report.csv"),
    (1, "rita", "reviewer", OTHER, "S2", "page of the sample"),
    (40, "gems", "", JOB, "S1\n\x1b[2J", "page of the sample"),
]


@pytest.fixture(autouse=True)
def _deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with a_control_bucket(monkeypatch):
        log = AccessLog(S3Store(boto3.client("s3", REGION), time.sleep), BUCKET)
        for place, (days, by, role, key, sample, what) in enumerate(LOOKS):
            at = datetime.now(UTC) - timedelta(days=days, milliseconds=len(LOOKS) - place)
            log.add(Look(by, role, at, key, sample, what))
        yield


def call(*arguments: str) -> int:
    return run_command(lambda: gems(["review", "seen", *arguments], standalone_mode=False))


SINCE = f"{datetime.now(UTC) - timedelta(days=50):%Y-%m-%d}"
ASKED = {
    "the last month": ((), ["rita S2", "rita S1", "anna "]),
    "a person": (("--person", "anna"), ["anna "]),
    "a sample, and its run": (("--sample", "S1"), ["rita S1", "anna "]),
    "a job": (("--job", OTHER), ["rita S2"]),
    "the shared user, long ago": (("--person", "gems", "--since", SINCE), ["gems S1\ufffd\ufffd[2J"]),
    "nobody": (("--person", "vera"), []),
}


@pytest.mark.parametrize(("arguments", "expected"), ASKED.values(), ids=ASKED)
def test_who_looked_at_what(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], expected: list[str]
) -> None:
    assert call(*arguments) == 0
    told = capsys.readouterr()
    cells = [line.split("\t") for line in told.out.splitlines()]
    assert [f"{line[1]} {line[4]}" for line in cells] == expected
    assert f"{len(expected)} looks from" in told.err


def test_json_lines_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--job", OTHER, "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert {name: json.loads(line)[name] for name in ("by", "sample", "what")} == {
        "by": "rita",
        "sample": "S2",
        "what": "page of the sample",
    }


@pytest.mark.parametrize("arguments", [("--person", "../x"), ("--since", "1999-01-01"), ("--since", "2999-01-01")])
def test_what_makes_no_sense_is_refused(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert call(*arguments) == 2
    assert arguments[0] in capsys.readouterr().err
