"""Runs the site's cross_match for one sample. Whatever happens, the sample's type stands."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from worker import process
from worker.interruption import Interruption

TEXT_FILE, STATE_FILE = "cross_match.txt", "cross_match.json"
QUERY_FILE = "unexplained.fasta"
_OPTIONS = ("-masklevel", "0", "-tags", "-discrep_lists")
"""Only the best match of each stretch, and every base that differs from it: what a new allele is recognised by."""

_NOTHING_MATCHED = 141
"""Versions from 1.08 on may end so when there is no match."""

_VERSION = re.compile(r"^cross_match version (\S+)")
_LARGEST_OUTPUT_CHARACTERS = 20_000_000


class State(StrEnum):
    """What became of cross_match."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of cross_match for one sample; ``version`` is '' when unknown."""

    state: State
    reason: str = ""
    command: tuple[str, ...] = ()
    version: str = ""

    def to_bytes(self) -> bytes:
        """``cross_match.json``."""
        document = {
            "state": self.state.value,
            "reason": self.reason,
            "command": list(self.command),
            "version": self.version or None,
        }
        return json.dumps(document, indent=1).encode()


@dataclass(frozen=True)
class CrossMatch:
    """The site's cross_match.

    Attributes:
        program: command or path, as the settings have it.
        limit_seconds: for one sample.
    """

    program: str
    limit_seconds: int

    @property
    def path(self) -> str | None:
        """Where the program is, or None when the site has none."""
        return shutil.which(self.program)

    def run(self, folder: Path, subject: Path, interruption: Interruption) -> Outcome:
        """Compare a sample's unexplained sequences with the subject and leave both result files in its folder.

        Raises:
            Interrupted: the work was laid down.
        """
        outcome = self._outcome(folder, subject, interruption)
        (folder / STATE_FILE).write_bytes(outcome.to_bytes())
        return outcome

    def _outcome(self, folder: Path, subject: Path, interruption: Interruption) -> Outcome:
        query = folder / QUERY_FILE
        if not query.exists() or query.stat().st_size == 0:
            return Outcome(State.SKIPPED, "the typer explained every well-supported sequence")
        path = self.path
        if path is None:
            return skipped_without_program(self.program)
        shown = ("cross_match", QUERY_FILE, subject.name, *_OPTIONS)
        lines = _Lines()
        try:
            finished = process.run(
                [path, QUERY_FILE, str(subject), *_OPTIONS],
                folder=folder,
                limit_seconds=self.limit_seconds,
                interruption=interruption,
                on_line=lines.take,
            )
        except OSError as error:
            return Outcome(State.FAILED, f"cross_match cannot be started: {error}", shown)
        return self._judge(folder, finished, lines, shown)

    def _judge(self, folder: Path, finished: process.Finished, lines: _Lines, shown: tuple[str, ...]) -> Outcome:
        if finished.timed_out:
            return Outcome(State.FAILED, f"not finished within {self.limit_seconds} s", shown, lines.version)
        if finished.exit_code not in (0, _NOTHING_MATCHED):
            reason = f"exit code {finished.exit_code}: {finished.last_words}"
            return Outcome(State.FAILED, reason, shown, lines.version)
        (folder / TEXT_FILE).write_text(lines.text, encoding="utf-8")
        reason = "nothing matched" if finished.exit_code == _NOTHING_MATCHED else ""
        return Outcome(State.DONE, reason, shown, lines.version)


def skipped_without_program(program: str) -> Outcome:
    """The outcome where a site has no cross_match."""
    return Outcome(
        State.SKIPPED,
        f"no {program} on PATH; it is licensed by Phil Green and not distributed with GeMS. "
        "Install it on the machine image to have unexplained sequences compared.",
    )


class _Lines:
    """Gathers the output, up to a bound, and finds the version in it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._characters = 0
        self.version = ""

    def take(self, line: str) -> None:
        if self._characters < _LARGEST_OUTPUT_CHARACTERS:
            self._lines.append(line)
            self._characters += len(line)
        match = _VERSION.match(line)
        if match:
            self.version = match[1]

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self._lines)
