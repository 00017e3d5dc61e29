"""A local cloud as the tests see it: through HTTP and boto3, from outside."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from gems_core.batch_ids import child_of
from gems_core.engines import BATCH
from gems_local.aws_gaps import LAUNCHES_PATH, MAIL_PATH
from gems_local.stack import LocalCloud
from gems_local.strict.batch.pages import SUBMISSIONS_PATH

ENDED = ("COMPLETE", "COMPLETE_WITH_FAILURES", "FAILED", "CANCELLED")
ENDED_CHILD = ("SUCCEEDED", "FAILED")
JOB_SECONDS = 120
INSTANCES = 5  # the most that one launch gets


@dataclass(frozen=True)
class LaunchSeen:
    """A launch as it came over the wire.

    Attributes:
        workers: how many it asked for.
        tags: values of the workers' tags.
        given: what each worker is told, by the script of its machine or the variables of its container.
        request: the whole of it.
    """

    workers: int
    tags: set[str]
    given: bytes
    request: Any


@dataclass
class JobRecord:
    """A job that was followed to its end.

    Attributes:
        views: what ``GET /job`` answered, in order.
        manifest_etags: those that ``job.json`` had at every look.
    """

    session_key: str
    prefix: str
    views: list[dict[str, Any]] = field(default_factory=list)
    manifest_etags: set[str] = field(default_factory=set)

    @property
    def last(self) -> dict[str, Any]:
        return self.views[-1]

    @property
    def instance_ids(self) -> set[str]:
        return {worker["instance_id"] for view in self.views for worker in view["workers"]}

    def statuses(self) -> set[str]:
        return {worker["status"] for view in self.views for worker in view["workers"]}


class Site:
    """Questions to a running local cloud, whose engine is EC2."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.s3 = cloud.aws.s3()
        self.ec2 = cloud.aws.ec2()
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"Bearer {cloud.user_token}"

    def upload(self, prefix: str, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            self.s3.put_object(Bucket=self.cloud.data_bucket, Key=f"{prefix}/{name}", Body=content)

    def post(self, path: str, **body: Any) -> requests.Response:
        return self._http.post(self.cloud.api_url + path, json=body, timeout=60)

    def get(self, path: str, **parameters: str) -> requests.Response:
        return self._http.get(self.cloud.api_url + path, params=parameters, timeout=60)

    def post_job(self, prefix: str, **more: Any) -> requests.Response:
        return self.post("/job", bucket=self.cloud.data_bucket, prefix=prefix, hla_class="all", **more)

    def start(self, prefix: str, **more: Any) -> JobRecord:
        answer = self.post_job(prefix, **more)
        assert answer.status_code == 202, answer.text
        return JobRecord(answer.json()["session_key"], prefix)

    def look(self, record: JobRecord) -> dict[str, Any]:
        (view,) = self.get("/job", session_key=record.session_key).json()
        record.views.append(view)
        key = f"{self.control_folder(record)}job.json"
        record.manifest_etags.add(self.s3.head_object(Bucket=self.cloud.control_bucket, Key=key)["ETag"])
        return view

    def follow(self, record: JobRecord) -> JobRecord:
        deadline = time.monotonic() + JOB_SECONDS
        while self.look(record)["overall_status"] not in ENDED:
            assert time.monotonic() < deadline, f"the job did not end: {json.dumps(record.last, indent=1)}"
            self.cloud.check()
            time.sleep(0.3)
        return record

    def control_folder(self, record: JobRecord) -> str:
        (folder,) = {
            key.split(record.session_key)[0] + record.session_key + "/"
            for key in self.keys(self.cloud.control_bucket, "jobs/")
            if f"/{record.session_key}/" in key
        }
        return folder

    def keys(self, bucket: str, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def documents(self, record: JobRecord, folder: str) -> list[dict[str, Any]]:
        """The JSON documents of a job's folder in the control bucket, in key order."""
        keys = self.keys(self.cloud.control_bucket, f"{self.control_folder(record)}{folder}")
        bodies = (self.s3.get_object(Bucket=self.cloud.control_bucket, Key=key)["Body"].read() for key in keys)
        return [json.loads(body) for body in bodies]

    def launches(self, record: JobRecord | None = None) -> list[LaunchSeen]:
        """All launches, or one job's."""
        return [item for item in self._launches() if record is None or record.session_key in item.tags]

    def _launches(self) -> list[LaunchSeen]:
        page: list[dict[str, str]] = requests.get(self.cloud.aws.endpoint + LAUNCHES_PATH, timeout=60).json()
        return [
            LaunchSeen(
                int(request.get("MaxCount") or request["TargetCapacitySpecification.TotalTargetCapacity"]),
                {request[name.removesuffix("Key") + "Value"] for name in request if name.endswith(".Key")},
                # A fleet's is in a version of the template.
                base64.b64decode(request.get("UserData", "")),
                request,
            )
            for request in page
        ]

    def retry(self, record: JobRecord) -> requests.Response:
        """Open an ended job again, as soon as its machines are off."""
        deadline = time.monotonic() + JOB_SECONDS
        while "Retry-After" in (answer := self.post(f"/job/{record.session_key}/retry")).headers:
            assert time.monotonic() < deadline, answer.text
            time.sleep(min(int(answer.headers["Retry-After"]), 2))
        return answer

    def launch_template(self, name: str) -> dict[str, Any]:
        """What an instance of EC2 is launched with by default."""
        (version,) = self.ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Default"])[
            "LaunchTemplateVersions"
        ]
        return dict(version["LaunchTemplateData"])

    def mail(self) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = requests.get(self.cloud.aws.endpoint + MAIL_PATH, timeout=60).json()
        return page

    def forget_tags(self, record: JobRecord) -> None:
        """Take the tags of a job's instances away."""
        self.ec2.delete_tags(Resources=sorted(record.instance_ids))

    def states(self, record: JobRecord) -> dict[str, str]:
        answer = self.ec2.describe_instances(InstanceIds=sorted(record.instance_ids))
        instances = [one for reservation in answer["Reservations"] for one in reservation["Instances"]]
        return {one["InstanceId"]: one["State"]["Name"] for one in instances}

    def given(self, instance_id: str) -> bytes:
        """What a worker was told by the engine."""
        answer = self.ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
        return base64.b64decode(answer["UserData"]["Value"])

    def kill(self, instance_id: str) -> int:
        """SIGKILL everything that the instance's user data runs; returns how many processes that were."""
        pids = list(processes_below(self.cloud.instances_folder / instance_id))
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return len(pids)


class BatchSite(Site):
    """Questions to one whose engine is AWS Batch."""

    def _launches(self) -> list[LaunchSeen]:
        page = requests.get(self.cloud.aws.endpoint + SUBMISSIONS_PATH, timeout=60).json()
        return [
            LaunchSeen(
                request.get("arrayProperties", {}).get("size", 1),
                set(request["tags"].values()),
                json.dumps(request["containerOverrides"]["environment"]).encode(),
                request,
            )
            for request in page
        ]

    def forget_tags(self, record: JobRecord) -> None:
        """Children have none."""

    def states(self, record: JobRecord) -> dict[str, str]:
        """In EC2's words."""
        batch = self.cloud.aws.batch()
        by_child = {child_of(name): name for name in record.instance_ids}
        jobs = batch.describe_jobs(jobs=sorted(by_child))["jobs"]
        return {by_child[job["jobId"]]: "terminated" if job["status"] in ENDED_CHILD else "running" for job in jobs}

    def given(self, instance_id: str) -> bytes:
        """The variables that its array was submitted with."""
        (job,) = self.cloud.aws.batch().describe_jobs(jobs=[child_of(instance_id)])["jobs"]
        (given,) = {
            item.given
            for item in self._launches()
            if {pair["value"] for pair in item.request["containerOverrides"]["environment"]}
            <= {pair["value"] for pair in job["container"]["environment"]}
        }
        return given


def site_of(cloud: LocalCloud) -> Site:
    """The site whose engine the cloud has."""
    return BatchSite(cloud) if cloud.plan.engine == BATCH else Site(cloud)


def processes_below(folder: Path) -> Iterator[int]:
    """The processes whose home is in a folder."""
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            found = f"HOME={folder}/".encode() in environment.read_bytes()
        except OSError:  # it ended, or is not ours
            continue
        if found:
            yield int(environment.parent.name)


def job_files(folder: Path, samples: int) -> dict[str, bytes]:
    """The read files of the first so many samples of a run."""
    names = {f"TINY-{number:02}" for number in range(1, samples + 1)}
    return {path.name: path.read_bytes() for path in folder.glob("*.gz") if path.name.split("_")[0] in names}
