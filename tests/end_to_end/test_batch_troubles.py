"""What goes wrong in AWS Batch alone, in a whole local cloud: each comes out as a reason, and leaves nothing in the queue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cloud_site import ENDED, INSTANCES, BatchSite, JobRecord, Site, job_files
from tiny_run import TinyRun
from waiting import eventually

from gems_core.batch_ids import child_of
from gems_local.settings import BATCH_ENVIRONMENT, BATCH_QUEUE
from gems_local.strict.batch.pages import BATCH_PATH, ENVIRONMENT_PATH, FAULT_PATH, HOST_PATH

LIVING = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")


@pytest.fixture
def batch(site: Site) -> Iterator[BatchSite]:
    """The site, if its engine is AWS Batch; in the end it has all of its machines again, and no job in its queue."""
    if not isinstance(site, BatchSite):
        pytest.skip("of AWS Batch alone")
    yield site
    tell(site, "PUT", ENVIRONMENT_PATH, environment=BATCH_ENVIRONMENT, instances=INSTANCES, valid=True)
    eventually(lambda: not left_in_queue(site), "the queue is empty")


def tell(site: Site, method: str, path: str, **body: Any) -> None:
    requests.request(method, site.cloud.aws.endpoint + path, json=body, timeout=60).raise_for_status()


def take_all_machines(site: Site) -> None:
    """There are none to be had, and those that stand idle go."""
    tell(site, "PUT", ENVIRONMENT_PATH, environment=BATCH_ENVIRONMENT, instances=0)
    for machine in requests.get(site.cloud.aws.endpoint + BATCH_PATH, timeout=60).json()["instances"]:
        tell(site, "POST", HOST_PATH, instance=machine["instance"])


def left_in_queue(site: Site) -> list[str]:
    jobs = site.cloud.aws.batch()
    answers = [jobs.list_jobs(jobQueue=BATCH_QUEUE, jobStatus=status) for status in LIVING]
    return [item["jobId"] for answer in answers for item in answer["jobSummaryList"]]


def start(site: Site, tiny_run: TinyRun, prefix: str, **more: Any) -> JobRecord:
    site.upload(prefix, job_files(tiny_run.reads, 2))
    return site.start(prefix, samples_per_worker=1, **more)


def test_a_machine_that_is_taken_away_costs_no_new_launch(batch: BatchSite, tiny_run: TinyRun) -> None:
    record = start(batch, tiny_run, "taken", workers=1)
    eventually(lambda: "TYPING" in {worker["status"] for worker in batch.look(record)["workers"]}, "one types")
    tell(batch, "POST", HOST_PATH, job=child_of(min(record.instance_ids)))
    batch.follow(record)
    assert (record.last["overall_status"], record.last["launches"]) == ("COMPLETE", 1)
    assert len(record.instance_ids) == 1
    assert record.last["samples_done"] == 2


def test_a_container_out_of_memory_is_told_and_its_share_is_done_by_another(
    batch: BatchSite, tiny_run: TinyRun
) -> None:
    tell(batch, "POST", FAULT_PATH, kind="out-of-memory", times=1)
    record = batch.follow(start(batch, tiny_run, "memory", workers=1))
    assert (record.last["overall_status"], record.last["samples_done"]) == ("COMPLETE", 2)
    failures = [worker["failure"]["reason"] for worker in record.last["workers"] if worker["failure"]]
    assert any("needed more memory than its job definition gives it" in reason for reason in failures), failures


def test_an_image_that_cannot_be_fetched_ends_the_job_with_that_reason(batch: BatchSite, tiny_run: TinyRun) -> None:
    tell(batch, "POST", FAULT_PATH, kind="image", times=2)
    record = batch.follow(start(batch, tiny_run, "image", workers=1))
    assert record.last["overall_status"] == "FAILED"
    assert "No instance of 2 launches in a row became ready" in record.last["reason"]
    assert "its image could not be fetched" in record.last["reason"]


def test_a_job_waits_for_machines_says_why_and_is_done_when_there_are_some(batch: BatchSite, tiny_run: TinyRun) -> None:
    take_all_machines(batch)
    record = start(batch, tiny_run, "waiting", workers=2)
    eventually(lambda: "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY" in batch.look(record)["reason"], "the reason is told")
    assert record.last["overall_status"] == "LAUNCHING"
    assert {worker["detail"] for worker in record.last["workers"]} == {"AWS Batch has not placed it yet"}
    assert record.last["instance_hours"] == 0
    tell(batch, "PUT", ENVIRONMENT_PATH, environment=BATCH_ENVIRONMENT, instances=INSTANCES)
    batch.follow(record)
    assert (record.last["overall_status"], record.last["reason"]) == ("COMPLETE", "")


def test_a_job_that_no_machine_can_ever_take_ends_with_the_repair(batch: BatchSite, tiny_run: TinyRun) -> None:
    take_all_machines(batch)
    api = batch.cloud.aws.batch()
    (environment,) = api.describe_compute_environments(computeEnvironments=[BATCH_ENVIRONMENT])["computeEnvironments"]
    most = environment["computeResources"]["maxvCpus"]
    api.update_compute_environment(computeEnvironment=BATCH_ENVIRONMENT, computeResources={"maxvCpus": 1})
    try:
        record = batch.follow(start(batch, tiny_run, "toolarge", workers=2))
    finally:
        api.update_compute_environment(computeEnvironment=BATCH_ENVIRONMENT, computeResources={"maxvCpus": most})
    assert record.last["overall_status"] == "FAILED"
    assert "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE" in record.last["reason"]
    assert "`gems doctor` looks at them" in record.last["reason"]


def test_a_waiting_job_is_cancelled_out_of_the_queue(batch: BatchSite, tiny_run: TinyRun) -> None:
    take_all_machines(batch)
    record = start(batch, tiny_run, "unwanted", workers=2)
    eventually(lambda: left_in_queue(batch), "a job is in the queue")
    assert batch.post(f"/job/{record.session_key}/cancel").status_code == 200
    eventually(lambda: not left_in_queue(batch), "the queue is empty")
    assert batch.look(record)["overall_status"] == "CANCELLED"
    assert record.last["overall_status"] in ENDED
