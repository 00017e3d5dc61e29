"""What a sample's review waits for, for whom, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gems_core.people import Caller, Right
from gems_core.review.events import Event, Kind
from gems_core.review.state import SampleReview, State


class Wait(StrEnum):
    """What somebody has to do next."""

    REVIEW = "review"
    ASSIGNED = "assigned"
    FIRST_APPROVAL = "first_approval"
    SECOND_APPROVAL = "second_approval"
    REPEAT = "repeat"


_BY_STATE = {State.OPEN: Wait.REVIEW, State.ASSIGNED: Wait.ASSIGNED, State.REPEAT: Wait.REPEAT}
_RIGHTS = {
    Wait.REVIEW: Right.REVIEW,
    Wait.ASSIGNED: Right.REVIEW,
    Wait.FIRST_APPROVAL: Right.APPROVE,
    Wait.SECOND_APPROVAL: Right.APPROVE,
    Wait.REPEAT: Right.RUN,
}
_JUDGED = frozenset({Kind.ACCEPT, Kind.OVERRIDE})


@dataclass(frozen=True)
class Progress:
    """How far a sample's review is, and since when.

    Attributes:
        state: of the review.
        assignee: who was asked to look; '' for nobody.
        approvers: who has approved in this round, in order.
        since: when its state last changed; None: nobody has said anything but comments.
        reviewed_at: when it was first accepted or overridden.
        approved_at: when the second approval was given; None without one.
    """

    state: State = State.OPEN
    assignee: str = ""
    approvers: tuple[str, ...] = ()
    since: datetime | None = None
    reviewed_at: datetime | None = None
    approved_at: datetime | None = None

    @classmethod
    def of(cls, review: SampleReview, events: Iterable[Event]) -> Progress:
        """Of a sample's review and what was said of the sample, in order."""
        changes = [event for event in events if event.kind is not Kind.COMMENT]
        judged = [event.at for event in changes if event.kind in _JUDGED]
        return cls(
            review.state,
            review.assignee,
            tuple(approval.by for approval in review.approvals),
            changes[-1].at if changes else None,
            judged[0] if judged else None,
            review.approvals[-1].at if review.is_final else None,
        )

    @property
    def waits_for(self) -> Wait | None:
        """What is to be done next; None once two people have approved."""
        if self.approved_at is not None or self.state is State.FORGOTTEN:
            return None
        if self.approvers:
            return Wait.SECOND_APPROVAL
        return _BY_STATE.get(self.state, Wait.FIRST_APPROVAL)

    def is_for(self, person: Caller) -> bool:
        """Whether a person is one of those for whom it waits: who gave the first approval may not give the second."""
        wait = self.waits_for
        if wait is None or not person.may(_RIGHTS[wait]):
            return False
        if wait is Wait.ASSIGNED:
            return self.assignee == person.name
        return wait is not Wait.SECOND_APPROVAL or person.name not in self.approvers
