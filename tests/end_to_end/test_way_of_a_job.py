"""The way of a job, in the numbered steps of the design, seen from outside."""

from __future__ import annotations

import csv
import gzip
import io
import time
from typing import Any

import pytest
import requests
from cloud_site import INSTANCES, JobRecord, Site, job_files
from tiny_run import SAMPLES, TinyRun
from waiting import eventually

from gems_core.engines import EC2

EMAIL = "lab@example.org"
STOP_SECONDS = 20.0
WORKER_KEYS = {"instance_id", "instance_index", "samples", "status"}
JOB_KEYS = {"bucket", "hla_class", "overall_status", "prefix", "session_key", "workers"}


@pytest.fixture(scope="module")
def job(site: Site, tiny_run: TinyRun) -> JobRecord:
    """Nine shares, for which five instances are to be had."""
    site.upload("nine", job_files(tiny_run.reads, SAMPLES))
    return site.follow(site.start("nine", samples_per_worker=1, email=EMAIL))


def test_1_preflight_names_every_bad_file_and_launches_nothing(site: Site, tiny_run: TinyRun) -> None:
    whole = next(iter(job_files(tiny_run.reads, 1).values()))
    site.upload(
        "bad",
        {
            "LONE_S1_L001_R1_001.fastq.gz": whole,
            "EMPTY_S2_L001_R1_001.fastq.gz": b"",
            "EMPTY_S2_L001_R2_001.fastq.gz": whole,
            "TWICE_S3_L001_R1_001.fastq.gz": whole,
            "TWICE_S3_L002_R1_001.fastq.gz": whole,
            "TWICE_S3_L001_R2_001.fastq.gz": whole,
            "CUT_S4_L001_R1_001.fastq.gz": whole[: len(whole) // 2],
            "CUT_S4_L001_R2_001.fastq.gz": whole,
            "oddly named.fastq.gz": whole,
        },
    )
    before = len(site.launches())
    answer = site.post_job("bad")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    for name in ("LONE_S1_L001_R1", "EMPTY_S2_L001_R1", "TWICE", "CUT_S4_L001_R1", "oddly named"):
        assert name in answer.text
    assert len(site.launches()) == before
    assert not [key for key in site.keys(site.cloud.control_bucket, "jobs/") if "-bad-class-" in key]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"bucket": "no-such-bucket-here"}, ["no-such-bucket-here"]),
        ({"prefix": "nothing/under/this"}, ["nothing/under/this"]),
        ({"hla_class": "3"}, ["hla_class"]),
        ({"prefix": "nothing/under/this", "hla_class": "3"}, ["nothing/under/this", "hla_class"]),
    ],
)
def test_1_preflight_refuses_a_place_without_reads_and_an_unknown_class(
    site: Site, tiny_run: TinyRun, wrong: dict[str, str], told: list[str]
) -> None:
    site.upload("one", job_files(tiny_run.reads, 1))
    before = len(site.launches())
    answer = site.post("/job", **{"bucket": site.cloud.data_bucket, "prefix": "one", "hla_class": "all", **wrong})
    assert answer.status_code == 422
    problems = [problem["where"] for problem in answer.json()["problems"]]
    assert len(problems) == len(told)
    for word in told:
        assert any(word in where for where in problems)
    assert len(site.launches()) == before


