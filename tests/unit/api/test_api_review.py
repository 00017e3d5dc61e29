"""Review over HTTP: who may say what, what a conflict tells, races, and that what was approved is known again."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from api_world import CONTROL, World
from flask import Flask
from results_world import with_results
from ui_browser import signed_in
from werkzeug.test import TestResponse

from gems_api.app import create_app
from gems_api.services.review.views import MOST_SAID
from gems_api.services.storage.object_sizes import most_bytes
from gems_api.web.gateway import LARGEST_ANSWER_BYTES
from gems_api.web.problems import MOST_CHANGES
from gems_core import layout
from gems_core.people import Account, Role
from gems_core.review.chain import CHECKPOINTS
from gems_core.review.document import review_of_document
from gems_core.review.events import EVENT, Event, Kind, Reason
from gems_core.review.lock import Hold, Lock, LockMode
from gems_core.review.verify import verified
from gems_core.session_key import SessionKey
from gems_report.review import Said

Json = dict[str, Any]
PEOPLE = {
    "vera": Role.VIEWER,
    "rita": Role.REVIEWER,
    "ralf": Role.REVIEWER,
    "anna": Role.APPROVER,
    "bert": Role.APPROVER,
    "adam": Role.ADMINISTRATOR,
}
SAMPLE = "K001"
OVERRIDE = {"kind": "override", "locus": "A", "call": "A*68:01", "reason": "phase", "words": "the reads show it"}


class Laboratory:
    """A job with results, and people who send their tokens."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = with_results(world)
        self.tokens = {}
        for name, role in PEOPLE.items():
            world.person(name, role)
            self.tokens[name] = world.user_token(name)
        self.app: Flask = create_app(world.settings, world.cloud, world.clock)

    def ask(self, name: str, path: str = "", body: Json | None = None, key: SessionKey | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens.get(name, name)}"}
        url = f"/job/{quote(str(key or self.key), safe=':')}/review{path}"
        return self.app.test_client().open(url, method="GET" if body is None else "POST", headers=headers, json=body)

    def seen(self, sample: str = SAMPLE) -> Json:
        return self.ask("vera", f"/{sample}").get_json()

    def say(self, name: str, kind: str = "accept", sample: str = SAMPLE, **more: object) -> TestResponse:
        """As somebody who has just looked."""
        seen = self.seen(sample)
        looked = {"sample": sample, "seen": seen["last"], "results": seen["results"]}
        return self.ask(name, body={"kind": kind, **looked, **more})

    def done(self, name: str, kind: str = "accept", **more: object) -> Json:
        answer = self.say(name, kind, **more)
        assert answer.status_code == 201, answer.get_json()
        return answer.get_json()


@pytest.fixture
def lab(world: World) -> Laboratory:
    return Laboratory(world)


def test_an_empty_review_says_so(lab: Laboratory) -> None:
    review = lab.ask("vera").get_json()
    assert (review["last"], review["head"], review["samples"]) == (0, "0" * 64, [])
    sample = lab.seen()
    assert (sample["review"]["state"], sample["entries"], len(sample["results"])) == ("open", [], 64)


def test_a_sample_goes_from_open_to_final_and_the_log_is_whole(lab: Laboratory) -> None:
    lab.done("rita", "comment", words="looks well")
    lab.done("rita", **OVERRIDE)
    lab.done("anna", "approve")
    review = lab.done("bert", "approve")
    (sample,) = review["samples"]
    assert (sample["state"], sample["final"], sample["overridden"], sample["comments"]) == ("overridden", True, 1, 1)
    assert [one["by"] for one in sample["approvals"]] == ["anna", "bert"]
    assert review["last"] == 4
    shown = lab.seen()
    (override,) = shown["overrides"]
    assert (override["call"], override["by"], override["reason"]) == ("A*68:01", "rita", "phase")
    assert override["original"].startswith("A*")
    assert [one["event"]["kind"] for one in shown["entries"]] == ["comment", "override", "approve", "approve"]
    assert {one["results"] for one in sample["approvals"]} == {shown["results"]}
    proofs = lab.world.context.review_log.read_all()
    proof = verified(proofs)
    assert (proof.faults, proof.unsealed, proof.entries) == ([], {}, 4)
    assert len(proofs[CHECKPOINTS].entries) == 3
    assert lab.world.store.holds == {}


