from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_java import typing as synthetic_typing
from worker_fakes import CONTROL, DATA, SESSION_KEY, MemoryStore, make_work

from gems_core.errors import CloudRefused
from gems_core.layout import done_key, report_key, run_page_key, sample_page_key, sample_result_key
from gems_core.protocol.answer import Answer, Instruction
from gems_core.protocol.done_marker import LARGEST_MARKER_BYTES
from gems_core.protocol.status_report import StatusReport
from gems_core.statuses import JobStatus
from gems_report.pages import RunPage, SamplePage
from worker import pages
from worker.interruption import Interruption
from worker.logs import LogTail
from worker.merge import Merge
from worker.reporting import Position, Reporter
from worker.results import LARGEST_RESULT_BYTES
from worker.steps.way import STEPS

DEEP = b"[" * 100_000


class QuietApi:
    """An API that has nothing to say."""

    def report(self, report: StatusReport, *, patience_seconds: float) -> Answer:
        return Answer(Instruction.CONTINUE, JobStatus.MERGING, 0)

    def stop_instances(self, instance_id: str, *, patience_seconds: float) -> None:
        pass


@dataclass
class TypedJob:
    """A job of two typed samples, K1 and K2, that nobody has merged yet."""

    store: MemoryStore
    merge: Merge

    def put(self, name: str, data: bytes) -> None:
        """Replace a result file of K1."""
        self.store.objects[DATA, sample_result_key("run1", SESSION_KEY, "K1", name)] = data

    def put_marker(self, data: bytes) -> None:
        """Replace K1's done-marker."""
        self.store.objects[CONTROL, done_key(SESSION_KEY, "K1")] = data

    def report(self) -> list[dict[str, Any]]:
        """Merge; the samples of the report, which is there in every format."""
        self.merge.run()
        keys = [report_key("run1", SESSION_KEY, extension) for extension in ("json", "csv", "xml.gz")]
        assert all((DATA, key) in self.store.objects for key in keys)
        run = RunPage.from_bytes(self.store.objects[DATA, run_page_key("run1", SESSION_KEY)])
        for row in run.samples:
            page = SamplePage.from_bytes(self.store.objects[DATA, sample_page_key("run1", SESSION_KEY, row.sample)])
            assert (page.outcome, page.verdict) == (row.outcome, row.verdict)
        return list(json.loads(self.store.objects[DATA, keys[0]])["samples"])


