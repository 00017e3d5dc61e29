"""Types a share's samples, and keeps one that breaks the typer from taking the others with it."""

from __future__ import annotations

import logging
import shutil
from typing import Any

from gems_core.errors import GemsError
from gems_core.fastq_names import Sample
from worker.errors import SampleFailed, ShareFailed
from worker.process import crash_files
from worker.steps.empty_controls import note_empty_controls
from worker.steps.work import Work
from worker.typer import SheetRow, TyperBroke, fault_of, outcome_of

_log = logging.getLogger(__name__)
_LARGEST_CRASH_BYTES = 2**20


def run(work: Work) -> None:
    """Type every promising sample in one JVM; if that breaks, the unfinished ones each in a JVM of its own.

    Raises:
        ShareFailed: no sample could be typed and none of them is to blame.
    """
    work.out.mkdir(parents=True, exist_ok=True)
    note_empty_controls(work)
    samples = [sample for sample in work.promising if sample.name not in work.typings]
    if not samples:
        return
    try:
        _type(work, samples)
        broke = None
    except TyperBroke as error:
        _log.warning("typing the unfinished samples one by one, because of this: %s", error)
        broke = error
        _keep_crash_files(work)
    unfinished = _unfinished(work, samples)
    if unfinished and broke is None:
        names = ", ".join(sample.name for sample in unfinished)
        raise ShareFailed(
            f"the typer left neither typing.json nor error.json of {names}; its log says why "
            "(a library, panel or sheet it cannot read)"
        )
    if unfinished:
        _type_one_by_one(work, unfinished, alone=len(unfinished) == len(samples))


def _type_one_by_one(work: Work, samples: list[Sample], *, alone: bool) -> None:
    """Type each by itself, and blame a sample for breaking the typer only where another one did not.

    Args:
        work: the share.
        samples: those that the common JVM did not finish.
        alone: whether it finished none.
    """
    broke: dict[str, TyperBroke] = {}
    for sample in samples:
        try:
            _type(work, [sample])
        except TyperBroke as error:
            broke[sample.name] = error
            _keep_crash_files(work)
    if broke and alone and len(broke) == len(samples):
        first = next(iter(broke.values()))
        raise ShareFailed(f"the typer fails at every sample: {first}", first.ending)
    for name, fault in broke.items():
        work.fail(name, fault_of(name, work.out) or f"the typer fails at this sample: {fault}")
    for sample in _unfinished(work, [sample for sample in samples if sample.name not in broke]):
        work.fail(sample.name, "the typer left neither typing.json nor error.json of it")


def _type(work: Work, samples: list[Sample]) -> None:
    for sample in samples:
        # What an interrupted run left must not be taken for this run's result.
        shutil.rmtree(work.out / sample.name, ignore_errors=True)
    rows = [SheetRow(sample.name, *work.paths(sample)) for sample in samples]
    finished: set[str] = set()
    at_hand: dict[str, None] = {}

    def on_event(event: dict[str, Any]) -> None:
        sample = str(event.get("sample"))
        match event.get("event"):
            case "started":
                at_hand[sample] = None
                work.at(*at_hand)
            case "typed" | "failed":
                finished.add(sample)
                at_hand.pop(sample, None)
                work.at(*at_hand)
                work.note(f"typed {len(finished)} of {len(samples)} samples")

    work.tools.typer.type_sheet(rows, work.out, work.tools.interruption, on_event)


def _keep_crash_files(work: Work) -> None:
    """Copy what a crashing Java machine has left to where the job's logs are; nothing here is worth a failure."""
    for file in crash_files(work.out):
        try:
            work.keep_log(file.name, file.read_bytes()[:_LARGEST_CRASH_BYTES])
            file.unlink()
        except (GemsError, OSError) as error:
            _log.warning("%s was not kept: %s", file.name, error)


def _unfinished(work: Work, samples: list[Sample]) -> list[Sample]:
    """The samples of which there is neither a result nor word of bad input; results and bad ones are noted."""
    unfinished = []
    for sample in samples:
        try:
            typing = outcome_of(sample.name, work.out)
        except SampleFailed as error:
            work.fail(sample.name, str(error))
            continue
        if typing is None:
            unfinished.append(sample)
        else:
            work.typings[sample.name] = typing
    return unfinished
