"""RunInstances as EC2 does it: from a template, as many as there is room for, each with the instance profile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gems_local.strict import moto_state
from gems_local.strict.call import Answer, Call, Next, flatten, refusal
from gems_local.strict.capacity import ON_DEMAND, SPOT, Capacity, Pool, Room
from gems_local.strict.documents import items, parse, text_of
from gems_local.strict.settings import Strictness
from gems_local.strict.templates import Templates, Unlaunchable

# What moto does not take from a template by itself.
_PASSED_OVER = ("MetadataOptions", "InstanceInitiatedShutdownBehavior", "InstanceMarketOptions", "IamInstanceProfile")
_DEFAULT_TYPE = "m1.small"
_FROM_NIC = {"Groups": "SecurityGroupId"}


@dataclass(frozen=True)
class Launching:
    """The rule for RunInstances.

    Attributes:
        templates: the launch templates.
        capacity: how much room there is.
        launched: told the ids of the instances of every launch.
    """

    strictness: Strictness
    templates: Templates
    capacity: Capacity
    launched: Callable[[list[str]], None]
    _lock: threading.Lock

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Launch, or pass on what is not a launch."""
        if (call.service, call.action) != ("ec2", "RunInstances"):
            return proceed(call)
        try:
            if "SubnetId" in call.parameters and self._nics(call):
                message = "Network interfaces and an instance-level subnet ID may not be specified on the same request"
                return refusal("InvalidParameterCombination", message)
            return self.launch(call, proceed)
        except Unlaunchable as problem:
            return problem.answer

    def launch(self, call: Call, proceed: Next) -> Answer:
        """Launch from MinCount to MaxCount instances.

        Raises:
            Unlaunchable: EC2 would refuse.
        """
        full = call.with_parameters(self._from_template(call))
        pool = pool_of(full, self._data(call))
        _check_known(full, pool, self._data(call))
        least, most = int(full.parameters["MinCount"]), int(full.parameters["MaxCount"])
        if not 1 <= least <= most:
            raise Unlaunchable("InvalidParameterValue", f"Expected 1 <= MinCount <= MaxCount; found {least}, {most}.")
        with self._lock:
            room = self.room(call.region, pool)
            count = min(most, room.instances)
            if count < least:
                return _no_room(room)
            answer = proceed(full.with_parameters({"MinCount": str(count), "MaxCount": str(count)}))
        if answer.succeeded:
            ids = launched_ids(answer)
            moto_state.complete_launch(call.region, ids)
            self.launched(ids)
        return answer

    def room(self, region: str, pool: Pool) -> Room:
        """How many instances one launch gets of a pool now."""
        room = self.capacity.room(pool, moto_state.living(region))
        most = self.strictness.instances_per_launch
        if most is None or room.instances <= most:
            return room
        return Room(most, "InsufficientInstanceCapacity", f"One launch gets at most {most} instances here.")

    def _data(self, call: Call) -> Mapping[str, Any]:
        named = call.nested.get("LaunchTemplate")
        return self.templates.launch_parameters(call.region, named) if named else {}

    def _nics(self, call: Call) -> list[Any]:
        found: list[Any] = self._data(call).get("NetworkInterfaces", [])
        return found

    def _from_template(self, call: Call) -> dict[str, str | None]:
        """The parameters that the template adds to those of the call."""
        data, parameters = self._data(call), call.nested
        added: dict[str, str | None] = {}
        for part in _PASSED_OVER:
            if part in data and part not in parameters:
                added |= flatten(part, data[part])
        nics = self._nics(call)
        if nics and "NetworkInterface" not in parameters:
            added |= flatten("NetworkInterface", [_nic(nic, call.parameters.get("SubnetId")) for nic in nics])
            added["SubnetId"] = None
        return added


def _nic(nic: Mapping[str, Any], subnet: str | None) -> dict[str, Any]:
    renamed = {_FROM_NIC.get(part, part): value for part, value in nic.items()}
    return renamed | ({"SubnetId": subnet} if subnet else {})


def pool_of(call: Call, data: Mapping[str, Any]) -> Pool:
    """Where a launch's machines come from.

    Args:
        call: RunInstances.
        data: of its launch template.
    """
    parameters = call.nested
    market = parameters.get("InstanceMarketOptions", {}).get("MarketType", ON_DEMAND)
    subnet = parameters.get("SubnetId") or _first(parameters.get("NetworkInterface", [])).get("SubnetId", "")
    instance_type = parameters.get("InstanceType") or data.get("InstanceType", _DEFAULT_TYPE)
    return Pool(instance_type, subnet or data.get("SubnetId", ""), SPOT if market == SPOT else ON_DEMAND)


def _first(found: list[dict[str, Any]]) -> dict[str, Any]:
    return found[0] if found else {}


def _check_known(call: Call, pool: Pool, data: Mapping[str, Any]) -> None:
    if not moto_state.is_type(pool.instance_type):
        raise Unlaunchable("InvalidParameterValue", f"Invalid value '{pool.instance_type}' for InstanceType.")
    image = call.parameters.get("ImageId") or data.get("ImageId", "")
    if not image:
        raise Unlaunchable("MissingParameter", "The request must contain the parameter ImageId")
    if not moto_state.is_image(call.region, image):
        raise Unlaunchable("InvalidAMIID.NotFound", f"The image id '[{image}]' does not exist")
    if pool.subnet and not moto_state.is_subnet(call.region, pool.subnet):
        raise Unlaunchable("InvalidSubnetID.NotFound", f"The subnet ID '{pool.subnet}' does not exist")


def _no_room(room: Room) -> Answer:
    quota = "Limit" in room.code or "Max" in room.code
    return refusal(room.code, room.message, HTTPStatus.BAD_REQUEST if quota else HTTPStatus.INTERNAL_SERVER_ERROR)


def launched_ids(answer: Answer) -> list[str]:
    """The instances that an answer to RunInstances names."""
    return [text_of(item, "instanceId") for item in items(parse(answer.body), "instancesSet")]
