"""AWS Batch without moto and HTTP, as a cloud in memory has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from batch_world import FAIR, SIZES, environment

from gems_local.strict.batch.ids import Ids
from gems_local.strict.batch.model import Definition, Queue, Size
from gems_local.strict.batch.refusals import Refused
from gems_local.strict.batch.region import BatchRegion
from gems_local.strict.settings import HARSH, QUICK, Strictness

CONTAINER = {
    "image": "worker:1",
    "resourceRequirements": [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "3500"}],
}
QUEUE = Queue("gems", "arn:gems", 1, enabled=True, environments=(environment(vcpus=4),), policy=FAIR)
JOB = {"jobName": "gems-1", "jobQueue": "gems", "jobDefinition": "worker", "shareIdentifier": "lab1"}
FIND = {"jobQueue": "gems", "filters": [{"name": "JOB_NAME", "values": ["gems-*"]}]}


class OneQueue:
    """A catalogue of one queue and one definition."""

    def queues(self) -> Iterable[Queue]:
        return [QUEUE]

    def queue(self, named: str) -> Queue | None:
        return QUEUE if named in (QUEUE.name, QUEUE.arn) else None

    def definition(self, named: str) -> Definition | None:
        return Definition("worker", "arn:worker:1", CONTAINER, priority=0) if named == "worker" else None

    def size_of(self, instance_type: str) -> Size:
        return SIZES[instance_type]

    def has_cluster(self, name: str) -> bool:
        return name == "AWSBatch-on-demand"


def region(strictness: Strictness, now: list[float]) -> BatchRegion:
    seen: Counter[int] = Counter()

    def count(digits: int) -> str:
        seen[digits] += 1
        return f"{seen[digits]:0{digits}x}"

    ids = Ids("eu-central-1", count)
    return BatchRegion("eu-central-1", OneQueue(), strictness, lambda: now[0], ids)


def test_a_job_goes_its_way_in_simulated_time() -> None:
    now = [1000.0]
    batch = region(QUICK, now)
    job_id = batch.answer("SubmitJob", {**JOB, "arrayProperties": {"size": 3}})["jobId"]
    assert job_id == "00000000-0000-0000-0000-000000000001"
    listed = batch.answer("ListJobs", {"arrayJobId": job_id, "jobStatus": "STARTING"})["jobSummaryList"]
    assert [one["arrayProperties"]["index"] for one in listed] == [0, 1]
    while tasks := batch.scheduler.tasks():
        for task in tasks:
            batch.scheduler.started(task.task_id)
            now[0] += 60
            batch.scheduler.ended(task.task_id, 0)
        batch.scheduler.advance()
    (job,) = batch.answer("DescribeJobs", {"jobs": [job_id]})["jobs"]
    assert (job["status"], job["stoppedAt"] - job["createdAt"]) == ("SUCCEEDED", 180_000)


def test_on_a_bad_day_a_new_job_is_listed_late() -> None:
    now = [1000.0]
    batch = region(HARSH, now)
    batch.answer("SubmitJob", JOB)
    found = []
    for seconds in (0, 4.9, 0.1):
        now[0] += seconds
        found.append(len(batch.answer("ListJobs", FIND)["jobSummaryList"]))
    assert found == [0, 0, 1]


def test_a_refusal_has_aws_code_and_message() -> None:
    batch = region(QUICK, [1000.0])
    with pytest.raises(Refused, match="JobQueue none not found") as caught:
        batch.answer("SubmitJob", {**JOB, "jobQueue": "none"})
    assert caught.value.code == "ClientException"


def test_container_instances_are_those_of_the_environments_clusters() -> None:
    batch = region(QUICK, [1000.0])
    job_id = batch.answer("SubmitJob", JOB)["jobId"]
    arn = batch.answer("DescribeJobs", {"jobs": [job_id]})["jobs"][0]["container"]["containerInstanceArn"]
    assert batch.container_instances({"cluster": "other", "containerInstances": [arn]}) is None
    told = batch.container_instances({"cluster": "AWSBatch-on-demand", "containerInstances": [arn]})
    assert told is not None
    assert [one["ec2InstanceId"] for one in told["containerInstances"]] == ["i-00000000000000001"]
