"""Writes what the pages of a merged job's samples read."""

from __future__ import annotations

import logging
import tempfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType

from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.layout import sample_page_key
from gems_core.manifest import Manifest
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.model import Report, SampleResult, failed_sample
from gems_report.pages import SamplePage
from gems_report.pages.documents import CONTENT_TYPE
from worker.store import ObjectStore

_log = logging.getLogger(__name__)
# A request to S3 takes some 30 ms, most of it waiting: one after the other a thousand documents would take half a minute.
WRITERS = 8
_FAST = 1


class Shelf:
    """The typing.json of each sample, on disk: those of a thousand samples together would take gigabytes of memory."""

    def __enter__(self) -> Shelf:
        self._file = tempfile.TemporaryFile()
        self._places: dict[str, tuple[int, int]] = {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, sample: str, data: bytes) -> None:
        """Keep a sample's file."""
        packed = zlib.compress(data, _FAST)
        start = self._file.seek(0, 2)
        self._file.write(packed)
        self._places[sample] = (start, len(packed))

    def get(self, sample: str) -> bytes:
        """A sample's file.

        Raises:
            KeyError: there is none.
        """
        start, length_bytes = self._places[sample]
        self._file.seek(start)
        return zlib.decompress(self._file.read(length_bytes))


def write_sample_pages(
    store: ObjectStore, manifest: Manifest, report: Report, typings: Shelf, note: Callable[[str], None]
) -> None:
    """Write a document a sample, so that none of an earlier run of the job stays.

    One whose page cannot be made is in the report and in the run's summary; its document says so.

    Raises:
        CloudRefused: S3 does not take them.
    """
    bucket = manifest.bucket
    with ThreadPoolExecutor(WRITERS) as pool:
        pending = []
        for position, sample in enumerate(report.samples, start=1):
            note(f"writing page {position} of {len(report.samples)}")
            key = sample_page_key(manifest.prefix, manifest.session_key, sample.sample)
            data = _sample_page(report, sample, typings) or _page_that_says_why(report, sample)
            pending.append(pool.submit(store.write, bucket, key, data, CONTENT_TYPE))
        for write in pending:
            write.result()


def _page_that_says_why(report: Report, sample: SampleResult) -> bytes:
    """The page of a sample of which no more can be shown than its verdict."""
    bare = failed_sample(sample.sample, sample.reason or "This page could not be made. The reports have the calls.")
    return SamplePage.of(report, replace(bare, outcome=sample.outcome), None).to_bytes()


def _sample_page(report: Report, sample: SampleResult, typings: Shelf) -> bytes | None:
    try:
        is_typed = sample.outcome is SampleOutcome.TYPED
        typing = parse_json(typings.get(sample.sample)) if is_typed else None
        return SamplePage.of(report, sample, typing).to_bytes()
    except ODD_CONTENT as error:
        _log.warning("%s has no page: %r", sample.sample, error)
        return None
