"""AWS Batch of the strict stand-in as boto3 sees it, with a queue, environments and a definition made by boto3."""

from __future__ import annotations

import json
from typing import Any

from moto.batch.models import batch_backends
from moto.core import DEFAULT_ACCOUNT_ID
from strict_site import REGION, StrictSite, client

from gems_local.strict.batch.pages import BATCH_PATH, batch_pages

ROLE = "batch-for-tests"
TYPE = "c5.large"
CONTAINER = {
    "image": "worker:1",
    "command": ["bash", "bootstrap.sh"],
    "jobRoleArn": f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/{ROLE}",
    "environment": [{"name": "OF", "value": "definition"}, {"name": "KEPT", "value": "yes"}],
    "resourceRequirements": [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "3500"}],
}
HOST_ONLY = {
    "attempts": 3,
    "evaluateOnExit": [
        {"onStatusReason": "Host EC2*", "action": "RETRY"},
        {"onReason": "*", "action": "EXIT"},
    ],
}


class BatchSite:
    """Two queues, ``fair`` and ``plain``, over an environment of two machines."""

    def __init__(self, site: StrictSite) -> None:
        batch_backends[DEFAULT_ACCOUNT_ID][REGION].reset()
        self.site, self.clock = site, site.clock
        self.api = client(site.endpoint, "batch")
        self.ecs = client(site.endpoint, "ecs")
        self._pages = batch_pages(site.aws.batch)
        _make_role(client(site.endpoint, "iam"))
        self.make_environment("on-demand")
        policy = self.api.create_scheduling_policy(name="fair", fairsharePolicy={"shareDistribution": []})["arn"]
        self.make_queue("fair", ["on-demand"], schedulingPolicyArn=policy)
        self.make_queue("plain", ["on-demand"])
        self.register("worker", schedulingPriority=0, retryStrategy=HOST_ONLY)

    def make_environment(self, name: str, market: str = "EC2", vcpus: int = 4) -> None:
        role = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/{ROLE}"
        groups = self.site.ec2.describe_security_groups(MaxResults=100)["SecurityGroups"]
        self.api.create_compute_environment(
            computeEnvironmentName=name,
            type="MANAGED",
            state="ENABLED",
            serviceRole=role,
            computeResources={
                "type": market,
                "minvCpus": 0,
                "maxvCpus": vcpus,
                "instanceTypes": [TYPE],
                "subnets": self.site.subnets[:1],
                "securityGroupIds": [groups[0]["GroupId"]],
                "instanceRole": ROLE,
            },
        )

    def make_queue(self, name: str, environments: list[str], **more: Any) -> None:
        order = [{"order": place, "computeEnvironment": one} for place, one in enumerate(environments, start=1)]
        self.api.create_job_queue(
            jobQueueName=name, state="ENABLED", priority=1, computeEnvironmentOrder=order, **more
        )  # fmt: skip

    def register(self, name: str, **more: Any) -> str:
        answer = self.api.register_job_definition(
            jobDefinitionName=name, type="container", containerProperties=CONTAINER, propagateTags=True, **more
        )
        return str(answer["jobDefinitionArn"])

    def submit(self, **changes: Any) -> str:
        """Submit to ``plain``, unless changed; what is None is left out."""
        given = {"jobName": "gems-1", "jobQueue": "plain", "jobDefinition": "worker", **changes}
        return str(self.api.submit_job(**{key: value for key, value in given.items() if value is not None})["jobId"])

    def described(self, *job_ids: str) -> list[dict[str, Any]]:
        return list(self.api.describe_jobs(jobs=list(job_ids))["jobs"])

    def listed(self, **query: Any) -> list[str]:
        return [one["jobId"] for one in self.api.list_jobs(**query)["jobSummaryList"]]

    def page(self, method: str, path: str, **body: Any) -> Any:
        """A page of the stand-in for people and the agent, as it goes over the wire."""
        return json.loads(json.dumps(self._pages[method, path]({"region": REGION, **body})))

    def tasks(self) -> list[dict[str, Any]]:
        return list(self.page("GET", BATCH_PATH)["tasks"])

    def task_of(self, job_id: str) -> dict[str, Any]:
        (task,) = [one for one in self.tasks() if one["job"] == job_id]
        return task


def _make_role(iam: Any) -> None:
    if ROLE in [one["RoleName"] for one in iam.list_roles()["Roles"]]:
        return
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName=ROLE)
    iam.add_role_to_instance_profile(InstanceProfileName=ROLE, RoleName=ROLE)
