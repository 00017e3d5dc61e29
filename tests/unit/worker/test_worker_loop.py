from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from waiting import eventually
from worker_fakes import CONTROL, NOW, MemoryStore, make_work, manifest_of, put_reads, share_of

from gems_core.errors import CloudRefused, GemsError
from gems_core.layout import report_key, sample_result_key
from gems_core.protocol.answer import Answer, GrantedShare, Instruction, MailOutcome, MailState, MergeLease
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.shares import Share
from gems_core.statuses import JobStatus, WorkerStatus
from worker.errors import ApiRefused, ApiUnavailable, ShareFailed
from worker.heartbeat import Heartbeat
from worker.interruption import Cause, Interrupted, Interruption
from worker.logs import LogTail
from worker.loop import Loop
from worker.merge import Merge
from worker.reporting import Position, Reporter
from worker.steps.work import Tools

LEAVE = Answer(Instruction.LEAVE, JobStatus.RUNNING, 0)
MERGE = Answer(Instruction.MERGE, JobStatus.MERGING, 0, merge_lease=MergeLease("i-1", NOW))
CONTINUE = Answer(Instruction.CONTINUE, JobStatus.RUNNING, 4)


def work(share: Share, attempt: int = 1) -> Answer:
    return Answer(Instruction.WORK, JobStatus.RUNNING, 4, GrantedShare(share, attempt))


@dataclass
class ScriptedApi:
    """An API that answers what it asks for from a list, and everything else with ``continue``.

    Attributes:
        statuses: answers, or errors, to changes of status.
        on_report: called with every message.
        patience_seconds: for how long the worker would have tried to say its last message of each status.
    """

    next_work: list[Answer | GemsError]
    statuses: dict[WorkerStatus, Answer | GemsError] = field(default_factory=dict)
    reports: list[StatusReport] = field(default_factory=list)
    stopped_by: list[str] = field(default_factory=list)
    on_report: Callable[[StatusReport], None] = lambda report: None
    patience_seconds: dict[WorkerStatus, float] = field(default_factory=dict)

    def report(self, report: StatusReport, *, patience_seconds: float) -> Answer:
        self.reports.append(report)
        self.patience_seconds[report.status] = patience_seconds
        self.on_report(report)
        if report.kind in (Kind.CLAIM, Kind.FINISHED, Kind.FAILED):
            answer = self.next_work.pop(0)
        else:
            answer = self.statuses.get(report.status, CONTINUE)
        if isinstance(answer, GemsError):
            raise answer
        return answer

    def stop_instances(self, instance_id: str, *, patience_seconds: float) -> None:
        self.stopped_by.append(instance_id)

    def said(self) -> list[tuple[str, str]]:
        return [(report.kind.value, report.status.value) for report in self.reports]

    @property
    def failure(self) -> StatusReport:
        (report,) = [report for report in self.reports if report.failure]
        return report


@dataclass
class Worker:
    """A worker before its first claim, with everything around it."""

    api: ScriptedApi
    tools: Tools
    loop: Loop
    reporter: Reporter


@pytest.fixture
def start(store: MemoryStore, tmp_path: Path) -> Callable[..., Worker]:
    def make(api: ScriptedApi, *shares: Share) -> Worker:
        tools = replace(make_work(tmp_path, store, {}).tools, manifest=manifest_of(*shares))
        tail = LogTail()
        tail.setFormatter(logging.Formatter("%(message)s"))
        logging.getLogger("worker").addHandler(tail)
        reporter = Reporter(api, Position("i-1", 0), tools.interruption, tail)  # type: ignore[arg-type]
        merge = Merge(store, CONTROL, tools.manifest, reporter, api)  # type: ignore[arg-type]
        return Worker(api, tools, Loop(reporter, tools, merge.run, tmp_path / "work"), reporter)

    logging.getLogger("worker").setLevel(logging.INFO)
    yield make  # type: ignore[misc]
    logging.getLogger("worker").handlers.clear()
    logging.getLogger("worker").setLevel(logging.NOTSET)


def shares(store: MemoryStore, *words: dict[str, str]) -> list[Share]:
    for share_words in words:
        put_reads(store, share_words)
    return [share_of(index, share_words) for index, share_words in enumerate(words, start=1)]


