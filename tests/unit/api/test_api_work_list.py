"""The work list over HTTP: what waits for whom, in which order, what repairs it, and what it costs."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from api_world import CONTROL, World
from results_world import Json, with_results
from werkzeug.test import TestResponse

from gems_api.app import create_app
from gems_api.services.reaping.reaper import reap
from gems_api.services.review import work_notes
from gems_core import layout
from gems_core.errors import CloudRefused
from gems_core.people import Role
from gems_core.session_key import SessionKey

PEOPLE = {
    "vera": Role.VIEWER,
    "rita": Role.REVIEWER,
    "ralf": Role.REVIEWER,
    "anna": Role.APPROVER,
    "bert": Role.APPROVER,
}


def flagged(document: Json) -> None:
    """One locus has a flag for a person to look at."""
    document["loci"][0]["flags"] = [{"code": "possible_new_allele", "message": "x", "evidence": {}}]


class Laboratory:
    """Runs that have ended, and people who send their tokens."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = {}
        for name, role in PEOPLE.items():
            world.person(name, role)
            self.tokens[name] = world.user_token(name)
        self.app = create_app(world.settings, world.cloud, world.clock)

    def run(self, samples: int = 2, **more: Any) -> SessionKey:
        """A run that has ended, and that the reaper has closed."""
        key = with_results(self.world, samples=samples, **more)
        self.close()
        return key

    def close(self) -> None:
        for item in self.world.fleet.instances():
            self.world.fleet.terminate([item.instance_id])
        self.world.clock.pass_seconds(400)
        reap(self.world.context)

    def ask(self, name: str, path: str, body: Json | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens.get(name, name)}"}
        method = "GET" if body is None else "POST"
        return self.app.test_client().open(path, method=method, headers=headers, json=body)

    def list(self, name: str = "vera", query: str = "") -> Json:
        answer = self.ask(name, f"/review/worklist{query}")
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def say(self, name: str, key: SessionKey, sample: str, kind: str, status: int = 201, **more: object) -> None:
        url = f"/job/{quote(str(key), safe=':')}/review"
        seen = self.ask(name, f"{url}/{sample}").get_json()
        body = {"kind": kind, "sample": sample, "seen": seen["last"], "results": seen["results"], **more}
        answer = self.ask(name, url, body)
        assert answer.status_code == status, answer.get_json()

    def approve(self, key: SessionKey, *samples: str) -> None:
        for sample in samples:
            self.say("rita", key, sample, "accept")
            self.say("anna", key, sample, "approve")
            self.say("bert", key, sample, "approve")


def told(found: Json) -> list[tuple[str, str]]:
    return [(row["sample"], row["waits_for"]) for row in found["samples"]]


@pytest.fixture
def lab(world: World) -> Laboratory:
    return Laboratory(world)


def test_a_run_that_has_ended_waits_for_review(lab: Laboratory) -> None:
    assert lab.list()["samples"] == []
    key = lab.run()
    found = lab.list()
    assert told(found) == [("K001", "review"), ("K002", "review")]
    (run,) = found["runs"]
    assert (run["session_key"], run["waiting"], run["samples"], run["reviewed_at"]) == (str(key), 2, 2, None)
    assert found["samples"][0]["since"] == run["ended_at"]
    assert (found["more_runs"], found["missing"], found["total"]) == (False, [], 2)


def test_what_waits_changes_as_people_go_on_and_ends_with_the_second_approval(lab: Laboratory) -> None:
    key = lab.run()
    lab.say("rita", key, "K001", "accept")
    lab.say("rita", key, "K002", "assign", assignee="ralf")
    assert sorted(told(lab.list())) == [("K001", "first_approval"), ("K002", "assigned")]
    lab.say("anna", key, "K001", "approve")
    (first, *_) = [row for row in lab.list()["samples"] if row["sample"] == "K001"]
    assert (first["waits_for"], first["approved_by"]) == ("second_approval", ["anna"])
    lab.say("bert", key, "K001", "approve")
    assert told(lab.list()) == [("K002", "assigned")]
    lab.approve(key, "K002")
    found = lab.list()
    assert (found["samples"], found["runs"]) == ([], [])
    assert found["times"]["approved"] == 1
    lab.say("anna", key, "K001", "reopen", words="a letter came")
    assert told(lab.list()) == [("K001", "review")]
    assert lab.world.store.entries(CONTROL, layout.WORK_DONE_PREFIX) == []


FOR: dict[str, list[tuple[str, str]]] = {
    "vera": [],
    "rita": [("K003", "review"), ("K004", "repeat")],
    "ralf": [("K005", "assigned"), ("K003", "review"), ("K004", "repeat")],
    "anna": [("K001", "first_approval"), ("K003", "review"), ("K004", "repeat")],
    "bert": [("K001", "first_approval"), ("K002", "second_approval"), ("K003", "review"), ("K004", "repeat")],
}


