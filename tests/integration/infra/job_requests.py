"""What workers ask for in the course of a job, and the session policies that narrow their credentials to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from aws_requests import s3
from iam_policy import Request
from stack_site import DATA_BUCKETS

from gems_api.aws.job_role import session_policy
from gems_core.layout import done_key, log_key, manifest_key, results_prefix, sample_result_key
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey

BUCKET = DATA_BUCKETS[1]
DIGITS, OTHER_DIGITS = "0123456789", "9876543210"
INSTANCE = "i-0123456789abcdef0"


def manifest(prefix: str = "run", digits: str = DIGITS, bucket: str = BUCKET) -> Manifest:
    moment = datetime(2026, 11, 23, 10, tzinfo=UTC)
    key = SessionKey.make(bucket, prefix, "2", moment, digits)
    return Manifest(key, bucket, prefix, "2", moment, "", 1, (), {}, 3600)


def policy(job: Manifest, control: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(session_policy(job, INSTANCE, control))
    return document


def own(job: Manifest, control: str) -> dict[str, Request]:
    """What a worker asks for in the course of a job."""
    key, prefix = job.session_key, job.prefix
    return {
        "read its manifest": s3("GetObject", control, manifest_key(key)),
        "read a done-marker": s3("GetObject", control, done_key(key, "A")),
        "write a done-marker": s3("PutObject", control, done_key(key, "A")),
        "keep a log": s3("PutObject", control, log_key(key, INSTANCE, "worker/20261123T100000.000000Z.jsonl")),
        "read a result": s3("GetObject", job.bucket, sample_result_key(prefix, key, "A", "typing.json")),
        "write a result": s3("PutObject", job.bucket, sample_result_key(prefix, key, "A", "typing.json")),
        "write the report": s3("PutObject", job.bucket, f"{results_prefix(prefix, key)}report.json"),
    }


def shared(job: Manifest, control: str) -> dict[str, Request]:
    """What other jobs of the same reads ask for as well."""
    folder = job.prefix.strip("/")
    return {
        "read reads": s3("GetObject", job.bucket, f"{folder}/A_S1_L001_R1_001.fastq.gz".lstrip("/")),
        "tell a missing read": s3("ListBucket", job.bucket),
        "tell a missing done-marker": s3("ListBucket", control),
    }
