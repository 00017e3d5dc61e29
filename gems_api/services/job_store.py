"""Jobs in the control bucket: reading a job's folder whole, and the conditional writes of its records."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from gems_api.services.ports import Entry, Store, Stored
from gems_api.services.records import Claim, Heartbeat, JobState, Lease, MailRecord, Record, WorkerRecord, to_bytes
from gems_api.services.snapshot import Snapshot, Versioned
from gems_core import layout
from gems_core.errors import GemsError, InvalidInput, JobNotFound
from gems_core.manifest import Manifest
from gems_core.protocol import DoneMarker
from gems_core.session_key import SessionKey

T = TypeVar("T")
R = TypeVar("R")
LOG = logging.getLogger(__name__)
# S3 answers in about 20 ms; sixteen at once read a job of a hundred workers in well under a second.
READERS = 16
CACHED_OBJECTS = 20_000
_SKIPPED_FOLDERS = ("events/",)


class JobUnreadable(GemsError):
    """A job's folder holds something that GeMS did not write, or that was damaged."""

    def __init__(self, session_key: SessionKey, reason: Exception) -> None:
        super().__init__(f"job {session_key}: its records in the control bucket cannot be read ({reason!r})")


@contextmanager
def _reading(session_key: SessionKey) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, InvalidInput) as error:
        raise JobUnreadable(session_key, error) from error


def in_parallel(function: Callable[[T], R], items: list[T]) -> list[R]:
    """``function`` of every item, in order, a few at a time."""
    if len(items) <= 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(min(READERS, len(items))) as pool:
        return list(pool.map(function, items))


class ReadCache:
    """Object contents by entity tag. An entry can never be stale, for a new content has a new tag."""

    def __init__(self, capacity: int = CACHED_OBJECTS) -> None:
        self._capacity = capacity
        self._objects: OrderedDict[tuple[str, str], Stored] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, etag: str) -> Stored | None:
        """The content, if it was read before."""
        with self._lock:
            stored = self._objects.get((key, etag))
            if stored is not None:
                self._objects.move_to_end((key, etag))
            return stored

    def keep(self, key: str, stored: Stored) -> None:
        """Remember a content; the least used one makes room."""
        with self._lock:
            self._objects[(key, stored.etag)] = stored
            if len(self._objects) > self._capacity:
                self._objects.popitem(last=False)


