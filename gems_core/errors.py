"""The errors of the domain: each says what was expected, what was found, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what somebody gave us.

    Attributes:
        code: a stable word for programs, e.g. ``unpaired_file``.
        where: the file, field or resource that is wrong.
        expected: what would have been right.
        found: what was there.
        repair: what the user can do about it.
    """

    code: str
    where: str
    expected: str
    found: str
    repair: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}. {self.repair}"


# More than there are settings or fields of a document, and fewer than a body from anybody may hold.
MOST_IN_A_MESSAGE = 100


def joined(problems: Sequence[Problem], most: int) -> str:
    """The first ``most`` problems in a line that says how many more there are."""
    more = [f"and {len(problems) - most} more problems"] if len(problems) > most else []
    return "; ".join([*(str(problem) for problem in problems[:most]), *more])


class GemsError(Exception):
    """Any failure that GeMS understands; its message is written for the person who reads it."""


class InvalidInput(GemsError):
    """Something from outside is wrong; all its problems are told at once.

    Attributes:
        problems: at least one.
    """

    def __init__(self, problems: list[Problem]) -> None:
        if not problems:
            raise ValueError("InvalidInput needs at least one problem")
        self.problems = problems
        super().__init__(joined(problems, MOST_IN_A_MESSAGE))


class JobNotFound(GemsError):
    """No job has this session key."""

    def __init__(self, session_key: str) -> None:
        self.session_key = session_key
        super().__init__(f"no job has the session_key {session_key!r}; GET /job lists the jobs")


class NotAllowed(GemsError):
    """The caller is known but may not do this."""


class Conflict(GemsError):
    """The request does not fit the state in which the job is."""


class CloudRefused(GemsError):
    """The cloud refused what GeMS asked for (capacity, quota, permission); the message carries its reason."""


def one_problem(code: str, where: str, expected: str, found: str, repair: str) -> InvalidInput:
    """An InvalidInput with a single problem."""
    return InvalidInput([Problem(code, where, expected, found, repair)])


class CloudUnreachable(GemsError):
    """The API or the local cloud does not answer, or only that it will later.

    Attributes:
        retry_after_seconds: when it asks to be asked again; None where it does not say.
    """

    def __init__(self, message: str, retry_after_seconds: int | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class DeploymentFailed(GemsError):
    """A deployment could not be made, or is not as it should be."""


class UsageProblem(GemsError):
    """A setting is missing or the command was used wrongly."""
