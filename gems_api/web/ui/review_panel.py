"""The panel of a sample's page on which people review and approve: what it shows, and what the visitor may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gems_api.services.review.reading import ReviewedSample, reviewed_page
from gems_api.services.storage.review_log import ReviewUnreadable
from gems_api.web.contexts import context
from gems_api.web.ui.frame import user
from gems_core.people import SHARED_USER, Caller, Right
from gems_core.review.events import Event, Kind, Reason
from gems_core.review.state import Override, SampleReview, State
from gems_core.session_key import SessionKey
from gems_report.pages import SamplePage
from gems_report.result_digest import call_of
from gems_report.review import DID, REASONS

MOST_ENTRIES = 100
_SETTLED = (State.ACCEPTED, State.OVERRIDDEN)
_TONES = {
    State.ACCEPTED: "good",
    State.OVERRIDDEN: "good",
    State.REPEAT: "bad",
    State.ASSIGNED: "moving",
    State.OPEN: "quiet",
    State.FORGOTTEN: "quiet",
}


@dataclass(frozen=True)
class Line:
    """An entry of the log as the page shows it.

    Attributes:
        is_new: whether somebody else has said it after the visitor last said something of the sample.
    """

    event: Event
    did: str
    is_new: bool


@dataclass(frozen=True)
class Panel:
    """What the panel shows.

    Attributes:
        trouble: why there is no review to show; '' where there is.
        may: kinds that the visitor may send as the review stands.
        calls: what the typer called, by locus.
        following: the run's next sample that waits for the visitor; '' for none.
        complaint: why what was sent was not taken.
        typed: what was sent.
    """

    trouble: str = ""
    review: SampleReview = field(default_factory=lambda: SampleReview(""))
    seen: int = 0
    results: str = ""
    badge: str = ""
    tone: str = "quiet"
    lines: Sequence[Line] = ()
    earlier: int = 0
    overrides: Sequence[Override] = ()
    may: frozenset[str] = frozenset()
    calls: Mapping[str, str] = field(default_factory=dict)
    following: str = ""
    is_person: bool = False
    complaint: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether the results are others than those that were approved."""
        return bool(self.review.approvals) and self.review.approved_results != self.results

    @property
    def reasons(self) -> Mapping[Reason, str]:
        """Why calls are overridden, in words."""
        return REASONS


def review_panel(session_key: SessionKey, page: SamplePage, complaint: str, typed: Mapping[str, str]) -> Panel:
    """The panel for who has signed in."""
    visitor = user()
    caller = visitor.caller if visitor is not None else Caller(SHARED_USER)
    try:
        found = reviewed_page(context(), session_key, page)
    except ReviewUnreadable as error:
        return Panel(trouble=str(error))
    said_of = found.job.said_of(page.sample)
    shown = said_of[-MOST_ENTRIES:]
    mine = max((number for number, event in said_of if event.by == caller.name), default=0)
    return Panel(
        review=found.review,
        seen=found.job.last,
        results=found.results,
        badge=_badge(found.review),
        tone="good" if found.review.is_final else _TONES[found.review.state],
        lines=[
            Line(event, DID[event.kind], caller.is_person and number > mine and event.by != caller.name)
            for number, event in reversed(shown)
        ],
        earlier=len(said_of) - len(shown),
        overrides=[found.review.overrides[locus] for locus in sorted(found.review.overrides)],
        may=_may(caller, found.review),
        calls={locus.locus: call_of(locus) for locus in page.loci},
        following=_following(found, session_key, caller),
        is_person=caller.is_person,
        complaint=complaint,
        typed=typed,
    )


def _badge(review: SampleReview) -> str:
    approved = ("", "approved once", "approved")[len(review.approvals)]
    return approved or {State.REPEAT: "to be repeated", State.OPEN: "not reviewed"}.get(
        review.state, review.state.value
    )


def _may(caller: Caller, review: SampleReview) -> frozenset[str]:
    """What buttons there are. ``gems_core.review.rules`` decide when one is pressed."""
    kinds: set[Kind] = set()
    if review.state is State.FORGOTTEN:
        return frozenset()
    if caller.is_person and caller.may(Right.REVIEW) and not review.is_final:
        kinds.add(Kind.COMMENT)
        if not review.approvals:
            kinds |= {Kind.OVERRIDE, Kind.REPEAT, Kind.ASSIGN}
            kinds |= {Kind.ACCEPT} if review.state not in _SETTLED else set()
            kinds |= {Kind.WITHDRAW} if review.overrides else set()
    if caller.is_person and caller.may(Right.APPROVE):
        if (
            review.state in _SETTLED
            and not review.is_final
            and all(approval.by != caller.name for approval in review.approvals)
        ):
            kinds.add(Kind.APPROVE)
        if review.approvals:
            kinds.add(Kind.REOPEN)
    return frozenset(kind.value for kind in kinds)


def _following(found: ReviewedSample, session_key: SessionKey, caller: Caller) -> str:
    """Who approves goes on to what can be approved, who accepts to what is open."""
    manifest = context().jobs.manifest(session_key)
    names = sorted(sample.name for sample in manifest.samples) if manifest is not None else []
    here = found.review.sample
    may = _may(caller, found.review)
    wanted = [kind for kind in (Kind.APPROVE, Kind.ACCEPT) if kind in may] or [Kind.APPROVE, Kind.ACCEPT]
    in_turn = [name for name in names if name > here] + [name for name in names if name < here]
    for kind in wanted:
        for name in in_turn:
            if kind in _may(caller, found.job.of_sample(name)):
                return name
    return ""
