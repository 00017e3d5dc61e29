"""The local AWS Batch with its agent: tasks that run as real processes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from waiting import eventually

from gems_local.aws import LocalAws
from gems_local.machine import instance_environment
from gems_local.processes import Service
from gems_local.settings import BATCH_JOB_DEFINITION, BATCH_QUEUE, WORKER_ROLE
from gems_local.stack import CloudPlan, LocalCloud
from gems_local.strict.batch.pages import FAULT_PATH, HOST_PATH, SUBMISSIONS_PATH

WORKERS = 2
WHO_AM_I = """
import boto3
print("I am", boto3.client("sts", region_name="eu-central-1").get_caller_identity()["Arn"], flush=True)
"""
LOOK = """
env | grep -E '^(AWS_BATCH|AWS_EXECUTION|GEMS_ON_END|GEMS_INSTALL|GIVEN|AWS_EC2|HOME)' | sort
curl -s -o /dev/null -w 'without a token: %{http_code}\\n' "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI" | sed 's/"Sec.*//'
"$SITE_PYTHON" -c "$WHO_AM_I"
mkdir -p "$GEMS_ROOT" && echo kept > "$GEMS_ROOT/worker.log"
(setsid sleep 600 &)
"""
STUBBORN = "trap 'echo asked' TERM; while true; do sleep 0.1; done"
POLITE = "trap 'echo asked; exit 7' TERM; echo up; while true; do sleep 0.1; done"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    settings = {
        "secrets": {},
        "capacity": WORKERS,
        "engine": "batch",
        "strictness": {"throttled": False, "batch_stuck_seconds": 0.0},
    }
    service = Service.start(
        "the local AWS", "gems_local.aws_server", settings, tmp_path_factory.mktemp("aws") / "aws.log"
    )
    yield LocalAws(service.wait_until_ready(60)["endpoint"])
    service.stop()


class Site:
    """A batch agent, and what a test asks of it and of the queue."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws, self.folder, self.api = aws, folder, aws.batch()
        settings = {
            "endpoint": aws.endpoint,
            "folder": str(folder),
            "environment": instance_environment(aws.endpoint, 1),
        }
        self.agent = Service.start("the batch agent", "gems_local.batch_agent", settings, folder / "batch.log")
        self.agent.wait_until_ready(30)

    def submit(self, command: list[str], **more: Any) -> str:
        variables = {"GIVEN": "by the job", "WHO_AM_I": WHO_AM_I, "SITE_PYTHON": sys.executable}
        overrides = {
            "command": command,
            "environment": [{"name": name, "value": value} for name, value in variables.items()],
        }
        answer = self.api.submit_job(
            jobName="gems-test",
            jobQueue=BATCH_QUEUE,
            jobDefinition=BATCH_JOB_DEFINITION,
            shareIdentifier="lab",
            containerOverrides=overrides,
            **more,
        )
        return str(answer["jobId"])

    def job(self, job_id: str) -> dict[str, Any]:
        (job,) = self.api.describe_jobs(jobs=[job_id])["jobs"]
        return dict(job)

    def wait(self, job_id: str, *statuses: str) -> dict[str, Any]:
        eventually(lambda: self.job(job_id)["status"] in statuses, f"{job_id} is {statuses}")
        return self.job(job_id)

    def ended(self, job_id: str) -> dict[str, Any]:
        return self.wait(job_id, "SUCCEEDED", "FAILED")

    def console(self, worker: str) -> str:
        log = self.folder / worker / "console.log"
        return log.read_text() if log.exists() else ""

    def page(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        told: dict[str, Any] = requests.request(method, self.aws.endpoint + path, json=body or None, timeout=30).json()
        return told

    def processes(self, worker: str) -> int:
        """Processes of a container that are still there."""
        found, home = 0, f"HOME={self.folder / worker}/".encode()
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                found += home in environment.read_bytes()
            except OSError:
                continue
        return found


@pytest.fixture
def site(aws: LocalAws, tmp_path: Path) -> Iterator[Site]:
    site = Site(aws, tmp_path)
    yield site
    site.agent.stop()
    assert "Traceback" not in site.agent.log.read_text()


def test_a_task_knows_its_job_and_who_it_is_and_leaves_its_logs(site: Site) -> None:
    job_id = site.submit(["bash", "-c", LOOK])
    job = site.ended(job_id)
    worker = f"b-{job_id}"
    said = site.console(worker)
    assert (job["status"], job["container"]["exitCode"]) == ("SUCCEEDED", 0), said
    task_id = job["container"]["taskArn"].rpartition("/")[2]
    assert re.fullmatch(r"[0-9a-f]{32}", task_id)
    assert f"I am arn:aws:sts::123456789012:assumed-role/{WORKER_ROLE}/{task_id}" in said
    assert "without a token: 403" in said
    assert f'"RoleArn": "arn:aws:iam::123456789012:role/{WORKER_ROLE}", "AccessKeyId"' in said
    variables = dict(line.split("=", 1) for line in said.splitlines() if re.match(r"[A-Z][A-Z0-9_]*=", line))
    assert variables == {
        "AWS_BATCH_CE_NAME": "gems-on-demand",
        "AWS_BATCH_JOB_ATTEMPT": "1",
        "AWS_BATCH_JOB_ID": job_id,
        "AWS_BATCH_JQ_NAME": BATCH_QUEUE,
        "AWS_EXECUTION_ENV": "AWS_ECS_EC2",
        "GEMS_INSTALL": "no",
        "GEMS_ON_END": "exit",
        "GIVEN": "by the job",
        "HOME": str(site.folder / worker / "root"),
    }
    assert (site.folder / worker / "worker.log").read_text() == "kept\n"
    assert not (site.folder / worker / "root").exists()
    assert site.processes(worker) == 0


def test_so_many_children_run_at_once_as_there_are_workers(site: Site) -> None:
    job_id = site.submit(["bash", "-c", 'until [[ -e "$HOME/../../go" ]]; do sleep 0.1; done; exit $AWS_BATCH_JOB_ARRAY_INDEX'], arrayProperties={"size": 3})  # fmt: skip
    for index in range(WORKERS):
        site.wait(f"{job_id}:{index}", "RUNNING")
    counts = site.job(job_id)["arrayProperties"]["statusSummary"]
    assert (counts["RUNNING"], counts["RUNNABLE"]) == (2, 1)
    (site.folder / "go").touch()
    parent = site.ended(job_id)
    children = [site.job(f"{job_id}:{index}") for index in range(3)]
    assert [child["container"]["exitCode"] for child in children] == [0, 1, 2]
    assert (parent["status"], parent["statusReason"]) == ("FAILED", "Array Child Job failed")
    assert {path.name for path in site.folder.iterdir() if path.is_dir()} == {f"b-{job_id}-{n}" for n in range(3)}


def test_a_terminated_task_is_asked_to_end_first(site: Site) -> None:
    job_id = site.submit(["bash", "-c", POLITE])
    worker = f"b-{job_id}"
    eventually(lambda: "up" in site.console(worker), "it is up")
    site.api.terminate_job(jobId=job_id, reason="not wanted")
    job = site.ended(job_id)
    assert (job["statusReason"], job["container"]["exitCode"]) == ("not wanted", 7)
    assert site.console(worker) == "up\nasked\n"
    assert site.processes(worker) == 0


def test_a_task_that_does_not_listen_is_killed(site: Site) -> None:
    job_id = site.submit(["bash", "-c", STUBBORN])
    site.wait(job_id, "RUNNING")
    site.api.terminate_job(jobId=job_id, reason="not wanted")
    job = site.ended(job_id)
    assert (job["status"], job["container"]["exitCode"]) == ("FAILED", 137)
    assert site.processes(f"b-{job_id}") == 0


def test_a_host_that_is_taken_away_ends_its_task_and_the_job_starts_again_elsewhere(site: Site) -> None:
    script = 'echo "attempt $AWS_BATCH_JOB_ATTEMPT"; [[ $AWS_BATCH_JOB_ATTEMPT == 2 ]] || sleep 600'
    job_id = site.submit(["bash", "-c", script])
    site.wait(job_id, "RUNNING")
    worker = f"b-{job_id}"
    eventually(lambda: "attempt 1" in site.console(worker), "it is up")
    assert site.page("POST", HOST_PATH, job=job_id)["known"]
    job = site.ended(job_id)
    assert job["status"] == "SUCCEEDED"
    assert [attempt["statusReason"].split(" (")[0] for attempt in job["attempts"]] == [
        "Host EC2", "Essential container in task exited",
    ]  # fmt: skip
    assert site.console(worker) == "attempt 2\n"
    assert (site.folder / worker / "console.attempt-1.log").read_text() == "attempt 1\n"
    assert site.processes(worker) == 0


@pytest.mark.parametrize(
    ("command", "status_reason", "reason"),
    [
        (["no-such-program"], "Task failed to start", "CannotStartContainerError: .*no-such-program"),
        (["bash", "-c", "kill -KILL $$"], "Essential container in task exited", None),
    ],
)
def test_a_task_that_fails_says_how(site: Site, command: list[str], status_reason: str, reason: str | None) -> None:
    job = site.ended(site.submit(command))
    assert (job["status"], job["statusReason"]) == ("FAILED", status_reason)
    if reason is None:
        assert job["container"]["exitCode"] == 137
    else:
        assert re.match(reason, job["container"]["reason"])


def test_a_task_out_of_memory_is_switched_off(site: Site) -> None:
    site.page("POST", FAULT_PATH, kind="out-of-memory")
    job_id = site.submit(["sleep", "600"])
    job = site.ended(job_id)
    assert job["container"]["reason"].startswith("OutOfMemoryError: ")
    eventually(lambda: site.processes(f"b-{job_id}") == 0, "it is off")


def test_when_the_agent_ends_nothing_is_left(site: Site) -> None:
    job_id = site.submit(["bash", "-c", "(setsid sleep 600 &) ; sleep 600"])
    site.wait(job_id, "RUNNING")
    eventually(lambda: site.processes(f"b-{job_id}") >= 2, "it is up")
    site.agent.kill()
    eventually(lambda: site.processes(f"b-{job_id}") == 0, "nothing is left")
    site.api.terminate_job(jobId=job_id, reason="over")


def test_what_was_submitted_can_be_read(site: Site) -> None:
    job_id = site.submit(["true"])
    site.ended(job_id)
    last = requests.get(site.aws.endpoint + SUBMISSIONS_PATH, timeout=30).json()[-1]
    assert (last["jobName"], last["containerOverrides"]["command"]) == ("gems-test", ["true"])


def test_a_local_cloud_has_one_of_two_engines(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected one of ec2, batch, found 'fargate'"):
        CloudPlan(tmp_path, [], 1, engine="fargate")


def test_a_local_cloud_with_batch_tells_the_api_its_queue_and_runs_what_is_submitted(tmp_path: Path) -> None:
    with LocalCloud(CloudPlan(tmp_path, [], 1, engine="batch")) as cloud:
        told = {name: value for name, value in cloud.api_variables.items() if "BATCH" in name or "ENGINE" in name}
        batch = cloud.aws.batch()
        answer = batch.submit_job(
            jobName="gems-test",
            jobQueue=told["GEMS_BATCH_QUEUE"],
            jobDefinition=told["GEMS_BATCH_JOB_DEFINITION"],
            shareIdentifier="lab",
            containerOverrides={"command": ["bash", "-c", "echo here"]},
        )
        log = cloud.instances_folder / f"b-{answer['jobId']}" / "console.log"
        eventually(lambda: log.exists() and log.read_text() == "here\n", "the task ran")
        definition = batch.describe_job_definitions(jobDefinitionName=BATCH_JOB_DEFINITION)["jobDefinitions"][0]
        cloud.check()
    assert told == {
        "GEMS_ENGINE": "batch",
        "GEMS_BATCH_QUEUE": BATCH_QUEUE,
        "GEMS_BATCH_JOB_DEFINITION": BATCH_JOB_DEFINITION,
    }
    bash, script = definition["containerProperties"]["command"]
    assert (bash, Path(script).name, Path(script).is_file()) == ("bash", "bootstrap.sh", True)
    assert (tmp_path / "batch.log").exists()