def test_shares_are_claimed_and_finished_until_told_to_leave(store: MemoryStore, start: Callable[..., Worker]) -> None:
    first, second = shares(store, {"K1": "GOOD"}, {"K2": "GOOD"})
    worker = start(ScriptedApi([work(first), work(second), LEAVE]), first, second)
    worker.loop.run()
    steps = [("status", status) for status in ("DOWNLOADING", "TYPING", "CROSS_MATCHING", "UPLOADING")]
    share = [*steps, ("finished", "UPLOADING")]
    assert worker.api.said() == [("claim", "BOOTSTRAPPING"), *share, *share]
    finished = worker.api.reports[-1]
    assert (finished.share, finished.attempt, finished.samples_done, finished.instance_index) == (2, 1, ("K2",), 4)


def test_a_worker_learns_its_index_from_its_first_status_but_not_from_a_heartbeat(start: Callable[..., Worker]) -> None:
    api = ScriptedApi([LEAVE])
    reporter = start(api).reporter
    reporter.beat(api)  # type: ignore[arg-type]
    reporter.tell(WorkerStatus.BOOTSTRAPPING)
    reporter.beat(api)  # type: ignore[arg-type]
    assert [report.instance_index for report in api.reports] == [0, 0, 4]


def test_the_shares_files_are_removed_when_it_is_finished(
    store: MemoryStore, start: Callable[..., Worker], tmp_path: Path
) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    start(ScriptedApi([work(share), LEAVE]), share).loop.run()
    assert list((tmp_path / "work").iterdir()) == []


def test_the_last_worker_merges_reports_and_has_the_instances_stopped(
    store: MemoryStore, start: Callable[..., Worker]
) -> None:
    (share,) = shares(store, {"K1": "GOOD", "K2": "BAD"})
    api = ScriptedApi([work(share), MERGE])
    api.statuses[WorkerStatus.REPORT_WRITTEN] = replace(CONTINUE, mail=MailOutcome(MailState.SENT))
    worker = start(api, share)
    worker.loop.run()
    assert [status for _, status in api.said()][-4:] == ["MERGING", "REPORT_WRITTEN", "EMAIL_SENT", "COMPLETE"]
    assert api.stopped_by == ["i-1"]
    key = report_key("run1", worker.tools.manifest.session_key, "json")
    samples = json.loads(store.read("reads", key))["samples"]
    assert [(sample["sample"], sample["outcome"]) for sample in samples] == [("K1", "typed"), ("K2", "failed")]
    assert samples[1]["reason"] == (
        "s3://reads/run1/K2_S1_L001_R1_001.fastq.gz, line 8: expected a quality line, found the end of the file"
    )


def test_the_mail_is_waited_for_longer_than_a_mere_status(store: MemoryStore, start: Callable[..., Worker]) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    api = ScriptedApi([work(share), MERGE])
    start(api, share).loop.run()
    patience_seconds = api.patience_seconds
    assert patience_seconds[WorkerStatus.REPORT_WRITTEN] > patience_seconds[WorkerStatus.MERGING]


@pytest.mark.parametrize("state", [MailState.NOT_ASKED, MailState.FAILED])
def test_a_mail_that_was_not_sent_is_not_said_to_be_sent(
    store: MemoryStore, start: Callable[..., Worker], state: MailState
) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    api = ScriptedApi([work(share), MERGE])
    api.statuses[WorkerStatus.REPORT_WRITTEN] = replace(CONTINUE, mail=MailOutcome(state))
    start(api, share).loop.run()
    assert [status for _, status in api.said()][-2:] == ["REPORT_WRITTEN", "COMPLETE"]


def test_results_that_are_missing_are_reported_and_do_not_stop_the_merge(
    store: MemoryStore, start: Callable[..., Worker]
) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    worker = start(ScriptedApi([MERGE]), share)
    worker.loop.run()
    document = json.loads(store.read("reads", report_key("run1", worker.tools.manifest.session_key, "json")))
    assert document["samples"][0]["reason"] == "no done-marker: no worker finished this sample"