@dataclass(frozen=True)
class JobStore:
    """Reads and writes the folders of jobs."""

    store: Store
    bucket: str
    cache: ReadCache = field(default_factory=ReadCache)

    def load(self, session_key: SessionKey) -> Snapshot:
        """A job as it is now: one listing, and a read of each object that has changed since the last time.

        Raises:
            JobNotFound: there is no such job.
            JobUnreadable: its folder holds something that GeMS did not write.
        """
        prefix = layout.job_prefix(session_key)
        entries = [
            entry
            for entry in self.store.entries(self.bucket, prefix)
            if not entry.key.removeprefix(prefix).startswith(_SKIPPED_FOLDERS)
        ]
        objects = self._contents(entries)
        manifest = objects.get(layout.manifest_key(session_key))
        if manifest is None:
            raise JobNotFound(str(session_key))
        with _reading(session_key):
            return _snapshot(Manifest.from_bytes(manifest.body), prefix, objects)

    def manifest(self, session_key: SessionKey) -> Manifest | None:
        """A job's manifest; being immutable it is read from S3 only once.

        Raises:
            JobUnreadable: it is not one that GeMS wrote.
        """
        key = layout.manifest_key(session_key)
        stored = self.cache.get(key, "immutable") or self.store.read(self.bucket, key)
        if stored is None:
            return None
        self.cache.keep(key, Stored(stored.body, "immutable"))
        with _reading(session_key):
            return Manifest.from_bytes(stored.body)

    def _contents(self, entries: list[Entry]) -> dict[str, Stored | None]:
        """By key; only what was never read before is asked of S3."""
        objects = {entry.key: self.cache.get(entry.key, entry.etag) for entry in entries}
        new = [key for key, stored in objects.items() if stored is None]
        return objects | dict(zip(new, in_parallel(self._read, new), strict=True))

    def _read(self, key: str) -> Stored | None:
        stored = self.store.read(self.bucket, key)
        if stored is not None:
            self.cache.keep(key, stored)
        return stored

    def write(self, key: str, record: Record, etag: str | None) -> str | None:
        """Write a record only if nobody else has since it was read.

        Args:
            key: where; one of ``gems_core.layout``.
            record: one of ``gems_api.services.records``.
            etag: of the content that was read, or None when there was none.

        Returns:
            the new entity tag, or None when somebody was faster.
        """
        if etag is None:
            return self.store.create(self.bucket, key, to_bytes(record))
        return self.store.replace(self.bucket, key, to_bytes(record), etag)

    def beat(self, session_key: SessionKey, instance_index: int, heartbeat: Heartbeat) -> None:
        """Note a worker's sign of life."""
        self.store.put(self.bucket, layout.heartbeat_key(session_key, instance_index), to_bytes(heartbeat))

    def mark_done(self, session_key: SessionKey, marker: DoneMarker) -> None:
        """Write a done-marker on behalf of workers that cannot, unless there is one."""
        body = json.dumps(marker.as_json(), sort_keys=True).encode()
        self.store.create(self.bucket, layout.done_key(session_key, marker.sample), body)

    def event(self, session_key: SessionKey, moment: datetime, what: str, **facts: object) -> None:
        """Add a line to the job's history and to the log; history is never worth a failure."""
        LOG.info(what, extra={"facts": {"session_key": str(session_key), **facts}})
        body = json.dumps({"at": moment.isoformat(), "event": what, **facts}, default=str, sort_keys=True).encode()
        try:
            self.store.put(self.bucket, layout.event_key(session_key, moment, secrets.token_hex(4)), body)
        except Exception:
            LOG.exception("event not written", extra={"facts": {"session_key": str(session_key)}})


def _snapshot(manifest: Manifest, prefix: str, objects: Mapping[str, Stored | None]) -> Snapshot:
    folders: dict[str, dict[str, Stored]] = {}
    for key, stored in objects.items():
        folder, _, name = key.removeprefix(prefix).rpartition("/")
        if stored is not None:
            folders.setdefault(folder, {})[name] = stored
    top = folders.get("", {})
    samples = {sample.name for sample in manifest.samples}
    markers = [_marker(stored) for stored in folders.get("done", {}).values()]
    mail = _record(top.get("mail.json"), MailRecord.from_json)
    return Snapshot(
        manifest,
        _record(top.get("state.json"), JobState.from_json),
        _numbered(folders.get("claims", {}), Claim.from_json),
        _numbered(folders.get("workers", {}), WorkerRecord.from_json),
        {index: beat.value for index, beat in _numbered(folders.get("heartbeat", {}), Heartbeat.from_json).items()},
        {marker.sample: marker for marker in markers if marker is not None and marker.sample in samples},
        _record(top.get("merge.lease"), Lease.from_json),
        None if mail is None else mail.value,
    )


def _record(stored: Stored | None, parse: Callable[[Mapping[str, Any]], T]) -> Versioned[T] | None:
    return None if stored is None else Versioned(parse(json.loads(stored.body)), stored.etag)


def _numbered(folder: Mapping[str, Stored], parse: Callable[[Mapping[str, Any]], T]) -> dict[int, Versioned[T]]:
    return {
        int(name.removesuffix(".json")): Versioned(parse(json.loads(stored.body)), stored.etag)
        for name, stored in sorted(folder.items())
    }


def _marker(stored: Stored) -> DoneMarker | None:
    """A done-marker, which a worker wrote; one that cannot be read counts as not written."""
    try:
        return DoneMarker.from_json(json.loads(stored.body))
    except (ValueError, InvalidInput):
        LOG.warning("unreadable done-marker passed over", extra={"facts": {"etag": stored.etag}})
        return None
