"""Jobs in the control bucket: reading a job's folder, whole or in part, and the conditional writes of its records."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from gems_api.services.state.records import JobState, Lease, Record, WorkerRecord, to_bytes
from gems_api.services.state.snapshot import Glance, Outline, Snapshot, Versioned, Work
from gems_api.services.state.unreadable import reading
from gems_api.services.storage.conditional import write_over
from gems_api.services.storage.folder_reader import FolderReader, Wanted, beats, markers, numbered
from gems_api.services.storage.job_folder import CLAIMS, DONE, HEARTBEATS, WORKERS, is_small, name_of
from gems_api.services.storage.read_cache import ReadCache, in_parallel
from gems_api.services.store_ports import Entry, Store, TooLarge
from gems_core import layout
from gems_core.errors import InvalidInput, JobNotFound
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.manifest import Manifest
from gems_core.protocol.done_marker import DoneMarker
from gems_core.protocol.status_report import VITALS, Vitals
from gems_core.session_key import SessionKey
from gems_core.shares import Share

R = TypeVar("R", bound=Record)
T = TypeVar("T")
_FOREVER = "never changes"
# How often a record is read and written again because others were faster. A write that S3 refuses for a collision is itself tried
# for 0.8 s (gems_api.aws.s3), so these tries end within a Lambda's 30 seconds even where each one meets others.
TRIES = 20


@dataclass(frozen=True)
class Amended(Generic[R]):
    """What amending a record came to.

    Attributes:
        before: the record as it was; None when there was none.
        after: the record as it was written; None when nothing was to be written.
    """

    before: R | None
    after: Versioned[R] | None


@dataclass(frozen=True)
class JobStore:
    """Reads and writes the folders of jobs."""

    store: Store
    bucket: str
    cache: ReadCache = field(default_factory=ReadCache)

    @cached_property
    def _folder(self) -> FolderReader:
        return FolderReader(self.store, self.bucket, self.cache)

    def load(self, session_key: SessionKey, *, vitals: bool = False) -> Snapshot:
        """A job as it is now: a listing, and a read of each object that has changed since the last time.

        Args:
            session_key: the job.
            vitals: whether to read what heartbeats say, too; of a large job they are not read, for they change all the time.

        Raises:
            JobNotFound: there is no such job.
            JobUnreadable: its folder holds something that GeMS did not write.
        """
        manifest = self._manifest_of(session_key)
        folders = self._folder.listed(manifest, (CLAIMS, WORKERS, HEARTBEATS, DONE))
        # Workers may write markers of any name; those that are no sample's are not read.
        done = [entry for entry in folders[DONE] if name_of(entry.key) in manifest.sample_names]
        folders = {**folders, DONE: done}
        values = self._folder.records(manifest, folders, (CLAIMS, WORKERS, DONE))
        state, mail = values.get(layout.state_key(session_key)), values.get(layout.mail_key(session_key))
        return Snapshot(
            manifest=manifest,
            state=state,
            claims=numbered(values, folders[CLAIMS]),
            workers=numbered(values, folders[WORKERS]),
            heartbeats=beats(folders[HEARTBEATS]),
            done=markers(manifest, values, done),
            lease=values.get(layout.merge_lease_key(session_key)),
            vitals=self._vitals(manifest, folders[HEARTBEATS]) if vitals else {},
            mail=mail.value if mail and (state is None or mail.value.run == state.value.run) else None,
        )

    def _vitals(self, manifest: Manifest, beating: Sequence[Entry]) -> dict[int, Vitals]:
        """What the last heartbeats said, by instance index; a sign of life that says nothing, as most messages are, has none."""
        if not is_small(manifest):
            return {}
        telling = [entry for entry in beating if entry.size_bytes]
        read = in_parallel(self._vitals_of, telling)
        found = zip(telling, read, strict=True)
        return {int(name_of(entry.key)): vitals for entry, vitals in found if vitals is not None}

    def _vitals_of(self, entry: Entry) -> Vitals | None:
        known = self.cache.get(entry.key, entry.etag)
        if isinstance(known, Vitals):
            return known
        # It may have been written again since it was listed, and hold nothing now; it is no reason for a job not to be shown.
        try:
            stored = self.store.read(self.bucket, entry.key)
            vitals = Vitals.from_json(parse_json(stored.body)) if stored is not None and stored.body else None
        except (TooLarge, InvalidInput, *ODD_CONTENT):
            return None
        if stored is not None and vitals is not None:
            self.cache.keep(entry.key, stored.etag, vitals)
        return vitals

    def glance(self, session_key: SessionKey, instance_index: int, *, lease: bool) -> Glance:
        """What most messages of a worker need: the job's state, that worker's record, and the merge lease if asked for.

        Raises:
            JobNotFound, JobUnreadable: as of ``load``.
        """
        manifest = self._manifest_of(session_key)
        worker_key = layout.worker_key(session_key, instance_index)
        wanted = [
            Wanted(layout.state_key(session_key), None, JobState.from_json),
            Wanted(worker_key, None, WorkerRecord.from_json),
        ]
        if lease:
            wanted.append(Wanted(layout.merge_lease_key(session_key), None, Lease.from_json))
        values = self._folder.values(session_key, wanted)
        return Glance(
            manifest=manifest,
            state=values.get(layout.state_key(session_key)),
            lease=values.get(layout.merge_lease_key(session_key)),
            speaker=values.get(worker_key),
        )

    def outline(self, session_key: SessionKey) -> Outline:
        """What tells a job in which all is well: state, lease, signs of life, and which done-markers there are.

        Raises:
            JobNotFound, JobUnreadable: as of ``load``.
        """
        manifest = self._manifest_of(session_key)
        folders = self._folder.listed(manifest, (HEARTBEATS, DONE))
        names = {name_of(entry.key) for entry in folders[DONE]} & manifest.sample_names
        values = self._folder.records(manifest, folders)
        return Outline(
            manifest=manifest,
            state=values.get(layout.state_key(session_key)),
            heartbeats=beats(folders[HEARTBEATS]),
            done=names,
            lease=values.get(layout.merge_lease_key(session_key)),
        )

    def load_work(self, session_key: SessionKey) -> Work:
        """What handing out work needs: state, lease, the claims of unfinished shares, and which markers there are.

        Raises:
            JobNotFound, JobUnreadable: as of ``load``.
        """
        manifest = self._manifest_of(session_key)
        folders = self._folder.listed(manifest, (CLAIMS, HEARTBEATS, DONE))
        names = {name_of(entry.key) for entry in folders[DONE]} & manifest.sample_names
        open_shares = {
            share.index for share in manifest.shares if any(item.name not in names for item in share.samples)
        }
        claims = [entry for entry in folders[CLAIMS] if int(name_of(entry.key)) in open_shares]
        values = self._folder.records(manifest, {**folders, CLAIMS: claims}, (CLAIMS,))
        return Work(
            manifest=manifest,
            state=values.get(layout.state_key(session_key)),
            claims=numbered(values, claims),
            heartbeats=beats(folders[HEARTBEATS]),
            done=names,
            lease=values.get(layout.merge_lease_key(session_key)),
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
        with reading(session_key, self._folder.address(key)):
            stored = self.store.read(self.bucket, key)
            if stored is None:
                return None
            manifest = Manifest.from_bytes(stored.body)
        self.cache.keep(key, _FOREVER, manifest)
        return manifest

    def create(self, manifest: Manifest) -> bool:
        """Make a job, of which nothing but its manifest is there; False if there is one already."""
        key = layout.manifest_key(manifest.session_key)
        return self.store.create(self.bucket, key, manifest.to_bytes()) is not None

    def note_retyped(self, session_key: SessionKey, later: SessionKey) -> None:
        """Note with a job that a later one types its reads again."""
        self.store.put(self.bucket, layout.retyped_key(session_key, later), b"")

    def retyped(self, session_key: SessionKey, most: int) -> list[SessionKey]:
        """The later jobs that were to type this job's reads again, some of which may not have come about."""
        prefix = layout.retyped_prefix(session_key)
        listed = self.store.entries(self.bucket, prefix, most=most)
        return [SessionKey.parse(entry.key.removeprefix(prefix)) for entry in listed]

    def is_made(self, session_key: SessionKey) -> bool:
        """Whether there is a job, of whatever content."""
        return self.store.exists(self.bucket, layout.manifest_key(session_key))

    def held_manifest(self, session_key: SessionKey) -> Manifest | None:
        """A job's manifest if it was read before; S3 is not asked."""
        known = self.cache.get(layout.manifest_key(session_key), _FOREVER)
        return known if isinstance(known, Manifest) else None

    def _manifest_of(self, session_key: SessionKey) -> Manifest:
        manifest = self.manifest(session_key)
        if manifest is None:
            raise JobNotFound(str(session_key))
        return manifest

    def record(self, session_key: SessionKey, key: str, parse: Callable[[Any], T]) -> Versioned[T] | None:
        """One record as it is now; None when there is none.

        Raises:
            JobUnreadable: it is not one that GeMS wrote.
        """
        with reading(session_key, self._folder.address(key)):
            stored = self.store.read(self.bucket, key)
            return None if stored is None else Versioned(parse(parse_json(stored.body)), stored.etag)

    def write(self, key: str, record: Record, etag: str | None) -> str | None:
        """Write a record only if nobody else has since it was read.

        Args:
            key: where; one of ``gems_core.layout``.
            record: one of ``gems_api.services.state.records``.
            etag: of the content that was read, or None when there was none.

        Returns:
            the new entity tag, or None when somebody was faster.
        """
        return write_over(self.store, self.bucket, key, to_bytes(record), etag)

    def amend(
        self,
        session_key: SessionKey,
        key: str,
        parse: Callable[[Any], R],
        change: Callable[[R | None], R | None],
        held: Versioned[R] | None = None,
    ) -> Amended[R] | None:
        """Change a record, however many others do so at once: whoever is not let through begins with what the others wrote.

        Args:
            session_key: the job.
            key: where; one of ``gems_core.layout``.
            parse: makes the record of its JSON.
            change: gives the record that is to be for the one that is (None: there is none). The same one, or None, asks for
                nothing to be written. It is asked at each try; what it raises ends the amendment.
            held: the record as it was just read, which saves reading it for the first try.

        Returns:
            None when others were faster at each try.

        Raises:
            JobUnreadable: the record is none that GeMS wrote.
        """
        for _ in range(TRIES):
            before = held or self.record(session_key, key, parse)
            held = None
            known = before.value if before else None
            after = change(known)
            if after is None or after == known:
                return Amended(known, None)
            etag = self.write(key, after, before.etag if before else None)
            if etag is not None:
                return Amended(known, Versioned(after, etag))
        return None

    def beat(self, session_key: SessionKey, instance_index: int, vitals: Vitals | None = None) -> None:
        """Note a worker's sign of life: that the object was just written says it, whatever is in it."""
        body = b"" if vitals is None else json.dumps(VITALS.write(vitals)).encode()
        self.store.put(self.bucket, layout.heartbeat_key(session_key, instance_index), body)

    def mark_done(self, session_key: SessionKey, marker: DoneMarker) -> None:
        """Write a done-marker on behalf of workers that cannot, unless there is one."""
        body = json.dumps(marker.as_json(), sort_keys=True).encode()
        self.store.create(self.bucket, layout.done_key(session_key, marker.sample), body)
