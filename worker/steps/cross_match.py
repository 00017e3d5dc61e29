"""Compares what the typer could not explain with the exons of the library."""

from __future__ import annotations

import logging

from gems_core.errors import InvalidInput
from worker.cross_match.runner import STATE_FILE, Outcome, State
from worker.cross_match.subject import exon_fasta
from worker.steps.work import Work

_log = logging.getLogger(__name__)


def run(work: Work) -> None:
    """Run cross_match for each typed sample; it adds evidence and never fails a sample."""
    cross_match, typer = work.tools.cross_match, work.tools.typer
    samples = work.promising
    try:
        subject = exon_fasta(typer.library, typer.hla_class, work.tools.subjects)
    except (InvalidInput, OSError) as error:
        _log.warning("no subject for cross_match: %s", error)
        _write_all(work, Outcome(State.FAILED, f"the library's exons cannot be read: {error}"))
        return
    for position, sample in enumerate(samples, start=1):
        work.at(sample.name)
        work.note(f"cross_match of sample {position} of {len(samples)}")
        outcome = cross_match.run(work.out / sample.name, subject, work.tools.interruption)
        _log.info("cross_match of %s: %s %s", sample.name, outcome.state, outcome.reason)


def _write_all(work: Work, outcome: Outcome) -> None:
    for sample in work.promising:
        (work.out / sample.name / STATE_FILE).write_bytes(outcome.to_bytes())