def test_where_the_stage_says_so_every_entry_is_locked(world: World) -> None:
    locked = world.with_settings(review_lock=Lock(LockMode.COMPLIANCE, 3653))
    lab = Laboratory(locked)
    lab.done("rita", "comment", words="looks well")
    hold = Hold(LockMode.COMPLIANCE, (locked.clock() + timedelta(days=3653)).replace(microsecond=0))
    key = str(lab.key)
    assert locked.store.holds == dict.fromkeys(
        (layout.review_entry_key(key, 1), layout.review_entry_key(CHECKPOINTS, 1)), hold
    )


MAY: dict[str, dict[str, int]] = {
    "accept": {"vera": 403, "rita": 201, "anna": 201, "adam": 403, "user-secret": 403},
    "override": {"vera": 403, "rita": 201, "anna": 201, "adam": 403, "user-secret": 403},
    "approve": {"vera": 403, "rita": 403, "anna": 201, "adam": 403, "user-secret": 403},
}


@pytest.mark.parametrize(("kind", "name", "status"), [(k, n, s) for k, who in MAY.items() for n, s in who.items()])
def test_who_may_say_what(lab: Laboratory, kind: str, name: str, status: int) -> None:
    if kind == "approve":
        lab.done("ralf")
    answer = lab.say(name, **(OVERRIDE if kind == "override" else {"kind": kind}))
    assert answer.status_code == status
    if status == 403:
        assert answer.get_json()["code"] == "not_allowed"
        assert lab.ask("vera").get_json()["last"] == (1 if kind == "approve" else 0)


def test_nobody_speaks_without_a_token_or_by_a_cookie_alone(lab: Laboratory) -> None:
    assert lab.ask("none").status_code == 401
    assert lab.ask("none", body={}).status_code == 401
    browser = signed_in(lab.world)
    url = f"/job/{quote(str(lab.key), safe=':')}/review"
    assert browser.client.post(url, base_url=browser.base, json={}).status_code == 401
    assert browser.get(url).status_code == 200


def test_who_has_not_seen_what_others_said_of_the_sample_is_told_it(lab: Laboratory) -> None:
    looked = lab.seen()
    lab.done("ralf", "comment", words="wait")
    lab.done("ralf", "repeat", words="too few reads")
    body = {"kind": "accept", "sample": SAMPLE, "seen": looked["last"], "results": looked["results"]}
    answer = lab.ask("rita", body=body)
    problem = answer.get_json()
    assert (answer.status_code, problem["code"], problem["last"]) == (409, "review_changed", 2)
    assert [(one["number"], one["event"]["by"], one["event"]["kind"]) for one in problem["changes"]] == [
        (1, "ralf", "comment"),
        (2, "ralf", "repeat"),
    ]
    assert "ralf changed this sample's review" in problem["detail"]
    assert lab.ask("rita", body={**body, "seen": problem["last"]}).status_code == 201


def test_what_is_said_of_another_sample_is_no_conflict(lab: Laboratory) -> None:
    looked = lab.seen()
    lab.done("ralf", sample="K002")
    body = {"kind": "accept", "sample": SAMPLE, "seen": looked["last"], "results": looked["results"]}
    assert lab.ask("rita", body=body).status_code == 201


def test_of_many_who_speak_at_once_of_one_sample_one_is_heard_and_the_others_are_told(lab: Laboratory) -> None:
    looked = lab.seen()
    body = {"kind": "accept", "sample": SAMPLE, "seen": 0, "results": looked["results"]}
    answers: list[TestResponse] = []
    names = ["rita", "ralf", "anna", "bert"]
    threads = [threading.Thread(target=lambda n=n: answers.append(lab.ask(n, body=body))) for n in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (winner,) = [entry["event"]["by"] for entry in lab.seen()["entries"]]
    for answer in answers:
        if answer.status_code == 409:
            assert [change["event"]["by"] for change in answer.get_json()["changes"]] == [winner]


def test_two_who_approve_at_once_are_never_one_person_twice_and_nothing_is_lost(lab: Laboratory) -> None:
    lab.done("rita")
    looked = lab.seen()
    body = {"kind": "approve", "sample": SAMPLE, "seen": looked["last"], "results": looked["results"]}
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(lab.ask(n, body=body).status_code))
        for n in ["anna", "anna", "bert"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409]
    assert len(lab.seen()["review"]["approvals"]) == 1


