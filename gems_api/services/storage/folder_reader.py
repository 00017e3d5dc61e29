"""Reading a job's folder: its listings, and its records, of which only what is new is asked of S3."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from gems_api.services.state.records import Claim, JobState, Lease, MailRecord, WorkerRecord
from gems_api.services.state.snapshot import Versioned
from gems_api.services.state.unreadable import JobUnreadable, reading
from gems_api.services.storage import checkpoint, job_folder
from gems_api.services.storage.job_folder import CLAIMS, DONE, WORKERS, name_of
from gems_api.services.storage.read_cache import ReadCache, in_parallel
from gems_api.services.store_ports import Entry, Store, Stored, TooLarge
from gems_core import layout
from gems_core.errors import InvalidInput
from gems_core.json_input import parse_json
from gems_core.manifest import Manifest
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
UNREADABLE_MARKER = "its done-marker cannot be read"


class Wanted(NamedTuple):
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
class FolderReader:
    """Lists and reads what jobs' folders hold."""

    store: Store
    bucket: str
    cache: ReadCache

    def listed(self, manifest: Manifest, folders: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
        """The objects of some subfolders of a job's folder, by subfolder.

        Raises:
            JobUnreadable: one of them is named as GeMS names none.
        """
        ranges = job_folder.ranges(manifest, folders)
        listings = in_parallel(
            lambda item: self.store.entries(self.bucket, item.prefix, item.after, item.until), ranges
        )
        prefix = layout.job_prefix(manifest.session_key)
        found = job_folder.by_folder(prefix, (entry for listing in listings for entry in listing))
        strange = job_folder.misnamed(found)
        if strange is not None:
            reason = "expected a number as the object's name"
            raise JobUnreadable(manifest.session_key, self.address(strange.key), reason)
        return found

    def records(
        self, manifest: Manifest, folders: Mapping[str, Sequence[Entry]], read: Sequence[str] = ()
    ) -> dict[str, Versioned[Any]]:
        """A job's state, lease and mail, and the records of some subfolders, by key.

        Args:
            manifest: the job's.
            folders: what was listed of it.
            read: the subfolders whose objects are read.

        Raises:
            JobUnreadable: GeMS did not write one of them.
        """
        wanted = [Wanted(entry.key, entry.etag, _PARSERS[folder]) for folder in read for entry in folders[folder]]
        return self._listed_values(manifest, wanted) | self.values(manifest.session_key, self._top(manifest, folders))

    def _top(self, manifest: Manifest, folders: Mapping[str, Sequence[Entry]]) -> list[Wanted]:
        """State, lease and mail; where the folder was listed whole, only those that are there."""
        key = manifest.session_key
        parsers: list[tuple[str, Callable[[Any], Any]]] = [
            (layout.state_key(key), JobState.from_json),
            (layout.merge_lease_key(key), Lease.from_json),
            (layout.mail_key(key), MailRecord.from_json),
        ]
        if not job_folder.is_small(manifest):
            return [Wanted(name, None, parse) for name, parse in parsers]
        etags = {entry.key: entry.etag for entry in folders[""]}
        return [Wanted(name, etags[name], parse) for name, parse in parsers if name in etags]

    def _listed_values(self, manifest: Manifest, wanted: Sequence[Wanted]) -> dict[str, Versioned[Any]]:
        """The same of records that a listing told of; where many are new, most come from the job's checkpoint."""
        session_key = manifest.session_key
        _, new = self._known(wanted)
        if len(new) <= checkpoint.MOST_READS:
            return self.values(session_key, wanted)
        key = layout.checkpoint_key(session_key)
        documents = checkpoint.restore(self.store, self.bucket, key)
        with reading(session_key, self.address(key)):
            for want in new:
                value = checkpoint.parsed(documents, want.key, want.etag, want.parse)
                if value is not None:
                    self.cache.keep(want.key, value.etag, value)
        _, still_new = self._known(new)
        values = self.values(session_key, wanted)
        if len(still_new) > checkpoint.MOST_READS:
            checkpoint.save(self.store, self.bucket, key, values.items())
        return values

    def values(self, session_key: SessionKey, wanted: Iterable[Wanted]) -> dict[str, Versioned[Any]]:
        """Parsed records by key; only what was never read before is asked of S3, and what is not there is left out."""
        found, new = self._known(wanted)
        read = in_parallel(lambda want: self._read(session_key, want), new)
        return found | {want.key: value for want, value in zip(new, read, strict=True) if value is not None}

    def _known(self, wanted: Iterable[Wanted]) -> tuple[dict[str, Versioned[Any]], list[Wanted]]:
        """What was read before, by key, and what was not."""
        found: dict[str, Versioned[Any]] = {}
        new: list[Wanted] = []
        for want in wanted:
            known = None if want.etag is None else self.cache.get(want.key, want.etag)
            if isinstance(known, Versioned):
                found[want.key] = known
            else:
                new.append(want)
        return found, new

    def _read(self, session_key: SessionKey, want: Wanted) -> Versioned[Any] | None:
        with reading(session_key, self.address(want.key)):
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

    def address(self, key: str) -> str:
        """An object's address, as messages name it."""
        return f"s3://{self.bucket}/{key}"


def _document(body: bytes, parse: Callable[[Any], Any]) -> object:
    """The JSON of a record. A worker's marker that is not one is still a marker, and its parser says what becomes of it."""
    try:
        return parse_json(body)
    except ValueError:
        if parse is _marker:
            return None
        raise


def numbered(values: Mapping[str, Versioned[Any]], entries: Iterable[Entry]) -> dict[int, Versioned[Any]]:
    """Records by the number that their objects are named by."""
    return {int(name_of(entry.key)): values[entry.key] for entry in entries if entry.key in values}


def beats(entries: Iterable[Entry]) -> dict[int, datetime]:
    """When each worker last gave a sign of life, by instance index."""
    return {int(name_of(entry.key)): entry.modified_at for entry in entries}


def markers(
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
