"""Jobs in the control bucket: reading a job's folder, whole or in part, and the conditional writes of its records."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from gems_api.services.ports import Entry, Store, Stored, TooLarge
from gems_api.services.state import checkpoint, job_folder
from gems_api.services.state.job_folder import CLAIMS, DONE, HEARTBEATS, WORKERS, name_of
from gems_api.services.state.read_cache import ReadCache, in_parallel
from gems_api.services.state.records import Claim, JobState, Lease, MailRecord, Record, WorkerRecord, to_bytes
from gems_api.services.state.snapshot import OnlyNames, Snapshot, Unread, Versioned
from gems_api.services.state.unreadable import JobUnreadable, reading
from gems_core import layout
from gems_core.errors import InvalidInput, JobNotFound
from gems_core.json_input import parse_json
from gems_core.manifest import Manifest
from gems_core.protocol import DoneMarker, SampleOutcome
from gems_core.session_key import SessionKey
from gems_core.shares import Share

LOG = logging.getLogger(__name__)
T = TypeVar("T")
_FOREVER = "never changes"
UNREADABLE_MARKER = "its done-marker cannot be read"


class _Wanted(NamedTuple):
    """A record to read; with its entity tag, if a listing told it, it may be known already."""

    key: str
    etag: str | None
    parse: Callable[[Any], Any]


def _marker(document: object) -> DoneMarker | None:
    """A done-marker, which a worker wrote; None for one that cannot be read."""
    try:
        return DoneMarker.from_json(document)
    except InvalidInput:
        return None


_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    CLAIMS: Claim.from_json,
    WORKERS: WorkerRecord.from_json,
    DONE: _marker,
}


@dataclass(frozen=True)
class JobStore:
    """Reads and writes the folders of jobs."""

    store: Store
    bucket: str
    cache: ReadCache = field(default_factory=ReadCache)

    def load(self, session_key: SessionKey) -> Snapshot:
        """A job as it is now: a listing, and a read of each object that has changed since the last time.

        Raises:
            JobNotFound: there is no such job.
            JobUnreadable: its folder holds something that GeMS did not write.
        """
        manifest = self._manifest_of(session_key)
        found = self._listed(manifest, (CLAIMS, WORKERS, HEARTBEATS, DONE))
        # Workers may write markers of any name; those that are no sample's are not read.
        markers = [entry for entry in found[DONE] if name_of(entry.key) in manifest.sample_names]
        folders = {**found, DONE: markers}
        listed = [
            _Wanted(entry.key, entry.etag, parse) for folder, parse in _PARSERS.items() for entry in folders[folder]
        ]
        values = self._listed_values(manifest, listed) | self._values(session_key, self._top(manifest, folders))
        state, mail = values.get(layout.state_key(session_key)), values.get(layout.mail_key(session_key))
        return Snapshot(
            manifest,
            state,
            _numbered(values, folders[CLAIMS]),
            _numbered(values, folders[WORKERS]),
            _beats(folders[HEARTBEATS]),
            _markers(manifest, values, folders[DONE]),
            values.get(layout.merge_lease_key(session_key)),
            mail.value if mail and (state is None or mail.value.run == state.value.run) else None,
        )

    def glance(self, session_key: SessionKey, instance_index: int, *, lease: bool) -> Snapshot:
        """What most messages of a worker need: the job's state, that worker's record, and the merge lease if asked for.

        Raises:
            JobNotFound, JobUnreadable: as of ``load``.
        """
        manifest = self._manifest_of(session_key)
        worker_key = layout.worker_key(session_key, instance_index)
        wanted = [
            _Wanted(layout.state_key(session_key), None, JobState.from_json),
            _Wanted(worker_key, None, WorkerRecord.from_json),
        ]
        if lease:
            wanted.append(_Wanted(layout.merge_lease_key(session_key), None, Lease.from_json))
        values = self._values(session_key, wanted)
        worker = values.get(worker_key)
        return Snapshot(
            manifest,
            values.get(layout.state_key(session_key)),
            Unread(),
            {} if worker is None else {instance_index: worker},
            Unread(),
            Unread(),
            values.get(layout.merge_lease_key(session_key)),
            None,
        )

    def outline(self, session_key: SessionKey) -> Snapshot:
        """What tells a job in which all is well: state, lease, signs of life, and which done-markers there are.

        Raises:
            JobNotFound, JobUnreadable: as of ``load``.
        """
        manifest = self._manifest_of(session_key)
        folders = self._listed(manifest, (HEARTBEATS, DONE))
        names = {name_of(entry.key) for entry in folders[DONE]} & manifest.sample_names
        values = self._values(session_key, self._top(manifest, folders))
        return Snapshot(
            manifest,
            values.get(layout.state_key(session_key)),
            Unread(),
            Unread(),
            _beats(folders[HEARTBEATS]),
            OnlyNames[DoneMarker](names),
            values.get(layout.merge_lease_key(session_key)),
            None,
        )

    def load_work(self, session_key: SessionKey) -> Snapshot:
        """What handing out work needs: state, lease, the claims of unfinished shares, and which markers there are.

        Raises:
            JobNotFound, JobUnreadable: as of ``load``.
        """
        manifest = self._manifest_of(session_key)
        folders = self._listed(manifest, (CLAIMS, HEARTBEATS, DONE))
        names = {name_of(entry.key) for entry in folders[DONE]} & manifest.sample_names
        done = OnlyNames[DoneMarker](names)
        open_shares = {
            share.index for share in manifest.shares if any(item.name not in names for item in share.samples)
        }
        claims = [entry for entry in folders[CLAIMS] if int(name_of(entry.key)) in open_shares]
        listed = [_Wanted(entry.key, entry.etag, Claim.from_json) for entry in claims]
        values = self._listed_values(manifest, listed) | self._values(session_key, self._top(manifest, folders))
        return Snapshot(
            manifest,
            values.get(layout.state_key(session_key)),
            _numbered(values, claims),
            Unread(),
            _beats(folders[HEARTBEATS]),
            done,
            values.get(layout.merge_lease_key(session_key)),
            None,
        )

    def unmarked(self, session_key: SessionKey, share: Share) -> list[str]:
        """The samples of a share that have no done-marker."""
        names = [sample.name for sample in share.samples]
        found = in_parallel(lambda name: self.store.exists(self.bucket, layout.done_key(session_key, name)), names)
        return [name for name, there in zip(names, found, strict=True) if not there]

    def manifest(self, session_key: SessionKey) -> Manifest | None:
        """A job's manifest; being immutable it is read from S3 only once.

        Raises:
            JobUnreadable: it is not one that GeMS wrote.
        """
        known = self.held_manifest(session_key)
        if known is not None:
            return known
        key = layout.manifest_key(session_key)
        with reading(session_key, self._address(key)):
            stored = self.store.read(self.bucket, key)
            if stored is None:
                return None
            manifest = Manifest.from_bytes(stored.body)
        self.cache.keep(key, _FOREVER, manifest)
        return manifest

    def held_manifest(self, session_key: SessionKey) -> Manifest | None:
        """A job's manifest if it was read before; S3 is not asked."""
        known = self.cache.get(layout.manifest_key(session_key), _FOREVER)
        return known if isinstance(known, Manifest) else None

    def _manifest_of(self, session_key: SessionKey) -> Manifest:
        manifest = self.manifest(session_key)
        if manifest is None:
            raise JobNotFound(str(session_key))
        return manifest

    def _listed(self, manifest: Manifest, folders: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
        ranges = job_folder.ranges(manifest, folders)
        listings = in_parallel(
            lambda item: self.store.entries(self.bucket, item.prefix, item.after, item.until), ranges
        )
        prefix = layout.job_prefix(manifest.session_key)
        found = job_folder.by_folder(prefix, (entry for listing in listings for entry in listing))
        strange = job_folder.misnamed(found)
        if strange is not None:
            reason = "expected a number as the object's name"
            raise JobUnreadable(manifest.session_key, self._address(strange.key), reason)
        return found

    def _top(self, manifest: Manifest, folders: Mapping[str, Sequence[Entry]]) -> list[_Wanted]:
        """State, lease and mail; where the folder was listed whole, only those that are there."""
        key = manifest.session_key
        parsers: list[tuple[str, Callable[[Any], Any]]] = [
            (layout.state_key(key), JobState.from_json),
            (layout.merge_lease_key(key), Lease.from_json),
            (layout.mail_key(key), MailRecord.from_json),
        ]
        if not job_folder.is_small(manifest):
            return [_Wanted(name, None, parse) for name, parse in parsers]
        etags = {entry.key: entry.etag for entry in folders[""]}
        return [_Wanted(name, etags[name], parse) for name, parse in parsers if name in etags]

    def _listed_values(self, manifest: Manifest, wanted: Sequence[_Wanted]) -> dict[str, Versioned[Any]]:
        """The same of records that a listing told of; where many are new, most come from the job's checkpoint."""
        session_key = manifest.session_key
        _, new = self._known(wanted)
        if len(new) <= checkpoint.MOST_READS:
            return self._values(session_key, wanted)
        key = layout.checkpoint_key(session_key)
        documents = checkpoint.restore(self.store, self.bucket, key)
        with reading(session_key, self._address(key)):
            for want in new:
                value = checkpoint.parsed(documents, want.key, want.etag, want.parse)
                if value is not None:
                    self.cache.keep(want.key, value.etag, value)
        _, still_new = self._known(new)
        values = self._values(session_key, wanted)
        if len(still_new) > checkpoint.MOST_READS:
            checkpoint.save(self.store, self.bucket, key, values.items())
        return values

    def _values(self, session_key: SessionKey, wanted: Iterable[_Wanted]) -> dict[str, Versioned[Any]]:
        """Parsed records by key; only what was never read before is asked of S3, and what is not there is left out."""
        found, new = self._known(wanted)
        read = in_parallel(lambda want: self._read(session_key, want), new)
        return found | {want.key: value for want, value in zip(new, read, strict=True) if value is not None}

    def _known(self, wanted: Iterable[_Wanted]) -> tuple[dict[str, Versioned[Any]], list[_Wanted]]:
        """What was read before, by key, and what was not."""
        found: dict[str, Versioned[Any]] = {}
        new: list[_Wanted] = []
        for want in wanted:
            known = None if want.etag is None else self.cache.get(want.key, want.etag)
            if isinstance(known, Versioned):
                found[want.key] = known
            else:
                new.append(want)
        return found, new

    def _read(self, session_key: SessionKey, want: _Wanted) -> Versioned[Any] | None:
        with reading(session_key, self._address(want.key)):
            stored = self._marker_of(want.key) if want.parse is _marker else self.store.read(self.bucket, want.key)
            if stored is None:
                return None
            known = self.cache.get(want.key, stored.etag)
            if isinstance(known, Versioned):
                return known
            value = Versioned(want.parse(_document(stored.body, want.parse)), stored.etag)
        if value.value is None:
            LOG.warning(UNREADABLE_MARKER, extra={"facts": {"key": want.key}})
        self.cache.keep(want.key, stored.etag, value)
        return value

    def _marker_of(self, key: str) -> Stored | None:
        """A done-marker's content; nothing of one that is too long: that it is there finishes its sample all the same."""
        try:
            return self.store.read(self.bucket, key)
        except TooLarge as error:
            return Stored(b"", error.etag)

    def record(self, session_key: SessionKey, key: str, parse: Callable[[Any], T]) -> Versioned[T] | None:
        """One record as it is now; None when there is none.

        Raises:
            JobUnreadable: it is none that GeMS wrote.
        """
        with reading(session_key, self._address(key)):
            stored = self.store.read(self.bucket, key)
            return None if stored is None else Versioned(parse(parse_json(stored.body)), stored.etag)

    def _address(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def write(self, key: str, record: Record, etag: str | None) -> str | None:
        """Write a record only if nobody else has since it was read.

        Args:
            key: where; one of ``gems_core.layout``.
            record: one of ``gems_api.services.state.records``.
            etag: of the content that was read, or None when there was none.

        Returns:
            the new entity tag, or None when somebody was faster.
        """
        if etag is None:
            return self.store.create(self.bucket, key, to_bytes(record))
        return self.store.replace(self.bucket, key, to_bytes(record), etag)

    def beat(self, session_key: SessionKey, instance_index: int) -> None:
        """Note a worker's sign of life: that the object was just written is all it says."""
        self.store.put(self.bucket, layout.heartbeat_key(session_key, instance_index), b"")

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


def _document(body: bytes, parse: Callable[[Any], Any]) -> object:
    """The JSON of a record. A worker's marker that is none is still a marker, and its parser says what becomes of it."""
    try:
        return parse_json(body)
    except ValueError:
        if parse is _marker:
            return None
        raise


def _numbered(values: Mapping[str, Versioned[Any]], entries: Iterable[Entry]) -> dict[int, Versioned[Any]]:
    return {int(name_of(entry.key)): values[entry.key] for entry in entries if entry.key in values}


def _beats(entries: Iterable[Entry]) -> dict[int, datetime]:
    return {int(name_of(entry.key)): entry.modified_at for entry in entries}


def _markers(
    manifest: Manifest, values: Mapping[str, Versioned[Any]], entries: Iterable[Entry]
) -> dict[str, DoneMarker]:
    """Every sample that has a marker; one that cannot be read, or is another sample's, counts as failed.

    So the worker counts it too: it is there, so the sample is not typed again, and its report calls it failed.
    """
    done = {}
    for entry in entries:
        name = name_of(entry.key)
        if entry.key in values:
            marker: DoneMarker | None = values[entry.key].value
            good = marker is not None and marker.sample == name
            done[name] = marker if marker is not None and good else _damaged(manifest, name, entry.modified_at)
    return done


def _damaged(manifest: Manifest, sample: str, moment: datetime) -> DoneMarker:
    share = manifest.share_of(sample).index
    return DoneMarker(sample, SampleOutcome.FAILED, UNREADABLE_MARKER, share, 0, "", moment)