@pytest.mark.parametrize("result", [None, b"{half", b'{"schema_version": 1, "sample": "K1", "loci": [{}]}'])
def test_a_result_that_is_lost_or_damaged_fails_its_sample_in_the_report_and_in_the_job(
    store: MemoryStore, start: Callable[..., Worker], result: bytes | None
) -> None:
    (share,) = shares(store, {"K1": "GOOD", "K2": "GOOD"})
    api = ScriptedApi([work(share), MERGE])
    worker = start(api, share)

    def harm(report: StatusReport) -> None:
        key = sample_result_key("run1", worker.tools.manifest.session_key, "K1", "typing.json")
        if report.status is WorkerStatus.MERGING:
            store.objects.pop(("reads", key))
            if result is not None:
                store.objects["reads", key] = result

    api.on_report = harm
    worker.loop.run()
    document = json.loads(store.read("reads", report_key("run1", worker.tools.manifest.session_key, "json")))
    assert [sample["outcome"] for sample in document["samples"]] == ["failed", "typed"]
    assert [store.marker(sample).outcome for sample in ("K1", "K2")] == ["failed", "typed"]
    assert store.marker("K1").reason == document["samples"][0]["reason"]
    assert store.marker("K1").reason.startswith("marked as typed, but: ")


def test_a_step_that_fails_is_reported_with_phase_reason_and_log_and_the_worker_goes_on(
    store: MemoryStore, start: Callable[..., Worker]
) -> None:
    bad, good = shares(store, {"K1": "SILENT"}, {"K2": "GOOD"})
    api = ScriptedApi([work(bad), work(good), LEAVE])
    start(api, bad, good).loop.run()
    assert api.failure.failure is not None
    assert (api.failure.share, api.failure.attempt, api.failure.failure.phase) == (1, 1, "type")
    assert "neither typing.json nor error.json" in api.failure.failure.reason
    assert any("failed in type" in line for line in api.failure.failure.log_tail)
    assert store.marker("K2").sample == "K2"


