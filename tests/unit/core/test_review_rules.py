"""The rules of review and approval: a table of what is refused, and what no sequence of events can bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gems_core.errors import InvalidInput
from gems_core.people import Role
from gems_core.review.events import EVENT, Event, Kind, Reason, event_of
from gems_core.review.rules import Ground, RuleBroken, folded, refusal
from gems_core.review.state import SampleReview, State

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SEEN, LATER = "a" * 64, "b" * 64


def event(kind: Kind, by: str = "rita", role: Role = Role.REVIEWER, **more: object) -> Event:
    says: dict[Kind, dict[str, object]] = {
        Kind.OVERRIDE: {
            "locus": "A",
            "call": "A*01:01",
            "original": "A*01:02",
            "reason": Reason.PHASE,
            "words": "seen",
        },
        Kind.WITHDRAW: {"locus": "A", "words": "no"},
        Kind.COMMENT: {"words": "looks well"},
        Kind.REPEAT: {"words": "too few reads"},
        Kind.ASSIGN: {"assignee": "anna"},
        Kind.REOPEN: {"words": "a letter came"},
        Kind.FORGET: {"words": "asked to"},
    }
    values = {"sample": "S1", "results": SEEN, **says.get(kind, {}), **more}
    return Event(kind, by, role, NOW, **values)  # type: ignore[arg-type]


def approval(by: str, **more: object) -> Event:
    return event(Kind.APPROVE, by, Role.APPROVER, **more)


def reopening(by: str = "anna") -> Event:
    return event(Kind.REOPEN, by, Role.APPROVER)


def review_of(*events: Event) -> SampleReview:
    return folded(enumerate(events, 1)).get("S1", SampleReview("S1"))


FORGET = event(Kind.FORGET, "adam", Role.ADMINISTRATOR)
ACCEPT, OVERRIDE, WITHDRAW = event(Kind.ACCEPT), event(Kind.OVERRIDE), event(Kind.WITHDRAW)
APPROVED_ONCE = (ACCEPT, approval("anna"))
FINAL = (*APPROVED_ONCE, approval("bert"))
STATES: dict[str, tuple[tuple[Event, ...], State, int]] = {
    "nothing": ((), State.OPEN, 0),
    "accepted": ((ACCEPT,), State.ACCEPTED, 0),
    "overridden": ((OVERRIDE,), State.OVERRIDDEN, 0),
    "accepted with an override": ((OVERRIDE, ACCEPT), State.OVERRIDDEN, 0),
    "withdrawn": ((OVERRIDE, WITHDRAW), State.OPEN, 0),
    "a comment changes nothing": ((ACCEPT, event(Kind.COMMENT)), State.ACCEPTED, 0),
    "to be repeated": ((ACCEPT, event(Kind.REPEAT)), State.REPEAT, 0),
    "assigned": ((event(Kind.ASSIGN),), State.ASSIGNED, 0),
    "assigned, then accepted": ((event(Kind.ASSIGN), ACCEPT), State.ACCEPTED, 0),
    "approved once": (APPROVED_ONCE, State.ACCEPTED, 1),
    "final": (FINAL, State.ACCEPTED, 2),
    "opened again after one": ((*APPROVED_ONCE, reopening("bert")), State.OPEN, 0),
    "opened again": ((*FINAL, reopening()), State.OPEN, 0),
    "a new pair": ((*FINAL, reopening(), ACCEPT, approval("bert"), approval("anna")), State.ACCEPTED, 2),
    "forgotten while it is open": ((FORGET,), State.FORGOTTEN, 0),
    "forgotten after two approvals": ((*FINAL, FORGET), State.FORGOTTEN, 0),
    "a comment after one approval": ((*APPROVED_ONCE, event(Kind.COMMENT)), State.ACCEPTED, 1),
}


@pytest.mark.parametrize(("events", "state", "approvals"), STATES.values(), ids=STATES)
def test_events_come_to_a_state(events: tuple[Event, ...], state: State, approvals: int) -> None:
    review = review_of(*events)
    assert (review.state, len(review.approvals), review.last) == (state, approvals, len(events))


REFUSED: dict[str, tuple[tuple[Event, ...], Event, Ground, str]] = {
    "an approver forgets": ((), event(Kind.FORGET, "anna", Role.APPROVER), Ground.NOT_ALLOWED, "an administrator may"),
    "a comment after all was forgotten": ((FORGET,), event(Kind.COMMENT), Ground.CONFLICT, "were forgotten"),
    "forgotten twice": ((FORGET,), FORGET, Ground.CONFLICT, "were forgotten"),
    "a viewer accepts": ((), event(Kind.ACCEPT, role=Role.VIEWER), Ground.NOT_ALLOWED, "a viewer may not"),
    "an administrator overrides": ((), event(Kind.OVERRIDE, role=Role.ADMINISTRATOR), Ground.NOT_ALLOWED, "may not"),
    "a reviewer approves": ((ACCEPT,), event(Kind.APPROVE), Ground.NOT_ALLOWED, "an approver may"),
    "a reviewer opens again": (FINAL, event(Kind.REOPEN), Ground.NOT_ALLOWED, "an approver may"),
    "an override without a reason": ((), event(Kind.OVERRIDE, reason=None), Ground.INVALID, "expected reason"),
    "an override without words": ((), event(Kind.OVERRIDE, words=" \n"), Ground.INVALID, "expected words"),
    "an override without a locus": ((), event(Kind.OVERRIDE, locus=""), Ground.INVALID, "expected locus"),
    "an override without a call": ((), event(Kind.OVERRIDE, call=""), Ground.INVALID, "expected call"),
    "an override by the same call": ((), event(Kind.OVERRIDE, call="A*01:02 "), Ground.INVALID, "found the same"),
    "an acceptance with a call": ((), event(Kind.ACCEPT, call="A*01:01"), Ground.INVALID, "expected no call"),
    "a comment without words": ((), event(Kind.COMMENT, words=""), Ground.INVALID, "expected words"),
    "a repeat without words": ((), event(Kind.REPEAT, words=""), Ground.INVALID, "expected words"),
    "an assignment to nobody": ((), event(Kind.ASSIGN, assignee=""), Ground.INVALID, "expected assignee"),
    "a withdrawal of nothing": ((), WITHDRAW, Ground.CONFLICT, "no call of A is overridden"),
    "an approval of what is open": ((), approval("anna"), Ground.CONFLICT, "review is open"),
    "an approval of what is assigned": ((event(Kind.ASSIGN),), approval("anna"), Ground.CONFLICT, "review is assigned"),
    "an approval of what is to be repeated": ((event(Kind.REPEAT),), approval("anna"), Ground.CONFLICT, "is repeat"),
    "a second approval by the same": (APPROVED_ONCE, approval("anna"), Ground.CONFLICT, "another person's"),
    "a second approval of other results": (APPROVED_ONCE, approval("bert", results=LATER), Ground.CONFLICT, "not those"),
    "a third approval": (FINAL, approval("carl"), Ground.CONFLICT, "already"),
    "an override after one approval": (APPROVED_ONCE, OVERRIDE, Ground.CONFLICT, "open it again first"),
    "an acceptance after one approval": (APPROVED_ONCE, ACCEPT, Ground.CONFLICT, "open it again first"),
    "an override after both": (FINAL, OVERRIDE, Ground.CONFLICT, "open it again first"),
    "a comment after both": (FINAL, event(Kind.COMMENT), Ground.CONFLICT, "open it again first"),
    "a repeat after both": (FINAL, event(Kind.REPEAT), Ground.CONFLICT, "open it again first"),
    "an assignment after both": (FINAL, event(Kind.ASSIGN), Ground.CONFLICT, "open it again first"),
    "opening what is open": ((ACCEPT,), reopening(), Ground.CONFLICT, "so it is open"),
    "opening without a reason": (FINAL, replace(reopening(), words=""), Ground.INVALID, "expected words"),
    "an approval right after opening": ((*FINAL, reopening()), approval("carl"), Ground.CONFLICT, "review is open"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "what", "ground", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_why(before: tuple[Event, ...], what: Event, ground: Ground, told: str) -> None:
    refused = refusal(review_of(*before), what)
    assert refused is not None
    assert refused.ground is ground
    assert told in refused.told
    with pytest.raises(RuleBroken) as broken:
        review_of(*before, what)
    assert broken.value.number == len(before) + 1


def test_the_original_call_stays_beside_the_override() -> None:
    other = event(Kind.OVERRIDE, call="A*01:03")
    override = review_of(OVERRIDE, other).overrides["A"]
    assert (override.original, override.call, override.reason) == ("A*01:02", "A*01:03", Reason.PHASE)


def test_an_event_is_read_as_it_was_written() -> None:
    for one in (ACCEPT, OVERRIDE, event(Kind.ASSIGN), approval("anna")):
        assert event_of(EVENT.write(one)) == one


def test_who_signs_in_with_an_account_is_told_with_it_and_others_are_written_as_before() -> None:
    account = {"issuer": "https://login.example.org", "subject": "7f-anna"}
    told = EVENT.write(approval("anna", **account))
    assert {name: told[name] for name in account} == account
    assert event_of(told) == approval("anna", **account)
    assert not account.keys() & EVENT.write(approval("anna")).keys(), "the bytes of logs without accounts stay the same"


def test_one_account_does_not_approve_twice_under_two_names() -> None:
    account = {"issuer": "https://login.example.org", "subject": "7f-anna"}
    first = review_of(ACCEPT, approval("anna", **account))
    second = refusal(first, approval("bert", **account))
    assert second is not None
    assert "another person's" in second.told
    for other in ({**account, "subject": "8"}, {**account, "issuer": "https://other.example.org"}, {}):
        assert refusal(first, approval("bert", **other)) is None
        assert refusal(review_of(ACCEPT, approval("anna")), approval("bert", **other)) is None


@pytest.mark.parametrize(
    "change", [{"kind": "bless"}, {"by": "Anna"}, {"role": "boss"}, {"at": "today"}, {"results": "x"}, {"results": "A" * 64},
               {"reason": "why not"}, {"words": "x" * 1001}, {"assignee": "../x"}, {"sample": 1}],
    ids=str,
)  # fmt: skip
def test_what_is_no_event_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        event_of({**EVENT.write(OVERRIDE), **change})


PEOPLE = {
    "rita": Role.REVIEWER,
    "anna": Role.APPROVER,
    "bert": Role.APPROVER,
    "carl": Role.APPROVER,
    "vera": Role.VIEWER,
}


@st.composite
def attempts(draw: st.DrawFn) -> Event:
    by = draw(st.sampled_from(sorted(PEOPLE)))
    one = event(draw(st.sampled_from(Kind)), by, PEOPLE[by])
    return replace(one, sample=draw(st.sampled_from(["S1", "S2"])), results=draw(st.sampled_from([SEEN, SEEN, LATER])))


def admitted(tries: list[Event]) -> list[tuple[Event, SampleReview, SampleReview]]:
    """Each event that the rules let through, with the review before and after it."""
    reviews: dict[str, SampleReview] = {}
    let_through = []
    for one in tries:
        before = reviews.get(one.sample, SampleReview(one.sample))
        if refusal(before, one) is None:
            after = before.after(len(let_through) + 1, one)
            reviews[one.sample] = after
            let_through.append((one, before, after))
    return let_through


@given(st.lists(attempts(), max_size=60))
def test_whatever_people_try_the_approvals_are_a_pair_of_two(tries: list[Event]) -> None:
    for _, _, review in admitted(tries):
        names = [one.by for one in review.approvals]
        assert len(names) == len(set(names)) <= 2
        assert all(PEOPLE[name] is Role.APPROVER for name in names)
        assert len({one.results for one in review.approvals}) <= 1
        assert not review.approvals or review.state in (State.ACCEPTED, State.OVERRIDDEN)


@given(st.lists(attempts(), max_size=60))
def test_whatever_people_try_nothing_changes_after_the_second_approval_without_opening_again(
    tries: list[Event],
) -> None:
    for one, before, _ in admitted(tries):
        assert not before.is_final or one.kind is Kind.REOPEN
        assert not before.approvals or one.kind in (Kind.REOPEN, Kind.APPROVE, Kind.COMMENT)


@given(st.lists(attempts(), max_size=60))
def test_whatever_people_try_opening_again_takes_both_approvals_and_keeps_the_overrides(tries: list[Event]) -> None:
    for one, before, after in admitted(tries):
        if one.kind is Kind.REOPEN:
            assert (after.approvals, after.state, after.rounds) == ((), State.OPEN, before.rounds + 1)
            assert after.overrides == before.overrides


@given(st.lists(attempts(), max_size=60))
def test_what_was_let_through_folds_to_the_same_and_samples_do_not_touch_each_other(tries: list[Event]) -> None:
    let_through = admitted(tries)
    reviews = folded((number, one) for number, (one, _, _) in enumerate(let_through, 1))
    for sample, review in reviews.items():
        assert review == [after for one, _, after in let_through if one.sample == sample][-1]
        alone = [(number, one) for number, (one, _, _) in enumerate(let_through, 1) if one.sample == sample]
        assert folded(alone) == {sample: review}
