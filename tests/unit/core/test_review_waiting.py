"""What a sample's review waits for, for whom, and since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gems_core.people import SHARED_USER, Caller, Role
from gems_core.review.events import Event, Kind, Reason
from gems_core.review.rules import folded
from gems_core.review.state import SampleReview
from gems_core.review.waiting import Progress, Wait

BEGAN = datetime(2026, 11, 30, 8, tzinfo=UTC)
ROLES = {
    "vera": Role.VIEWER,
    "rita": Role.REVIEWER,
    "ralf": Role.REVIEWER,
    "anna": Role.APPROVER,
    "bert": Role.APPROVER,
    "adam": Role.ADMINISTRATOR,
}
CALLERS = {name: Caller(name, role) for name, role in ROLES.items()}
CALLERS[SHARED_USER] = Caller(SHARED_USER)
MORE = {
    Kind.OVERRIDE: {"locus": "A", "call": "A*01:01", "original": "A*02:01", "reason": Reason.PHASE, "words": "x"},
    Kind.COMMENT: {"words": "x"},
    Kind.REPEAT: {"words": "x"},
    Kind.REOPEN: {"words": "x"},
    Kind.FORGET: {"words": "x"},
    Kind.ASSIGN: {"assignee": "ralf"},
}


def progress(*said: str) -> Progress:
    """After ``name kind`` events, an hour apart."""
    events = []
    for hour, text in enumerate(said, 1):
        name, kind = text.split()
        at = BEGAN + timedelta(hours=hour)
        events.append(Event(Kind(kind), name, ROLES[name], at, "K001", "0" * 64, **MORE.get(Kind(kind), {})))
    review = folded(enumerate(events, 1)).get("K001", SampleReview("K001"))
    return Progress.of(review, events)


CASES: dict[str, tuple[tuple[str, ...], Wait | None, set[str]]] = {
    "nobody said anything": ((), Wait.REVIEW, {"rita", "ralf", "anna", "bert"}),
    "a comment": (("rita comment",), Wait.REVIEW, {"rita", "ralf", "anna", "bert"}),
    "asked": (("rita assign",), Wait.ASSIGNED, {"ralf"}),
    "accepted": (("rita accept",), Wait.FIRST_APPROVAL, {"anna", "bert"}),
    "overridden": (("anna override",), Wait.FIRST_APPROVAL, {"anna", "bert"}),
    "approved once": (("rita accept", "anna approve"), Wait.SECOND_APPROVAL, {"bert"}),
    "approved": (("rita accept", "anna approve", "bert approve"), None, set()),
    "opened again": (("rita accept", "anna approve", "bert reopen"), Wait.REVIEW, {"rita", "ralf", "anna", "bert"}),
    "forgotten": (("rita accept", "adam forget"), None, set()),
    "to repeat": (("rita repeat",), Wait.REPEAT, {"rita", "ralf", "anna", "bert", "adam", SHARED_USER}),
}


@pytest.mark.parametrize(("said", "wait", "people"), CASES.values(), ids=CASES)
def test_what_it_waits_for_and_for_whom(said: tuple[str, ...], wait: Wait | None, people: set[str]) -> None:
    found = progress(*said)
    assert found.waits_for is wait
    assert {name for name, person in CALLERS.items() if found.is_for(person)} == people


def test_it_waits_since_its_state_changed_and_comments_change_nothing() -> None:
    assert progress("rita comment").since is None
    assert progress("rita accept", "ralf comment").since == BEGAN + timedelta(hours=1)


def test_it_was_reviewed_when_it_was_first_accepted_and_approved_with_the_second_approval() -> None:
    found = progress("rita override", "ralf accept", "anna approve", "bert approve")
    assert found.reviewed_at == BEGAN + timedelta(hours=1)
    assert found.approved_at == BEGAN + timedelta(hours=4)
    again = progress("rita accept", "anna approve", "bert approve", "bert reopen")
    assert (again.reviewed_at, again.approved_at) == (BEGAN + timedelta(hours=1), None)
