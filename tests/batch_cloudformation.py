"""AWS Batch as CloudFormation makes, changes and removes it, which moto knows in part: it makes three of four kinds, and removes none.

After the AWS Batch user guide: an environment is removed once no queue names it, and a queue once it is disabled, which
CloudFormation sees to itself. Without a service role an environment has Batch's own, which the first one makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from moto.batch.models import BatchBackend, ComputeEnvironment, JobDefinition, JobQueue, batch_backends
from moto.batch.utils import lowercase_first_key
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.iam.models import iam_backends

SERVICE_ROLE = "AWSServiceRoleForBatch"


class StillInUse(Exception):
    """Something names what should be removed; CloudFormation tries again later."""


class FairShares(CloudFormationModel):
    """A scheduling policy."""

    __module__ = "moto.batch.models"  # moto reads a model's service from it

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Batch::SchedulingPolicy"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        assert attribute_name == "Arn"
        return self.physical_resource_id

    @classmethod
    def create_from_cloudformation_json(  # type: ignore[override]
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> FairShares:
        wanted = cloudformation_json["Properties"]
        shares = lowercase_first_key(wanted["FairsharePolicy"])
        backend = batch_backends[account_id][region_name]
        return cls(backend.create_scheduling_policy(resource_name, shares, wanted.get("Tags", {})).arn)

    @classmethod
    def delete_from_cloudformation_json(  # type: ignore[override]
        cls, resource_name: str, _json: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        backend = batch_backends[account_id][region_name]
        if any(queue.schedule_policy == resource_name for queue in backend._job_queues.values()):
            raise StillInUse(resource_name)
        backend.delete_scheduling_policy(resource_name)


def _resources(wanted: Mapping[str, Any]) -> dict[str, Any]:
    made = lowercase_first_key(wanted["ComputeResources"])
    return {**made, "tags": wanted["ComputeResources"]["Tags"]}  # keys of its own


def _make_environment(name: str, json: dict[str, Any], account: str, region: str, **_: Any) -> ComputeEnvironment:
    wanted, iam = json["Properties"], iam_backends[account]["aws"]
    roles = [role for role in iam.get_roles() if role.name == SERVICE_ROLE]
    path = "/aws-service-role/batch.amazonaws.com/"
    role = roles[0] if roles else iam.create_role(SERVICE_ROLE, "{}", path, None, "", [], "3600")
    backend = batch_backends[account][region]
    made = backend.create_compute_environment(
        name, wanted["Type"], wanted["State"], _resources(wanted), role.arn, wanted["Tags"]
    )
    made.ecs_name = f"AWSBatch-{name}-0"
    made.ecs_arn = backend.ecs_backend.create_cluster(made.ecs_name).arn
    return made


def _change_environment(original_resource: ComputeEnvironment, cloudformation_json: Any, **_: Any) -> Any:
    original_resource.compute_resources = _resources(cloudformation_json["Properties"])
    return original_resource


def _remove_environment(name: str, _json: Any, account: str, region: str) -> None:
    backend = batch_backends[account][region]
    if any(name == environment.arn for queue in backend._job_queues.values() for environment in queue.environments):
        raise StillInUse(name)
    backend.update_compute_environment(name, "DISABLED", None, None)
    backend.delete_compute_environment(name)


def _order(wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [lowercase_first_key(item) for item in wanted["ComputeEnvironmentOrder"]]


def _make_queue(name: str, json: dict[str, Any], account: str, region: str, **_: Any) -> JobQueue:
    wanted, backend = json["Properties"], batch_backends[account][region]
    policy = wanted["SchedulingPolicyArn"]
    assert backend.describe_scheduling_policies([policy]), policy
    return backend.create_job_queue(name, wanted["Priority"], policy, wanted["State"], _order(wanted), wanted["Tags"])


def _change_queue(original_resource: JobQueue, cloudformation_json: Any, **_: Any) -> Any:
    backend, order = original_resource.backend, _order(cloudformation_json["Properties"])
    backend.update_job_queue(original_resource.name, None, None, order, None)
    return original_resource


def _remove_queue(name: str, _json: Any, account: str, region: str) -> None:
    backend = batch_backends[account][region]
    queue = backend._job_queues[name]
    if any(job.status not in ("SUCCEEDED", "FAILED") for job in queue.jobs):
        raise StillInUse(name)
    backend.update_job_queue(name, None, "DISABLED", None, None)
    backend.delete_job_queue(name)


def _register(backend: BatchBackend, name: str, wanted: dict[str, Any]) -> JobDefinition:
    container = lowercase_first_key(wanted["ContainerProperties"])
    made = backend.register_job_definition(
        def_name=name, parameters={}, _type=wanted["Type"], tags=wanted["Tags"],
        retry_strategy=lowercase_first_key(wanted["RetryStrategy"]), container_properties=container,  # type: ignore[arg-type]
        node_properties=None, eks_properties=None, timeout={},
        platform_capabilities=wanted["PlatformCapabilities"], propagate_tags=wanted["PropagateTags"],
    )  # fmt: skip
    made.container_properties = container
    made.platform_capabilities, made.propagate_tags = wanted["PlatformCapabilities"], wanted["PropagateTags"]
    return made


def _make_definition(name: str, json: dict[str, Any], account: str, region: str, **_: Any) -> JobDefinition:
    return _register(batch_backends[account][region], name, json["Properties"])


def _change_definition(original_resource: JobDefinition, cloudformation_json: Any, **_: Any) -> Any:
    """A new revision; the one before is taken out of use."""
    made = _register(original_resource.backend, original_resource.name, cloudformation_json["Properties"])
    original_resource.backend.deregister_job_definition(original_resource.arn)
    return made


def _remove_definition(name: str, _json: Any, account: str, region: str) -> None:
    batch_backends[account][region].deregister_job_definition(name)


@contextmanager
def batch_by_cloudformation() -> Iterator[None]:
    """Let moto's CloudFormation make, change and remove AWS Batch as AWS does."""
    kinds = {
        ComputeEnvironment: (_make_environment, _change_environment, _remove_environment),
        JobQueue: (_make_queue, _change_queue, _remove_queue),
        JobDefinition: (_make_definition, _change_definition, _remove_definition),
    }
    names = ("create_from_cloudformation_json", "update_from_cloudformation_json", "delete_from_cloudformation_json")
    with pytest.MonkeyPatch.context() as patch:
        for known in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
            known.cache_clear()  # so that FairShares is among them, whatever was asked before
        for kind, calls in kinds.items():
            for name, call in zip(names, calls, strict=True):
                patch.setattr(kind, name, staticmethod(call))
        yield
