"""Fetches the reads of a share."""

from __future__ import annotations

import shutil
from pathlib import Path

from gems_core.fastq_names import Sample, StoredFile
from gems_core.layout import done_key
from worker.errors import ObjectChanged, ObjectMissing, SampleFailed, ShareFailed
from worker.steps.work import ShareWork, reads_of
from worker.store import download

# Results are far smaller than reads; the margin is for them, the log and the system.
_MARGIN_BYTES = 256 * 2**20
_PIECE_BYTES = 2**20


def run(work: ShareWork) -> None:
    """Fetch the reads of every sample that an earlier attempt has not finished.

    Raises:
        ShareFailed: the disk is too small for the share.
    """
    work.reads.mkdir(parents=True, exist_ok=True)
    note_done(work)
    check_disk(work)
    todo = work.promising
    for position, sample in enumerate(todo, start=1):
        work.tools.interruption.check()
        work.at(sample.name)
        work.note(f"downloading sample {position} of {len(todo)}")
        try:
            for path, files in zip(work.paths(sample), reads_of(sample), strict=True):
                _fetch_all(work, files, path)
        except (SampleFailed, ObjectChanged, ObjectMissing) as error:
            work.fail(sample.name, str(error))


def note_done(work: ShareWork) -> None:
    """Note which samples an earlier attempt has finished."""
    work.done.update(sample.name for sample in work.granted.share.samples if _is_done(work, sample))


def _is_done(work: ShareWork, sample: Sample) -> bool:
    return work.tools.store.exists(work.tools.control_bucket, done_key(work.tools.manifest.session_key, sample.name))


def check_disk(work: ShareWork) -> None:
    """See that the reads of the share will fit.

    Raises:
        ShareFailed: they will not.
    """
    # A lane lies here twice while it is joined.
    lanes = [file.size_bytes for sample in work.promising if sample.more_lanes for file in sample.files]
    here_bytes = sum(path.stat().st_size for path in work.reads.iterdir())
    needed_bytes = (
        sum(sample.size_bytes for sample in work.promising) - here_bytes + max(lanes, default=0) + _MARGIN_BYTES
    )
    free_bytes = shutil.disk_usage(work.reads).free
    if free_bytes < needed_bytes:
        raise ShareFailed(
            f"disk of {work.reads}: expected {needed_bytes} bytes free for the reads of share {work.granted.share.index}, "
            f"found {free_bytes}. Give the instances a larger volume, or fewer samples a worker."
        )


def _fetch_all(work: ShareWork, files: tuple[StoredFile, ...], path: Path) -> None:
    """Fetch the lanes of one read, and join them: gzip files one after the other are a gzip file (RFC 1952, section 2.2)."""
    if len(files) == 1:
        _fetch(work, files[0])
        return
    with path.open("wb") as joined:
        for file in files:
            _fetch(work, file)
            lane = work.local_path(file)
            with lane.open("rb") as reads:
                shutil.copyfileobj(reads, joined, _PIECE_BYTES)
            lane.unlink()


def _fetch(work: ShareWork, file: StoredFile) -> None:
    path = work.local_path(file)
    # This worker has just copied it to S3; of a file that was in S3 before, another content may have this size.
    if not file.etag and path.exists() and path.stat().st_size == file.size_bytes:
        return
    download(work.tools.store, work.tools.manifest.bucket, file.key, path, file.etag)
    found_bytes = path.stat().st_size
    if found_bytes != file.size_bytes:
        raise SampleFailed(
            f"s3://{work.tools.manifest.bucket}/{file.key}: expected {file.size_bytes} bytes as when the job was made, "
            f"found {found_bytes}. The file was replaced meanwhile; start a new job."
        )
