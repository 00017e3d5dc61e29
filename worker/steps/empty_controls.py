"""Negative controls without any read: the typer refuses such files, and there is nothing to type."""

from __future__ import annotations

import gzip
import json
import logging
import zlib

from gems_core.fastq_names import Sample
from gems_core.plate import Role
from gems_report.no_reads import typing_without_reads
from gems_report.typing_json import TYPING_JSON, Typing
from worker.steps.work import Work

_log = logging.getLogger(__name__)
UNEXPLAINED_FASTA = "unexplained.fasta"


def note_empty_controls(work: Work) -> None:
    """Write the results of the share's empty negative controls; they need no typer from here on."""
    for sample in work.promising:
        if sample.placed.role is Role.NEGATIVE_CONTROL and _is_empty(work, sample):
            _log.info("the negative control %s has no reads", sample.name)
            document = typing_without_reads(sample.name, work.tools.typer.hla_class)
            folder = work.out / sample.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / TYPING_JSON).write_text(json.dumps(document))
            (folder / UNEXPLAINED_FASTA).write_text("")
            work.typings[sample.name] = Typing.of(document)


def _is_empty(work: Work, sample: Sample) -> bool:
    """Whether the files hold nothing. A damaged one is not empty: the typer says what is wrong with it."""
    for path in work.paths(sample):
        if path.stat().st_size == 0:
            continue
        try:
            with gzip.open(path) as reads:
                if reads.read(1):
                    return False
        except (OSError, EOFError, zlib.error):
            return False
    return True
