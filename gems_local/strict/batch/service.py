"""The operations of AWS Batch that jobs need, and ECS's DescribeContainerInstances, as a rule around moto."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gems_local.strict.batch.ids import Ids, random_hex
from gems_local.strict.batch.moto_batch import MotoCatalogue
from gems_local.strict.batch.refusals import TOO_MANY, Refused, json_answer
from gems_local.strict.batch.region import OPERATIONS, BatchRegion
from gems_local.strict.batch.submissions import check_size
from gems_local.strict.call import Answer, Call, Next, with_body
from gems_local.strict.settings import BATCH_REQUESTS, Strictness
from gems_local.strict.throttling import TokenBuckets

_INVALID = "CLIENT_ERROR - an environment that a test has made invalid"


@dataclass(frozen=True)
class _Place:
    """A region: its jobs, and what moto has of it."""

    region: BatchRegion
    catalogue: MotoCatalogue


def _registered(place: _Place, asked: Mapping[str, Any], told: dict[str, Any]) -> None:
    place.catalogue.priorities[told["jobDefinitionArn"]] = asked.get("schedulingPriority")


def _definitions(place: _Place, _asked: Mapping[str, Any], told: dict[str, Any]) -> None:
    told["jobDefinitions"] = [_definition(place.catalogue.priorities, one) for one in told["jobDefinitions"]]


def _definition(priorities: Mapping[str, int | None], told: Mapping[str, Any]) -> dict[str, Any]:
    full = {**told, "schedulingPriority": priorities.get(told["jobDefinitionArn"])}
    # AWS leaves out what a definition does not say, where moto tells null.
    return {name: value for name, value in full.items() if value is not None}


def _environments(place: _Place, _asked: Mapping[str, Any], told: dict[str, Any]) -> None:
    for environment in told["computeEnvironments"]:
        if environment["computeEnvironmentName"] in place.region.invalid:
            environment |= {"status": "INVALID", "statusReason": _INVALID}


def _resized(place: _Place, asked: Mapping[str, Any], told: dict[str, Any]) -> None:
    place.catalogue.resize(told["computeEnvironmentArn"], asked.get("computeResources") or {})


# What moto answers, with what it does not keep or do.
_COMPLETED: Mapping[str, Callable[[_Place, Mapping[str, Any], dict[str, Any]], None]] = {
    "RegisterJobDefinition": _registered,
    "DescribeJobDefinitions": _definitions,
    "DescribeComputeEnvironments": _environments,
    "UpdateComputeEnvironment": _resized,
}


class Batch:
    """The rule.

    Args:
        strictness: throttling and delays.
        clock: tells seconds since the epoch.
        new_hex: makes ids.

    Attributes:
        submissions: the requests of every SubmitJob, as they came over the wire.
    """

    def __init__(
        self, strictness: Strictness, clock: Callable[[], float], new_hex: Callable[[int], str] = random_hex
    ) -> None:
        self.submissions: list[dict[str, Any]] = []
        self._strictness = strictness
        self._clock = clock
        self._new_hex = new_hex
        self._buckets = TokenBuckets(clock)
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()

    def region(self, name: str) -> BatchRegion:
        """Batch in a region."""
        return self._place(name).region

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Answer, or pass on what is moto's."""
        if (call.service, call.action) == ("ecs", "DescribeContainerInstances"):
            return self._container_instances(call, proceed)
        if call.service != "batch":
            return proceed(call)
        if self._strictness.throttled and not self._buckets.take(call.action, BATCH_REQUESTS):
            return TOO_MANY
        if call.action not in OPERATIONS:
            return self._of_moto(call, proceed)
        _, body = with_body(call)
        try:
            if call.action == "SubmitJob":
                check_size(body)
                self.submissions.append(json.loads(body))
            return json_answer(self.region(call.region).answer(call.action, json.loads(body or b"{}")))
        except Refused as problem:
            return problem.answer

    def _place(self, name: str) -> _Place:
        with self._lock:
            if name not in self._places:
                catalogue = MotoCatalogue(name)
                ids = Ids(name, self._new_hex)
                region = BatchRegion(name, catalogue, self._strictness, self._clock, ids)
                self._places[name] = _Place(region, catalogue)
            return self._places[name]

    def _container_instances(self, call: Call, proceed: Next) -> Answer:
        call, body = with_body(call)
        try:
            found = self.region(call.region).container_instances(json.loads(body or b"{}"))
        except Refused as problem:
            return problem.answer
        return proceed(call) if found is None else json_answer(found)

    def _of_moto(self, call: Call, proceed: Next) -> Answer:
        call, body = with_body(call)
        place = self._place(call.region)
        with place.region.lock:
            place.catalogue.name_clusters()
        answer = proceed(call)
        complete = _COMPLETED.get(call.action)
        if not answer.succeeded or complete is None:
            return answer
        told = json.loads(answer.body)
        with place.region.lock:
            complete(place, json.loads(body or b"{}"), told)
        return json_answer(told)
