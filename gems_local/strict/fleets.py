"""CreateFleet of type ``instant`` as EC2 does it: pool after pool until the target is met, with an error for each that fell short."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element

from gems_local.strict.call import Answer, Call, Next, flatten, refusal, xml
from gems_local.strict.capacity import ON_DEMAND, SPOT, Pool
from gems_local.strict.documents import add, as_bytes, name, parse
from gems_local.strict.launching import Launching, launched_ids, pool_of
from gems_local.strict.templates import Unlaunchable

_LAST = 2**31
_PRIORITIZED = {SPOT: "capacity-optimized-prioritized", ON_DEMAND: "prioritized"}


@dataclass
class _Part:
    """One pool of a fleet: where it launches, and what came of it."""

    template: Mapping[str, str]
    overrides: Mapping[str, Any]
    market: str
    instance_ids: list[str] = field(default_factory=list)
    instance_type: str = ""
    code: str = ""
    message: str = ""

    def priority(self) -> float:
        """Its place among the others; without one it comes last."""
        return float(self.overrides.get("Priority", _LAST))


class Fleets:
    """The rule for CreateFleet.

    Pools are tried in their order, or by their priority where the allocation strategy says so: which pool AWS would
    choose by price or depth is not known here.
    """

    def __init__(self, launching: Launching) -> None:
        self._launching = launching

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Launch the fleet, or pass on what is none."""
        if (call.service, call.action) != ("ec2", "CreateFleet"):
            return proceed(call)
        fleet = call.nested
        if fleet.get("Type") != "instant":
            return refusal("InvalidParameterValue", "This stand-in launches fleets of type instant only.")
        target = fleet.get("TargetCapacitySpecification", {})
        total = int(target.get("TotalTargetCapacity", 0))
        if total < 1 or not fleet.get("LaunchTemplateConfigs"):
            return refusal("InvalidParameterValue", "A fleet has a TotalTargetCapacity of 1 or more, and a template.")
        wanted = {
            SPOT: int(target.get("SpotTargetCapacity", 0)),
            ON_DEMAND: int(target.get("OnDemandTargetCapacity", 0)),
        }
        wanted[target.get("DefaultTargetCapacityType", ON_DEMAND)] += total - sum(wanted.values())
        try:
            for config in fleet["LaunchTemplateConfigs"]:
                self._launching.templates.launch_parameters(call.region, config["LaunchTemplateSpecification"])
        except Unlaunchable as problem:
            return problem.answer
        parts = [part for market, count in wanted.items() if count for part in self._fill(call, proceed, market, count)]
        return _document(parts)

    def _fill(self, call: Call, proceed: Next, market: str, wanted: int) -> list[_Part]:
        options = call.nested.get("SpotOptions" if market == SPOT else "OnDemandOptions", {})
        parts = _parts(call.nested["LaunchTemplateConfigs"], market)
        if options.get("AllocationStrategy") == _PRIORITIZED[market]:
            parts.sort(key=_Part.priority)
        least = int(options.get("MinTargetCapacity", 0))
        missing = wanted
        for part in parts:
            if missing and self._fits(call, parts, least):
                self._launch(call, proceed, part, missing)
                missing -= len(part.instance_ids)
        return parts

    def _fits(self, call: Call, parts: list[_Part], least: int) -> bool:
        """Whether the least that is asked for can be had at all; if not, EC2 launches nothing."""
        launched = sum(len(part.instance_ids) for part in parts)
        if launched >= least:
            return True
        room = sum(self._launching.room(call.region, self._pool(call, part)).instances for part in parts)
        for part in parts:
            if launched + room < least:
                part.code, part.message = "InsufficientInstanceCapacity", f"Fewer than {least} instances can be had."
        return launched + room >= least

    def _pool(self, call: Call, part: _Part) -> Pool:
        data = self._launching.templates.launch_parameters(call.region, part.template)
        return pool_of(_run_instances(call, part, 1), data)

    def _launch(self, call: Call, proceed: Next, part: _Part, wanted: int) -> None:
        try:
            part.instance_type = self._pool(call, part).instance_type
            answer = self._launching.launch(_run_instances(call, part, wanted), proceed)
        except Unlaunchable as problem:
            answer = problem.answer
        if answer.succeeded:
            part.instance_ids = launched_ids(answer)
            if len(part.instance_ids) < wanted:
                part.code = "InsufficientInstanceCapacity"
                part.message = f"There is capacity for {len(part.instance_ids)} of {wanted} instances in this pool."
        else:
            error = parse(answer.body)
            part.code, part.message = error.findtext(".//Code") or "", error.findtext(".//Message") or ""


def _parts(configs: list[dict[str, Any]], market: str) -> list[_Part]:
    return [
        _Part(config["LaunchTemplateSpecification"], overrides, market)
        for config in configs
        for overrides in config.get("Overrides") or [{}]
    ]


def _run_instances(call: Call, part: _Part, wanted: int) -> Call:
    kept = {key: call.parameters[key] for key in ("Version",) if key in call.parameters}
    tags = [item for item in call.nested.get("TagSpecification", []) if item.get("ResourceType") != "fleet"]
    parameters: dict[str, str | None] = {
        **dict.fromkeys(call.parameters),
        **kept,
        "Action": "RunInstances",
        "MinCount": "1",
        "MaxCount": str(wanted),
        **flatten("LaunchTemplate", part.template),
        **flatten("TagSpecification", tags),
    }
    for own in ("InstanceType", "SubnetId", "ImageId"):
        if own in part.overrides:
            parameters[own] = part.overrides[own]
    if part.market == SPOT:
        parameters["InstanceMarketOptions.MarketType"] = SPOT
    return call.with_parameters(parameters)


def _document(parts: list[_Part]) -> Answer:
    tree = Element(name("CreateFleetResponse"))
    add(tree, "requestId", "strict")
    add(tree, "fleetId", f"fleet-{secrets.token_hex(16)}")
    errors, instances = add(tree, "errorSet"), add(tree, "fleetInstanceSet")
    for part in parts:
        if part.code:
            item = _describe(errors, part)
            add(item, "errorCode", part.code)
            add(item, "errorMessage", part.message)
        if part.instance_ids:
            item = _describe(instances, part)
            add(item, "instanceType", part.instance_type)
            ids = add(item, "instanceIds")
            for instance_id in part.instance_ids:
                add(ids, "item", instance_id)
    return xml(HTTPStatus.OK, as_bytes(tree))


def _describe(listed: Element, part: _Part) -> Element:
    item = add(listed, "item")
    both = add(item, "launchTemplateAndOverrides")
    specification, overrides = add(both, "launchTemplateSpecification"), add(both, "overrides")
    for key, value in part.template.items():
        add(specification, key[0].lower() + key[1:], str(value))
    for key, value in part.overrides.items():
        if isinstance(value, str):
            add(overrides, key[0].lower() + key[1:], value)
    add(item, "lifecycle", part.market)
    return item
