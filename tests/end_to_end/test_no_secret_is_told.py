"""A whole job, and then a search for every secret of it in everything that it left or said."""

from __future__ import annotations

import base64
import contextlib
import gzip
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.credentials import ReadOnlyCredentials
from cloud_site import ENDED, JOB_SECONDS, JobRecord, Site, job_files, processes_below
from moto.sts.utils import SESSION_TOKEN_PREFIX
from tiny_run import TinyRun
from waiting import eventually

from gems_core.batch_ids import child_of
from gems_core.engines import BATCH
from gems_core.identity import HEADER
from gems_core.session_key import SessionKey
from gems_local.settings import CREDENTIAL_TABLE, REGION, WORKER_ROLE
from worker.cloud import sign_identity

# What every GeMS-Identity begins with: base64 of {"Authorization
IDENTITY = base64.b64encode(b'{"Authorization').rstrip(b"=")[:-1]
# What every session token begins with that the local STS gives, those that the workers themselves were given too.
SESSION_TOKEN = SESSION_TOKEN_PREFIX.encode()
EMAIL = "lab@example.org"
# Where the programs of a machine, and of a container, are told to ask for credentials.
ENDPOINT, OF_TASK = "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
ASKED = {ENDPOINT, OF_TASK}


@dataclass
class Evidence:
    """What was gathered: each secret by name, and each place with all that it said.

    Attributes:
        role_secrets: those of the instances' roles, as their metadata services gave them, and those of the job, as the API
            gives them to whoever proves to be the instance.
        places: bytes by where they were found.
    """

    record: JobRecord
    role_secrets: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, bytes] = field(default_factory=dict)


def role_secrets(site: Site, session_key: SessionKey) -> Iterator[tuple[str, bytes]]:
    """Of the machines that run now: the secret keys and session tokens that any program on them may come by."""
    for instance in site.cloud.instances_folder.glob("*"):
        for pid in processes_below(instance):
            try:
                pairs = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
            except OSError:  # it has just ended
                continue
            variables = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
            if ASKED & variables.keys():
                role = _credentials(variables)
                if role is not None:
                    yield f"secret key of {instance.name}", role.secret_key.encode()
                    yield f"session token of {instance.name}", str(role.token).encode()
                    yield from _job_secrets(site, session_key, instance.name, role)
                break


def _credentials(variables: dict[str, str]) -> ReadOnlyCredentials | None:
    """Of a machine by its metadata, or of a container by ECS."""
    try:
        if ENDPOINT in variables:
            found = _of_metadata(variables[ENDPOINT].rstrip("/"))
        else:
            token = {"Authorization": variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
            found = requests.get(variables[OF_TASK], headers=token, timeout=60).json()
    except requests.RequestException:  # switched off meanwhile
        return None
    return ReadOnlyCredentials(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])


def _of_metadata(url: str) -> dict[str, str]:
    ttl = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    token = requests.put(f"{url}/latest/api/token", headers=ttl, timeout=60).text
    path = f"{url}/latest/meta-data/iam/security-credentials/{WORKER_ROLE}"
    found: dict[str, str] = requests.get(path, headers={"X-aws-ec2-metadata-token": token}, timeout=60).json()
    return found


def _job_secrets(
    site: Site, session_key: SessionKey, instance_id: str, role: ReadOnlyCredentials
) -> Iterator[tuple[str, bytes]]:
    proof = sign_identity(role, REGION, site.cloud.aws.endpoint, session_key).encode()
    answer = requests.post(
        f"{site.cloud.api_url}/job/{session_key}/credentials",
        json={"instance_id": instance_id},
        headers={"Authorization": f"Bearer {site.cloud.worker_token}", HEADER: proof},
        timeout=60,
    )
    if answer.ok:  # not when the job has ended meanwhile
        for name in ("secret_access_key", "session_token"):
            yield f"{name} of the job for {instance_id}", answer.json()[name].encode()


def command_lines(folder: Path) -> bytes:
    """What anybody on the machine may read of its programs."""
    found = b""
    for pid in processes_below(folder):
        try:
            found += Path(f"/proc/{pid}/cmdline").read_bytes() + b"\n"
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def evidence(site: Site, tiny_run: TinyRun) -> Evidence:
    """A job of one sample, followed until its machine is off, and all that it left."""
    site.upload("quiet", job_files(tiny_run.reads, 1))
    evidence = Evidence(site.start("quiet", samples_per_worker=1, email=EMAIL))
    session_key = SessionKey.parse(evidence.record.session_key)
    lines = b""
    deadline = time.monotonic() + JOB_SECONDS
    while site.look(evidence.record)["overall_status"] not in ENDED:
        assert time.monotonic() < deadline
        evidence.role_secrets |= dict(role_secrets(site, session_key))
        for instance in site.cloud.instances_folder.glob("*"):
            lines += command_lines(instance)
        time.sleep(0.2)
    roots = [site.cloud.instances_folder / one / "root" for one in evidence.record.instance_ids]
    eventually(lambda: not any(root.exists() for root in roots), "the machines are off")
    evidence.places["command lines"] = lines
    evidence.places |= dict(everything(site, evidence.record))
    return evidence


