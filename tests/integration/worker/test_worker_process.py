"""``python -m worker`` as a process of its own: AWS by moto, metadata and API over HTTP, a typer that is a real program."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import credstash
import pytest
from waiting import eventually
from worker_api import ProtocolApi
from worker_cloud import LocalAws, Metadata, serving
from worker_fakes import (
    CONTROL,
    DATA,
    SESSION_KEY,
    fake_java,
    make_library,
    manifest_of,
    program,
    reads_of,
    share_of,
    tar_gz,
)

from gems_core.credentials import encryption_context
from gems_core.layout import manifest_key, report_key, sample_result_key
from gems_core.manifest import Artefact, Manifest
from gems_core.protocol.answer import Instruction
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.statuses import WorkerStatus

PROJECT = Path(__file__).parents[3]
TOKEN = "worker-credential-that-is-secret"
INSTANCE = "i-0123456789abcdef0"


@dataclass
class Site:
    """A job in the cloud, and a machine to run a worker on."""

    aws: LocalAws
    manifest: Manifest
    api: ProtocolApi
    metadata: Metadata
    environment: dict[str, str]
    root: Path

    def start(self, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "worker"],
            env={**self.environment, **environment},
            cwd=self.root.parent,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, **environment: str) -> str:
        """Run a worker to its end; returns what it said on standard error."""
        process = self.start(**environment)
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
        return stderr


def publish(aws: LocalAws, folder: Path) -> dict[str, Artefact]:
    """Put artefacts into the control bucket."""
    library = make_library(folder / "library")
    contents = {
        "worker": b"not fetched by the worker itself",
        "hla-typer": b"a jar",
        "reference": tar_gz({f"library-9.9.0/{path.name}": path.read_bytes() for path in library.iterdir()}),
        "panel": b"locus\tamplicon\n",
    }
    artefacts = {}
    for kind, data in contents.items():
        artefacts[kind] = Artefact("1", f"artefacts/{kind}/1/{kind}", hashlib.sha256(data).hexdigest())
        aws.put(CONTROL, artefacts[kind].key, data)
    return artefacts


def put_credential(aws: LocalAws) -> None:
    """What ``credstash setup`` and ``credstash put gems.worker.token @file gems_credential=gems.worker.token`` do; the file ends in a newline."""
    key = aws.kms.create_key()["KeyMetadata"]["KeyId"]
    aws.kms.create_alias(AliasName="alias/credstash", TargetKeyId=key)
    aws.dynamodb.create_table(
        TableName="credential-store",
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}, {"AttributeName": "version", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("name", "version")],
        BillingMode="PAY_PER_REQUEST",
    )
    context = encryption_context("gems.worker.token")
    credstash.putSecret("gems.worker.token", f"{TOKEN}\n", context=context, kms=aws.kms, dynamodb=aws.dynamodb)


def environment_of(aws: LocalAws, artefacts: dict[str, Artefact], tmp_path: Path) -> dict[str, str]:
    fake_java(tmp_path / "bin")
    return {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(PROJECT),
        "PYTHONWARNINGS": "error::ResourceWarning",
        "FAKE_JAVA_RUNS": str(tmp_path),
        "GEMS_ROOT": str(tmp_path / "root"),
        "GEMS_SESSION_KEY": str(SESSION_KEY),
        "GEMS_CONTROL_BUCKET": CONTROL,
        "GEMS_ARTEFACTS": json.dumps({kind: artefact.as_json() for kind, artefact in artefacts.items()}),
        "GEMS_WORKER_CREDENTIAL": "gems.worker.token",
        "GEMS_CREDENTIAL_TABLE": "credential-store",
        "GEMS_HEARTBEAT_SECONDS": "1",
        "AWS_REGION": aws.region,
        "AWS_ENDPOINT_URL": aws.url,
    }


@contextmanager
def a_site(aws: LocalAws, tmp_path: Path, job: dict[int, dict[str, str]]) -> Iterator[Site]:
    """Put a job into a fresh cloud; shares by index, samples by name, each with the word of its reads."""
    aws.make_buckets(CONTROL, DATA)
    artefacts = publish(aws, tmp_path)
    manifest = manifest_of(*(share_of(index, words) for index, words in job.items()), artefacts=artefacts)
    aws.put(CONTROL, manifest_key(SESSION_KEY), manifest.to_bytes())
    words = {name: word for share in job.values() for name, word in share.items()}
    for sample in manifest.samples:
        for file in (sample.read_1, sample.read_2):
            aws.put(DATA, file.key, reads_of(words[sample.name]))
    put_credential(aws)
    metadata = Metadata(INSTANCE, aws.role_credentials())
    api = ProtocolApi(aws, manifest, TOKEN)
    environment = environment_of(aws, artefacts, tmp_path)
    with serving(metadata.handler()) as metadata_url, serving(api.handler()) as api_url:
        environment |= {"AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata_url, "GEMS_API_URL": api_url}
        yield Site(aws, manifest, api, metadata, environment, tmp_path / "root")


@dataclass
class FinishedJob:
    """What a whole job left behind: two shares, an API in trouble at first, a site with its own cross_match."""

    objects: dict[tuple[str, str], bytes]
    api: ProtocolApi
    stderr: str
    log_lines: list[str]
    secrets: list[str]

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.objects[DATA, report_key("run1", SESSION_KEY, "json")]))


@pytest.fixture(scope="module")
def finished(cloud: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> FinishedJob:
    cloud.reset()
    tmp_path = tmp_path_factory.mktemp("finished")
    program(
        tmp_path / "bin" / "cross_match",
        "import sys\nassert open(sys.argv[1]).read().startswith('>A|Exon_2')\n"
        "print('cross_match version 1.090518\\n', open(sys.argv[2]).read())\n",
    )
    with a_site(cloud, tmp_path, {1: {"K1": "GOOD", "K2": "BAD"}, 2: {"K3": "NOVEL"}}) as site:
        site.api.troubles = [503, 429, 500]
        stderr = site.run()
        role = json.loads(site.metadata.values["iam/security-credentials/gems-worker"])
        return FinishedJob(
            {(bucket, key): cloud.get(bucket, key) for bucket in (CONTROL, DATA) for key in cloud.keys(bucket)},
            site.api,
            stderr,
            (site.root / "worker.log").read_text().splitlines(),
            [
                *(TOKEN, site.metadata.token, role["SecretAccessKey"], role["Token"]),
                *(site.api.job_role["SecretAccessKey"], site.api.job_role["Token"]),
            ],
        )


@pytest.fixture
def site(aws: LocalAws, tmp_path: Path) -> Iterator[Site]:
    """A job of one sample."""
    with a_site(aws, tmp_path, {1: {"K1": "GOOD"}}) as site:
        yield site


@pytest.fixture
def hanging_site(aws: LocalAws, tmp_path: Path) -> Iterator[Site]:
    """A job whose sample makes the typer hang."""
    with a_site(aws, tmp_path, {1: {"K1": "HANG"}}) as site:
        yield site


def test_one_worker_does_a_whole_job_to_its_report(finished: FinishedJob) -> None:
    share = ["DOWNLOADING", "TYPING", "CROSS_MATCHING", "UPLOADING"]
    merge = ["MERGING", "REPORT_WRITTEN", "EMAIL_SENT", "COMPLETE"]
    assert finished.api.said(Kind.STATUS) == ["BOOTSTRAPPING", *share, *share, *merge]
    assert finished.api.stopped_by == [INSTANCE]
    assert {report.instance_id for report in finished.api.reports} == {INSTANCE}


def test_the_jobs_credentials_are_asked_for_once(finished: FinishedJob) -> None:
    assert finished.api.asked == [INSTANCE]


def test_the_jobs_credentials_are_renewed_while_the_job_goes_on(site: Site) -> None:
    site.api.life = timedelta(minutes=19)
    site.api.stopped_by.clear()
    site.run()
    assert len(site.api.asked) > 5, "they are as old as to be renewed before each request"
    assert site.api.stopped_by == [INSTANCE]


def test_the_report_is_written_in_every_format(finished: FinishedJob) -> None:
    outcomes = [(sample["sample"], sample["outcome"]) for sample in finished.report["samples"]]
    assert outcomes == [("K1", "typed"), ("K2", "failed"), ("K3", "typed")]
    csv = finished.objects[DATA, report_key("run1", SESSION_KEY, "csv")].decode()
    assert csv.splitlines()[1].startswith("K1,A,heterozygous,A*91:01,A*92:01,")
    assert b"<gems_report" in gzip.decompress(finished.objects[DATA, report_key("run1", SESSION_KEY, "xml.gz")])


def test_the_log_is_json_lines_and_holds_no_secret(finished: FinishedJob) -> None:
    assert len(finished.log_lines) > 10
    assert all({"at", "level", "logger", "message"} <= set(json.loads(line)) for line in finished.log_lines)
    assert finished.stderr.splitlines() == finished.log_lines
    for secret in finished.secrets:
        assert secret not in finished.stderr


def test_an_api_in_trouble_is_tried_again_and_the_trouble_is_logged(finished: FinishedJob) -> None:
    assert finished.api.troubles == []
    assert sum("the API is not available, trying again" in line for line in finished.log_lines) == 3


def test_a_sites_cross_match_is_honoured(finished: FinishedJob) -> None:
    text = finished.objects[DATA, sample_result_key("run1", SESSION_KEY, "K3", "cross_match.txt")].decode()
    assert ">A|exon1|A*91:01" in text
    assert finished.report["made_by"]["cross_match"] == {"states": {"done": 1, "skipped": 1}, "version": "1.090518"}


def test_a_second_worker_finds_its_artefacts_and_types_nothing_again(site: Site, tmp_path: Path) -> None:
    site.run()
    runs = (tmp_path / "runs.txt").read_text()
    site.aws.s3.delete_object(Bucket=CONTROL, Key="artefacts/reference/1/reference")
    site.api.stopped_by.clear()
    site.run()
    assert (tmp_path / "runs.txt").read_text() == runs
    assert site.api.stopped_by == [INSTANCE]


def test_another_persons_reads_of_equal_size_are_never_typed_under_the_old_name(aws: LocalAws, tmp_path: Path) -> None:
    with a_site(aws, tmp_path, {1: {"K1": "GOOD", "K2": "GOOD"}}) as site:
        changed = site.manifest.samples[0].read_2
        other = reads_of("GOOD").replace(b"ACGT", b"TGCA")
        assert len(other) == changed.size_bytes
        aws.put(DATA, changed.key, other)
        site.run()
        report = json.loads(aws.get(DATA, report_key("run1", SESSION_KEY, "json")))
        assert [(sample["sample"], sample["outcome"]) for sample in report["samples"]] == [
            ("K1", "failed"),
            ("K2", "typed"),
        ]
        reason = report["samples"][0]["reason"]
        assert f"s3://{DATA}/{changed.key}: expected the content that it had when the job was made" in reason
        typing = sample_result_key("run1", SESSION_KEY, "K1", "typing.json")
        assert typing not in aws.keys(DATA)


def is_typing(site: Site) -> Callable[[], bool]:
    return lambda: any(report.status is WorkerStatus.TYPING for report in site.api.reports)


def test_a_worker_that_is_terminated_gives_its_share_back_and_leaves_at_once(hanging_site: Site) -> None:
    process = hanging_site.start()
    eventually(is_typing(hanging_site), "it types")
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    started = time.monotonic()
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert time.monotonic() - started < 5
    last = [report for report in hanging_site.api.reports if report.kind is Kind.FAILED][-1]
    assert last.failure is not None
    assert (last.share, last.failure.phase, last.failure.reason) == (None, "type", "the worker was sent SIGTERM")
    assert any("SIGTERM" in line for line in last.failure.log_tail)


def test_a_spot_notice_is_seen_while_the_typer_runs(hanging_site: Site) -> None:
    process = hanging_site.start()
    eventually(is_typing(hanging_site), "it types")
    hanging_site.metadata.values["spot/instance-action"] = '{"action": "terminate", "time": "2026-11-23T12:02:00Z"}'
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    last = [report for report in hanging_site.api.reports if report.kind is Kind.FAILED][-1]
    assert last.failure is not None
    assert "EC2 takes this spot instance back" in last.failure.reason
    assert last.machine_taken


def test_a_heartbeats_answer_may_stop_the_work(hanging_site: Site) -> None:

    def cancelled(report: StatusReport) -> Instruction | None:
        heard = report.kind is Kind.HEARTBEAT and report.share == 1
        return Instruction.STOP if heard else None

    hanging_site.api.instead = cancelled
    stderr = hanging_site.run()
    assert "the API says stop" in stderr
    assert hanging_site.api.reports[-1].kind is Kind.HEARTBEAT
    assert Kind.FAILED not in {report.kind for report in hanging_site.api.reports}


def test_a_step_that_stands_still_is_told_in_the_status_and_ended_with_a_reason(hanging_site: Site) -> None:
    hanging_site.run(GEMS_STEP_LIMIT_SECONDS="2")
    details = [report.detail for report in hanging_site.api.reports if report.kind is Kind.STATUS]
    assert any(detail.startswith("the step type of K1 has not moved for ") for detail in details)
    last = [report for report in hanging_site.api.reports if report.kind is Kind.FAILED][-1]
    assert last.failure is not None
    assert (last.failure.phase, last.failure.samples, last.machine_taken) == ("type", ("K1",), False)
    assert "(its limit is 2 s)" in last.failure.reason


def test_heartbeats_tell_how_the_machine_is(hanging_site: Site) -> None:
    process = hanging_site.start()
    eventually(lambda: any(item.vitals and item.vitals.samples for item in hanging_site.api.reports), "a heartbeat")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    vitals = next(item.vitals for item in hanging_site.api.reports if item.vitals and item.vitals.samples)
    assert (vitals.step, vitals.samples) == ("type", ("K1",))


def test_a_damaged_artefact_is_reported_before_any_share_is_claimed(site: Site) -> None:
    site.aws.put(CONTROL, "artefacts/hla-typer/1/hla-typer", b"another jar")
    process = site.start()
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 1, stderr
    (failed,) = [report for report in site.api.reports if report.kind is Kind.FAILED]
    assert failed.failure is not None
    assert failed.failure.phase == "provisioning"
    assert "expected SHA-256" in failed.failure.reason
    assert Kind.CLAIM not in {report.kind for report in site.api.reports}


def test_a_missing_credential_is_told_with_its_name_and_table(site: Site) -> None:
    process = site.start(GEMS_WORKER_CREDENTIAL="no.such")
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "credential 'no.such' in the CredStash table 'credential-store'" in stderr


def test_missing_settings_end_the_worker_with_all_their_names(site: Site) -> None:
    process = site.start(GEMS_API_URL="", GEMS_CONTROL_BUCKET="")
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "GEMS_API_URL" in stderr
    assert "GEMS_CONTROL_BUCKET" in stderr