CONFLICTS: dict[str, tuple[list[tuple[str, Json]], str, Json, str]] = {
    "an approval of what is open": ([], "anna", {"kind": "approve"}, "review is open"),
    "a second approval by the same": ([("rita", {}), ("anna", {"kind": "approve"})], "anna", {"kind": "approve"}, "another person's"),
    "an override of what is approved": ([("rita", {}), ("anna", {"kind": "approve"})], "rita", OVERRIDE, "open it again first"),
    "opening what is open": ([], "anna", {"kind": "reopen", "words": "why not"}, "so it is open"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "name", "body", "told"), CONFLICTS.values(), ids=CONFLICTS)
def test_what_the_review_does_not_allow_is_told(
    lab: Laboratory, before: list[tuple[str, Json]], name: str, body: Json, told: str
) -> None:
    for who, said in before:
        lab.done(who, **said)
    answer = lab.say(name, **body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "review_conflict")
    assert told in answer.get_json()["detail"]


WRONG: dict[str, tuple[Json, str]] = {
    "no kind": ({"kind": None}, "field kind"),
    "another kind": ({"kind": "bless"}, "field kind"),
    "results that are none": ({"results": "x"}, "field results"),
    "an acceptance without results": ({"results": ""}, "field results"),
    "a number below 0": ({"seen": -1}, "field seen"),
    "a number that is not written yet": ({"seen": 7}, "field seen"),
    "another reason": ({**OVERRIDE, "reason": "why not"}, "field reason"),
    "no words": ({**OVERRIDE, "words": ""}, "field words"),
    "too many words": ({**OVERRIDE, "words": "x" * 1001}, "field words"),
    "a locus that was not typed": ({**OVERRIDE, "locus": "Z"}, "field locus"),
    "a call for an acceptance": ({"call": "A*01:01"}, "field call"),
    "an assignment to nobody": ({"kind": "assign"}, "field assignee"),
    "an assignment to a stranger": ({"kind": "assign", "assignee": "nobody"}, "field assignee"),
    "an assignment to a viewer": ({"kind": "assign", "assignee": "vera"}, "field assignee"),
}


