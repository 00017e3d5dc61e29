"""The worker's only module that knows boto3, against S3 over HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import boto3
import pytest
import stamina
from boto3.s3.transfer import TransferConfig
from worker_cloud import LocalAws, Metadata, QuietHandler, serving

from gems_core.errors import CloudRefused
from gems_core.job_credentials import JobCredentials
from worker.cloud import Cloud, connect
from worker.errors import ApiUnavailable, ObjectChanged, ObjectMissing, ObjectTooLarge, TransferBroken
from worker.metadata import InstanceMetadata
from worker.s3 import S3
from worker.store import download, read


@pytest.fixture
def _plain_credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@pytest.fixture
def s3(aws: LocalAws, _plain_credentials: None, monkeypatch: pytest.MonkeyPatch) -> S3:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    aws.make_buckets("data")
    return connect(aws.region).s3


def test_what_is_written_is_there_and_read_back(s3: S3, tmp_path: Path) -> None:
    assert not s3.exists("data", "a/b:c.json")
    s3.write("data", "a/b:c.json", b"{}", "application/json")
    assert s3.exists("data", "a/b:c.json")
    assert read(s3, "data", "a/b:c.json", most_bytes=100) == b"{}"
    download(s3, "data", "a/b:c.json", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"{}"


def test_a_missing_object_and_a_missing_bucket_are_told_apart(s3: S3) -> None:
    with pytest.raises(ObjectMissing, match="s3://data/none"):
        read(s3, "data", "none", most_bytes=100)
    with pytest.raises(CloudRefused, match="NoSuchBucket"):
        read(s3, "no-such-bucket", "none", most_bytes=100)


def test_an_object_that_is_larger_than_it_may_be_is_not_read(s3: S3) -> None:
    s3.write("data", "large", b"x" * 101, "text/plain")
    with pytest.raises(ObjectTooLarge, match="s3://data/large: expected at most 100 bytes, found 101"):
        read(s3, "data", "large", most_bytes=100)


def test_the_etag_of_a_plain_object_is_its_md5_and_of_a_multipart_one_is_not(s3: S3, aws: LocalAws) -> None:
    s3.write("data", "plain", b"x", "text/plain")
    upload = aws.s3.create_multipart_upload(Bucket="data", Key="parts")["UploadId"]
    which = {"Bucket": "data", "Key": "parts", "UploadId": upload}
    part = aws.s3.upload_part(**which, PartNumber=1, Body=b"x")  # type: ignore[arg-type]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    aws.s3.complete_multipart_upload(**which, MultipartUpload=parts)  # type: ignore[arg-type]
    with s3.stream("data", "plain") as stream:
        assert stream.md5 == "9dd4e461268c8034f5c8564e155c67a6"
    with s3.stream("data", "parts") as stream:
        assert stream.md5 is None


@pytest.mark.parametrize("parts", [1, 2])
def test_a_file_is_downloaded_only_with_the_content_that_was_asked_for(
    s3: S3, aws: LocalAws, tmp_path: Path, parts: int
) -> None:
    def upload(letter: bytes) -> str:
        size = 5 * 2**20 * parts
        chunks = TransferConfig(multipart_threshold=size if parts > 1 else size + 1, multipart_chunksize=5 * 2**20)
        aws.s3.upload_fileobj(io.BytesIO(letter * size), "data", "reads", Config=chunks)
        return str(aws.s3.list_objects_v2(Bucket="data", Prefix="reads")["Contents"][0]["ETag"])

    asked_for = upload(b"a")
    assert asked_for.endswith(f'-{parts}"') is (parts > 1)
    download(s3, "data", "reads", tmp_path / "file", asked_for)
    assert (tmp_path / "file").read_bytes()[:1] == b"a"
    other = upload(b"b")
    with pytest.raises(ObjectChanged) as changed:
        download(s3, "data", "reads", tmp_path / "other", asked_for)
    assert f"(ETag {asked_for}), found other content (ETag {other}, {5 * 2**20 * parts} bytes, written at 20" in str(
        changed.value
    )
    assert not (tmp_path / "other").exists()
    upload(b"a")
    download(s3, "data", "reads", tmp_path / "other", asked_for)
    aws.s3.delete_object(Bucket="data", Key="reads")
    with pytest.raises(ObjectMissing):
        download(s3, "data", "reads", tmp_path / "gone", asked_for)


class ChangesBetween(QuietHandler):
    """Cuts the first answer short; then the object is another, of equal size."""

    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
        self.asked.append(self.headers.get("If-Match"))
        if len(self.asked) == 1:
            PromisesMore.do_GET(self)  # type: ignore[arg-type]  # it needs nothing of its class
        else:
            self.answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")

    def do_HEAD(self) -> None:  # noqa: N802
        self.send_response(200)
        for name, value in (
            ("Content-Length", "10"),
            ("ETag", '"y"'),
            ("Last-Modified", "Mon, 23 Nov 2026 12:00:00 GMT"),
        ):
            self.send_header(name, value)
        self.end_headers()


@pytest.mark.usefixtures("_plain_credentials")
def test_a_transfer_that_is_tried_again_asks_for_the_same_content(tmp_path: Path) -> None:
    with serving(ChangesBetween) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        s3 = Cloud(boto3.Session(region_name="eu-west-1")).s3
        with pytest.raises(
            ObjectChanged, match=r'found other content .ETag "y", 10 bytes, written at 2026-11-23 12:00:00'
        ):
            download(s3, "data", "file", tmp_path / "file", '"x"')
    assert ChangesBetween.asked == ['"x"', '"x"']
    assert not (tmp_path / "file").exists()


@dataclass
class Giver:
    """An API that gives credentials, each as good for so long; it may be away.

    Attributes:
        patience: how patiently it was asked, each time.
    """

    lives: list[timedelta]
    away: bool = False
    patience: list[float] = field(default_factory=list)

    def __call__(self, patience_seconds: float) -> JobCredentials:
        self.patience.append(patience_seconds)
        if self.away:
            raise ApiUnavailable("the API is away")
        return JobCredentials("ASIAJOB", "secret", "token", datetime.now(UTC) + self.lives.pop(0))


@pytest.fixture
def cloud_of_a_job(aws: LocalAws, s3: S3) -> Cloud:
    s3.write("data", "a", b"1", "text/plain")
    return connect(aws.region)


def test_the_jobs_credentials_are_asked_for_once_while_they_are_young(cloud_of_a_job: Cloud) -> None:
    giver = Giver([timedelta(hours=1)])
    job = cloud_of_a_job.job_s3(giver)
    assert read(job, "data", "a", most_bytes=100) + read(job, "data", "a", most_bytes=100) == b"11"
    assert giver.patience == [600.0]


def test_aging_credentials_are_renewed_and_serve_on_while_the_api_is_away(cloud_of_a_job: Cloud) -> None:
    giver = Giver([timedelta(minutes=19), timedelta(hours=1)])
    job = cloud_of_a_job.job_s3(giver)
    giver.away = True
    assert read(job, "data", "a", most_bytes=100) == b"1"
    giver.away = False
    assert read(job, "data", "a", most_bytes=100) + read(job, "data", "a", most_bytes=100) == b"11"
    assert giver.patience[0] == 600.0
    assert set(giver.patience[1:]) == {0.0}, "nothing waits for an API while the credentials are good"
    asked = len(giver.patience)
    read(job, "data", "a", most_bytes=100)
    assert len(giver.patience) == asked


def test_at_their_end_s3_waits_for_new_credentials(cloud_of_a_job: Cloud) -> None:
    giver = Giver([timedelta(minutes=4), timedelta(hours=1)])
    job = cloud_of_a_job.job_s3(giver)
    assert read(job, "data", "a", most_bytes=100) == b"1"
    assert giver.patience == [600.0, 600.0]
    giver = Giver([timedelta(minutes=4)])
    job = cloud_of_a_job.job_s3(giver)
    giver.away = True
    with pytest.raises(ApiUnavailable):
        read(job, "data", "a", most_bytes=100)


def test_a_request_is_signed_with_the_jobs_key_not_the_machines(cloud_of_a_job: Cloud) -> None:
    seen: list[str] = []

    class Notes(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
            seen.append(self.headers["Authorization"])
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    with serving(Notes) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        for store in (cloud_of_a_job.job_s3(Giver([timedelta(hours=1)])), connect("eu-west-1").s3):
            with pytest.raises(ObjectMissing):
                read(store, "data", "a", most_bytes=100)
    assert ["Credential=ASIAJOB/" in header for header in seen] == [True, False]


class PromisesMore(QuietHandler):
    """Answers with half of what it promises."""

    def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.send_header("ETag", '"x"')
        self.end_headers()
        self.wfile.write(b"01234")


@pytest.mark.usefixtures("_plain_credentials")
def test_a_connection_that_ends_early_is_a_broken_transfer(tmp_path: Path) -> None:
    with serving(PromisesMore) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        s3 = Cloud(boto3.Session(region_name="eu-west-1")).s3
        with pytest.raises(TransferBroken, match="s3://data/file"):
            download(s3, "data", "file", tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_credentials_that_come_slowly_leave_no_client_without_any(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.make_buckets("data")
    aws.put("data", "a", b"1")
    metadata = Metadata("i-1", aws.role_credentials())
    metadata.slow_seconds = 1.5
    metadata.troubles = {"iam/security-credentials/": [500, 404]}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    monkeypatch.setenv("HOME", "/nonexistent")
    with serving(metadata.handler()) as url:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        cloud = connect(aws.region)
        assert read(cloud.s3, "data", "a", most_bytes=100) == b"1"
        metadata.slow_seconds, metadata.troubles = 1.5, {"instance-id": [500, 503]}
        assert InstanceMetadata(url).instance_id() == "i-1"


def test_a_machine_without_a_role_is_told_so(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.cloud._METADATA_ATTEMPTS", 2)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/nonexistent")
    metadata = Metadata("i-1", {})
    del metadata.values["iam/security-credentials/"]
    with serving(metadata.handler()) as url:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        with pytest.raises(CloudRefused, match="Give the instance a role"):
            connect(aws.region)


def test_of_two_that_create_an_object_the_first_one_stays(s3: S3) -> None:
    assert s3.create("data", "done/K1.json", b"first", "application/json")
    assert not s3.create("data", "done/K1.json", b"second", "application/json")
    assert read(s3, "data", "done/K1.json", most_bytes=100) == b"first"
    with pytest.raises(CloudRefused, match="s3://no-such-bucket/K1"):
        s3.create("no-such-bucket", "K1", b"", "application/json")
