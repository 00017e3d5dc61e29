"""What a person sends to say something of a sample's results."""

from __future__ import annotations

from dataclasses import dataclass

from gems_core.errors import InvalidInput, Problem
from gems_core.fields import COUNT, Field, Shape, optional, parsed, text
from gems_core.review.events import (
    DIGEST,
    LONGEST_CALL,
    LONGEST_LOCUS,
    LONGEST_SAMPLE,
    LONGEST_WORDS,
    NAME_OR_NOTHING,
    REASON,
    Kind,
    Reason,
)


@dataclass(frozen=True)
class Asked:
    """What somebody wants to say.

    Attributes:
        seen: the number of the log's last entry that the person has seen.
        results: the digest of the results that the person has seen; '' where it does not matter.
    """

    kind: Kind
    sample: str
    seen: int
    results: str = ""
    locus: str = ""
    call: str = ""
    reason: Reason | None = None
    words: str = ""
    assignee: str = ""

    @classmethod
    def from_json(cls, body: object) -> Asked:
        """Of a request's body.

        Raises:
            InvalidInput: with everything that is wrong.
        """
        asked = cls(**ASKED.read(body))
        if asked.kind in _OF_RESULTS and not asked.results:
            expected = "the digest of the results that were looked at, as GET of the sample's review has it"
            where, repair = "review, field results", "Look at the results, then send their digest along."
            raise InvalidInput([Problem("invalid_field", where, expected, "nothing", repair)])
        return asked


# Said of results as they stand, so they must be the ones that the person saw.
_OF_RESULTS = frozenset({Kind.ACCEPT, Kind.OVERRIDE, Kind.APPROVE})
_ASKABLE = [kind for kind in Kind if kind is not Kind.FORGET]


def _askable(text: str) -> Kind:
    kind = Kind(text)
    if kind is Kind.FORGET:
        raise ValueError(text)
    return kind


_KIND = parsed(_askable, f"one of {', '.join(_ASKABLE)}", {"enum": [kind.value for kind in _ASKABLE]})
ASKED: Shape[Asked] = Shape(
    "ReviewRequest",
    "review",
    (
        Field("kind", _KIND, "what to do"),
        Field("sample", text(LONGEST_SAMPLE), "of which sample"),
        Field("seen", COUNT, "`last` of the review as it was looked at; 0 for one that is empty"),
        optional("results", DIGEST, "`results` as they were looked at; wanted to accept, override and approve", ""),
        optional("locus", text(LONGEST_LOCUS), "to override or withdraw: where", ""),
        optional("call", text(LONGEST_CALL), "to override: the genotype that stands instead", ""),
        optional("reason", REASON, "to override: why"),
        optional("words", text(LONGEST_WORDS), "your own; wanted by all but accept, assign and approve", ""),
        optional("assignee", NAME_OR_NOTHING, "to assign: the name of who is to look", ""),
    ),
)
