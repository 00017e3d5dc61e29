"""What the API logs of itself, and what it shows of workers' logs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from api_world import CONTROL, World
from flask.testing import FlaskClient

from gems_api.app import create_app
from gems_api.logs import JsonFormatter, a_request
from gems_api.services.shown.job_logs import LARGEST_PAGE_BYTES
from gems_core.layout import log_key, log_part_name
from gems_core.session_key import SessionKey

USER = {"Authorization": "Bearer user-secret"}


@pytest.fixture
def client(world: World) -> FlaskClient:
    client: FlaskClient = create_app(world.settings, world.cloud, world.clock).test_client()
    return client


def keep(world: World, session_key: SessionKey, instance_id: str, text: str, name: str = "") -> None:
    """A machine copies a part of its log, a second after whatever was there before."""
    world.clock.pass_seconds(1)
    key = log_key(session_key, instance_id, name or log_part_name(world.clock()))
    world.store.put(CONTROL, key, text.encode())


def read(client: FlaskClient, session_key: SessionKey, **query: object) -> Any:
    answer = client.get(f"/job/{session_key}/logs", query_string=query, headers=USER)
    assert answer.status_code == 200, answer.json
    return answer.json


def texts(page: Any) -> list[str]:
    return [part["text"] for part in page["parts"]]


def test_the_logs_of_all_workers_are_shown_by_time_and_what_is_missing_is_told(
    world: World, client: FlaskClient
) -> None:
    session_key = world.start(3)
    one, two, three = world.crew(session_key)
    keep(world, session_key, one.instance_id, "first\n")
    keep(world, session_key, two.instance_id, "second\n")
    keep(world, session_key, one.instance_id, "third\n", "bootstrap.log")
    page = read(client, session_key)
    assert texts(page) == ["first\n", "second\n", "third\n"]
    assert [part["worker"] for part in page["parts"]] == [0, 1, 0]
    (missing,) = page["missing"]
    assert missing.startswith(f"worker 2 ({three.instance_id}): no copy of its log is in S3")
    assert texts(read(client, session_key, worker=1)) == ["second\n"]
    assert page["more"] is False


def test_later_parts_are_asked_for_by_time_and_by_cursor(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    for text in ("a", "b", "c"):
        keep(world, session_key, worker.instance_id, text)
    page = read(client, session_key, since=(world.clock() - timedelta(seconds=1)).isoformat())
    assert texts(page) == ["b", "c"]
    keep(world, session_key, worker.instance_id, "d")
    assert texts(read(client, session_key, after=page["next"])) == ["d"]


def test_an_answer_never_outgrows_lambda_and_its_pages_have_all(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    for letter in "abcde":
        keep(world, session_key, worker.instance_id, letter * (LARGEST_PAGE_BYTES // 2))
    seen, after, more = [], "", True
    while more:
        page = read(client, session_key, after=after)
        seen += texts(page)
        after, more = page["next"], page["more"]
        assert sum(map(len, texts(page))) <= LARGEST_PAGE_BYTES
    assert [text[0] for text in seen] == list("abcde")


def test_an_object_that_no_worker_of_ours_wrote_is_told_and_not_read(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    keep(world, session_key, worker.instance_id, "x" * 3_000_000)
    page = read(client, session_key)
    assert page["parts"] == []
    assert "expected at most 2097152 bytes, found 3000000" in page["missing"][0]


def test_a_person_reads_the_same_as_text(world: World, client: FlaskClient) -> None:
    session_key = world.start(2)
    one, _ = world.crew(session_key)
    keep(world, session_key, one.instance_id, "a line\n", "bootstrap.log")
    answer = client.get(f"/job/{session_key}/logs.txt", headers=USER)
    assert answer.content_type == "text/plain; charset=utf-8"
    text = answer.get_data(as_text=True)
    assert f"== worker 0 ({one.instance_id}), bootstrap.log, " in text
    assert "\na line\n" in text
    assert "== missing: worker 1" in text


@pytest.mark.parametrize("path", ["logs", "logs.txt"])
def test_only_users_read_logs(world: World, client: FlaskClient, path: str) -> None:
    session_key = world.start(1)
    assert client.get(f"/job/{session_key}/{path}").status_code == 401
    worker = {"Authorization": "Bearer worker-secret"}
    assert client.get(f"/job/{session_key}/{path}", headers=worker).status_code == 401


@pytest.mark.parametrize("query", ["worker=7", "worker=-1", "worker=\u0661", "since=soon", "whose=0"])
def test_a_query_that_is_none_is_refused(world: World, client: FlaskClient, query: str) -> None:
    session_key = world.start(1)
    assert client.get(f"/job/{session_key}/logs?{query}", headers=USER).status_code == 422


def test_a_job_tells_where_its_logs_are(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (job,) = client.get("/job", query_string={"session_key": str(session_key)}).json
    assert job["logs"] == f"{world.settings.api_url}/job/{session_key}/logs"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """What is logged, as the formatter writes it, when it is logged."""
    found: list[dict[str, Any]] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(JsonFormatter().format(record)))

    keeper = Keeper()
    logging.getLogger("gems_api").addHandler(keeper)
    caplog.set_level(logging.INFO, "gems_api")
    yield found
    logging.getLogger("gems_api").removeHandler(keeper)


def test_each_line_of_the_api_carries_time_request_and_job(
    world: World, client: FlaskClient, lines: list[dict[str, Any]]
) -> None:
    session_key = world.start(1)
    lines.clear()
    with a_request("c0ffee"):
        client.post(f"/job/{session_key}/cancel", headers=USER)
    assert lines
    assert all(line["at"] and line["request_id"] == "c0ffee" for line in lines)
    assert {line["job"] for line in lines} == {str(session_key)}


def test_a_request_tells_nothing_of_the_one_before(client: FlaskClient, lines: list[dict[str, Any]]) -> None:
    client.get("/job/a-class-2-261123-12:00:0123456789/logs", headers=USER)
    with a_request("one"):
        pass
    logging.getLogger("gems_api").info("by itself")
    (line,) = lines
    assert (line["request_id"], line["job"]) == ("", "")
