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
from results_world import with_results
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from gems_api.app import create_app
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.review.reading import job_review
from gems_api.services.shown.result_pages import sample_page
from gems_core.people import Role
from gems_core.session_key import SessionKey
from gems_report.result_digest import digest_of_page

IN_THE_SUITE = 20
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", IN_THE_SUITE))
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
    reviewed = with_results(world)
    world.person("anna", Role.APPROVER)
    keys = tuple(str(key) for key in (launched, running, complete, cancelled, reviewed))
    return world, create_app(world.settings, world.cloud, world.clock), keys


schema = schemathesis.openapi.from_wsgi("/openapi.json", deployment()[1])


def make_real(case: Any) -> None:
    """Name real jobs, instances and reads in every other request, or few would come beyond their parsing."""
    world, _, keys = deployment()
    body = case.body if isinstance(case.body, dict) else {}
    for values in (case.path_parameters or {}, body):
        given = values.get("session_key")
        if is_chosen(given):
            values["session_key"] = keys[len(given) // 2 % len(keys)]
    if is_chosen((case.path_parameters or {}).get("extension")):
        case.path_parameters["extension"] = "csv"
    if is_chosen((case.path_parameters or {}).get("sample")):
        case.path_parameters |= {"sample": "K001", "session_key": keys[-1]}
    if isinstance(body.get("seen"), int) and body["seen"] % 2:
        key = SessionKey.parse(keys[-1])
        body |= {"results": digest_of_page(sample_page(world.context, key, "K001"))}
        body |= {"sample": "K001", "seen": job_review(world.context, key).last, "words": "seen"}
        for name in ("locus", "call", "reason", "assignee"):
            body.pop(name, None)
        case.path_parameters["session_key"] = keys[-1]
    if is_chosen(body.get("bucket")):
        body |= {"bucket": DATA, "prefix": "a"}
    if is_chosen(body.get("instance_id")):
        key = (case.path_parameters or {}).get("session_key") or body.get("session_key")
        body["instance_id"] = next((item.instance_id for item in world.fleet.instances(str(key))), "i-0")


def is_chosen(given: Any) -> bool:
    return isinstance(given, str) and len(given) % 2 == 1


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES == IN_THE_SUITE,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_description_tells_of(case: Any) -> None:
    make_real(case)
    case.call_and_validate(headers=caller(case), checks=CHECKS)


@cache
def token() -> str:
    return deployment()[0].user_token("anna")


def caller(case: Any) -> dict[str, str]:
    """The right credential, and for a worker the proof that it is whom it says."""
    if "Review" in case.operation.definition.raw["tags"]:
        return {"Authorization": f"Bearer {token()}"}
    if "Workers" not in case.operation.definition.raw["tags"]:
        return USER
    body = case.body if isinstance(case.body, dict) else {}
    text = (case.path_parameters or {}).get("session_key") or body.get("session_key")
    try:
        return WORKER | signed_by(str(body.get("instance_id")), SessionKey.parse(str(text)))
    except Exception:
        return WORKER
