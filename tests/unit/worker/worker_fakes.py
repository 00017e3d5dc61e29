"""Fakes that work: an object store in memory, programs on disk, a job made of synthetic samples."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gems_core.errors import CloudRefused
from gems_core.fastq_names import Lane, Sample, StoredFile
from gems_core.identity import IdentityProof
from gems_core.layout import ARTEFACT_KINDS, done_key
from gems_core.manifest import Artefact, Manifest
from gems_core.protocol.answer import GrantedShare
from gems_core.protocol.done_marker import DoneMarker
from gems_core.session_key import SessionKey
from gems_core.shares import Share
from worker.cross_match.runner import CrossMatch
from worker.errors import ObjectChanged, ObjectMissing, TransferBroken
from worker.interruption import Interruption
from worker.steps.work import ShareWork, Tools
from worker.store import ObjectStream
from worker.typer import Typer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SESSION_KEY = SessionKey.parse("reads-run1-class-1-261123-12:00:0123456789")
CONTROL, DATA = "control", "reads"
# A stand-in for GeMS's own cross_match, which is tested elsewhere.
REPLACEMENT = "print('gems-cross-match\\ncross_match version 0.0-stand-in\\n\\n0 matching entries (first file).')"
FAKE_JAVA = Path(__file__).with_name("fake_java.py")


class Signer:
    """Makes proofs of identity, each another."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> IdentityProof:
        self.made += 1
        authorization = (
            "AWS4-HMAC-SHA256 Credential=ASIA1234567890123456/20261123/eu-west-1/sts/aws4_request, SignedHeaders="
            f"content-type;host;x-amz-date;x-amz-security-token;x-gems-session-key, Signature={self.made:064x}"
        )
        return IdentityProof(authorization, "20261123T120000Z", "token", SESSION_KEY)


def etag_of(data: bytes) -> str:
    """S3's entity tag of an object that was written in one piece."""
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


class MemoryStore:
    """An ObjectStore in memory.

    Attributes:
        refused: how many of the next reads of a key S3 refuses.
        cut: how many of the next reads of a key end early.
        etags: MD5 sums to state instead of the true ones; None states none.
        writes: the keys written, in order.
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.refused: dict[str, int] = {}
        self.cut: dict[str, int] = {}
        self.etags: dict[str, str | None] = {}
        self.writes: list[str] = []

    @contextmanager
    def stream(self, bucket: str, key: str, etag: str = "") -> Iterator[ObjectStream]:
        if self.refused.get(key, 0) > 0:
            self.refused[key] -= 1
            raise CloudRefused(f"s3://{bucket}/{key}: SlowDown")
        data = self._get(bucket, key)
        if etag and etag != etag_of(data):
            raise ObjectChanged(bucket, key, expected=etag, found=f"ETag {etag_of(data)}")
        md5 = self.etags.get(key, hashlib.md5(data, usedforsecurity=False).hexdigest())
        yield ObjectStream(len(data), md5, self._chunks(key, data))

    def _chunks(self, key: str, data: bytes) -> Iterator[bytes]:
        if self.cut.get(key, 0) > 0:
            self.cut[key] -= 1
            yield data[: len(data) // 2]
            if self.cut[key] % 2:
                raise TransferBroken(f"{key}: cut")
        else:
            yield data

    def read(self, bucket: str, key: str) -> bytes:
        return self._get(bucket, key)

    def exists(self, bucket: str, key: str) -> bool:
        return (bucket, key) in self.objects

    def write(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        self.writes.append(key)
        self.objects[bucket, key] = data

    def upload(self, bucket: str, key: str, path: Path, content_type: str) -> None:
        self.write(bucket, key, path.read_bytes(), content_type)

    def create(self, bucket: str, key: str, data: bytes, content_type: str) -> bool:
        if (bucket, key) in self.objects:
            return False
        self.write(bucket, key, data, content_type)
        return True

    def _get(self, bucket: str, key: str) -> bytes:
        try:
            return self.objects[bucket, key]
        except KeyError:
            raise ObjectMissing(bucket, key) from None

    def marker(self, sample: str) -> DoneMarker:
        """A sample's done-marker."""
        return DoneMarker.from_json(json.loads(self.read(CONTROL, done_key(SESSION_KEY, sample))))


