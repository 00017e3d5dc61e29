"""Why a program ended, from what it and its machine left."""

from __future__ import annotations

import pytest

from gems_core.endings import Cause, Ending, crash_head

KERNEL = "[ 93.1] Out of memory: Killed process 812 (java) total-vm:9812344kB, anon-rss:7812344kB"
HEAP = "java.lang.OutOfMemoryError: Java heap space"
NO_SPACE = "OSError: [Errno 28] No space left on device: '/opt/gems/work/share-1/reads/K1.fastq.gz.part'"
SEGV = """#
# A fatal error has been detected by the Java Runtime Environment:
#
#  SIGSEGV (0xb) at pc=0x00007f3a2c0d1e2f, pid=812, tid=815
#
# JRE version: OpenJDK Runtime Environment (17.0.9+9)
"""
NO_NATIVE_MEMORY = """#
# There is insufficient memory for the Java Runtime Environment to continue.
# Native memory allocation (mmap) failed to map 65536 bytes for committing reserved memory.
"""

ENDINGS = {
    "the kernel's OOM killer": (Ending(-9, (), KERNEL), Cause.OUT_OF_MEMORY, 137, "Out of memory: Killed process 812"),
    "the heap's end": (Ending(70, ("at x", HEAP, "at y")), Cause.OUT_OF_MEMORY, 70, HEAP),
    "no native memory": (Ending(1, crash=crash_head(NO_NATIVE_MEMORY)), Cause.OUT_OF_MEMORY, 1, "insufficient memory"),
    "killed, and nobody says why": (Ending(137), Cause.SIGNAL, 137, "SIGKILL, and no log says why; too little memory"),
    "another process's OOM": (Ending(70, (), KERNEL), Cause.EXIT, 70, "ended with exit code 70"),
    "a full disk by its word": (Ending(1, (NO_SPACE,)), Cause.DISK_FULL, 1, "No space left on device"),
    "a full disk by its size": (Ending(1, ("what",), "", 12), Cause.DISK_FULL, 1, "filled the disk: 12 kB were left"),
    "room enough": (Ending(1, ("what",), "", 2_000_000), Cause.EXIT, 1, "ended with exit code 1"),
    "the dead man's switch": (Ending(124), Cause.TIME_OVER, 124, "its time was over"),
    "the switch that had to kill": (Ending(137, (), "", None, True), Cause.TIME_OVER, 137, "its time was over"),
    "a crash": (Ending(-6, crash=crash_head(SEGV)), Cause.JVM_CRASH, 134, "SIGSEGV (0xb) at pc=0x00007f3a2c0d1e2f"),
    "a segment violation": (Ending(139), Cause.SIGNAL, 139, "SIGSEGV"),
    "a shutdown": (Ending(-15), Cause.SIGNAL, 143, "SIGTERM, as a machine that is shut down does"),
    "a signal without a name": (Ending(250), Cause.SIGNAL, 250, "signal 122"),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_an_ending_is_told_by_cause_exit_code_and_words(what: str) -> None:
    ending, cause, exit_code, words = ENDINGS[what]
    assert (ending.cause, ending.exit_code) == (cause, exit_code)
    assert words in ending.words("the typer")
    assert f"exit code {exit_code}" in ending.words("the typer")


def test_a_file_that_is_no_crash_file_says_nothing() -> None:
    assert crash_head("java.lang.IllegalStateException: broken\n") == ""
    assert crash_head("#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n") == ""
