"""Why a program ended: what its exit code, its last lines and its machine tell of it, as a cause and in words."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# A shell's way to tell a signal, and how ``timeout`` tells that the time was over (GNU coreutils manual, "timeout").
_FIRST_SIGNAL_CODE = 128
_TIMEOUT_CODE = 124
_KILLED = _FIRST_SIGNAL_CODE + signal.SIGKILL
_TERMINATED = _FIRST_SIGNAL_CODE + signal.SIGTERM
# Below this nothing useful can be written any more.
FULL_DISK_KILOBYTES = 1024
LONGEST_WORDS = 400
# What programs say of themselves (Java, Python, the C library) ...
_NO_MEMORY = re.compile(
    r"java\.lang\.OutOfMemoryError|insufficient memory for the Java Runtime|\bMemoryError\b|Cannot allocate memory"
)
_NO_DISK = re.compile(r"No space left on device|Disk quota exceeded")
# ... and what the kernel says of one that it has killed.
_KERNEL_KILLED = re.compile(r"Out of memory: Killed process|oom-kill:|Memory cgroup out of memory")


class Cause(StrEnum):
    """Why a program ended, in one word."""

    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    TIME_OVER = "time_over"
    JVM_CRASH = "jvm_crash"
    SIGNAL = "signal"
    EXIT = "exit"


_ADVICE = {
    Cause.OUT_OF_MEMORY: "Take an instance type with more memory.",
    Cause.DISK_FULL: "Give the instances a larger volume, or fewer samples a worker.",
    Cause.TIME_OVER: "Raise the job's time limit, or look at what held it up.",
    Cause.JVM_CRASH: "Keep the crash file, and report it with the typer's version.",
}


@dataclass(frozen=True)
class Ending:
    """What is known of a program that has ended badly.

    Attributes:
        code: its exit code, as a shell tells it or as Python does (negative for a signal).
        lines: its last lines.
        kernel: the kernel's last line about a process that it killed; '' when there is none.
        free_kilobytes: of its disk, when it had ended; None when nobody looked.
        timed_out: whether it was ended because its time was over.
        crash: what the file says that a crashing Java machine leaves; '' when there is none.
    """

    code: int
    lines: Sequence[str] = ()
    kernel: str = ""
    free_kilobytes: int | None = None
    timed_out: bool = False
    crash: str = ""

    @property
    def exit_code(self) -> int:
        """As a shell tells it: 128 and the signal's number for a signal."""
        return _FIRST_SIGNAL_CODE - self.code if self.code < 0 else self.code

    @property
    def cause(self) -> Cause:
        """What it comes to; what is certain comes before what is likely."""
        said = "\n".join((*self.lines, self.crash))
        killed = self.exit_code == _KILLED
        full = self.free_kilobytes is not None and self.free_kilobytes < FULL_DISK_KILOBYTES
        tests = (
            (Cause.TIME_OVER, self.timed_out or self.exit_code == _TIMEOUT_CODE),
            (Cause.OUT_OF_MEMORY, bool(_NO_MEMORY.search(said)) or (killed and is_of_memory(self.kernel))),
            (Cause.DISK_FULL, full or bool(_NO_DISK.search(said))),
            (Cause.JVM_CRASH, bool(self.crash)),
            (Cause.SIGNAL, self.exit_code > _FIRST_SIGNAL_CODE),
        )
        return next((cause for cause, is_so in tests if is_so), Cause.EXIT)

    def words(self, who: str) -> str:
        """One sentence for people, and what to do about it.

        Args:
            who: what ended, such as ``the typer``.
        """
        sentence = f"{who} ended with exit code {self.exit_code}"
        if self.cause is not Cause.EXIT:
            sentence = f"{who} {self._what_happened()} (exit code {self.exit_code})"
        return f"{sentence}. {_ADVICE[self.cause]}" if self.cause in _ADVICE else sentence

    def _what_happened(self) -> str:
        match self.cause:
            case Cause.OUT_OF_MEMORY:
                told = self.kernel if is_of_memory(self.kernel) else _first(_NO_MEMORY, (*self.lines, self.crash))
                return f"ran out of memory: {told[:LONGEST_WORDS]}"
            case Cause.DISK_FULL:
                told = _first(_NO_DISK, (*self.lines, self.crash)) or f"{self.free_kilobytes} kB were left"
                return f"filled the disk: {told[:LONGEST_WORDS]}"
            case Cause.TIME_OVER:
                return "was ended because its time was over"
            case Cause.JVM_CRASH:
                return f"crashed with its Java machine: {self.crash[:LONGEST_WORDS]}"
            case _:
                return f"was ended by {_signal_name(self.exit_code)}{_likely(self.exit_code)}"


def is_telling(line: str) -> bool:
    """Whether a program's line alone says why it ended, so that it must not be lost among those that follow."""
    return bool(_NO_MEMORY.search(line) or _NO_DISK.search(line))


def is_of_memory(kernel: str) -> bool:
    """Whether a line of the kernel's log says that a process was killed for lack of memory."""
    return bool(_KERNEL_KILLED.search(kernel))


def crash_head(text: str) -> str:
    """The line of a Java machine's crash file that says what happened; '' if it is no such file.

    The file begins with a frame of ``#`` lines: a sentence that is always the same, then the error, then versions.
    """
    lines = [line.strip("# ") for line in text.splitlines() if line.startswith("#")]
    told = [line for line in lines if line and not line.startswith("A fatal error has been detected")]
    return told[0][:LONGEST_WORDS] if told else ""


def _first(pattern: re.Pattern[str], lines: Sequence[str]) -> str:
    return next((line.strip() for line in lines if pattern.search(line)), "")


def _signal_name(exit_code: int) -> str:
    try:
        return signal.Signals(exit_code - _FIRST_SIGNAL_CODE).name
    except ValueError:
        return f"signal {exit_code - _FIRST_SIGNAL_CODE}"


def _likely(exit_code: int) -> str:
    if exit_code == _KILLED:
        return ", and no log says why; too little memory is the usual reason"
    return ", as a machine that is shut down does" if exit_code == _TERMINATED else ""
