"""The review's log in the control bucket: chains of entries that are written once (docs/adr/0030)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gems_api.services.storage.read_cache import ReadCache, in_parallel
from gems_api.services.store_ports import Entry as Listed
from gems_api.services.store_ports import Store, TooLarge
from gems_core import layout
from gems_core.errors import Conflict, GemsError
from gems_core.review.chain import CHECKPOINTS, Entry, Proof, checkpoint_of, prove
from gems_core.review.lock import Hold, no_hold

_TURNS = 8


class ReviewUnreadable(GemsError):
    """The review's log is not as GeMS writes it."""


@dataclass(frozen=True)
class ReviewLog:
    """Reads chains, proving them, and adds to them.

    Attributes:
        hold: until when nobody may remove an entry that is written now.
    """

    store: Store
    bucket: str
    cache: ReadCache
    hold: Callable[[], Hold | None] = no_hold

    def read(self, chain: str) -> Proof:
        """A chain, and what is wrong with it.

        Raises:
            CloudRefused: S3 refuses.
        """
        return self._prove(chain, self.store.entries(self.bucket, layout.review_chain_prefix(chain)))

    def length(self, chain: str) -> int:
        """The number of a chain's last entry, by the name of its object; 0 for an empty chain. One listing of one key.

        Raises:
            CloudRefused: S3 refuses.
        """
        listed = self.store.entries(self.bucket, layout.review_chain_prefix(chain), most=1)
        return layout.review_entry_place(listed[0].key)[1] if listed else 0

    def read_all(self) -> dict[str, Proof]:
        """All chains by name, the checkpoints among them.

        Raises:
            CloudRefused: S3 refuses.
        """
        found: dict[str, list[Listed]] = defaultdict(list)
        for entry in self.store.entries(self.bucket, layout.REVIEW_PREFIX):
            found[layout.review_entry_place(entry.key)[0]].append(entry)
        return {chain: self._prove(chain, entries) for chain, entries in found.items()}

    def append(self, chain: str, last: Entry | None, content: Mapping[str, Any]) -> Entry | None:
        """Add the entry after ``last``, as the chain was read; None if somebody else was faster.

        Raises:
            CloudRefused: S3 refuses.
        """
        entry = Entry.following(chain, last, content)
        key = layout.review_entry_key(chain, entry.number)
        return entry if self.store.create(self.bucket, key, entry.body, self.hold()) is not None else None

    def seal(self, last: Entry) -> None:
        """Add a checkpoint that says how far a chain is.

        Raises:
            Conflict: others add checkpoints all the time.
            ReviewUnreadable: the last checkpoint is not as GeMS writes it.
            CloudRefused: S3 refuses.
        """
        for _ in range(_TURNS):
            if self.append(CHECKPOINTS, self._newest_checkpoint(), checkpoint_of(last)) is not None:
                return
        raise Conflict("other people are writing to the review's log now; what you sent is written")

    def _newest_checkpoint(self) -> Entry | None:
        listed = self.store.entries(self.bucket, layout.review_chain_prefix(CHECKPOINTS), most=1)
        if not listed:
            return None
        body = self._body(listed[0])
        try:
            entry = Entry.parse(body)
        except ValueError as error:
            raise ReviewUnreadable(f"s3://{self.bucket}/{listed[0].key}: {error}") from error
        if (entry.chain, entry.number) != layout.review_entry_place(listed[0].key):
            raise ReviewUnreadable(f"s3://{self.bucket}/{listed[0].key}: is another entry")
        return entry

    def _prove(self, chain: str, listed: Sequence[Listed]) -> Proof:
        in_order = list(reversed(listed))
        bodies = in_parallel(self._body, in_order)
        numbers = [layout.review_entry_place(entry.key)[1] for entry in in_order]
        return prove(chain, list(zip(numbers, bodies, strict=True)))

    def _body(self, listed: Listed) -> bytes:
        held = self.cache.get(listed.key, listed.etag)
        if isinstance(held, bytes):
            return held
        try:
            stored = self.store.read(self.bucket, listed.key)
        except TooLarge:
            return b""  # no entry of ours, as the proof will say
        body = stored.body if stored is not None else b""
        self.cache.keep(listed.key, listed.etag, body)
        return body
