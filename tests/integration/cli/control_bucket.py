"""A deployment's control bucket in a stand-in for S3, as the commands of administrators find it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto import mock_aws

REGION, BUCKET = "eu-west-1", "gems-control"


@contextmanager
def a_control_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty one, which the environment names."""
    monkeypatch.setenv("GEMS_CONTROL_BUCKET", BUCKET)
    monkeypatch.setenv("GEMS_REGION", REGION)
    with mock_aws():
        where = {"LocationConstraint": REGION}
        boto3.client("s3", REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
        yield
