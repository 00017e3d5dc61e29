"""Runs cross_match for one sample and reads what it says. Whatever happens, the sample's type stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from worker import process
from worker.cross_match.header import VERSION
from worker.cross_match.line import UnreadableResult
from worker.cross_match.parser import parse
from worker.cross_match.programs import REPLACEMENT, Owner, find
from worker.cross_match.query import write_query
from worker.interruption import Interruption

TEXT_FILE, STATE_FILE = "cross_match.txt", "cross_match.json"
QUERY_FILE = "unexplained.fasta"
OPTIONS = ("-masklevel", "0", "-tags", "-discrep_lists")
"""Only the best match of each stretch, and every base that differs from it: what a new allele is recognised by."""

_NOTHING_MATCHED = 141
"""Versions from 1.08 on may end so when there is no match."""

_LARGEST_OUTPUT_CHARACTERS = 20_000_000


class State(StrEnum):
    """What became of cross_match."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of cross_match for one sample.

    Attributes:
        command: as people may repeat it.
        program: whose program ran; None where none did.
        version: as the program states it; '' when unknown.
    """

    state: State
    reason: str = ""
    command: tuple[str, ...] = ()
    program: Owner | None = None
    version: str = ""

    def to_bytes(self) -> bytes:
        """``cross_match.json``."""
        document = {
            "state": self.state.value,
            "reason": self.reason,
            "command": list(self.command),
            "program": self.program.value if self.program else None,
            "version": self.version or None,
        }
        return json.dumps(document, indent=1).encode()


@dataclass(frozen=True)
class CrossMatch:
    """The cross_match of this machine.

    Attributes:
        program: command or path of the site's, as the settings have it.
        limit_seconds: for one sample.
        artefact: the site's program from S3, executable; None where the site published none.
        replacement: what starts GeMS's own, which runs where the site has none.
    """

    program: str
    limit_seconds: int
    artefact: Path | None = None
    replacement: tuple[str, ...] = REPLACEMENT

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
        program = find(self.program, self.artefact, self.replacement)
        outcome = Outcome(
            State.DONE, program.remark, (program.shown, QUERY_FILE, subject.name, *OPTIONS), program.owner
        )
        output = _Output()
        try:
            # A folder of its own: the program leaves files beside its query.
            with TemporaryDirectory(prefix="cross_match-", dir=folder, ignore_cleanup_errors=True) as scratch:
                write_query(query, Path(scratch, QUERY_FILE))
                finished = process.run(
                    [*program.command, QUERY_FILE, str(subject), *OPTIONS],
                    folder=Path(scratch),
                    limit_seconds=self.limit_seconds,
                    interruption=interruption,
                    on_line=output.take,
                )
        except (OSError, ValueError) as error:
            return _failed(outcome, f"cross_match cannot be started: {error}")
        outcome = replace(outcome, version=output.version)
        return self._judge(folder, finished, output, outcome)

    def _judge(self, folder: Path, finished: process.Finished, output: _Output, outcome: Outcome) -> Outcome:
        if finished.timed_out:
            return _failed(outcome, f"not finished within {self.limit_seconds} s")
        if finished.exit_code not in (0, _NOTHING_MATCHED):
            return _failed(outcome, f"exit code {finished.exit_code}: {finished.last_words}")
        (folder / TEXT_FILE).write_text(output.text, encoding="utf-8")
        if output.is_cut:
            return _failed(outcome, f"more than {_LARGEST_OUTPUT_CHARACTERS} characters of output, cut there")
        if finished.exit_code == _NOTHING_MATCHED and not output.text.strip():
            return _remarked(outcome, "nothing matched")
        return _read(output, outcome)


def _read(output: _Output, outcome: Outcome) -> Outcome:
    """Believe an output that can be read; the text stays beside the outcome either way."""
    try:
        result = parse(output.lines, file=TEXT_FILE)
    except UnreadableResult as error:
        return _failed(outcome, str(error))
    return outcome if result.matches else _remarked(outcome, "nothing matched")


def _failed(outcome: Outcome, reason: str) -> Outcome:
    return _remarked(replace(outcome, state=State.FAILED), reason)


def _remarked(outcome: Outcome, reason: str) -> Outcome:
    return replace(outcome, reason="; ".join(part for part in (reason, outcome.reason) if part))


class _Output:
    """Gathers the output, up to a bound, and the version, which a run that fails has told too."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.is_cut = False
        self.version = ""
        self._characters = 0

    def take(self, line: str) -> None:
        self._characters += len(line) + 1
        self.is_cut = self.is_cut or self._characters > _LARGEST_OUTPUT_CHARACTERS
        if not self.is_cut:
            self.lines.append(line)
        if line.startswith(VERSION):
            self.version = line.removeprefix(VERSION).strip()

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)
