"""One `gems type`, from the reads to the report: a worker's steps, without S3 and without the API."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gems_artefacts.cache import cache_folder
from gems_artefacts.checks import panel_version
from gems_artefacts.files import sha256_of
from gems_artefacts.inputs import Tools
from gems_artefacts.java import find_java
from gems_artefacts.reference import library_version
from gems_cli.offline.inputs import Inputs
from gems_cli.run.output import LOGS, SAMPLES, incoming
from gems_core.fastq_names import Sample, StoredFile
from gems_core.manifest import Artefact
from gems_core.plate import UNPLACED
from gems_local.machine import HEAP_SHARE, usable_processors
from gems_reference.library import open_library
from gems_report.errors import UnreadableTyping
from gems_report.formats import files_of
from gems_report.model import Report, RunFacts, SampleResult, failed_sample, make_report, typed_sample
from gems_report.typing_json import TYPING_JSON, read_typing
from worker.cross_match.programs import USUAL_NAME
from worker.cross_match.runner import STATE_FILE, CrossMatch
from worker.interruption import Interruption
from worker.results import cross_match_told
from worker.steps import cross_match, explain, type_samples
from worker.steps.upload import result_files
from worker.steps.work import Programs, Work, reads_of
from worker.typer import Typer

_SECONDS_PER_SAMPLE = 3600
_CROSS_MATCH_SECONDS = 600
_PIECE_BYTES = 2**20


@dataclass(frozen=True)
class Machine:
    """What of this machine the typer may use.

    Attributes:
        memory_mb: its largest heap.
        seconds_per_sample: it is ended after so long a sample.
    """

    threads: int
    memory_mb: int
    seconds_per_sample: int = _SECONDS_PER_SAMPLE

    @classmethod
    def whole(cls, threads: int | None = None, memory_mb: int | None = None) -> Machine:
        """All of it but for what is named: each processor that this process may use, and two thirds of the memory."""
        all_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
        return cls(threads or usable_processors(), memory_mb or int(all_mb * HEAP_SHARE))


@dataclass(frozen=True)
class TypePlan:
    """A typing whose inputs are checked.

    Attributes:
        scratch: a folder that takes the typer's files; on the output's disk, so that results are moved and not copied.
    """

    inputs: Inputs
    tools: Tools
    hla_class: str
    machine: Machine
    scratch: Path


@dataclass
class FilesHere(Work):
    """Samples whose files lie on this machine, where their keys say."""

    given: tuple[Sample, ...] = ()

    @property
    def samples(self) -> tuple[Sample, ...]:
        """As they were given."""
        return self.given

    def local_path(self, file: StoredFile) -> Path:
        """The file itself."""
        return Path(file.key)

    def address(self, file: StoredFile) -> str:
        """Its path."""
        return file.key

    def keep_log(self, name: str, data: bytes) -> None:
        """Put it into the folder of logs."""
        folder = self.folder / LOGS
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)


def type_here(plan: TypePlan, output: Path, note: Callable[[str], None]) -> Report:
    """Type samples, and leave their results and the report in the output folder, all or none.

    Args:
        plan: what, and with what.
        output: claimed already.
        note: is told how far the work is.

    Raises:
        ShareFailed, TyperBroke: no sample can be typed.
    """
    work = _work(plan, note)
    for sample in work.samples:
        if sample.more_lanes:
            _join(work, sample)
    # While Java starts, a processor has time.
    threading.Thread(target=explain.load, daemon=True).start()
    for step in (type_samples, cross_match, explain):
        step.run(work)
    note("writing the report")
    from worker.explain.across_samples import across_samples  # noqa: PLC0415 - loaded by now

    report = make_report(_facts(plan), across_samples([_result(work, sample) for sample in work.samples]))
    with incoming(output) as folder:
        for sample in work.samples:
            target = folder / SAMPLES / sample.name
            target.mkdir(parents=True)
            for name, data in result_files(work, sample):
                (target / name).write_bytes(data)
        for file in files_of(report):
            (folder / f"report.{file.extension}").write_bytes(file.data)
        if (work.folder / LOGS).is_dir():
            shutil.copytree(work.folder / LOGS, folder / LOGS)
    return report


def _work(plan: TypePlan, note: Callable[[str], None]) -> FilesHere:
    tools = plan.tools
    library = open_library(tools.library)
    typer = Typer(
        find_java(),
        tools.jar.absolute(),
        tools.library.absolute(),
        tools.panel.absolute(),
        plan.hla_class,
        plan.machine.threads,
        plan.machine.memory_mb,
        plan.machine.seconds_per_sample,
    )
    subjects = cache_folder() / "subjects" / library_version(library)
    subjects.mkdir(parents=True, exist_ok=True)
    site = os.environ.get("GEMS_CROSS_MATCH") or USUAL_NAME
    programs = Programs(typer, CrossMatch(site, _CROSS_MATCH_SECONDS), subjects, Interruption())
    return FilesHere(programs, plan.scratch, note, given=plan.inputs.samples)


def _join(work: FilesHere, sample: Sample) -> None:
    """Put the lanes of a sample into one file a read: gzip files one after the other are a gzip file (RFC 1952, section 2.2)."""
    work.reads.mkdir(exist_ok=True)
    for path, files in zip(work.paths(sample), reads_of(sample), strict=True):
        work.note(f"joining the lanes of {sample.name}")
        with path.open("wb") as joined:
            for file in files:
                with work.local_path(file).open("rb") as lane:
                    shutil.copyfileobj(lane, joined, _PIECE_BYTES)


def _result(work: FilesHere, sample: Sample) -> SampleResult:
    if sample.name in work.failed:
        return failed_sample(sample.name, work.failed[sample.name])
    folder = work.out / sample.name
    try:
        document = read_typing((folder / TYPING_JSON).read_bytes(), sample.name)
    except UnreadableTyping as error:
        return failed_sample(sample.name, str(error))
    return typed_sample(sample.name, document, cross_match_told((folder / STATE_FILE).read_bytes))


def _facts(plan: TypePlan) -> RunFacts:
    """What the report says of the run: as of a job, but without keys in S3."""
    tools, samples = plan.tools, plan.inputs.samples
    library = open_library(tools.library)
    jar_sha256 = sha256_of(tools.jar)
    artefacts = {
        "hla-typer": Artefact(jar_sha256[:12], "", jar_sha256),
        "reference": Artefact(library_version(library), "", library.summary["sha256"]),
        "panel": Artefact(panel_version(tools.panel), "", sha256_of(tools.panel)),
    }
    plate = {sample.name: sample.placed for sample in samples if sample.placed != UNPLACED}
    return RunFacts("", "", plan.inputs.name, plan.hla_class, datetime.now(UTC), artefacts, plate)
