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

from gems_local.aws_gaps import LAUNCHES_PATH, MAIL_PATH
from gems_local.stack import LocalCloud

ENDED = ("COMPLETE", "COMPLETE_WITH_FAILURES", "FAILED", "CANCELLED")
JOB_SECONDS = 120
INSTANCES = 5  # the most that one launch gets


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
    """Questions to a running local cloud."""

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

    def launches(self, record: JobRecord | None = None) -> list[dict[str, str]]:
        """RunInstances requests, of one job or of all."""
        page: list[dict[str, str]] = requests.get(self.cloud.aws.endpoint + LAUNCHES_PATH, timeout=10).json()
        return [launch for launch in page if record is None or record.session_key in launch.values()]

    def launch_template(self, name: str) -> dict[str, Any]:
        """What an instance is launched with by default."""
        (version,) = self.ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Default"])[
            "LaunchTemplateVersions"
        ]
        return dict(version["LaunchTemplateData"])

    def mail(self) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = requests.get(self.cloud.aws.endpoint + MAIL_PATH, timeout=10).json()
        return page

    def states(self, record: JobRecord) -> dict[str, str]:
        answer = self.ec2.describe_instances(InstanceIds=sorted(record.instance_ids))
        instances = [one for reservation in answer["Reservations"] for one in reservation["Instances"]]
        return {one["InstanceId"]: one["State"]["Name"] for one in instances}

    def user_data(self, instance_id: str) -> bytes:
        answer = self.ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
        return base64.b64decode(answer["UserData"]["Value"])

    def kill(self, instance_id: str) -> int:
        """SIGKILL everything that the instance's user data runs; returns how many processes that were."""
        pids = list(processes_below(self.cloud.instances_folder / instance_id))
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return len(pids)


def processes_below(folder: Path) -> Iterator[int]:
    """The processes whose home is in a folder."""
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            found = f"HOME={folder}".encode() in environment.read_bytes()
        except OSError:  # it ended, or is not ours
            continue
        if found:
            yield int(environment.parent.name)


def job_files(folder: Path, samples: int) -> dict[str, bytes]:
    """The read files of the first so many samples of a run."""
    names = {f"TINY-{number:02}" for number in range(1, samples + 1)}
    return {path.name: path.read_bytes() for path in folder.glob("*.gz") if path.name.split("_")[0] in names}
