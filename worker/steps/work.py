"""What the steps work on: the samples of a share, or of `gems type`, which has no cloud."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gems_core.fastq_names import Sample, StoredFile, lane_of
from gems_core.layout import log_key
from gems_core.manifest import Manifest
from gems_core.protocol.answer import GrantedShare
from gems_core.protocol.failure import told_reason
from gems_report.typing_json import Typing
from worker.copying import Copier
from worker.cross_match.runner import CrossMatch
from worker.interruption import Interruption
from worker.store import ObjectStore
from worker.typer import Typer

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Programs:
    """What samples are typed with.

    Attributes:
        subjects: a folder that belongs to the library, for what cross_match compares with.
    """

    typer: Typer
    cross_match: CrossMatch
    subjects: Path
    interruption: Interruption


@dataclass(frozen=True)
class Tools(Programs):
    """What every share of this worker uses.

    Attributes:
        clock: the time now, with its zone.
        copier: brings reads from elsewhere; None where nothing could say where they are.
    """

    store: ObjectStore
    control_bucket: str
    manifest: Manifest
    instance_id: str
    clock: Callable[[], datetime]
    copier: Copier | None = None


def reads_of(sample: Sample) -> list[tuple[StoredFile, ...]]:
    """A sample's files of R1, and those of R2 where there are any, in the order of the lanes."""
    return list(zip(*(lane.files for lane in sample.lanes), strict=True))


@dataclass
class Work(ABC):
    """Samples being worked on.

    Attributes:
        folder: scratch space of this work alone.
        note: tells people how far the work is.
        at: tells which samples are being worked on now.
        done: samples that need no further work.
        failed: why a sample cannot be typed, by its name.
        typings: what the typer stated of each typed sample, by its name.
    """

    tools: Programs
    folder: Path
    note: Callable[[str], None]
    at: Callable[..., None] = lambda *_: None
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    typings: dict[str, Typing] = field(default_factory=dict)

    @property
    @abstractmethod
    def samples(self) -> tuple[Sample, ...]:
        """All of them."""

    @abstractmethod
    def local_path(self, file: StoredFile) -> Path:
        """Where a read file lies on this machine."""

    @abstractmethod
    def address(self, file: StoredFile) -> str:
        """Where a read file lies for its user."""

    @abstractmethod
    def keep_log(self, name: str, data: bytes) -> None:
        """Keep a file that tells why a program has ended.

        Raises:
            GemsError, OSError: it cannot be kept.
        """

    @property
    def reads(self) -> Path:
        """The folder of read files that were made for this work."""
        return self.folder / "reads"

    @property
    def out(self) -> Path:
        """The folder of the typer's results, a folder a sample."""
        return self.folder / "out"

    @property
    def undone(self) -> list[Sample]:
        """Samples that are not done, the failed ones among them."""
        return [sample for sample in self.samples if sample.name not in self.done]

    @property
    def promising(self) -> list[Sample]:
        """Samples that are neither done nor failed."""
        return [sample for sample in self.undone if sample.name not in self.failed]

    def paths(self, sample: Sample) -> list[Path]:
        """Where a sample's R1 lies for the typer, and its R2: the files themselves, or all lanes joined in one."""
        if not sample.more_lanes:
            return [self.local_path(file) for file in sample.files]
        return [self.reads / f"{sample.name}_R{read}.fastq.gz" for read, _ in enumerate(reads_of(sample), start=1)]

    def by_address(self, text: str) -> str:
        """What is said of read files, by their users' addresses: where copies of them lie here tells users nothing."""
        for sample in self.samples:
            for path, files in zip(self.paths(sample), reads_of(sample), strict=True):
                text = text.replace(str(path), self._address_of_all(files))
        return text

    def _address_of_all(self, files: tuple[StoredFile, ...]) -> str:
        first, *others = files
        address = self.address(first)
        return f"{address} (joined with lanes {', '.join(lane_of(file) for file in others)})" if others else address

    def fail(self, sample: str, reason: str) -> None:
        """Note that a sample cannot be typed, and why, as its user reads it."""
        _log.warning("sample %s failed: %s", sample, reason)
        self.failed[sample] = told_reason(self.by_address(reason))


@dataclass
class ShareWork(Work):
    """One share of a job; its read files come from S3, and ``done`` are those whose done-markers are there."""

    tools: Tools
    granted: GrantedShare = field(kw_only=True)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Those of the share."""
        return self.granted.share.samples

    def local_path(self, file: StoredFile) -> Path:
        """Where a read file lies once it is fetched."""
        return self.reads / file.name

    def address(self, file: StoredFile) -> str:
        """Where it lies in S3."""
        return f"s3://{self.tools.manifest.bucket}/{file.key}"

    def keep_log(self, name: str, data: bytes) -> None:
        """Put a file beside this worker's logs."""
        key = log_key(self.tools.manifest.session_key, self.tools.instance_id, name)
        self.tools.store.write(self.tools.control_bucket, key, data, "text/plain")
