"""What workers run on: ECS knows each one's machine, and the compute environment in whose cluster that is has its market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from gems_api.services.fleet_ports import Host
from gems_core.prices import ON_DEMAND, SPOT

if TYPE_CHECKING:
    from mypy_boto3_batch.client import BatchClient
    from mypy_boto3_batch.type_defs import JobDetailTypeDef
    from mypy_boto3_ecs.client import ECSClient

# ECS API reference, DescribeContainerInstances.
_MOST_DESCRIBED = 100
_TYPE = "ecs.instance-type"
_SPOT_ENVIRONMENT = "SPOT"


class Hosts:
    """Finds the machines of jobs.

    Args:
        client: of AWS Batch.
        ecs: makes a client of ECS, which few requests need.
    """

    def __init__(self, client: BatchClient, ecs: Callable[[], ECSClient]) -> None:
        self._client = client
        self._ecs = ecs
        self._markets: dict[str, str] = {}

    def of(self, jobs: Iterable[JobDetailTypeDef]) -> dict[str, Host]:
        """The machines of jobs and children, by their ids, of those that have one now."""
        machines = {job["jobId"]: job.get("container", {}).get("containerInstanceArn", "") for job in jobs}
        by_cluster: dict[str, list[str]] = defaultdict(list)
        for arn in dict.fromkeys(machines.values()):
            if arn:
                by_cluster[_cluster(arn)].append(arn)
        known: dict[str, Host] = {}
        for cluster, arns in by_cluster.items():
            market = self._market(cluster)
            known |= {arn: Host(kind, market) for arn, kind in self._types(cluster, arns).items()}
        return {job_id: known[arn] for job_id, arn in machines.items() if arn in known}

    def _types(self, cluster: str, arns: list[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(arns), _MOST_DESCRIBED):
            part = arns[start : start + _MOST_DESCRIBED]
            answer = self._ecs().describe_container_instances(cluster=cluster, containerInstances=part)
            for machine in answer["containerInstances"]:
                said = {item["name"]: item.get("value", "") for item in machine.get("attributes", [])}
                if kind := said.get(_TYPE):
                    found[machine["containerInstanceArn"]] = kind
        return found

    def _market(self, cluster: str) -> str:
        if cluster not in self._markets:
            pages = self._client.get_paginator("describe_compute_environments").paginate()
            self._markets |= {
                item.get("ecsClusterArn", "").rpartition("/")[2]: _market_of(
                    item.get("computeResources", {}).get("type")
                )
                for page in pages
                for item in page["computeEnvironments"]
            }
        return self._markets.get(cluster, ON_DEMAND)


def _market_of(kind: str | None) -> str:
    return SPOT if kind == _SPOT_ENVIRONMENT else ON_DEMAND


def _cluster(arn: str) -> str:
    """The cluster in ``arn:aws:ecs:REGION:ACCOUNT:container-instance/CLUSTER/ID``."""
    return arn.split("/")[1]
