"""``gems-cross-match --read FILE``: a result file's matches as JSON lines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from worker.cross_match.line import LONGEST_LINE, UnreadableResult
from worker.cross_match.parser import ResultReader
from worker.cross_match.records import Match

STANDARD_INPUT = "-"
READ, UNREADABLE = 0, 3
"""Exit codes."""


def read_to_json_lines(path: str) -> Iterator[str]:
    """One JSON object a match, its keys the attributes of ``Match``, as soon as the match was read.

    Args:
        path: of the result file; ``-`` is standard input.

    Raises:
        UnreadableResult: a line does not follow the grammar; the matches before it have been given.
        OSError: the file cannot be read.
    """
    with _opened(path) as file:
        name = "standard input" if path == STANDARD_INPUT else path
        for match in ResultReader(_lines(file), name).matches():
            yield _json(match)


def main_read(path: str) -> int:
    """Print what ``read_to_json_lines`` gives; returns the exit code: 0, or 3 for a file that cannot be read."""
    try:
        for line in read_to_json_lines(path):
            print(line, flush=path == STANDARD_INPUT)  # noqa: T201 - the output of the command
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has enough of it; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except UnreadableResult as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"{path}: expected a readable result file, found {error.strerror or error}. Correct the path.")
    return READ


def _refused(message: str) -> int:
    sys.stdout.flush()
    print(f"gems-cross-match: {message}", file=sys.stderr)  # noqa: T201 - the message of the command
    return UNREADABLE


def _json(match: Match) -> str:
    return json.dumps(vars(match), default=vars)


def _lines(file: TextIO) -> Iterator[str]:
    """Lines, a longer one in pieces of which the parser refuses the first."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    r"""The file as text; a byte that is not UTF-8 stays visible as ``\xNN``, a mark at the beginning is left out."""
    if path == STANDARD_INPUT:
        with open(0, encoding="utf-8-sig", errors="backslashreplace", closefd=False) as file:
            yield file
    else:
        with Path(path).open(encoding="utf-8-sig", errors="backslashreplace") as file:
            yield file