def everything(site: Site, record: JobRecord) -> Iterator[tuple[str, bytes]]:
    """All that the cloud has written, holds and answers."""
    for folder, _, names in os.walk(
        site.cloud.plan.folder
    ):  # passes over a folder of another job's that is removed meanwhile
        for path in (Path(folder, name) for name in names):
            with contextlib.suppress(FileNotFoundError):
                yield f"file {path.relative_to(site.cloud.plan.folder)}", path.read_bytes()
    for instance_id in record.instance_ids:
        yield f"what {instance_id} was told", site.given(instance_id)
    if site.cloud.plan.engine == BATCH:
        batch = site.cloud.aws.batch()
        children = batch.describe_jobs(jobs=[child_of(name) for name in record.instance_ids])
        yield "AWS Batch", repr(children).encode() + repr(batch.describe_job_definitions()).encode()
    yield "EC2", repr(site.ec2.describe_instances()).encode() + repr(site.ec2.describe_tags()).encode()
    yield "launch templates", repr(_template_versions(site)).encode()
    for bucket in (site.cloud.control_bucket, site.cloud.data_bucket):
        for key in site.keys(bucket, ""):
            yield f"s3://{bucket}/{key}", _plain(site.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    yield "mails", repr(site.mail()).encode()
    yield "the credential table", repr(site.cloud.aws.dynamodb().Table(CREDENTIAL_TABLE).scan()["Items"]).encode()
    yield from _answers(site, record)
    yield from _command(site, record)


def _template_versions(site: Site) -> list[Any]:
    templates = site.ec2.describe_launch_templates()["LaunchTemplates"]
    return [site.ec2.describe_launch_template_versions(LaunchTemplateId=one["LaunchTemplateId"]) for one in templates]


def _plain(body: bytes) -> bytes:
    return body + gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def _answers(site: Site, record: JobRecord) -> Iterator[tuple[str, bytes]]:
    key = record.session_key
    for method, path in [
        ("GET", f"/job?session_key={key}"),
        ("GET", "/job"),
        ("GET", f"/job/{key}/report.csv"),
        ("GET", "/openapi.json"),
        ("POST", "/job"),
        ("POST", f"/job/{key}/status"),
        ("POST", f"/job/{key}/credentials"),
        ("POST", f"/job/{key}/cancel"),
        ("GET", "/nowhere"),
    ]:
        for who, token in (("user", site.cloud.user_token), ("worker", site.cloud.worker_token), ("none", "wrong")):
            answer = requests.request(
                method,
                site.cloud.api_url + path,
                headers={"Authorization": f"Bearer {token}", "GeMS-Identity": "bm9uc2Vuc2U="},
                json={} if method == "POST" else None,
                allow_redirects=False,
                timeout=60,
            )
            yield f"{method} {path} by {who} {answer.status_code}", repr(dict(answer.headers)).encode() + answer.content


def _command(site: Site, record: JobRecord) -> Iterator[tuple[str, bytes]]:
    environment = {**os.environ, "GEMS_API_URL": site.cloud.api_url, "GEMS_API_TOKEN": site.cloud.user_token}
    key = record.session_key
    for arguments in (["list"], ["show", key], ["report", key], ["cancel", key]):
        command = [sys.executable, "-c", "from gems_cli.main import main; main()", "job", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
        assert b"Traceback" not in done.stderr, done.stderr
        yield " ".join(["gems job", *arguments]), done.stdout + done.stderr


def found_in(evidence: Evidence, secret: bytes) -> list[str]:
    return [place for place, content in evidence.places.items() if secret in content]


def test_the_search_has_seen_all_kinds_of_places_and_of_secrets(site: Site, evidence: Evidence) -> None:
    assert evidence.record.last["overall_status"] == "COMPLETE"
    assert len(evidence.role_secrets) >= 2
    assert any("of the job" in name for name in evidence.role_secrets)
    for kind in (
        "aws.log",
        "api.log",
        "batch.log" if site.cloud.plan.engine == BATCH else "fleet.log",
        "console.log",
        "worker.log",
        "was told",
        "/job.json",
        "/report.json",
    ):
        assert any(kind in place for place in evidence.places), f"{kind} in {sorted(evidence.places)}"
    session_key = evidence.record.session_key.encode()
    engine = "AWS Batch" if site.cloud.plan.engine == BATCH else "EC2"
    assert {engine, "mails", "gems job list", f"gems job show {evidence.record.session_key}"} <= set(
        found_in(evidence, session_key)
    )
    assert b"-m\0worker" in evidence.places["command lines"]


@pytest.mark.parametrize("which", ["user_token", "worker_token"])
def test_no_token_is_told_anywhere_in_no_form(site: Site, evidence: Evidence, which: str) -> None:
    token = getattr(site.cloud, which).encode()
    assert found_in(evidence, token) == []
    assert found_in(evidence, base64.b64encode(b"gems:" + token).rstrip(b"=")[:-1]) == []
    assert found_in(evidence, token[:16]) == [], "not even in part"


def test_no_credentials_of_a_role_are_told_anywhere(evidence: Evidence) -> None:
    found = {name: found_in(evidence, secret) for name, secret in evidence.role_secrets.items()}
    assert {name: places for name, places in found.items() if places} == {}


def test_no_session_token_of_anybody_is_told_anywhere(evidence: Evidence) -> None:
    assert all(SESSION_TOKEN in secret for name, secret in evidence.role_secrets.items() if "token" in name)
    assert found_in(evidence, SESSION_TOKEN) == []


def test_no_proof_of_identity_is_told_anywhere(evidence: Evidence) -> None:
    assert found_in(evidence, IDENTITY) == []
