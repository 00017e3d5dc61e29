"""What a worker leaves in S3 of each sample that is finished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gems_core.fields import MOMENT, TEXT, Field, Shape, text, whole, word

# Of a done-marker, to the API and the worker alike. Its reason has at most 4,000 characters, each of at most 12 bytes in JSON's ASCII.
LARGEST_MARKER_BYTES = 64 * 1024


class SampleOutcome(StrEnum):
    """How a sample ended."""

    TYPED = "typed"
    FAILED = "failed"


@dataclass(frozen=True)
class DoneMarker:
    """A sample is finished, one way or the other. Written by the worker after its results are in S3."""

    sample: str
    outcome: SampleOutcome
    reason: str
    share: int
    attempt: int
    instance_id: str
    finished_at: datetime

    def as_json(self) -> dict[str, object]:
        """The marker's document."""
        return DONE_MARKER.write(self)

    @classmethod
    def from_json(cls, value: object) -> DoneMarker:
        """Read a marker.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        return cls(**DONE_MARKER.read(value))


DONE_MARKER: Shape[DoneMarker] = Shape(
    "DoneMarker",
    "done-marker",
    (
        Field("sample", TEXT, "its name"),
        Field("outcome", word(SampleOutcome, "typed or failed"), "how it ended"),
        Field("reason", text(4000), "why it failed; `''` when it did not", ""),
        Field("share", whole(1), "the share it is in"),
        Field("attempt", whole(0), "which try at that share"),
        Field("instance_id", TEXT, "who finished it"),
        Field("finished_at", MOMENT, "when"),
    ),
)