def test_an_unexpected_error_is_a_failure_like_any_other(
    store: MemoryStore, start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    monkeypatch.setattr(store, "exists", lambda bucket, key: 1 / 0)
    api = ScriptedApi([work(share), LEAVE])
    start(api, share).loop.run()
    assert api.failure.failure is not None
    assert (api.failure.failure.phase, api.failure.failure.reason) == (
        "download",
        "ZeroDivisionError('division by zero')",
    )


def test_a_machine_that_fails_three_times_in_a_row_leaves(store: MemoryStore, start: Callable[..., Worker]) -> None:
    (share,) = shares(store, {"K1": "SILENT"})
    api = ScriptedApi([work(share)] * 9)  # type: ignore[arg-type]
    with pytest.raises(ShareFailed, match="failed 3 times in a row"):
        start(api, share).loop.run()
    failed = [report.share for report in api.reports if report.kind is Kind.FAILED]
    assert failed == [1, 1, None], "of a share, another one would be given to it"


def test_a_merge_that_fails_is_reported_as_such(
    store: MemoryStore, start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    (share,) = shares(store, {"K1": "GOOD"})

    def refuse(*args: object) -> None:
        raise CloudRefused("no writing here")

    worker = start(ScriptedApi([MERGE, LEAVE]), share)
    monkeypatch.setattr(store, "write", refuse)
    worker.loop.run()
    assert worker.api.failure.failure is not None
    assert (worker.api.failure.failure.phase, worker.api.failure.failure.reason) == ("merge", "no writing here")
    assert worker.api.stopped_by == []


def test_statuses_nobody_hears_do_not_hinder_the_work(store: MemoryStore, start: Callable[..., Worker]) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    api = ScriptedApi([work(share), MERGE])
    for status in WorkerStatus:
        api.statuses[status] = ApiUnavailable("gone")
    start(api, share).loop.run()
    assert store.marker("K1").reason == ""
    assert api.stopped_by == ["i-1"]


def test_a_finished_share_is_never_called_failed_because_the_api_refuses_to_hear_it(
    store: MemoryStore, start: Callable[..., Worker]
) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    api = ScriptedApi([work(share), ApiRefused("no")])
    with pytest.raises(ApiRefused):
        start(api, share).loop.run()
    assert [kind for kind, _ in api.said()].count("failed") == 0


def test_a_cancelled_job_is_left_at_once_and_nothing_more_is_said(
    store: MemoryStore, start: Callable[..., Worker]
) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    api = ScriptedApi([work(share)])
    api.statuses[WorkerStatus.TYPING] = Answer(Instruction.STOP, JobStatus.CANCELLED, 0)
    start(api, share).loop.run()
    assert api.said()[-1] == ("status", "TYPING")
    assert store.writes == []


def test_a_machine_that_is_taken_away_gives_its_share_back(store: MemoryStore, start: Callable[..., Worker]) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    api = ScriptedApi([work(share), LEAVE])
    worker = start(api, share)

    def spot_notice(report: StatusReport) -> None:
        if report.status is WorkerStatus.TYPING:
            worker.tools.interruption.request(Cause.MACHINE_GOES, "EC2 takes this spot instance back")

    api.on_report = spot_notice
    worker.loop.run()
    assert api.failure.failure is not None
    assert (api.failure.share, api.failure.failure.phase) == (None, "type"), (
        "of a share, another one would be given to it"
    )
    assert api.failure.failure.reason == "EC2 takes this spot instance back"
    assert api.failure.machine_taken


def test_a_machine_that_is_likely_to_go_finishes_its_share_and_gives_the_next_one_back(
    store: MemoryStore, start: Callable[..., Worker]
) -> None:
    first, second = shares(store, {"K1": "GOOD"}, {"K2": "GOOD"})
    api = ScriptedApi([work(first), work(second), LEAVE])
    worker = start(api, first, second)

    def rebalance(report: StatusReport) -> None:
        if report.status is WorkerStatus.TYPING:
            worker.tools.interruption.advise("EC2 is likely to take this spot instance back soon")

    api.on_report = rebalance
    worker.loop.run()
    assert store.marker("K1").outcome == "typed"
    assert [kind for kind, _ in api.said() if kind != "status"] == ["claim", "finished", "failed"]
    assert api.failure.failure is not None
    assert api.failure.machine_taken
    assert "likely to take" in api.failure.failure.reason


def test_the_last_worker_merges_though_its_machine_is_likely_to_go(
    store: MemoryStore, start: Callable[..., Worker]
) -> None:
    (share,) = shares(store, {"K1": "GOOD"})
    worker = start(ScriptedApi([work(share), MERGE]), share)
    worker.tools.interruption.advise("EC2 is likely to take this spot instance back soon")
    worker.loop.run()
    assert ("status", "REPORT_WRITTEN") in worker.api.said()


@pytest.mark.parametrize(
    ("notice", "advice", "left_at_once", "left_between"),
    [(None, None, False, False), (None, "{}", False, True), ("{}", None, True, True), ("{}", "{}", True, True)],
    ids=["nothing", "rebalance-recommendation", "spot-notice", "both"],
)
def test_the_look_out_tells_a_notice_from_an_advice(
    notice: str | None, advice: str | None, left_at_once: bool, left_between: bool
) -> None:
    metadata = SimpleNamespace(spot_notice=lambda: notice, rebalance_notice=lambda: advice)
    interruption, quiet = Interruption(), SimpleNamespace(beat=lambda _api, _vitals: None, position=None)
    watch = SimpleNamespace(look=lambda _position: (None, ""), vitals=lambda _position: None)
    with Heartbeat(quiet, None, metadata, interruption, 0.01, watch=watch):  # type: ignore[arg-type]
        if left_between:
            eventually(lambda: _left(interruption.check_between_shares), "the notice is seen")
    assert (_left(interruption.check), _left(interruption.check_between_shares)) == (left_at_once, left_between)


def _left(check: Callable[[], None]) -> bool:
    try:
        check()
    except Interrupted:
        return True
    return False


def test_a_worker_told_to_wait_claims_again(store: MemoryStore, start: Callable[..., Worker]) -> None:
    wait = Answer(Instruction.WAIT, JobStatus.RUNNING, 0, retry_after_seconds=0)
    worker = start(ScriptedApi([wait, wait, LEAVE]))
    worker.loop.run()
    assert worker.api.said() == [("claim", "BOOTSTRAPPING")] * 3
