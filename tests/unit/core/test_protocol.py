"""What workers and the API say to each other."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gems_core.errors import InvalidInput
from gems_core.fastq_names import Sample, StoredFile
from gems_core.protocol.answer import Answer, GrantedShare, Instruction, MailOutcome, MailState, MergeLease
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.shares import Share
from gems_core.statuses import JobStatus, WorkerStatus

MOMENT = datetime(2026, 11, 23, 1, 2, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


def test_a_status_report_reads_back_as_it_was_sent() -> None:
    report = StatusReport(
        "i-1", 2, WorkerStatus.FAILED, Kind.FAILED, 3, 1, "sample 2 of 3", ("a",), Failure("TYPING", "why", ("line",))
    )
    assert StatusReport.from_json(report.as_json()) == report


def test_an_answer_reads_back_as_it_was_sent() -> None:
    share = GrantedShare(Share(3, (Sample("a", StoredFile("a1", 1), StoredFile("a2", 2)),)), 2)
    lease, mail = MergeLease("i-1", MOMENT), MailOutcome(MailState.FAILED, "not verified")
    answer = Answer(Instruction.MERGE, JobStatus.MERGING, 4, share, lease, mail, 5)
    assert Answer.from_json(answer.as_json()) == answer
    bare = Answer(Instruction.LEAVE, JobStatus.RUNNING, 0)
    assert Answer.from_json(bare.as_json()) == bare


def test_a_done_marker_reads_back_as_it_was_written() -> None:
    marker = DoneMarker("a", SampleOutcome.FAILED, "no reads", 1, 1, "i-1", MOMENT)
    assert DoneMarker.from_json(marker.as_json()) == marker


def test_every_wrong_field_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        StatusReport.from_json({"instance_id": 5, "instance_index": -1, "status": "SLEEPING", "kind": 5})
    assert len(raised.value.problems) == 4


@pytest.mark.parametrize("text", ["", "i 1", "i-1\n", "../i-1", "i-\ud800", "i" * 65])
def test_what_names_no_instance_is_refused(text: str) -> None:
    report = StatusReport("i-1", 0, WorkerStatus.TYPING, Kind.HEARTBEAT).as_json()
    with pytest.raises(InvalidInput, match="such as i-0f2a"):
        StatusReport.from_json(report | {"instance_id": text})


def test_a_reason_is_cut_rather_than_refused() -> None:
    failure = Failure.from_json({"phase": "p" * 5000, "reason": "r" * 50_000, "log_tail": ["x" * 9000] * 500})
    assert (len(failure.phase), len(failure.reason), len(failure.log_tail)) == (100, 2000, 20)


@given(json_values)
def test_anything_at_all_is_understood_or_refused(value: object) -> None:
    for parse in (StatusReport.from_json, Failure.from_json, DoneMarker.from_json):
        with suppress(InvalidInput):
            assert parse(value) is not None