def test_1_only_a_user_may_start_a_job(site: Site) -> None:
    for token in ("", site.cloud.worker_token):
        answer = requests.post(
            f"{site.cloud.api_url}/job", json={}, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        assert answer.status_code == 401


def test_2_the_manifest_is_written_once_and_never_changes(site: Site, job: JobRecord) -> None:
    keys = site.keys(site.cloud.control_bucket, site.control_folder(job))
    assert sum(key.endswith("/job.json") for key in keys) == 1
    assert len(job.manifest_etags) == 1
    (manifest,) = site.documents(job, "job.json")
    samples = [sample["sample"] for share in manifest["shares"] for sample in share["samples"]]
    assert sorted(samples) == [f"TINY-{number:02}" for number in range(1, SAMPLES + 1)]


def test_2_one_call_launches_the_workers_safely(site: Site, job: JobRecord) -> None:
    (launch,) = site.launches(job)
    assert launch.workers == SAMPLES
    assert {job.session_key, site.cloud.data_bucket, "nine", "all"} <= launch.tags
    assert len(launch.given) <= 16384
    for secret in (site.cloud.user_token, site.cloud.worker_token):
        assert secret.encode() not in launch.given
        assert secret not in str(launch.request)


def test_2_an_instance_of_ec2_has_the_safe_settings_of_its_template(site: Site, job: JobRecord) -> None:
    if site.cloud.plan.engine != EC2:
        pytest.skip("AWS Batch makes its own machines")
    (launch,) = site.launches(job)
    assert launch.request["MinCount"] == "1"
    assert launch.request["ClientToken"]
    template = site.launch_template(launch.request["LaunchTemplate.LaunchTemplateName"])
    assert template["MetadataOptions"]["HttpTokens"] == "required"
    assert template["InstanceInitiatedShutdownBehavior"] == "terminate"


def test_3_each_worker_was_told_the_same(site: Site, job: JobRecord) -> None:
    (launch,) = site.launches(job)
    at_work = {worker["instance_id"] for worker in job.last["workers"] if worker["samples"]}
    assert 1 < len(at_work) <= INSTANCES
    for instance_id in at_work:
        assert site.given(instance_id) == launch.given
        if site.cloud.plan.engine == EC2:
            ran = site.cloud.instances_folder / instance_id / "user-data"
            assert ran.read_bytes() == launch.given


def test_4_five_machines_finish_nine_shares_and_none_twice(site: Site, job: JobRecord) -> None:
    claims = site.documents(job, "claims/")
    assert len(claims) == SAMPLES
    assert {claim["attempt"] for claim in claims} == {1}
    done = site.documents(job, "done/")
    assert {marker["outcome"] for marker in done} == {"typed"}
    assert sorted(marker["share"] for marker in done) == list(range(1, SAMPLES + 1))
    assert {marker["instance_id"] for marker in done} <= job.instance_ids


def test_4_the_job_shows_live_statuses_in_the_agreed_shape(job: JobRecord) -> None:
    seen = [view["overall_status"] for view in job.views]
    assert seen[0] == "LAUNCHING"
    assert "RUNNING" in seen
    assert seen[-1] == "COMPLETE"
    assert {"LAUNCHED", "TYPING", "COMPLETE"} <= job.statuses()
    for view in job.views:
        assert view.keys() >= JOB_KEYS
        assert all(worker.keys() >= WORKER_KEYS for worker in view["workers"])
    files = sorted(name for worker in job.last["workers"] for name in worker["samples"])
    assert files == sorted(
        f"TINY-{number:02}_S{number}_L001_R{read}_001.fastq.gz" for number in range(1, SAMPLES + 1) for read in (1, 2)
    )


def test_5_exactly_one_worker_merges(site: Site, job: JobRecord) -> None:
    (lease,) = site.documents(job, "merge.lease")
    assert lease["attempt"] == 1
    assert lease["owner"] in job.instance_ids
    mergers = {
        worker["instance_id"]
        for view in job.views
        for worker in view["workers"]
        if worker["status"] in ("MERGING", "REPORT_WRITTEN", "EMAIL_SENT")
    }
    assert mergers <= {lease["owner"]}


def test_6_the_report_states_the_truth(site: Site, job: JobRecord, tiny_run: TinyRun) -> None:
    answer = site.get(f"/job/{job.session_key}/report.csv")
    rows = {(row["sample"], row["locus"]): row for row in csv.DictReader(io.StringIO(answer.text))}
    for sample, genotypes in tiny_run.truth.items():
        for locus, alleles in genotypes.items():
            row = rows[sample, locus]
            assert tuple(sorted((row["allele_1"], row["allele_2"]))) == alleles
    made_by = site.get(f"/job/{job.session_key}/report.json").json()["made_by"]
    assert "9.1.0" in str(made_by)
    assert b"<gems_report" in gzip.decompress(site.get(f"/job/{job.session_key}/report.xml.gz").content)


def test_6_the_report_is_mailed_once(site: Site, job: JobRecord) -> None:
    (mail,) = [mail for mail in site.mail() if job.session_key in str(mail)]
    assert mail["to"] == [EMAIL]


def test_6_no_instance_outlives_the_job(site: Site, job: JobRecord) -> None:
    eventually(lambda: set(site.states(job).values()) == {"terminated"}, "all instances are off", STOP_SECONDS)


def test_6_the_job_is_remembered_when_the_tags_have_gone(site: Site, job: JobRecord) -> None:
    # The job has ended a moment before its final worker says that it is complete.
    eventually(
        lambda: {worker["status"] for worker in site.look(job)["workers"]} == {"COMPLETE"},
        "all workers are complete",
        STOP_SECONDS,
    )
    site.forget_tags(job)
    (view,) = site.get("/job", session_key=job.session_key).json()
    assert view["overall_status"] == "COMPLETE"
    assert _agreed(view) == _agreed(job.last)
    assert job.session_key in [listed["session_key"] for listed in site.get("/job").json()]


def _agreed(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: worker[key] for key in sorted(WORKER_KEYS)} for worker in view["workers"]]


