"""Which status may follow which."""

from itertools import pairwise

import pytest

from gems_core.statuses import (
    FINAL_JOB_STATUSES,
    JobStatus,
    WorkerStatus,
    final_status,
    job_may_become,
    running_status,
    worker_may_become,
)


def test_the_way_of_a_worker_with_two_shares_and_the_merge_is_allowed() -> None:
    share = ["DOWNLOADING", "TYPING", "CROSS_MATCHING", "UPLOADING"]
    way = ["LAUNCHED", "BOOTSTRAPPING", *share, *share, "MERGING", "REPORT_WRITTEN", "EMAIL_SENT", "COMPLETE"]
    for earlier, later in pairwise(way):
        assert worker_may_become(WorkerStatus(earlier), WorkerStatus(later)), (earlier, later)


@pytest.mark.parametrize(
    ("current", "late"),
    [
        ("TYPING", "DOWNLOADING"),
        ("TYPING", "TYPING"),
        ("COMPLETE", "TYPING"),
        ("COMPLETE", "FAILED"),
        ("COMPLETE", "LOST"),
    ],
)
def test_a_late_or_repeated_report_is_no_news(current: str, late: str) -> None:
    assert not worker_may_become(WorkerStatus(current), WorkerStatus(late))


def test_a_worker_thought_lost_is_believed_when_it_speaks_again() -> None:
    assert worker_may_become(WorkerStatus.LOST, WorkerStatus.UPLOADING)


def test_a_worker_told_to_leave_that_is_given_work_when_it_asks_again_is_at_work() -> None:
    assert worker_may_become(WorkerStatus.COMPLETE, WorkerStatus.DOWNLOADING)
    assert worker_may_become(WorkerStatus.COMPLETE, WorkerStatus.MERGING)


@pytest.mark.parametrize("status", sorted(set(WorkerStatus) - {WorkerStatus.COMPLETE, WorkerStatus.FAILED}))
def test_any_worker_at_work_may_fail(status: WorkerStatus) -> None:
    assert worker_may_become(status, WorkerStatus.FAILED)


def test_no_ended_job_changes_but_by_being_launched_again() -> None:
    for ended in FINAL_JOB_STATUSES:
        assert all(following == JobStatus.LAUNCHING for following in JobStatus if job_may_become(ended, following))


def test_a_job_runs_from_its_first_claim_until_it_merges() -> None:
    assert running_status(begun=False, merging=False) == JobStatus.LAUNCHING
    assert running_status(begun=True, merging=False) == JobStatus.RUNNING
    assert running_status(begun=True, merging=True) == JobStatus.MERGING


def test_one_failed_sample_is_never_hidden() -> None:
    assert final_status(typed=9, failed=0) == JobStatus.COMPLETE
    assert final_status(typed=9, failed=1) == JobStatus.COMPLETE_WITH_FAILURES
    assert final_status(typed=0, failed=1) == JobStatus.FAILED
