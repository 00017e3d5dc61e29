"""Compares what the typer could not explain with the exons of the library."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gems_core.errors import InvalidInput
from gems_core.fastq_names import Sample
from worker.cross_match.runner import STATE_FILE, Outcome, State
from worker.cross_match.subject import exon_fasta
from worker.interruption import Cause
from worker.steps.work import Work

_log = logging.getLogger(__name__)
_MOST_AT_ONCE = 4
"""GeMS's own program takes 150 MB with release 3.51.0, beside what the samples of a large machine need."""


def run(work: Work) -> None:
    """Run cross_match for each typed sample, some at once; it adds evidence and never fails a sample.

    Raises:
        Interrupted: the work was laid down.
    """
    typer = work.tools.typer
    try:
        subject = exon_fasta(typer.library, typer.hla_class, work.tools.subjects)
    except (InvalidInput, OSError) as error:
        _log.warning("cross_match has nothing to compare with: %s", error)
        _write_all(work, Outcome(State.FAILED, f"the library's exons cannot be read: {error}"))
        return
    comparing = _Comparing(work, subject)
    with ThreadPoolExecutor(min(typer.threads, _MOST_AT_ONCE)) as pool:
        try:
            for compared in [pool.submit(comparing.compare, sample) for sample in work.promising]:
                compared.result()
        except KeyboardInterrupt:
            # Ctrl-C reaches this thread alone; the others end their programs when the work is laid down.
            work.tools.interruption.request(Cause.TOLD, "stopped from the keyboard")
            raise


class _Comparing:
    """The comparisons of all samples, of which some run at the same time."""

    def __init__(self, work: Work, subject: Path) -> None:
        self._work = work
        self._subject = subject
        self._samples = len(work.promising)
        self._begun = 0
        self._at_hand: dict[str, None] = {}
        self._lock = threading.Lock()

    def compare(self, sample: Sample) -> None:
        """Compare one sample.

        Raises:
            Interrupted: the work was laid down.
        """
        work = self._work
        work.tools.interruption.check()
        with self._lock:
            self._begun += 1
            self._at_hand[sample.name] = None
            work.at(*self._at_hand)
            work.note(f"cross_match of sample {self._begun} of {self._samples}")
        outcome = work.tools.cross_match.run(work.out / sample.name, self._subject, work.tools.interruption)
        _log.info("cross_match of %s: %s %s", sample.name, outcome.state, outcome.reason)
        with self._lock:
            del self._at_hand[sample.name]
            work.at(*self._at_hand)


def _write_all(work: Work, outcome: Outcome) -> None:
    for sample in work.promising:
        (work.out / sample.name / STATE_FILE).write_bytes(outcome.to_bytes())