def test_7_a_worker_killed_in_the_middle_is_noticed_and_its_share_is_done_by_another(
    site: Site, tiny_run: TinyRun
) -> None:
    site.upload("killed", job_files(tiny_run.reads, 4))
    record = site.start("killed", samples_per_worker=2, workers=2)
    victim = ""
    while not victim:
        workers = site.look(record)["workers"]
        victim = next((worker["instance_id"] for worker in workers if worker["status"] == "TYPING"), "")
        assert record.last["overall_status"] in ("LAUNCHING", "RUNNING")
        time.sleep(0.05)
    assert site.kill(victim) > 0
    site.follow(record)
    assert record.last["overall_status"] == "COMPLETE"
    assert [worker["status"] for worker in record.last["workers"] if worker["instance_id"] == victim] == ["LOST"]
    done = site.documents(record, "done/")
    assert {marker["outcome"] for marker in done} == {"typed"}
    assert {claim["attempt"] for claim in site.documents(record, "claims/")} == {1, 2}


def test_8_a_cancelled_job_is_retried_and_only_what_was_not_typed_is_typed(site: Site, tiny_run: TinyRun) -> None:
    site.upload("again", job_files(tiny_run.reads, 3))
    record = site.start("again", samples_per_worker=1, workers=1)
    while site.look(record)["samples_done"] == 0:
        assert record.last["overall_status"] in ("LAUNCHING", "RUNNING")
        time.sleep(0.05)
    cancelled = site.post(f"/job/{record.session_key}/cancel").json()
    kept = {marker["sample"]: marker for marker in site.documents(record, "done/")}
    assert 1 <= cancelled["samples_kept"] <= len(kept) < 3
    first_run = record.instance_ids
    answer = site.retry(record)
    assert (answer.status_code, answer.json()["run"], answer.json()["samples"]) == (202, 2, 3 - len(kept))
    site.follow(record)
    assert record.last["overall_status"] == "COMPLETE"
    done = {marker["sample"]: marker for marker in site.documents(record, "done/")}
    assert len(done) == 3
    assert {name: marker for name, marker in done.items() if name in kept} == kept
    again = {marker["instance_id"] for name, marker in done.items() if name not in kept}
    assert again <= record.instance_ids - first_run
    rows = csv.DictReader(io.StringIO(site.get(f"/job/{record.session_key}/report.csv").text))
    assert {row["sample"] for row in rows} == set(done)