@pytest.fixture
def job(store: MemoryStore, tmp_path: Path) -> TypedJob:
    work = make_work(tmp_path, store, {"K1": "GOOD", "K2": "GOOD"})
    for step in STEPS:
        step.run(work)
    reporter = Reporter(QuietApi(), Position("i-1", 0), Interruption(), LogTail())  # type: ignore[arg-type]
    return TypedJob(store, Merge(store, CONTROL, work.tools.manifest, reporter, QuietApi()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "state",
    [b"[1]", b"null", b"7", b"\xff", DEEP, b"{}" + b" " * LARGEST_RESULT_BYTES, b'{"state": {"a": [1]}}', b"{}"],
    ids=["list", "null", "number", "no-utf-8", "deep", "large", "odd-state", "empty"],
)
def test_a_cross_match_state_that_is_none_is_a_failed_cross_match_and_the_sample_stays_typed(
    job: TypedJob, state: bytes
) -> None:
    job.put("cross_match.json", state)
    first, second = job.report()
    assert (first["outcome"], first["cross_match"]["state"]) == ("typed", "failed")
    assert "cross_match.json" in first["cross_match"]["reason"]
    assert second["cross_match"]["state"] == "skipped"


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A typing.json of K1 with something changed."""
    document = synthetic_typing("K1", "1")
    change(document)
    return json.dumps(document).encode()


def nested(depth: int) -> Any:
    """Of more levels than any document of GeMS."""
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def of_first_locus(**parts: object) -> bytes:
    return changed(lambda document: document["loci"][0].update(parts))


ODD_TYPINGS = {
    "deep": DEEP,
    "large": b"{}" + b" " * LARGEST_RESULT_BYTES,
    "coverage": of_first_locus(coverage=["Exon 2"]),
    "alleles": of_first_locus(alleles=[{"name": "A*91:01", "ambiguities": []}] * 3),
    "flags": of_first_locus(flags={"code": "low_depth"}),
    "flags-object": of_first_locus(flags={}),
    "flag-code": of_first_locus(flags=[{"code": 7}]),
    "gl-string-null": of_first_locus(gl_string=None),
    "gl-string-list": of_first_locus(gl_string=["A*91:01"]),
    "gl-string-surrogate": of_first_locus(gl_string="\ud800"),
    "sample-flags-null": changed(lambda document: document.update(flags=None)),
    "sample-flags-object": changed(lambda document: document.update(flags={})),
    "sample-flags-text": changed(lambda document: document.update(flags="most_pairs_lost")),
    "sample-flag-text": changed(lambda document: document.update(flags=["most_pairs_lost"])),
    "sample-flag-without-code": changed(lambda document: document.update(flags=[{"message": "lost"}])),
    "sample-flag-code": changed(lambda document: document.update(flags=[{"code": ["x"]}])),
    "sample-flag-nested": changed(lambda document: document.update(flags=[{"code": "x", "evidence": nested(600)}])),
    "sample-flag-surrogate": changed(lambda document: document.update(flags=[{"code": "x", "message": "\ud800"}])),
    "locus": changed(lambda document: document["loci"].append(["A"])),
    "unexplained": changed(lambda document: document.update(unexplained=["ACGT"])),
    "nested": changed(lambda document: document["reads"].update(pairs=nested(600))),
    "version": changed(lambda document: document["versions"].update(ruleset=nested(600))),
    "surrogate": changed(lambda document: document["reads"].update(pairs="\ud800")),
}


@pytest.mark.parametrize("typing", ODD_TYPINGS.values(), ids=ODD_TYPINGS)
def test_whatever_is_odd_in_a_samples_result_fails_that_sample_by_name_and_the_others_are_reported(
    job: TypedJob, typing: bytes
) -> None:
    job.put("typing.json", typing)
    first, second = job.report()
    assert (first["outcome"], second["outcome"]) == ("failed", "typed")
    assert first["reason"].startswith("marked as typed, but: ")
    assert "K1" in first["reason"]
    marker = job.store.marker("K1")
    assert (marker.outcome, marker.reason) == ("failed", first["reason"])
    assert job.store.marker("K2").outcome == "typed"


@pytest.mark.parametrize(
    "marker", [DEEP, b'{"more":' + b"[" * 200 + b"]" * 200 + b"}", b"{}" + b" " * LARGEST_MARKER_BYTES, b"[]", b"\xff"]
)
def test_a_done_marker_that_cannot_be_read_fails_its_sample_alone(job: TypedJob, marker: bytes) -> None:
    job.put_marker(marker)
    first, second = job.report()
    assert (first["outcome"], second["outcome"]) == ("failed", "typed")
    assert first["reason"].startswith("its done-marker cannot be read: ")


def test_a_done_marker_of_another_sample_fails_the_one_it_lies_at_and_is_left_as_it_is(job: TypedJob) -> None:
    foreign = json.dumps(job.store.marker("K2").as_json()).encode()
    job.put_marker(foreign)
    first, second = job.report()
    assert (first["outcome"], second["outcome"]) == ("failed", "typed")
    assert "K2" in first["reason"]
    assert job.store.objects[CONTROL, done_key(SESSION_KEY, "K1")] == foreign


def test_a_failed_samples_reason_may_hold_whatever_a_worker_met(job: TypedJob) -> None:
    marker = job.store.marker("K1").as_json()
    job.put_marker(json.dumps({**marker, "outcome": "failed", "reason": "K1: \ud800 found"}).encode())
    assert job.report()[0]["reason"] == "K1: ? found"


def test_odd_entries_of_one_sample_do_not_keep_the_others_from_being_compared(job: TypedJob) -> None:
    def entry(share: float) -> dict[str, Any]:
        head = {"gene": "B", "amplicon": "Exon 3", "reads": 9, "verdict": "unknown", "best_match": None}
        return {**head, "sequence": "ACGT", "share": share}

    for name, entries in (("K1", [entry(0.03)]), ("K2", [entry(0.4), {"verdict": "unknown"}, {"share": "none"}])):
        document = synthetic_typing(name, "1")
        document["unexplained"] = entries
        key = sample_result_key("run1", SESSION_KEY, name, "typing.json")
        job.store.objects[DATA, key] = json.dumps(document).encode()
    first, second = job.report()
    assert [item["verdict"] for item in first["unexplained"]] == ["another_sample"]
    assert first["unexplained"][0]["another_sample"]["samples"] == ["K2"]
    assert len(second["unexplained"]) == 3


def test_a_sample_whose_page_cannot_be_made_shows_no_page_of_an_earlier_run(
    job: TypedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.report()
    name = "K1"
    earlier = job.store.objects[DATA, sample_page_key("run1", SESSION_KEY, name)]
    monkeypatch.setattr(pages, "_sample_page", lambda *_: None)
    job.merge.run()
    found = job.store.objects[DATA, sample_page_key("run1", SESSION_KEY, name)]
    page = SamplePage.from_bytes(found)
    assert found != earlier
    assert page.loci == ()
    assert page.verdict is SamplePage.from_bytes(earlier).verdict
    assert page.reason == "This page could not be made. The reports have the calls."


def keys_of_k1() -> dict[str, str]:
    return {
        "typing.json": sample_result_key("run1", SESSION_KEY, "K1", "typing.json"),
        "cross_match.json": sample_result_key("run1", SESSION_KEY, "K1", "cross_match.json"),
        "marker": done_key(SESSION_KEY, "K1"),
    }


@pytest.mark.parametrize("what", ["typing.json", "cross_match.json", "marker"])
def test_what_s3_refuses_once_is_read_again(job: TypedJob, what: str) -> None:
    job.store.refused[keys_of_k1()[what]] = 2
    assert [sample["outcome"] for sample in job.report()] == ["typed", "typed"]


@pytest.mark.parametrize("what", ["typing.json", "marker"])
def test_a_sample_that_s3_refuses_for_good_fails_alone_and_the_rest_is_reported(job: TypedJob, what: str) -> None:
    job.store.refused[keys_of_k1()[what]] = 10**6
    first, second = job.report()
    assert (first["outcome"], second["outcome"]) == ("failed", "typed")
    assert "S3 refused it again and again" in first["reason"]
    assert "SlowDown" in first["reason"]
    marker = job.store.marker("K1")
    assert (marker.outcome, marker.share) == ("failed", 1)
    assert "S3 refused it" in marker.reason


def test_an_s3_that_refuses_everything_fails_no_sample_but_the_merge(job: TypedJob) -> None:
    for sample in ("K1", "K2"):
        job.store.refused[sample_result_key("run1", SESSION_KEY, sample, "typing.json")] = 10**6
    with pytest.raises(CloudRefused, match="SlowDown"):
        job.merge.run()
    assert {job.store.marker(sample).outcome for sample in ("K1", "K2")} == {"typed"}


def test_more_refusals_than_a_few_are_no_matter_of_single_samples(
    job: TypedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.merge.MOST_REFUSED", 0)
    job.store.refused[keys_of_k1()["typing.json"]] = 10**6
    with pytest.raises(CloudRefused, match="SlowDown"):
        job.merge.run()
