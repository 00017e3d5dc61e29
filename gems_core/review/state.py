"""How a sample's review stands: what its events come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from gems_core.review.events import Event, Kind, Reason

PAIR = 2
"""How many people approve; the second approval is final."""


class State(StrEnum):
    """How a review stands, apart from its approvals."""

    OPEN = "open"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"
    REPEAT = "repeat"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class Override:
    """A call that a person set beside the typer's, which stays."""

    locus: str
    original: str
    call: str
    reason: Reason
    words: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Approval:
    """One person's approval of the results with this digest.

    Attributes:
        issuer, subject: the account with which the person signed in; '' for people with a password.
    """

    by: str
    at: datetime
    results: str
    issuer: str = ""
    subject: str = ""


@dataclass(frozen=True)
class SampleReview:
    """A sample's review.

    Attributes:
        overrides: those in force, by locus.
        approvals: of this round, the first before the second.
        rounds: how often it was opened again.
        last: the number of the log's entry that changed it last; 0: nobody has said anything.
    """

    sample: str
    state: State = State.OPEN
    assignee: str = ""
    overrides: Mapping[str, Override] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    comments: int = 0
    rounds: int = 0
    last: int = 0

    @property
    def is_final(self) -> bool:
        """Whether two people have approved."""
        return len(self.approvals) == PAIR

    @property
    def approved_results(self) -> str:
        """The digest of what was approved; '' while nobody has."""
        return self.approvals[-1].results if self.approvals else ""

    def after(self, number: int, event: Event) -> SampleReview:
        """The review after an event that the rules allow (``rules.refusal``)."""
        return replace(_CHANGES[event.kind](self, event), last=number)


def _accepted(review: SampleReview, _: Event) -> SampleReview:
    return replace(review, state=State.OVERRIDDEN if review.overrides else State.ACCEPTED)


def _overridden(review: SampleReview, event: Event) -> SampleReview:
    assert event.reason is not None
    made = Override(event.locus, event.original, event.call, event.reason, event.words, event.by, event.at)
    return replace(review, state=State.OVERRIDDEN, overrides={**review.overrides, event.locus: made})


def _withdrawn(review: SampleReview, event: Event) -> SampleReview:
    """The sample is to be looked at again because nobody has accepted the typer's own call."""
    left = {locus: override for locus, override in review.overrides.items() if locus != event.locus}
    return replace(review, state=State.OPEN, overrides=left)


def _assigned(review: SampleReview, event: Event) -> SampleReview:
    return replace(review, state=State.ASSIGNED, assignee=event.assignee)


def _approved(review: SampleReview, event: Event) -> SampleReview:
    made = Approval(event.by, event.at, event.results, event.issuer, event.subject)
    return replace(review, approvals=(*review.approvals, made))


def _forgotten(review: SampleReview, _: Event) -> SampleReview:
    """Nothing is left that anybody could have approved."""
    return replace(review, state=State.FORGOTTEN, overrides={}, approvals=(), assignee="")


_CHANGES: dict[Kind, Callable[[SampleReview, Event], SampleReview]] = {
    Kind.ACCEPT: _accepted,
    Kind.OVERRIDE: _overridden,
    Kind.WITHDRAW: _withdrawn,
    Kind.COMMENT: lambda review, _: replace(review, comments=review.comments + 1),
    Kind.REPEAT: lambda review, _: replace(review, state=State.REPEAT),
    Kind.ASSIGN: _assigned,
    Kind.APPROVE: _approved,
    Kind.REOPEN: lambda review, _: replace(review, state=State.OPEN, approvals=(), rounds=review.rounds + 1),
    Kind.FORGET: _forgotten,
}
