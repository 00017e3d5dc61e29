"""Both S3 servers, each with a bucket for data and one for control; the worlds of the unit tests, over them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from s3_servers import REGION, S3Server, local_aws, second_s3

sys.path[:0] = [str(Path(__file__).parents[2] / "unit" / "api")]

from api_world import CONTROL, DATA  # noqa: E402 - after the path is set


@pytest.fixture(scope="module", params=[local_aws, second_s3], ids=["local AWS", "second S3"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with request.param(tmp_path_factory.mktemp("s3")) as server:
        client = server.client()
        there = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
        for bucket in {DATA, CONTROL} - there:
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield server
