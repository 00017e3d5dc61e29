"""Why something failed, as workers tell it and jobs keep it."""

from __future__ import annotations

from dataclasses import dataclass

from gems_core.endings import Cause
from gems_core.fields import TEXTS, Field, Shape, optional, text, whole, word

# What is told of a failure at most: lines of the log, characters of the reason, names of samples.
LOG_TAIL_LINES = 20
LONGEST_REASON = 2000
MOST_SAMPLES_AT_HAND = 16


def told_reason(text: str) -> str:
    """A reason as done-markers and reports can hold it: of at most 2,000 characters, all of which UTF-8 has."""
    return text[:LONGEST_REASON].encode(errors="replace").decode()


@dataclass(frozen=True)
class Failure:
    """Why something failed: the phase, a reason for people, and the last lines of the log.

    Attributes:
        cause: in one word, where a program has ended badly; None where nothing has, or nobody knows.
        exit_code: of that program, as a shell tells it; None as ``cause``.
        samples: those that were being worked on.
    """

    phase: str
    reason: str
    log_tail: tuple[str, ...] = ()
    cause: Cause | None = None
    exit_code: int | None = None
    samples: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The failure as a JSON object."""
        return FAILURE.write(self)

    @classmethod
    def from_json(cls, value: object) -> Failure:
        """Read a failure from outside; overlong texts are cut, not refused, for a reason must never be lost.

        Raises:
            InvalidInput: it has not the shape of one.
        """
        return cls(**FAILURE.read(value))


def _last_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line[:500] for line in lines[-LOG_TAIL_LINES:])


def _first_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name[:256] for name in names[:MOST_SAMPLES_AT_HAND])


SAMPLES_AT_HAND = TEXTS.then(_first_names)
FAILURE: Shape[Failure] = Shape(
    "FailureBody",
    "failure",
    (
        Field("phase", text(100_000).then(lambda phase: phase[:100]), "what was being done"),
        Field("reason", text(1_000_000).then(lambda reason: reason[:LONGEST_REASON]), "why it failed, for people"),
        optional("log_tail", TEXTS.then(_last_lines), f"the last lines of the log, {LOG_TAIL_LINES} at most", ()),
        optional("cause", word(Cause), "of a program that ended badly, in one word", nullable=True),
        optional("exit_code", whole(0), "of that program; 128 and its number for a signal", nullable=True),
        optional("samples", SAMPLES_AT_HAND, f"what was being worked on, {MOST_SAMPLES_AT_HAND} at most", ()),
    ),
)
