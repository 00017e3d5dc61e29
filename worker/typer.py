"""Runs the HLA typer (docs/contracts.md, section 3) and believes nothing it wrote before it is parsed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from gems_core.endings import Ending
from gems_core.errors import GemsError
from gems_core.json_input import parse_json
from gems_report.errors import UnreadableTyping
from gems_report.typing_json import TYPING_JSON, Typing, read_typing
from worker import process
from worker.errors import SampleFailed, ShareFailed
from worker.interruption import Interruption

_log = logging.getLogger(__name__)
ERROR_JSON = "error.json"
# Java's second compiler takes longer than it saves in a JVM that types fewer than some 250,000 pairs, and the collector of
# one thread keeps a third of the memory and takes no more time (docs/typing.md, 8).
JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# A heap that begins small is collected over and over while it grows: whole genes take a tenth less time so.
_START_MB, _YOUNG_MB = 900, 300
# With pages of 2 MiB, where Linux gives them to who asks, a typer takes a fifth less time (docs/typing.md, 8). Kernels with
# pages of 64 KiB have none below 512 MiB, of which a heap would waste much.
_HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")
_HUGE_PAGE_BYTES = 2 * 2**20


class ExitCode(IntEnum):
    """What the typer's exit codes mean."""

    DONE = 0
    USAGE = 2
    BAD_INPUT = 3
    INTERNAL = 70


class TyperBroke(GemsError):
    """The typer ended in a way that says nothing of the samples it had not finished.

    Attributes:
        ending: how.
    """

    def __init__(self, ending: Ending, message: str) -> None:
        self.ending = ending
        super().__init__(message)


def jvm_options(memory_mb: int, huge_pages: Path = _HUGE_PAGES) -> tuple[str, ...]:
    """What a typer's JVM with a heap of so many MiB is started with on this machine."""
    heap = (
        f"-Xmx{memory_mb}m",
        f"-Xms{min(memory_mb, _START_MB)}m",
        f"-Xmn{min(memory_mb // 3, _YOUNG_MB)}m",
    )
    try:
        allowed = "[never]" not in (huge_pages / "enabled").read_text()
        given = allowed and int((huge_pages / "hpage_pmd_size").read_text()) == _HUGE_PAGE_BYTES
    except (OSError, ValueError):  # no Linux, or one that has none; Java would warn
        given = False
    return (*heap, *JVM_OPTIONS, *(["-XX:+UseTransparentHugePages"] if given else []))


@dataclass(frozen=True)
class SheetRow:
    """One sample of a sheet: its name and read files; R1 alone where one end of each fragment was read."""

    sample: str
    read_1: Path
    read_2: Path | None = None


@dataclass(frozen=True)
class Typer:
    """One typer with its inputs.

    Attributes:
        java: command or path of the Java runtime.
        memory_mb: largest heap, MiB.
        seconds_per_sample: a sheet of n samples may take n times this.
    """

    java: str
    jar: Path
    library: Path
    panel: Path
    hla_class: str
    threads: int
    memory_mb: int
    seconds_per_sample: int

    def command(self, sheet: Path, out: Path) -> list[str]:
        """The command line that types a sheet."""
        return [
            self.java,
            *jvm_options(self.memory_mb),
            "-jar",
            str(self.jar),
            "type",
            *("--library", str(self.library)),
            *("--panel", str(self.panel)),
            *("--hla-class", self.hla_class),
            *("--samples", str(sheet)),
            *("--out", str(out)),
            *("--threads", str(self.threads)),
        ]

    def type_sheet(
        self,
        rows: Sequence[SheetRow],
        out: Path,
        interruption: Interruption,
        on_event: Callable[[dict[str, Any]], None],
    ) -> None:
        """Type samples in one JVM; what came of each is then read with ``outcome_of``.

        Args:
            rows: at least one.
            out: an existing folder that receives a folder a sample.
            interruption: ends the typer when raised.
            on_event: receives the typer's progress.

        Raises:
            ShareFailed: the typer cannot be started, or was called wrongly.
            TyperBroke: an internal fault, a signal, or the time was up.
            Interrupted: the work was laid down.
        """
        sheet = out / "sheet.tsv"
        sheet.write_text(_sheet_text(rows), encoding="utf-8")
        limit_seconds = self.seconds_per_sample * len(rows)
        try:
            finished = process.run(
                self.command(sheet, out),
                folder=out,
                limit_seconds=limit_seconds,
                interruption=interruption,
                on_line=lambda line: _on_line(line, on_event),
            )
        except OSError as error:
            raise ShareFailed(f"{self.java}: expected a Java runtime, found {error}. Install Java 17.") from error
        _log.info("the typer ended with %d after %.1f s", finished.exit_code, finished.seconds)
        self._judge(finished, limit_seconds)

    def _judge(self, finished: process.Finished, limit_seconds: float) -> None:
        if finished.timed_out:
            message = f"the typer did not finish within {limit_seconds} s: {finished.last_words}"
            raise TyperBroke(finished.ending, message)
        if finished.exit_code == ExitCode.USAGE:
            raise ShareFailed(
                f"the typer refused its command line: {finished.last_words}. "
                "Publish a typer that follows docs/contracts.md, section 3."
            )
        if finished.exit_code not in (ExitCode.DONE, ExitCode.BAD_INPUT):
            raise TyperBroke(finished.ending, f"{finished.ending.words('the typer')}: {finished.last_words}")


def outcome_of(sample: str, out: Path) -> Typing | None:
    """What the typer stated of a sample; None means that it left nothing, or only the word of a fault of its own.

    Raises:
        SampleFailed: it found the sample's input bad, or its result is not what it should be.
    """
    error, typing = out / sample / ERROR_JSON, out / sample / TYPING_JSON
    if error.exists():
        message, is_internal = _read_error(error)
        if is_internal:
            return None
        raise SampleFailed(message)
    try:
        return Typing.of(read_typing(typing.read_bytes(), sample)) if typing.exists() else None
    except UnreadableTyping as error:
        raise SampleFailed(str(error)) from error


def fault_of(sample: str, out: Path) -> str | None:
    """What the typer says of a fault of its own in a sample, None where it says nothing."""
    error = out / sample / ERROR_JSON
    message, is_internal = _read_error(error) if error.exists() else ("", False)
    return message if is_internal else None


def _sheet_text(rows: Sequence[SheetRow]) -> str:
    lines = ["sample\tr1\tr2", *(f"{row.sample}\t{row.read_1}\t{row.read_2 or ''}" for row in rows)]
    return "\n".join(lines) + "\n"


def _on_line(line: str, on_event: Callable[[dict[str, Any]], None]) -> None:
    """Pass on progress; a line that is not a JSON object is ignored."""
    try:
        event = parse_json(line.encode(errors="replace"))
    except ValueError:
        _log.info("typer: %s", line[:500])
        return
    if isinstance(event, dict):
        on_event(event)


def _read_error(path: Path) -> tuple[str, bool]:
    """The message of an ``error.json``, and whether the typer failed rather than the input."""
    try:
        document = parse_json(path.read_bytes())
        return str(document["message"])[:2000], document.get("internal_fault") is True
    except (ValueError, KeyError, TypeError) as error:
        return f"the typer refused the sample; its error.json cannot be read ({error!r})", False