@pytest.mark.parametrize(("body", "where"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_and_nothing_is_written(lab: Laboratory, body: Json, where: str) -> None:
    answer = lab.say("rita", **{"kind": "accept", **body})
    assert answer.status_code == 422, answer.get_json()
    assert where in answer.get_json()["detail"]
    assert lab.ask("vera").get_json()["last"] == 0


def test_a_sample_is_assigned_to_somebody_who_may_look(lab: Laboratory) -> None:
    (sample,) = lab.done("rita", "assign", assignee="anna")["samples"]
    assert (sample["state"], sample["assignee"]) == ("assigned", "anna")


def change_results(lab: Laboratory) -> None:
    """As if the job had run again and typed the sample otherwise."""
    manifest = lab.world.job(lab.key).manifest
    key = layout.sample_page_key(manifest.prefix, lab.key, SAMPLE)
    stored = lab.world.store.read(manifest.bucket, key)
    assert stored is not None
    page = json.loads(gzip.decompress(stored.body))
    page["loci"][0]["alleles"][0]["name"] = "A*99:99"
    lab.world.store.put(manifest.bucket, key, gzip.compress(json.dumps(page).encode()))


def test_results_that_are_not_those_that_were_seen_are_not_accepted(lab: Laboratory) -> None:
    looked = lab.seen()
    change_results(lab)
    answer = lab.ask("rita", body={"kind": "accept", "sample": SAMPLE, "seen": 0, "results": looked["results"]})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "review_conflict")
    assert "not those that were looked at" in answer.get_json()["detail"]


def test_what_was_approved_stays_beside_what_is_there_now(lab: Laboratory) -> None:
    lab.done("rita")
    lab.done("anna", "approve")
    before = lab.seen()["results"]
    change_results(lab)
    after = lab.seen()
    assert after["results"] != before
    assert after["review"]["approvals"][0]["results"] == before
    assert "not those of the first approval" in lab.say("bert", "approve").get_json()["detail"]


def test_a_job_that_types_the_same_reads_again_has_a_review_of_its_own(lab: Laboratory) -> None:
    lab.done("rita")
    lab.done("anna", "approve")
    other = with_results(lab.world)
    assert lab.ask("vera", key=other).get_json()["samples"] == []
    assert lab.ask("vera", f"/{SAMPLE}", key=other).get_json()["results"] == lab.seen()["results"]
    assert len(lab.seen()["review"]["approvals"]) == 1


GENE = "\U0001f9ec"  # one character, twelve bytes in JSON's ASCII, and fourteen once that is JSON within JSON


def test_the_longest_that_people_can_say_fits_into_an_answer_of_lambdas(lab: Laboratory) -> None:
    log, chain, last = lab.world.context.review_log, str(lab.key), None
    digest = lab.seen()["results"]
    longest = Event(
        Kind.OVERRIDE, "r" * 32, Role.APPROVER, lab.world.clock(), SAMPLE, digest, GENE * 20, GENE * 300, GENE * 299,
        Reason.AMBIGUITY, GENE * 1000,
    )  # fmt: skip
    for number in range(MOST_SAID + 10):
        event = replace(longest, locus=f"{number:03d}{GENE * 17}") if number < 17 else longest
        last = log.append(chain, last, EVENT.write(event))
        assert last is not None
    shown = lab.ask("vera", f"/{SAMPLE}")
    refused = lab.ask("rita", body={"kind": "comment", "sample": SAMPLE, "seen": 0, "words": "x"})
    assert (len(shown.get_json()["entries"]), len(refused.get_json()["changes"])) == (MOST_SAID, MOST_CHANGES)
    assert shown.get_json()["entries_total"] == MOST_SAID + 10
    assert len(last.body) < most_bytes(layout.review_entry_key(chain, 1))
    for answer in (shown, refused):
        assert len(json.dumps({"body": answer.text})) < LARGEST_ANSWER_BYTES * 3 / 4


def test_a_job_or_sample_that_is_not_there_is_not_found(lab: Laboratory) -> None:
    other = SessionKey.parse(str(lab.key)[:-10] + "9" * 10)
    assert lab.ask("vera", key=other).status_code == 404
    assert lab.ask("vera", "/none").status_code == 404
    body = {"kind": "comment", "sample": "none", "seen": 0, "words": "x"}
    assert lab.ask("rita", body=body).status_code == 404


def test_a_log_outlives_its_jobs_records(lab: Laboratory) -> None:
    lab.done("rita")
    for key in [key for key in lab.world.store.buckets[CONTROL] if key.startswith("jobs/")]:
        lab.world.store.delete(CONTROL, key)
    app = create_app(lab.world.settings, lab.world.cloud, lab.world.clock)
    lab.app = app
    assert lab.ask("vera").get_json()["last"] == 1
    shown = lab.seen()
    assert (shown["results"], shown["review"]["state"]) == ("", "accepted")


@pytest.mark.parametrize("body", [b"damaged", b"{}"])
def test_a_log_with_a_fault_is_neither_shown_nor_added_to(lab: Laboratory, body: bytes) -> None:
    lab.done("rita")
    looked = lab.seen()
    lab.world.store.put(CONTROL, layout.review_entry_key(str(lab.key), 1), body)
    answer = lab.ask("vera")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "review_unreadable")
    say = {"kind": "approve", "sample": SAMPLE, "seen": 1, "results": looked["results"]}
    assert lab.ask("anna", body=say).status_code == 500
    assert lab.world.store.entries(CONTROL, layout.review_chain_prefix(str(lab.key)))[0].key.endswith("-1.json")


def test_the_log_tells_with_which_account_somebody_signs_in(lab: Laboratory) -> None:
    account = Account("https://login.example.org/realms/lab", "7f-anna")
    lab.world.people.change("anna", lambda person: person.with_account(account, lab.world.clock()))
    lab.done("rita", "accept")
    lab.done("anna", "approve")
    first, second = (entry["event"] for entry in lab.seen()["entries"])
    assert not {"issuer", "subject"} & first.keys()
    assert (second["by"], second["issuer"], second["subject"]) == ("anna", account.issuer, account.subject)
    document = lab.ask("vera", ".json").get_json()
    review = review_of_document(document)
    assert review.of_sample(SAMPLE).approvals[0].subject == account.subject
    said = Said(2, "", review.said_of(SAMPLE)[-1][1])
    assert "anna (approver; account 7f-anna at https://login.example.org/realms/lab)" in said.words
    assert verified(lab.world.context.review_log.read_all()).faults == []
