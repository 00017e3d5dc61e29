"""The problems of a request as an answer lists them: all of what a person can use, and never more than Lambda takes."""

from __future__ import annotations

from collections.abc import Sequence

from gems_api.services.shown.texts import cut
from gems_core.errors import Problem, joined
from gems_core.fields import TEXT, Field, Shape

# A hundred of the longest take two megabytes. Whoever has more has one fault many times over, and sees it from these.
MOST_PROBLEMS = 100
# In bytes of JSON. A key of S3 has 1,024 bytes at most, of which JSON in ASCII makes three times as many.
LONGEST_TEXT = 3_100
LONGEST_MESSAGE = 6_000
NAMED_IN_DETAIL = 3


def listed(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """The problems as JSON objects; where there are too many, the last one says how many more there are."""
    shown = problems if len(problems) <= MOST_PROBLEMS else problems[: MOST_PROBLEMS - 1]
    more = len(problems) - len(shown)
    return [_as_json(problem) for problem in shown] + ([_as_json(_more(len(problems), more))] if more else [])


def detail_of(problems: Sequence[Problem]) -> str:
    """The first problems in a line."""
    return cut(joined(problems, NAMED_IN_DETAIL), LONGEST_MESSAGE)


def _as_json(problem: Problem) -> dict[str, str]:
    return {
        name: cut(str(text), LONGEST_MESSAGE if name == "message" else LONGEST_TEXT)
        for name, text in PROBLEM_ITEM.write(problem).items()
    }


PROBLEM_ITEM: Shape[Problem] = Shape(
    "ProblemItem",
    "problem",
    (
        Field("code", TEXT, "a stable word for programs"),
        Field("where", TEXT, "the file, field or resource that is wrong"),
        Field("expected", TEXT, "what would have been right"),
        Field("found", TEXT, "what was there"),
        Field("repair", TEXT, "what the user can do about it"),
        Field("message", TEXT, "all of it in a sentence", source=str),
    ),
)


def _more(total: int, more: int) -> Problem:
    repair = "Repair these and send the request again to see what is left."
    return Problem(
        "more_problems", "request", f"at most {MOST_PROBLEMS} problems", f"{total}, {more} of them not listed", repair
    )
