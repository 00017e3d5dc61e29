"""Who may do what in a review, and when; and what a log of events comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from gems_core.people import Caller, Right, Role
from gems_core.review.events import Event, Kind
from gems_core.review.state import Approval, SampleReview, State


class Ground(Enum):
    """Why something is refused."""

    NOT_ALLOWED = auto()
    """The person's role does not have the right."""
    CONFLICT = auto()
    """The review is in a state in which nobody may."""
    INVALID = auto()
    """The event lacks something, or has too much."""


@dataclass(frozen=True)
class Refusal:
    """What is refused, and why.

    Attributes:
        field: of the event, where one is wrong.
    """

    ground: Ground
    told: str
    field: str = ""


class RuleBroken(ValueError):
    """A log has an event that the rules refuse, so GeMS did not write it.

    Attributes:
        number: of its entry.
    """

    def __init__(self, number: int, told: str) -> None:
        self.number = number
        super().__init__(f"entry {number} breaks a rule: {told}")


# What an event of each kind must say beside who, when and of which sample; all else must be empty.
_SAYS: dict[Kind, frozenset[str]] = {
    Kind.ACCEPT: frozenset(),
    Kind.OVERRIDE: frozenset({"locus", "call", "original", "reason", "words"}),
    Kind.WITHDRAW: frozenset({"locus", "words"}),
    Kind.COMMENT: frozenset({"words"}),
    Kind.REPEAT: frozenset({"words"}),
    Kind.ASSIGN: frozenset({"assignee"}),
    Kind.APPROVE: frozenset(),
    Kind.REOPEN: frozenset({"words"}),
    Kind.FORGET: frozenset({"words"}),
}
_OPTIONAL: dict[Kind, frozenset[str]] = {
    kind: frozenset({"words"}) for kind in (Kind.ACCEPT, Kind.ASSIGN, Kind.APPROVE)
}
_FIELDS = ("locus", "call", "original", "reason", "words", "assignee")
_APPROVERS = frozenset({Kind.APPROVE, Kind.REOPEN})


def refusal(review: SampleReview, event: Event) -> Refusal | None:
    """Why an event may not follow; None: it may."""
    return _by_role(event) or _by_content(event) or _by_oblivion(review) or _by_state(review, event)


def folded(events: Iterable[tuple[int, Event]]) -> dict[str, SampleReview]:
    """How the reviews of a job's samples stand, by sample; those of which nobody has said anything are left out.

    Raises:
        RuleBroken: at the first event that may not follow those before it.
    """
    reviews: dict[str, SampleReview] = {}
    for number, event in events:
        review = reviews.get(event.sample, SampleReview(event.sample))
        refused = refusal(review, event)
        if refused is not None:
            raise RuleBroken(number, refused.told)
        reviews[event.sample] = review.after(number, event)
    return reviews


def _by_role(event: Event) -> Refusal | None:
    if event.kind is Kind.FORGET:
        is_one = event.role is Role.ADMINISTRATOR
        told = f"forget: a {event.role} may not; an administrator may"
        return None if is_one else Refusal(Ground.NOT_ALLOWED, told)
    right = Right.APPROVE if event.kind in _APPROVERS else Right.REVIEW
    if Caller(event.by, event.role).may(right):
        return None
    return Refusal(Ground.NOT_ALLOWED, f"{event.kind}: a {event.role} may not; an {_who(right)} may")


def _who(right: Right) -> str:
    return "approver" if right is Right.APPROVE else "approver or a reviewer"


def _by_content(event: Event) -> Refusal | None:
    for name in _FIELDS:
        value = getattr(event, name)
        said = bool(value.strip()) if isinstance(value, str) else value is not None
        if name in _SAYS[event.kind] and not said:
            return Refusal(Ground.INVALID, f"{event.kind}: expected {name}, found nothing", name)
        if said and name not in _SAYS[event.kind] | _OPTIONAL.get(event.kind, frozenset()):
            return Refusal(Ground.INVALID, f"{event.kind}: expected no {name}, found one", name)
    if event.kind is Kind.OVERRIDE and event.call.strip() == event.original:
        return Refusal(Ground.INVALID, "override: expected another call than the typer's, found the same", "call")
    return None


def _by_oblivion(review: SampleReview) -> Refusal | None:
    if review.state is State.FORGOTTEN:
        return _conflict("the results of this sample were forgotten; nothing more can be said of them")
    return None


def _by_state(review: SampleReview, event: Event) -> Refusal | None:
    if event.kind in (Kind.REOPEN, Kind.FORGET):
        may = review.approvals or event.kind is Kind.FORGET
        return None if may else _conflict("nobody has approved this sample, so it is open")
    if event.kind is Kind.APPROVE:
        return _by_approvals(review, event)
    if review.is_final:
        return _conflict("two people have approved this sample; an approver must open it again first")
    if review.approvals and event.kind is not Kind.COMMENT:
        return _conflict("somebody has approved this sample; an approver must open it again first")
    if event.kind is Kind.WITHDRAW and event.locus not in review.overrides:
        return _conflict(f"no call of {event.locus} is overridden")
    return None


def _by_approvals(review: SampleReview, event: Event) -> Refusal | None:
    if review.is_final:
        return _conflict("two people have approved this sample already")
    if review.state not in (State.ACCEPTED, State.OVERRIDDEN):
        return _conflict(f"the sample's review is {review.state}; its calls must be accepted or overridden first")
    if any(_is_of(approval, event) for approval in review.approvals):
        return _conflict("the second approval must be another person's than the first")
    if review.approvals and review.approved_results != event.results:
        return _conflict("the results are not those of the first approval; an approver must open the sample again")
    return None


def _is_of(approval: Approval, event: Event) -> bool:
    """Whether the same person approves: by name, or by the account that another name has been given since."""
    account = (event.issuer, event.subject)
    return approval.by == event.by or (any(account) and (approval.issuer, approval.subject) == account)


def _conflict(told: str) -> Refusal:
    return Refusal(Ground.CONFLICT, told)
