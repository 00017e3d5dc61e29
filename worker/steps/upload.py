"""Brings a share's results to S3: first the results, then the done-marker that says they are there."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

from gems_core.fastq_names import Sample
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.layout import done_key, sample_result_key
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_report.typing_json import TYPING_JSON
from worker.cross_match.runner import STATE_FILE, TEXT_FILE
from worker.steps.work import ShareWork, Work
from worker.typer import ERROR_JSON

_log = logging.getLogger(__name__)
_TYPED_FILES = (TYPING_JSON, "unexplained.fasta", TEXT_FILE, STATE_FILE)
_FAILED_FILES = (ERROR_JSON,)


def run(work: ShareWork) -> None:
    """Upload the results of every sample that is not done, failed ones too, and mark it done."""
    samples = work.undone
    for position, sample in enumerate(samples, start=1):
        work.tools.interruption.check()
        work.at(sample.name)
        work.note(f"uploading sample {position} of {len(samples)}")
        _upload_results(work, sample)
        _mark_done(work, sample)


def _upload_results(work: ShareWork, sample: Sample) -> None:
    manifest = work.tools.manifest
    for name, data in result_files(work, sample):
        key = sample_result_key(manifest.prefix, manifest.session_key, sample.name, name)
        content_type = "application/json" if name.endswith(".json") else "text/plain"
        work.tools.store.write(manifest.bucket, key, data, content_type)


def result_files(work: Work, sample: Sample) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file that tells users of a sample, those that its steps have left."""
    for name in _FAILED_FILES if sample.name in work.failed else _TYPED_FILES:
        path = work.out / sample.name / name
        if path.exists():
            yield name, _content(work, path)


def _content(work: Work, path: Path) -> bytes:
    """A result as it goes to S3; what the typer says of a read file, it says of a path on this machine."""
    data = path.read_bytes()
    if path.name not in _FAILED_FILES:
        return data
    try:
        document = dict(parse_json(data))
    except ODD_CONTENT:
        return data
    told = {name: work.by_address(part) if isinstance(part, str) else part for name, part in document.items()}
    return json.dumps(told).encode()


def _mark_done(work: ShareWork, sample: Sample) -> None:
    tools = work.tools
    reason = work.failed.get(sample.name, "")
    marker = DoneMarker(
        sample.name,
        SampleOutcome.FAILED if sample.name in work.failed else SampleOutcome.TYPED,
        reason,
        work.granted.share.index,
        work.granted.attempt,
        tools.instance_id,
        tools.clock(),
    )
    data = json.dumps(marker.as_json()).encode()
    key = done_key(tools.manifest.session_key, sample.name)
    # A share may have been given to another worker while this one was silent: the first marker stays, for a report may
    # have been made of it.
    if not tools.store.create(tools.control_bucket, key, data, "application/json"):
        _log.warning("sample %s was already marked done by another worker", sample.name)
    work.done.add(sample.name)
