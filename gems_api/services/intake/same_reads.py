"""Typing a job's reads again: the new job takes the files that the old one took, and no others."""

from __future__ import annotations

from collections.abc import Sequence

from gems_core.errors import Problem
from gems_core.fastq_names import StoredFile, is_fastq
from gems_core.manifest import Manifest


def same_files(files: Sequence[StoredFile], manifest: Manifest) -> tuple[list[StoredFile], list[Problem]]:
    """The files of an earlier job among those that are there now.

    Args:
        files: what lies under the prefix.
        manifest: of the earlier job.

    Returns:
        its read files, of all lanes, and what is not a read file; and a problem for each of its files that is gone or is another one now.
        Where a manifest has no entity tags (older ones, and files that workers copied) only the size is compared.
    """
    wanted = {file.key: file for sample in manifest.samples for file in sample.files}
    present = {file.key: file for file in files}
    problems = [
        problem
        for key, file in wanted.items()
        if (problem := _difference(file, present.get(key), manifest)) is not None
    ]
    return [file for file in files if file.key in wanted or not is_fastq(file.name)], problems


def _difference(then: StoredFile, now: StoredFile | None, manifest: Manifest) -> Problem | None:
    expected = f"the file that {manifest.session_key} typed ({_described(then)})"
    if now is None:
        return Problem("reads_changed", then.key, expected, "no such file", _REPAIR)
    if now.size_bytes == then.size_bytes and then.etag in ("", now.etag):
        return None
    return Problem("reads_changed", then.key, expected, f"another one ({_described(now)})", _REPAIR)


def _described(file: StoredFile) -> str:
    return f"{file.size_bytes} bytes, ETag {file.etag}" if file.etag else f"{file.size_bytes} bytes"


_REPAIR = "Put the first file back, or start a job of its own over the files as they are now."


def not_the_job(session_key: str, expected: str, found: str) -> Problem:
    """A job that cannot be typed again so."""
    return Problem(
        "invalid_field", f"retype_of {session_key}"[:300], expected, found, "Name the job as `gems job list` shows it."
    )