def test_each_person_finds_what_waits_for_that_person(lab: Laboratory) -> None:
    key = lab.run(samples=5)
    lab.say("rita", key, "K001", "accept")
    lab.say("rita", key, "K002", "accept")
    lab.say("anna", key, "K002", "approve")
    lab.say("rita", key, "K004", "repeat", words="too few reads")
    lab.say("rita", key, "K005", "assign", assignee="ralf")
    for name, expected in FOR.items():
        assert sorted(told(lab.list(query=f"?person={name}"))) == sorted(expected), name
    assert told(lab.list("ralf"))[0] == ("K005", "assigned")


def test_review_and_fail_come_before_pass_and_then_the_oldest(lab: Laboratory) -> None:
    old = lab.run(prefix="old")
    lab.world.clock.pass_seconds(3600)
    new = lab.run(failed="no reads", prefix="new")
    rows = lab.list()["samples"]
    verdicts = {(row["session_key"], row["sample"]): row["verdict"] for row in rows}
    assert verdicts[str(new), "K002"] == "FAIL"
    passed = [row["verdict"] == "PASS" for row in rows]
    assert passed == sorted(passed)
    since = [row["since"] for row in rows if row["verdict"] == "PASS"]
    assert since == sorted(since)
    assert {row["session_key"] for row in rows} == {str(old), str(new)}


def test_the_filters_leave_out_the_rest(lab: Laboratory) -> None:
    key = lab.run(changes={0: flagged}, failed="no reads", prefix="plate7")
    lab.run(prefix="plate8")
    lab.say("rita", key, "K001", "accept")
    assert told(lab.list(query="?flag=possible_new_allele")) == [("K001", "first_approval")]
    assert told(lab.list(query="?verdict=FAIL")) == [("K002", "review")]
    assert told(lab.list(query="?waits_for=first_approval")) == [("K001", "first_approval")]
    for run in ("LATE7", quote(str(key))):
        assert {row["session_key"] for row in lab.list(query=f"?run={run}")["samples"]} == {str(key)}
    assert told(lab.list(query="?skip=1&limit=1")) == told(lab.list())[1:2]
    assert lab.list(query="?limit=1")["total"] == 4


WRONG = [
    "?verdict=GOOD",
    "?waits_for=x",
    "?person=nobody",
    "?person=GEMS",
    "?skip=-1",
    "?limit=0",
    "?limit=501",
    "?x=1",
]


@pytest.mark.parametrize("query", WRONG)
def test_a_query_that_asks_for_nothing_sensible_is_refused(lab: Laboratory, query: str) -> None:
    assert lab.ask("vera", f"/review/worklist{query}").status_code == 422


def test_only_users_see_it(lab: Laboratory) -> None:
    assert lab.ask("none", "/review/worklist").status_code == 401
    assert lab.ask("user-secret", "/review/worklist").status_code == 200


def test_the_times_are_medians_of_runs_and_the_oldest_sample(lab: Laboratory) -> None:
    for hours in (1, 2, 9):
        key = lab.run(samples=1, prefix=f"run{hours}")
        lab.world.clock.pass_seconds(hours * 3600)
        lab.say("rita", key, "K001", "accept")
        lab.world.clock.pass_seconds(600)
        lab.say("anna", key, "K001", "approve")
        lab.say("bert", key, "K001", "approve")
    lab.run(samples=1, prefix="waits")
    lab.world.clock.pass_seconds(5000)
    times = lab.list()["times"]
    assert times["reviewed"] == times["approved"] == 3
    assert 7200 < times["to_review"] < 7200 + 900
    assert times["to_approval"] == 600
    assert 5000 <= times["oldest"] < 5000 + 900


class Died(Exception):
    pass


