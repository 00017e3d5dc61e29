"""However much is wrong with a request, its answer fits into Lambda's and tells what a person can use."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_world import DATA, World, fastq_gz
from test_api_gateway_events import rest_event

from gems_api.app import create_app
from gems_api.services.intake import preflight
from gems_api.services.intake.job_request import LONGEST_PREFIX_BYTES
from gems_api.web import gateway
from gems_api.web.problem_list import MOST_PROBLEMS
from gems_core.errors import InvalidInput, Problem

USER = {"Authorization": ["Bearer user-secret"], "Content-Type": ["application/json"]}
WORKER = {**USER, "Authorization": ["Bearer worker-secret"]}
GOOD = {"bucket": DATA, "prefix": "run", "hla_class": "2"}
# 600 bytes, in signs that JSON makes three times as long.
LONGEST_FOLDER = "\U0001f9ec" * (LONGEST_PREFIX_BYTES // 4)


def posted(world: World, body: object, path: str = "/job", headers: Any = None) -> dict[str, Any]:
    """The answer that Lambda is given."""
    event = rest_event(
        path, httpMethod="POST", multiValueHeaders=headers or USER, body=json.dumps(body, ensure_ascii=False)
    )
    app = create_app(world.settings, world.cloud, world.clock)
    return gateway.answer_rest_api(app.wsgi_app, gateway.of_rest_api(event))


def checked(answer: dict[str, Any], status: int) -> dict[str, Any]:
    """Its body; a quarter of what Lambda takes is left free."""
    assert answer["statusCode"] == status
    assert len(json.dumps(answer)) < gateway.LARGEST_ANSWER_BYTES * 3 / 4
    document: dict[str, Any] = json.loads(answer["body"])
    return document


def test_of_thousands_of_misnamed_files_some_are_listed_and_the_others_counted(world: World) -> None:
    for number in range(9000):
        world.store.put(DATA, f"run/K{number:04d}_R1.fastq.gz", b"x" * 40)
    document = checked(posted(world, GOOD), 422)
    assert document["problems_total"] == 9000
    assert len(document["problems"]) == MOST_PROBLEMS
    *listed, last = document["problems"]
    assert {problem["code"] for problem in listed} == {"misnamed_file"}
    assert (last["code"], last["found"]) == ("more_problems", f"9000, {9000 - MOST_PROBLEMS + 1} of them not listed")
    assert document["detail"].startswith("run/K0000_R1.fastq.gz: expected a MiSeq name")
    assert document["detail"].endswith("; and 8997 more problems")


def test_few_problems_are_all_listed(world: World) -> None:
    for number in range(MOST_PROBLEMS):
        world.store.put(DATA, f"run/K{number:04d}_R1.fastq.gz", b"x" * 40)
    problems = checked(posted(world, GOOD), 422)["problems"]
    assert [problem["code"] for problem in problems] == ["misnamed_file"] * MOST_PROBLEMS


@pytest.mark.parametrize(
    "fields",
    [
        {f"{number:x}": 0 for number in range(80_000)},
        {"é" * 300_000: 0},
        {"\\" * 400_000: 0},
        {f"{number:03}{'é' * 5000}": 0 for number in range(50)},
    ],
    ids=["many", "one of a strange name", "one of backslashes", "fifty of strange names"],
)
@pytest.mark.parametrize(
    ("path", "headers"),
    [("/job", USER), ("/job/b-p-class-1-261123-12:00:0123456789/status", WORKER), ("/stop_instances", WORKER)],
)
def test_a_body_of_unknown_fields_does_not_come_back_larger(
    world: World, fields: dict[str, int], path: str, headers: dict[str, list[str]]
) -> None:
    assert checked(posted(world, {**GOOD, **fields}, path, headers), 422)["problems_total"] >= 1


def test_a_sample_that_comes_a_thousand_times_is_one_short_problem(world: World) -> None:
    for number in range(1000):
        world.store.put(DATA, f"run/{number:04d}/K001_S1_L001_R1_001.fastq.gz", fastq_gz())
    (problem,) = checked(posted(world, GOOD), 422)["problems"]
    assert problem["found"].startswith("1000: run/0000/K001_S1_L001_R1_001.fastq.gz, ")
    assert len(problem["found"]) < 300


def test_a_plan_of_the_longest_names_is_shown_in_part_and_counted_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "check_contents", lambda _s, _b, samples, *_: ([], [s.read_1.key for s in samples]))
    for number in range(3000):
        for read in (1, 2):
            key = f"{LONGEST_FOLDER}/K{number:04d}_S1_L001_R{read}_001.fastq.gz"
            world.store.put(DATA, key, b"x" * 40)
    for number in range(200):
        world.store.put(DATA, f"{LONGEST_FOLDER}/L{number}.fastq.gz", b"x" * 40)
    wanted = {**GOOD, "prefix": LONGEST_FOLDER, "dry_run": True, "samples_per_worker": 1}
    document = checked(posted(world, wanted), 200)
    plan = document["plan"]
    assert (plan["samples"], plan["shares_total"], plan["files_not_read_total"]) == (3000, 3000, 3000)
    assert 10 < len(plan["shares"]) < 3000
    assert 10 < len(plan["files_not_read"]) < 3000
    assert [share["index"] for share in plan["shares"]] == list(range(1, len(plan["shares"]) + 1))
    assert document["problems_total"] == 200
    assert document["problems"][0]["where"] == f"{LONGEST_FOLDER}/L0.fastq.gz"


def test_a_short_plan_is_shown_whole(world: World) -> None:
    world.upload("run", 20)
    plan = checked(posted(world, {**GOOD, "dry_run": True, "samples_per_worker": 1}), 200)["plan"]
    assert (len(plan["shares"]), plan["shares_total"], plan["files_not_read_total"]) == (20, 20, 0)


def test_an_error_with_many_problems_names_a_hundred() -> None:
    many = [Problem("x", f"field {number}", "1", "2", "Correct it.") for number in range(150)]
    message = str(InvalidInput(many))
    assert "field 99:" in message
    assert "field 100:" not in message
    assert message.endswith("; and 50 more problems")
