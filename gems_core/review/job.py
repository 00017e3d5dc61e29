"""A job's review: its log, proven and read as events, and what the events come to by the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gems_core.errors import GemsError, InvalidInput
from gems_core.review.chain import NOTHING_BEFORE, Entry, Proof
from gems_core.review.events import Event, event_of
from gems_core.review.rules import RuleBroken, folded
from gems_core.review.state import SampleReview


class ReviewFaulty(GemsError):
    """A review's log is not as GeMS writes it."""


@dataclass(frozen=True)
class JobReview:
    """A job's review.

    Attributes:
        proof: of the log.
        events: by the number of their entry.
        reviews: of the samples of which somebody has said something.
    """

    proof: Proof
    events: Mapping[int, Event]
    reviews: Mapping[str, SampleReview]

    @classmethod
    def of(cls, proof: Proof) -> JobReview:
        """The review of a proven log.

        Raises:
            ReviewFaulty: the log has a fault, or an event that the rules refuse.
        """
        if proof.faults:
            raise ReviewFaulty(str(proof.faults[0]))
        try:
            events = {entry.number: event_of(entry.content) for entry in proof.entries}
            return cls(proof, events, folded(events.items()))
        except (InvalidInput, RuleBroken) as error:
            raise ReviewFaulty(f"{proof.chain}: {error}") from error

    @property
    def session_key(self) -> str:
        """The job, after which its chain is named."""
        return self.proof.chain

    @property
    def end(self) -> Entry | None:
        """The last entry of the log."""
        return self.proof.last

    @property
    def last(self) -> int:
        """Its number; 0 of an empty log."""
        return self.end.number if self.end else 0

    @property
    def head(self) -> str:
        """Its SHA-256; that of nothing for an empty log."""
        return self.end.sha256 if self.end else NOTHING_BEFORE

    def of_sample(self, sample: str) -> SampleReview:
        """A sample's review; of one of which nobody has said anything too."""
        return self.reviews.get(sample, SampleReview(sample))

    @cached_property
    def said(self) -> Mapping[str, list[tuple[int, Event]]]:
        """What was said of each sample, in order, with the numbers of the entries."""
        found: dict[str, list[tuple[int, Event]]] = {}
        for number, event in self.events.items():
            found.setdefault(event.sample, []).append((number, event))
        return found

    def said_of(self, sample: str, after: int = 0) -> list[tuple[int, Event]]:
        """What was said of a sample, in order, after an entry."""
        return [(number, event) for number, event in self.said.get(sample, ()) if number > after]