def test_a_note_that_is_behind_its_log_is_made_again_when_somebody_looks(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = lab.run()

    def die(*_: object) -> None:
        raise Died

    for kind, name in (("accept", "rita"), ("approve", "anna"), ("approve", "bert"), ("reopen", "bert")):
        with monkeypatch.context() as patch:
            patch.setattr("gems_api.services.review.adding.update_work", die)
            lab.say(name, key, "K001", kind, 500, **({"words": "x"} if kind == "reopen" else {}))
    assert ("K001", "review") in told(lab.list())
    lab.approve(key, "K001", "K002")
    with monkeypatch.context() as patch:
        patch.setattr("gems_api.services.review.adding.update_work", die)
        lab.say("anna", key, "K002", "reopen", 500, words="x")
    assert told(lab.list()) == [("K002", "review")]


def test_a_failure_of_the_list_hides_no_review(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    key = lab.run()

    def refuse(*_: object) -> None:
        raise CloudRefused("not now")

    with monkeypatch.context() as patch:
        patch.setattr(work_notes, "_bring_up", refuse)
        lab.say("rita", key, "K001", "accept")
    assert ("K001", "first_approval") in told(lab.list())


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"format": 2}', b"\xff", b"x" * 100])
def test_a_damaged_note_is_made_again(lab: Laboratory, body: bytes) -> None:
    key = lab.run()
    lab.say("rita", key, "K001", "accept")
    expected = lab.list()
    (entry,) = lab.world.store.entries(CONTROL, layout.WORK_OPEN_PREFIX)
    lab.world.store.put(CONTROL, entry.key, body)
    assert lab.list() == expected
    lab.world.store.put(CONTROL, entry.key, body)
    lab.say("ralf", key, "K002", "accept")
    assert sorted(told(lab.list())) == [("K001", "first_approval"), ("K002", "first_approval")]


def test_a_note_of_another_run_in_its_place_is_not_believed(lab: Laboratory) -> None:
    lab.run(prefix="one")
    lab.run(prefix="two")
    expected = lab.list()
    one, two = lab.world.store.entries(CONTROL, layout.WORK_OPEN_PREFIX)
    stored = lab.world.store.read(CONTROL, two.key)
    assert stored is not None
    lab.world.store.put(CONTROL, one.key, stored.body)
    assert lab.list() == expected


def test_a_run_whose_log_has_a_fault_is_told_and_the_others_are_listed(lab: Laboratory) -> None:
    bad, good = lab.run(prefix="bad"), lab.run(prefix="good")
    lab.say("rita", bad, "K001", "accept")
    lab.world.store.put(CONTROL, layout.review_entry_key(str(bad), 1), b"damaged")
    lab.world.store.create(CONTROL, layout.review_entry_key(str(bad), 2), b"more")
    found = lab.list()
    assert found["missing"] == [str(bad)]
    assert {row["session_key"] for row in found["samples"]} == {str(good)}


def test_two_who_say_something_at_once_are_both_in_the_list(lab: Laboratory) -> None:
    key = lab.run(samples=6)
    names = [f"K00{number}" for number in range(1, 7)]
    threads = [threading.Thread(target=lab.say, args=("rita", key, name, "accept")) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told(lab.list())) == [(name, "first_approval") for name in names]
    (entry,) = lab.world.store.entries(CONTROL, layout.WORK_OPEN_PREFIX)
    note = lab.world.context.work_notes.listed(entry)
    assert note is not None
    assert note.last <= lab.world.context.review_log.length(str(key))


def test_a_job_of_before_the_list_enters_it_with_the_first_word(lab: Laboratory) -> None:
    key = lab.run()
    for entry in lab.world.store.entries(CONTROL, layout.WORK_OPEN_PREFIX):
        lab.world.store.delete(CONTROL, entry.key)
    assert lab.list()["samples"] == []
    lab.say("rita", key, "K001", "comment", words="x")
    assert told(lab.list()) == [("K001", "review"), ("K002", "review")]


def test_a_look_costs_a_listing_a_run_and_reads_each_note_once(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [lab.run(samples=1, prefix=f"run{number}") for number in range(5)]
    lab.list()
    lab.world.store.calls.clear()
    lab.list()
    calls = lab.world.store.calls
    assert calls["entries"] == 2 + len(keys)
    assert calls["read"] <= 1  # the person's record
    monkeypatch.setattr("gems_api.services.review.work_list.MOST_RUNS", 3)
    found = lab.list()
    assert (found["more_runs"], [run["session_key"] for run in found["runs"]]) == (True, [str(key) for key in keys[:3]])


def test_a_run_that_is_opened_again_and_merged_is_listed_with_its_new_end(lab: Laboratory) -> None:
    key = lab.run()
    before = lab.list()["runs"][0]["ended_at"]
    (entry,) = lab.world.store.entries(CONTROL, layout.WORK_OPEN_PREFIX)
    note = lab.world.context.work_notes.listed(entry)
    assert note is not None
    later = note.ended_at + timedelta(hours=1)
    lease = lab.world.job(key).lease
    assert lease is not None
    lease_key, merged = layout.merge_lease_key(key), replace(lease.value, report_written_at=later)
    assert lab.world.context.jobs.write(lease_key, merged, lease.etag)
    lab.world.context.active.enter(key)
    lab.close()
    assert lab.list()["runs"][0]["ended_at"] == later.isoformat() != before
