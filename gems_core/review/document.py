"""A job's review as a document that is kept in a file: the whole log, so that whoever has it can prove it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gems_core.fields import COUNT, TEXT, Field, Shape, items, nested
from gems_core.json_input import ODD_CONTENT
from gems_core.review.chain import Entry, prove
from gems_core.review.events import EVENT, event_of
from gems_core.review.job import JobReview, ReviewFaulty

FORMAT = 1


@dataclass(frozen=True)
class Part:
    """Some of the entries of a job's log, in order.

    Attributes:
        following: the number of the entry after which the next part begins; None: this one has the end.
    """

    review: JobReview
    entries: Sequence[Entry]
    following: int | None = None

    @classmethod
    def whole(cls, review: JobReview) -> Part:
        """All of them."""
        return cls(review, review.proof.entries)


LOG_ENTRY: Shape[Entry] = Shape(
    "ReviewLogEntry",
    "entry",
    (
        Field("number", COUNT, "of the entry, from 1"),
        Field("before", TEXT, "the SHA-256 of the entry before it"),
        Field("event", nested(EVENT), "what was said", source=lambda entry: event_of(entry.content)),
    ),
)
REVIEW_DOCUMENT: Shape[Part] = Shape(
    "ReviewDocument",
    "review document",
    (
        Field("format", COUNT, "of the document: 1", source=lambda _: FORMAT),
        Field("session_key", TEXT, "the job", source=lambda part: part.review.session_key),
        Field("last", COUNT, "the number of the log's last entry", source=lambda part: part.review.last),
        Field("head", TEXT, "the SHA-256 of that entry", source=lambda part: part.review.head),
        Field("entries", items(LOG_ENTRY), "what was said, in order"),
        Field(
            "next",
            COUNT,
            "where there are more: send it as `after` to read on",
            nullable=True,
            source=lambda part: part.following,
        ),
    ),
)


def review_of_document(document: Any) -> JobReview:  # noqa: ANN401 - JSON of anybody
    """The review that a document has, proven again.

    Raises:
        ReviewFaulty: it is no such document, it is not whole, or its log is not as GeMS writes it.
    """
    try:
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}")
        chain, last, head = str(document["session_key"]), int(document["last"]), str(document["head"])
        stored = [_stored(chain, entry) for entry in document["entries"]]
    except ODD_CONTENT as error:
        raise ReviewFaulty(f"expected a review document of GeMS, found another form ({str(error)[:200]})") from error
    review = JobReview.of(prove(chain, stored))
    if (review.last, review.head) != (last, head):
        raise ReviewFaulty(
            f"{chain}: expected a log that ends with entry {last} and its SHA-256, found entry {review.last}: "
            "it is not whole, or was changed. Fetch it again with `gems review show --json`."
        )
    return review


def _stored(chain: str, entry: Mapping[str, Any]) -> tuple[int, bytes]:
    number = int(entry["number"])
    return number, Entry(chain, number, str(entry["before"]), dict(entry["event"])).body
