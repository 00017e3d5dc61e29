"""Whatever is sent to an endpoint of the OpenAPI description, the answer is one that the description tells of.

``SCHEMATHESIS_EXAMPLES`` asks for more examples of each endpoint than the suite's.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from typing import Any

import schemathesis
from api_fakes import signed_by
from api_world import DATA, SETTINGS, World
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from gems_api.app import create_app
from gems_api.services.cancel import cancel
from gems_core.session_key import SessionKey

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "25"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
)
USER = {"Authorization": "Bearer user-secret"}
WORKER = {"Authorization": "Bearer worker-secret"}


@cache
def deployment() -> tuple[World, Flask, tuple[str, ...]]:
    """Jobs in every state that a request may find."""
    world = World(settings=replace(SETTINGS, api_url="http://localhost"))
    launched, running, complete, cancelled = (world.start(2, name) for name in ("a", "b", "c", "d"))
    world.crew(running)[0].claim()
    (*others, last) = world.crew(complete)
    for worker in others:
        worker.work()
    last.work()
    last.merge()
    cancel(world.context, cancelled)
    keys = tuple(str(key) for key in (launched, running, complete, cancelled))
    return world, create_app(world.settings, world.cloud, world.clock), keys


schema = schemathesis.openapi.from_wsgi("/openapi.json", deployment()[1])


@schema.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Every other session key is a job's own, or no request would come beyond its parsing."""
    return with_real_key(path_parameters)


@schema.hook
def map_body(context: Any, body: Any) -> Any:
    """Every other body names a job's key, and reads that are there."""
    if not isinstance(body, dict):
        return body
    real = {"bucket": DATA, "prefix": "a"} if isinstance(body.get("bucket"), str) and len(body["bucket"]) % 2 else {}
    return {**(with_real_key(body) or {}), **real}


def with_real_key(values: dict[str, Any] | None) -> dict[str, Any] | None:
    given = values.get("session_key") if values else None
    if values is None or not isinstance(given, str) or len(given) % 2 == 0:
        return values
    keys = deployment()[2]
    return {**values, "session_key": keys[len(given) // 2 % len(keys)]}


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES == 25,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_description_tells_of(case: Any) -> None:
    case.call_and_validate(headers=caller(case), checks=CHECKS)


def caller(case: Any) -> dict[str, str]:
    """The right credential, and for a worker the proof that it is whom it says."""
    if "Workers" not in case.operation.definition.raw["tags"]:
        return USER
    body = case.body if isinstance(case.body, dict) else {}
    text = (case.path_parameters or {}).get("session_key") or body.get("session_key")
    try:
        return WORKER | signed_by(str(body.get("instance_id")), SessionKey.parse(str(text)))
    except Exception:
        return WORKER
