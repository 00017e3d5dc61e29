"""A control bucket in a local S3 over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from artefacts_store import BUCKET, Store
from moto.server import ThreadedMotoServer

from gems_artefacts.shelf import Shelf


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(s3_url: str, tmp_path: Path) -> Store:
    session = boto3.Session(region_name="eu-west-1", aws_access_key_id="root", aws_secret_access_key="root")
    s3 = session.client("s3", endpoint_url=s3_url)
    # Other tests of this process may have an account of their own in the same moto.
    if BUCKET in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
            s3.delete_object(Bucket=BUCKET, Key=item["Key"])
        s3.delete_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    folder = tmp_path / "local"
    folder.mkdir()
    return Store(Shelf(s3, BUCKET, lambda _seconds: None), folder)
