"""A negative control without reads is not a failed sample."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_worker_merge import QuietApi
from worker_fakes import CONTROL, DATA, SESSION_KEY, MemoryStore, make_work, manifest_of, share_of

from gems_core.fastq_names import Sample, StoredFile
from gems_core.layout import run_page_key, sample_page_key, sample_result_key
from gems_core.plate import Placement, Role
from gems_core.protocol.answer import GrantedShare
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.shares import Share
from gems_report.pages import RunPage, SamplePage
from gems_report.verdict import Verdict
from worker.interruption import Interruption
from worker.logs import LogTail
from worker.merge import Merge
from worker.reporting import Position, Reporter
from worker.steps.way import STEPS
from worker.steps.work import ShareWork

NTC = Placement("H12", Role.NEGATIVE_CONTROL)


def control_of(store: MemoryStore, content: bytes, role: Role = Role.NEGATIVE_CONTROL) -> Sample:
    """A sample named NTC whose two files hold this."""
    read_1, read_2 = (StoredFile(f"run1/NTC_S9_L001_R{read}_001.fastq.gz", len(content)) for read in (1, 2))
    for file in (read_1, read_2):
        store.objects[DATA, file.key] = content
    return Sample("NTC", read_1, read_2, Placement("H12", role))


def worked(tmp_path: Path, store: MemoryStore, control: Sample) -> ShareWork:
    """A share of a good sample and the control, through all steps."""
    work = make_work(tmp_path, store, {"K1": "GOOD"})
    share = Share(1, (*share_of(1, {"K1": "GOOD"}).samples, control))
    work = replace(work, tools=replace(work.tools, manifest=manifest_of(share)), granted=GrantedShare(share, 1))
    for step in STEPS:
        step.run(work)
    return work


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")], ids=["no-bytes", "no-reads"])
def test_a_negative_control_without_reads_is_typed_as_such(store: MemoryStore, tmp_path: Path, content: bytes) -> None:
    worked(tmp_path, store, control_of(store, content))
    assert store.marker("NTC").outcome is SampleOutcome.TYPED
    typing = json.loads(store.objects[DATA, sample_result_key("run1", SESSION_KEY, "NTC", "typing.json")])
    assert {flag["code"] for locus in typing["loci"] for flag in locus["flags"]} == {"no_reads"}
    assert store.marker("K1").outcome is SampleOutcome.TYPED


def test_a_negative_control_with_reads_goes_to_the_typer(store: MemoryStore, tmp_path: Path) -> None:
    worked(tmp_path, store, control_of(store, b"BAD reads\n"))
    assert store.marker("NTC").outcome is SampleOutcome.FAILED


def test_the_merge_writes_what_pages_read(store: MemoryStore, tmp_path: Path) -> None:
    work = worked(tmp_path, store, control_of(store, b""))
    reporter = Reporter(QuietApi(), Position("i-1", 0), Interruption(), LogTail())  # type: ignore[arg-type]
    Merge(store, CONTROL, work.tools.manifest, reporter, QuietApi()).run()  # type: ignore[arg-type]
    run = RunPage.from_bytes(store.objects[DATA, run_page_key("run1", SESSION_KEY)])
    assert [(row.sample, row.role, row.well) for row in run.samples] == [
        ("K1", Role.SAMPLE, ""),
        ("NTC", Role.NEGATIVE_CONTROL, "H12"),
    ]
    assert [(control.sample, control.verdict) for control in run.quality.controls] == [("NTC", Verdict.PASS)]
    assert run.made_by["typer"] == "0.1.0", "a control without reads has no typer, and does not make the run's unclear"
    for name in ("K1", "NTC"):
        page = SamplePage.from_bytes(store.objects[DATA, sample_page_key("run1", SESSION_KEY, name)])
        assert (page.sample, [locus.locus for locus in page.loci]) == (name, ["A", "B", "C"])
        assert all(locus.drawn for locus in page.loci)