def program(path: Path, python: str) -> Path:
    """An executable Python script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{python}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def fake_java(folder: Path) -> Path:
    """The stand-in for java and the typer, as an executable named java."""
    return program(folder / "java", FAKE_JAVA.read_text())


def reads_of(word: str) -> bytes:
    """A read file that makes the stand-in for the typer behave as ``word`` says."""
    return f"{word} {'ACGT' * 10}\n".encode()


def sample_of(name: str, word: str) -> Sample:
    """A sample whose files hold ``reads_of(word)``."""
    data = reads_of(word)
    read_1, read_2 = (
        StoredFile(f"run1/{name}_S1_L001_R{read}_001.fastq.gz", len(data), etag_of(data)) for read in (1, 2)
    )
    return Sample(name, read_1, read_2)


def in_lanes(store: MemoryStore, name: str, *contents: bytes) -> Sample:
    """A sample of as many lanes as there are contents, in the store; R2 of each is as R1."""
    lanes = []
    for number, content in enumerate(contents, start=1):
        files = [
            StoredFile(f"run1/{name}_S1_L00{number}_R{read}_001.fastq.gz", len(content), etag_of(content))
            for read in (1, 2)
        ]
        store.objects |= {(DATA, file.key): content for file in files}
        lanes.append(Lane(*files))
    return Sample(name, lanes[0].read_1, lanes[0].read_2, more_lanes=tuple(lanes[1:]))


def manifest_of(*shares: Share, artefacts: Mapping[str, Artefact] | None = None) -> Manifest:
    """A class 1 job of these shares."""
    default = {kind: Artefact("1", f"artefacts/{kind}/1/{kind}", "0" * 64) for kind in ARTEFACT_KINDS}
    return Manifest(SESSION_KEY, DATA, "run1", "1", NOW, "", len(shares), shares, artefacts or default, 3600)


def share_of(index: int, words: Mapping[str, str]) -> Share:
    """A share of samples, by name, each with the word of its reads."""
    return Share(index, tuple(sample_of(name, word) for name, word in words.items()))


def put_reads(store: MemoryStore, words: Mapping[str, str]) -> None:
    """Put the read files of samples into the store."""
    for name, word in words.items():
        for file in (sample_of(name, word).read_1, sample_of(name, word).read_2):
            store.objects[DATA, file.key] = reads_of(word)


def make_library(folder: Path) -> Path:
    """A reference library of two synthetic alleles of HLA-A."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "library.json").write_text('{"format": 1}')
    (folder / "A.alleles.tsv").write_text(
        "allele\tg_group\tp_group\tciwd\t5UTR\texon1\tintron1\texon2\n"
        "A*91:01\t\t\t\t0\t0\t0\t0\nA*92:01\t\t\t\t0\t1\t0\t1\nA*93:01\t\t\t\t0\t2\t0\t1\n"
    )
    (folder / "A.sequences.tsv").write_text(
        "feature\tindex\tsequence\n5UTR\t0\tGGGG\nexon1\t0\tAC.GT\nexon1\t1\tA**GT\nexon1\t2\tACG.T\n"
        "intron1\t0\tTTTT\nexon2\t0\tCCCC\nexon2\t1\t....\n"
    )
    return folder


def make_work(
    tmp_path: Path,
    store: MemoryStore,
    words: Mapping[str, str],
    *,
    cross_match: str = "cross_match",
    artefact: Path | None = None,
    seconds_per_sample: int = 20,
) -> ShareWork:
    """A share of these samples, their reads in the store, ready for the steps."""
    put_reads(store, words)
    share = share_of(1, words)
    typer = Typer(
        str(fake_java(tmp_path / "bin")),
        tmp_path / "typer.jar",
        make_library(tmp_path / "library" / "content"),
        tmp_path / "panel.tsv",
        "1",
        1,
        100,
        seconds_per_sample,
    )
    tools = Tools(
        typer,
        CrossMatch(cross_match, 10, artefact, (str(program(tmp_path / "bin" / "replacement", REPLACEMENT)),)),
        typer.library.parent,
        Interruption(),
        store,
        CONTROL,
        manifest_of(share),
        "i-1",
        lambda: NOW,
    )
    return ShareWork(tools, tmp_path / "share-1", lambda _: None, granted=GrantedShare(share, 1))


def tar_gz(members: Mapping[str, bytes | tarfile.TarInfo]) -> bytes:
    """A .tar.gz of files by name, or of members as given."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
