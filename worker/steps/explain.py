"""Says what each sequence that the typer could not explain is."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from gems_core.errors import GemsError
from gems_report.typing_json import Typing
from worker.steps.work import Work

_log = logging.getLogger(__name__)


def run(work: Work) -> None:
    """Add what is found to each typed sample's typing.json; it adds evidence and never fails a sample."""
    from worker.explain.documents import Explainer, add_to_typings  # noqa: PLC0415 - see load

    typer = work.tools.typer
    explainer = Explainer.of(typer.library, typer.panel)
    typings = [work.typings[sample.name] for sample in work.promising]
    found: list[tuple[Typing, list[dict[str, Any]]]] = []
    for position, typing in enumerate(typings, start=1):
        work.tools.interruption.check()
        work.at(typing.sample)
        work.note(f"explaining sample {position} of {len(typings)}")
        try:
            found.append((typing, explainer.explain(work.out / typing.sample, typing)))
        except GemsError as error:
            _log.warning("the unexplained sequences of %s are not judged: %s", typing.sample, error)
    try:
        add_to_typings(work.out, found)
    except (OSError, ValueError) as error:
        _log.warning("the verdicts could not be written: %r", error)


def load() -> None:
    """Load what explaining needs (numpy, the aligner): it takes 0.2 s, in which another program can work."""
    importlib.import_module("worker.explain.across_samples")
    importlib.import_module("worker.explain.documents")
