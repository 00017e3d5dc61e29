"""`gems prices` against a bucket of a stand-in for S3; what AWS asks for instances is told by a source of the test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import boto3
import pytest
from moto import mock_aws

from gems_api.aws.pricing import PriceSource
from gems_cli.main import gems, run_command
from gems_core.layout import PRICES_KEY
from gems_core.prices import InstancePrice, PriceTable

REGION, BUCKET = "eu-west-1", "gems-control"


class Source:
    """Every type costs 0.2 dollars on demand and 0.07 as spot."""

    def read(self, instance_types: Iterable[str], now: datetime) -> PriceTable:
        return PriceTable(REGION, now, {name: InstancePrice(0.2, 0.07) for name in instance_types})


@pytest.fixture(autouse=True)
def _deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GEMS_CONTROL_BUCKET", BUCKET)
    monkeypatch.setenv("GEMS_REGION", REGION)
    monkeypatch.delenv("GEMS_INSTANCE_TYPES", raising=False)
    monkeypatch.setattr(PriceSource, "of", lambda *_: Source())
    with mock_aws():
        where = {"LocationConstraint": REGION}
        boto3.client("s3", REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
        yield


def call(*arguments: str) -> int:
    return run_command(lambda: gems(["prices", *arguments], standalone_mode=False))


def table() -> PriceTable:
    return PriceTable.from_bytes(boto3.client("s3", REGION).get_object(Bucket=BUCKET, Key=PRICES_KEY)["Body"].read())


def test_prices_are_asked_for_and_written_where_the_api_reads_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEMS_INSTANCE_TYPES", "c7i.large, c6i.large")
    assert call() == 0
    assert table().instance_types == {"c6i.large": InstancePrice(0.2, 0.07), "c7i.large": InstancePrice(0.2, 0.07)}
    assert "c7i.large" in capsys.readouterr().out


def test_a_refresh_without_types_is_of_those_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 2
    assert "GEMS_INSTANCE_TYPES" in capsys.readouterr().err
    assert call("set", "c5.large", "--on-demand", "0.1") == 0
    assert table().instance_types == {"c5.large": InstancePrice(0.1)}
    assert call() == 0
    assert table().instance_types == {"c5.large": InstancePrice(0.2, 0.07)}


def test_a_price_set_by_hand_keeps_all_others_and_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--instance-types", "a.large,b.large") == 0
    assert call("set", "a.large", "--spot", "0.05") == 0
    assert table().instance_types == {"a.large": InstancePrice(0.2, 0.05), "b.large": InstancePrice(0.2, 0.07)}
    capsys.readouterr()
    assert call("show") == 0
    said = capsys.readouterr().out.split()
    assert said[said.index("a.large") : said.index("b.large")] == ["a.large", "0.2000", "0.0500"]


def test_what_is_missing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show") == 2
    assert call("set", "a.large") == 2
    said = capsys.readouterr().err
    assert "Write it with `gems prices`" in said
    assert "--on-demand, --spot or both" in said
