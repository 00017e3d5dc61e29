"""What the steps of one share work on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gems_core.fastq_names import Sample, StoredFile, lane_of
from gems_core.layout import log_key
from gems_core.manifest import Manifest
from gems_core.protocol import GrantedShare, told_reason
from gems_report.typing_json import Typing
from worker.copying import Copier
from worker.cross_match.runner import CrossMatch
from worker.interruption import Interruption
from worker.store import ObjectStore
from worker.typer import Typer

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tools:
    """What every share of this worker uses.

    Attributes:
        clock: the time now, with its zone.
        copier: brings reads from elsewhere; None where nothing could say where they are.
    """

    store: ObjectStore
    control_bucket: str
    manifest: Manifest
    typer: Typer
    cross_match: CrossMatch
    interruption: Interruption
    instance_id: str
    clock: Callable[[], datetime]
    copier: Copier | None = None


def reads_of(sample: Sample) -> list[tuple[StoredFile, ...]]:
    """A sample's files of R1, and those of R2 where there are any, in the order of the lanes."""
    return list(zip(*(lane.files for lane in sample.lanes), strict=True))


@dataclass
class ShareWork:
    """One share being worked on.

    Attributes:
        folder: scratch space of this share alone.
        note: tells people how far the work is.
        at: tells which samples are being worked on now.
        done: samples whose done-markers are in S3.
        failed: why a sample cannot be typed, by its name.
        typings: what the typer stated of each typed sample, by its name.
    """

    tools: Tools
    granted: GrantedShare
    folder: Path
    note: Callable[[str], None]
    at: Callable[..., None] = lambda *_: None
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    typings: dict[str, Typing] = field(default_factory=dict)

    @property
    def reads(self) -> Path:
        """The folder of the downloaded read files."""
        return self.folder / "reads"

    @property
    def out(self) -> Path:
        """The folder of the typer's results, a folder a sample."""
        return self.folder / "out"

    @property
    def undone(self) -> list[Sample]:
        """Samples without a done-marker, the failed ones among them."""
        return [sample for sample in self.granted.share.samples if sample.name not in self.done]

    @property
    def promising(self) -> list[Sample]:
        """Samples that are neither done nor failed."""
        return [sample for sample in self.undone if sample.name not in self.failed]

    def log_key(self, name: str) -> str:
        """Where a file goes that belongs to this worker's logs."""
        return log_key(self.tools.manifest.session_key, self.tools.instance_id, name)

    def local_path(self, file: StoredFile) -> Path:
        """Where a read file lies on this machine once it is fetched."""
        return self.reads / file.name

    def paths(self, sample: Sample) -> list[Path]:
        """Where a sample's R1 lies for the typer, and its R2: the files themselves, or all lanes joined in one."""
        if not sample.more_lanes:
            return [self.local_path(file) for file in sample.files]
        return [self.reads / f"{sample.name}_R{read}.fastq.gz" for read, _ in enumerate(reads_of(sample), start=1)]

    def by_address(self, text: str) -> str:
        """What is said of read files, by their addresses in S3: where they lie here tells users nothing."""
        for sample in self.granted.share.samples:
            for path, files in zip(self.paths(sample), reads_of(sample), strict=True):
                text = text.replace(str(path), self._address(files))
        return text

    def _address(self, files: tuple[StoredFile, ...]) -> str:
        first, *others = files
        address = f"s3://{self.tools.manifest.bucket}/{first.key}"
        return f"{address} (joined with lanes {', '.join(lane_of(file) for file in others)})" if others else address

    def fail(self, sample: str, reason: str) -> None:
        """Note that a sample cannot be typed, and why, as its done-marker will say it."""
        _log.warning("sample %s failed: %s", sample, reason)
        self.failed[sample] = told_reason(self.by_address(reason))
