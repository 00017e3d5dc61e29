"""Looking for a run's folder: what lies directly under a prefix of a bucket."""

from __future__ import annotations

from dataclasses import dataclass

from gems_api.services.intake.job_request import is_bucket_name
from gems_api.services.intake.preflight import RESULTS_FOLDER
from gems_api.services.store_ports import BucketUnreadable, Store

_READS = (".fastq.gz", ".fq.gz")


@dataclass(frozen=True)
class Listing:
    """What lies directly under a prefix.

    Attributes:
        prefix: what was looked under, with its closing slash; '' for the whole bucket.
        folders: their prefixes, each with its closing slash; results of earlier jobs are left out.
        reads: how many files of reads lie beside the folders.
        is_cut: whether there is more than is told.
    """

    bucket: str
    prefix: str
    folders: tuple[str, ...]
    reads: int
    is_cut: bool


def browse(store: Store, bucket: str, prefix: str, control_bucket: str) -> Listing:
    """List a folder of a bucket, or the bucket itself.

    Args:
        store: S3.
        bucket: of the reads.
        prefix: of the folder; slashes at its ends do not matter.
        control_bucket: which no run lies in.

    Raises:
        BucketUnreadable: no such bucket, or no permission, or it is GeMS's own.
    """
    if not is_bucket_name(bucket):
        raise BucketUnreadable(f"expected the name of a bucket, found {bucket[:80]!r}")
    if bucket == control_bucket:
        raise BucketUnreadable(f"expected a bucket with reads; {bucket} holds GeMS's own records")
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    shelf = store.shelf(bucket, folder)
    folders = tuple(item for item in shelf.folders if item != f"{folder}{RESULTS_FOLDER}/")
    reads = sum(entry.key.endswith(_READS) for entry in shelf.files)
    return Listing(bucket, folder, folders, reads, shelf.is_cut)
