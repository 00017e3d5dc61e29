"""Says what each sequence that the typer could not explain is."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from gems_core.errors import GemsError
from worker.explain.documents import Explainer, add_to_typings
from worker.steps.work import ShareWork

_log = logging.getLogger(__name__)


def run(work: ShareWork) -> None:
    """Add what is found to each typed sample's typing.json; it adds evidence and never fails a sample."""
    typer = work.tools.typer
    explainer = Explainer.of(typer.library, typer.panel)
    samples = work.promising
    found: dict[Path, list[dict[str, Any]]] = {}
    for position, sample in enumerate(samples, start=1):
        work.tools.interruption.check()
        work.note(f"explaining sample {position} of {len(samples)}")
        folder = work.out / sample.name
        try:
            found[folder] = explainer.explain(folder)
        except GemsError as error:
            _log.warning("nothing is said of the unexplained sequences of %s: %s", sample.name, error)
    try:
        add_to_typings(found)
    except (GemsError, OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("the verdicts could not be written: %r", error)
