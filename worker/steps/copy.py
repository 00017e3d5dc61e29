"""Brings the reads of a share into S3 from where they lie elsewhere. Whoever finds them in S3 later need not copy them again."""

from __future__ import annotations

import logging

from gems_core.fastq_names import Sample, StoredFile
from worker.copying import Copier
from worker.errors import ApiRefused, SampleFailed, ShareFailed, TransferBroken
from worker.steps.download import check_disk, note_done
from worker.steps.work import ShareWork

_log = logging.getLogger(__name__)


def run(work: ShareWork) -> None:
    """Copy what is not in S3 yet of every sample that no earlier attempt has finished.

    What was copied stays on this machine too, where the next step finds it.

    Raises:
        ShareFailed: this worker knows no way to the reads, or the disk is too small.
        ApiUnavailable: nobody says where they are, for a long time.
    """
    copier = work.tools.copier
    if copier is None:
        raise ShareFailed(
            "expected a way to copy reads from BaseSpace, found none. Publish the worker of this release."
        )
    work.reads.mkdir(parents=True, exist_ok=True)
    note_done(work)
    check_disk(work)
    todo = work.promising
    for position, sample in enumerate(todo, start=1):
        work.tools.interruption.check()
        try:
            _copy(work, copier, sample, f"sample {position} of {len(todo)}")
        except (SampleFailed, TransferBroken, ApiRefused) as error:
            work.fail(sample.name, str(error))


def _copy(work: ShareWork, copier: Copier, sample: Sample, which: str) -> None:
    bucket = work.tools.manifest.bucket
    for number, file in enumerate(sample.files, start=1):
        work.at(sample.name)
        work.note(f"copying {which} from BaseSpace, file {number} of {len(sample.files)}")
        if not work.tools.store.exists(bucket, file.key):
            _copy_file(work, copier, file)


def _copy_file(work: ShareWork, copier: Copier, file: StoredFile) -> None:
    path = work.local_path(file)
    copier.copy(file, path)
    work.tools.store.upload(work.tools.manifest.bucket, file.key, path, "application/gzip")
    _log.info("copied %s, %d bytes", file.key, file.size_bytes)
