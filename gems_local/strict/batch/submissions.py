"""What SubmitJob takes and refuses (API reference, SubmitJob; user guide, "Service quotas")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gems_local.strict.batch.model import Definition, Queue, Retry, Rule, Size, Submission
from gems_local.strict.batch.refusals import Refused
from gems_local.strict.limits import LimitExceeded, check_tags

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_SHARE = re.compile(r"[A-Za-z0-9]{1,255}")
SMALLEST_ARRAY, LARGEST_ARRAY = 2, 10_000
LARGEST_PAYLOAD_BYTES = 30 * 1024
LARGEST_OVERRIDES_BYTES = 8192
SHORTEST_TIMEOUT_SECONDS = 60
MOST_ATTEMPTS, MOST_RULES = 10, 5
HIGHEST_PRIORITY = 9999
_RESERVED = "AWS_BATCH"
_UNKNOWN_HERE = ("dependsOn", "nodeOverrides", "eksPropertiesOverride", "ecsPropertiesOverride")


def check_size(body: bytes) -> None:
    """See that a request is not too long.

    Raises:
        Refused: it is.
    """
    if len(body) > LARGEST_PAYLOAD_BYTES:
        raise _refused(f"Job payload size must be at most {LARGEST_PAYLOAD_BYTES} bytes; found {len(body)}")


def read_submission(request: Mapping[str, Any], queue: Queue | None, definition: Definition | None) -> Submission:
    """What a request submits.

    Args:
        request: of SubmitJob.
        queue: that it names; None where there is none.
        definition: the same.

    Raises:
        Refused: AWS would refuse it.
    """
    for name in _UNKNOWN_HERE:
        if request.get(name):
            raise _refused(f"this stand-in knows no {name}")
    name = str(request.get("jobName", ""))
    if not _NAME.fullmatch(name):
        raise _refused("Job name should match valid pattern")
    if queue is None:
        raise _refused(f"JobQueue {request.get('jobQueue')} not found")
    if not queue.enabled:
        raise _refused(f"JobQueue {queue.name} is not in state: ENABLED")
    if definition is None:
        raise _refused(f"JobDefinition {request.get('jobDefinition')} not found or not ACTIVE")
    overrides = request.get("containerOverrides") or {}
    environment = _environment(definition.container, overrides)
    return Submission(
        name=name,
        queue_arn=queue.arn,
        definition=definition,
        array_size=_array_size(request.get("arrayProperties") or {}),
        share=_share(request, queue),
        priority=_priority(request, queue, definition),
        needs=_needs(definition.container, overrides),
        command=tuple(overrides.get("command") or definition.container.get("command") or ()),
        environment=environment,
        retry=_retry(request.get("retryStrategy") or definition.retry or {}),
        timeout_seconds=_timeout(request.get("timeout") or {}, definition),
        tags=_tags(request.get("tags") or {}),
        propagate_tags=bool(request.get("propagateTags", definition.propagate_tags)),
    )


def _refused(message: str) -> Refused:
    return Refused(f"Error executing request, Exception : {message}, RequestId: strict")


def _array_size(properties: Mapping[str, Any]) -> int:
    if "size" not in properties:
        return 0
    size = int(properties["size"])
    if not SMALLEST_ARRAY <= size <= LARGEST_ARRAY:
        raise _refused(f"Array size must be between {SMALLEST_ARRAY} and {LARGEST_ARRAY}; found {size}")
    return size


def _share(request: Mapping[str, Any], queue: Queue) -> str:
    share = str(request.get("shareIdentifier") or "")
    if queue.policy is None:
        if share:
            raise Refused("shareIdentifier cannot be specified for a job queue without a scheduling policy.")
        return ""
    if not share:
        raise Refused("shareIdentifier must be specified.")
    if not _SHARE.fullmatch(share):
        raise Refused("shareIdentifier must be 1 to 255 alphanumeric characters.")
    return share


def _priority(request: Mapping[str, Any], queue: Queue, definition: Definition) -> int:
    given = request.get("schedulingPriorityOverride")
    if queue.policy is None:
        return 0
    priority = definition.priority if given is None else int(given)
    if priority is None:
        raise Refused("Either schedulingPriority in job definition or schedulingPriorityOverride should be specified.")
    if not 0 <= priority <= HIGHEST_PRIORITY:
        raise Refused(f"schedulingPriorityOverride must be between 0 and {HIGHEST_PRIORITY}.")
    return priority


def _environment(container: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, str]:
    length = len(json.dumps(overrides, separators=(",", ":"), ensure_ascii=False).encode())
    if length > LARGEST_OVERRIDES_BYTES:
        raise _refused(f"Container Overrides length must be at most {LARGEST_OVERRIDES_BYTES}; found {length}")
    merged: dict[str, str] = {}
    for pair in (*(container.get("environment") or ()), *(overrides.get("environment") or ())):
        if str(pair.get("name", "")).startswith(_RESERVED):
            raise _refused(f"Environment variables must not start with {_RESERVED}; found {pair['name']}")
        merged[str(pair["name"])] = str(pair.get("value", ""))
    return merged


def _needs(container: Mapping[str, Any], overrides: Mapping[str, Any]) -> Size:
    found = {"VCPU": container.get("vcpus"), "MEMORY": container.get("memory")}
    for properties in (container, overrides):
        for one in properties.get("resourceRequirements") or ():
            found[one["type"]] = one["value"]
    try:
        return Size(int(float(found["VCPU"] or 0)), int(found["MEMORY"] or 0))
    except ValueError:
        raise _refused(f"resourceRequirements must be numbers; found {found}") from None


def _retry(given: Mapping[str, Any]) -> Retry:
    attempts, rules = int(given.get("attempts") or 1), given.get("evaluateOnExit") or []
    if not 1 <= attempts <= MOST_ATTEMPTS:
        raise _refused(f"retryStrategy attempts must be between 1 and {MOST_ATTEMPTS}; found {attempts}")
    if len(rules) > MOST_RULES or (rules and "attempts" not in given):
        raise _refused(f"evaluateOnExit takes at most {MOST_RULES} conditions, and attempts beside them")
    return Retry(attempts, tuple(_rule(one) for one in rules))


def _rule(given: Mapping[str, str]) -> Rule:
    action = given["action"].upper()
    if action not in ("RETRY", "EXIT"):
        raise _refused(f"evaluateOnExit action must be RETRY or EXIT; found {given['action']}")
    rule = Rule(given.get("onStatusReason"), given.get("onReason"), given.get("onExitCode"), action == "RETRY")
    if not (rule.on_status_reason or rule.on_reason or rule.on_exit_code):
        raise _refused("evaluateOnExit needs one of onStatusReason, onReason and onExitCode")
    return rule


def _timeout(given: Mapping[str, Any], definition: Definition) -> int | None:
    seconds = given.get("attemptDurationSeconds", definition.timeout_seconds)
    if seconds is not None and int(seconds) < SHORTEST_TIMEOUT_SECONDS:
        raise _refused(f"attemptDurationSeconds must be at least {SHORTEST_TIMEOUT_SECONDS}; found {seconds}")
    return None if seconds is None else int(seconds)


def _tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    try:
        check_tags(tags)
    except LimitExceeded as problem:
        raise _refused(str(problem)) from None
    return dict(tags)
