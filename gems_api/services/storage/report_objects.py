"""The reports that final workers write beside the data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gems_api.services.store_ports import Store, Stored
from gems_core import layout
from gems_core.manifest import Manifest


@dataclass(frozen=True)
class ReportObjects:
    """Whether reports are in jobs' data buckets, and where they are read."""

    store: Store

    def is_any_there(self, manifest: Manifest, extensions: Iterable[str]) -> bool:
        """Whether a job's report is there in one of these formats."""
        return any(self.store.exists(manifest.bucket, _key(manifest, extension)) for extension in extensions)

    def url(self, manifest: Manifest, extension: str, seconds: int) -> str | None:
        """A URL that reads the report for ``seconds`` without credentials; None if it is not there in this format."""
        key = _key(manifest, extension)
        return (
            self.store.presigned_url(manifest.bucket, key, seconds)
            if self.is_any_there(manifest, [extension])
            else None
        )

    def run_page(self, manifest: Manifest) -> Stored | None:
        """The summary of the run, which its page shows."""
        return self.store.read(manifest.bucket, layout.run_page_key(manifest.prefix, manifest.session_key))

    def size_bytes(self, manifest: Manifest, extension: str) -> int | None:
        """How long the report is in one of its formats; None if it is not there."""
        key = _key(manifest, extension)
        listed = self.store.entries(manifest.bucket, key, most=1)
        return next((entry.size_bytes for entry in listed if entry.key == key), None)

    def read(self, manifest: Manifest, extension: str) -> Stored | None:
        """The report in one of its formats."""
        return self.store.read(manifest.bucket, _key(manifest, extension))

    def file(self, manifest: Manifest, key: str) -> bytes | None:
        """A file of a job's results as it is; None if there is none."""
        stored = self.store.read(manifest.bucket, key)
        return None if stored is None else stored.body

    def sample_page(self, manifest: Manifest, sample: str) -> Stored | None:
        """What the page of a sample shows."""
        key = layout.sample_page_key(manifest.prefix, manifest.session_key, sample)
        return self.store.read(manifest.bucket, key)


def _key(manifest: Manifest, extension: str) -> str:
    return layout.report_key(manifest.prefix, manifest.session_key, extension)
