"""What a report says of the review of its results: who said what, whether they stand, and of which results it was said.

A report states what the typer called; a review is beside it and changes nothing of it. Whether people approved these very results
is told by comparing digests (``result_digest``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from gems_core.review.events import Event, Kind, Reason
from gems_core.review.job import JobReview
from gems_core.review.state import PAIR, Override, SampleReview, State

REASONS = {
    Reason.DROPOUT: "an allele was not copied",
    Reason.ARTEFACT: "artefact of PCR or sequencing",
    Reason.CONTAMINATION: "contamination",
    Reason.PHASE: "phase",
    Reason.AMBIGUITY: "ambiguity that is resolved in another way",
    Reason.NEW_ALLELE: "new allele",
    Reason.OTHER_METHOD: "another method gave another result",
    Reason.OTHER: "other",
}
DID = {
    Kind.ACCEPT: "accepted the calls",
    Kind.OVERRIDE: "overrode a call",
    Kind.WITHDRAW: "took an override back",
    Kind.COMMENT: "commented",
    Kind.REPEAT: "asked for a repeat",
    Kind.ASSIGN: "assigned it",
    Kind.APPROVE: "approved",
    Kind.REOPEN: "opened it again",
    Kind.FORGET: "had its results forgotten",
}
_SETTLED = (State.ACCEPTED, State.OVERRIDDEN)
_SETTLING = (Kind.ACCEPT, Kind.OVERRIDE)
_STATES = {
    State.OPEN: "nobody has accepted its calls",
    State.ASSIGNED: "it waits for {assignee}",
    State.ACCEPTED: "its calls are accepted, and wait for the first approval",
    State.OVERRIDDEN: "its calls are accepted with overrides, and wait for the first approval",
    State.REPEAT: "it is to be typed again",
    State.FORGOTTEN: "its results were forgotten",
}


class Standing(StrEnum):
    """Whether a sample's results stand."""

    APPROVED = "approved"
    APPROVED_ONCE = "approved_once"
    NOT_APPROVED = "not_approved"
    CHANGED = "changed"
    """People judged other results than these."""


@dataclass(frozen=True)
class Said:
    """An entry of the log.

    Attributes:
        sha256: of the entry.
    """

    number: int
    sha256: str
    event: Event

    @property
    def words(self) -> str:
        """The entry in a line."""
        event = self.event
        account = f"; account {event.subject} at {event.issuer}" if event.issuer else ""
        parts = [f"{told_moment(event.at)} {event.by} ({event.role}{account}) {DID[event.kind]}"]
        parts += [f" of {event.locus}"] if event.locus else []
        if event.reason is not None:
            parts.append(f": {event.original}, now {event.call} ({REASONS[event.reason]})")
        parts += [f" to {event.assignee}"] if event.assignee else []
        parts += [f': "{event.words}"'] if event.words else []
        return "".join(parts)


@dataclass(frozen=True)
class SignedSample:
    """A sample's review beside its results.

    Attributes:
        said: everything that was said of it, in order.
        results: the digest of the results in this report.
    """

    review: SampleReview
    said: Sequence[Said]
    results: str

    @property
    def judged_results(self) -> str:
        """The digest of the results that were last approved, accepted or overridden; '' of a sample that is open."""
        if self.review.approvals:
            return self.review.approved_results
        judged = [one.event.results for one in self.said if one.event.kind in _SETTLING]
        return judged[-1] if judged and self.review.state in _SETTLED else ""

    @property
    def standing(self) -> Standing:
        """Whether the results stand."""
        if self.judged_results not in ("", self.results):
            return Standing.CHANGED
        return (Standing.NOT_APPROVED, Standing.APPROVED_ONCE, Standing.APPROVED)[len(self.review.approvals)]

    @property
    def headline(self) -> str:
        """The standing in a sentence, with names and times."""
        return _HEADLINES[self.standing](self)

    @property
    def approvals_told(self) -> str:
        """Who approved, and when."""
        return " and ".join(f"{approval.by} ({told_moment(approval.at)})" for approval in self.review.approvals)

    @property
    def finals(self) -> int:
        """How often a second approval was given; more than one of a sample that was opened again."""
        approvals = finals = 0
        for one in self.said:
            approvals = 0 if one.event.kind is Kind.REOPEN else approvals + (one.event.kind is Kind.APPROVE)
            finals += one.event.kind is Kind.APPROVE and approvals == PAIR
        return finals

    @property
    def overrides(self) -> Sequence[Override]:
        """Those in force, by locus."""
        return [self.review.overrides[locus] for locus in sorted(self.review.overrides)]


@dataclass(frozen=True)
class RunReview:
    """The review of a run's results.

    Attributes:
        results: the digest of each sample's results in this report, by sample.
    """

    job: JobReview
    results: Mapping[str, str]

    def of(self, sample: str) -> SignedSample:
        """A sample's."""
        return SignedSample(self.job.of_sample(sample), said_of(self.job, sample), self.results.get(sample, ""))

    @property
    def head_told(self) -> str:
        """Up to where this report knows the log."""
        return f"log of {self.job.session_key}, {self.job.last} entries, SHA-256 of the last {self.job.head}"

    @property
    def strangers(self) -> Sequence[str]:
        """Samples that the log tells of and the report does not have."""
        return sorted(set(self.job.said) - set(self.results))


def said_of(job: JobReview, sample: str) -> Sequence[Said]:
    """What was said of a sample, in order."""
    # Entries are numbered from 1 without a gap; a log that is not is refused (``JobReview.of``).
    return [Said(number, job.proof.entries[number - 1].sha256, event) for number, event in job.said_of(sample)]


def told_moment(moment: datetime) -> str:
    """A time for people, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def override_told(override: Override) -> str:
    """An override in a line; the typer's call stands beside it in every report."""
    return (
        f"overridden: {override.call} (the typer called {override.original}; {REASONS[override.reason]}: "
        f'"{override.words}"; {override.by}, {told_moment(override.at)})'
    )


def counted(review: RunReview) -> Iterator[tuple[Standing, int]]:
    """How many samples of the report have each standing; those that none has are left out."""
    standings = [review.of(sample).standing for sample in review.results]
    return ((standing, standings.count(standing)) for standing in Standing if standing in standings)


def _not_approved(signed: SignedSample) -> str:
    return f"NOT APPROVED: {_STATES[signed.review.state].format(assignee=signed.review.assignee)}"


def _changed(signed: SignedSample) -> str:
    did = f"approved by {signed.approvals_told}" if signed.review.approvals else "accepted"
    return (
        f"NOT THE RESULTS THAT WERE JUDGED: results {signed.judged_results} were {did}, and these are {signed.results}"
    )


_HEADLINES = {
    Standing.APPROVED: lambda signed: f"APPROVED by {signed.approvals_told}",
    Standing.APPROVED_ONCE: lambda signed: (
        f"NOT APPROVED YET: the first approval is by {signed.approvals_told}; the second is missing"
    ),
    Standing.NOT_APPROVED: _not_approved,
    Standing.CHANGED: _changed,
}
