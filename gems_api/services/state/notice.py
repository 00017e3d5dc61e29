"""A notice of a run that waits for review or is approved, and how far its sending is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gems_api.services.state.work_note import WorkNote
from gems_core.json_input import parse_json
from gems_report.verdict import Verdict


class NoticeKind(StrEnum):
    """What is told."""

    WAITS = "run.waits"
    APPROVED = "run.approved"


@dataclass(frozen=True)
class Notice:
    """What is to be told of a run, and to whom it still is.

    Attributes:
        id: the same for the same event, however often it is noted.
        counts: of samples, by verdict.
        names: of the samples; none where they are masked.
        mails: addresses that have not been mailed yet.
        hook: whether the webhook has not been told yet.
        tries: how often was tried.
        next_at: not before this.
    """

    id: str
    kind: NoticeKind
    session_key: str
    at: datetime
    counts: Mapping[Verdict, int]
    names: tuple[str, ...]
    next_at: datetime
    mails: tuple[str, ...] = ()
    hook: bool = False
    tries: int = 0
    given_up: bool = False

    @classmethod
    def of(cls, kind: NoticeKind, note: WorkNote, *, named: bool) -> Notice:
        """Of a run; a run that is merged again, or approved again, has another one."""
        at = note.ended_at if kind is NoticeKind.WAITS else note.approved_at or note.ended_at
        number = int(note.ended_at.timestamp()) if kind is NoticeKind.WAITS else note.last
        counts = {verdict: sum(one.verdict is verdict for one in note.samples) for verdict in Verdict}
        names = tuple(one.name for one in note.samples) if named else ()
        return cls(f"{kind.value}-{number}-{note.session_key}", kind, str(note.session_key), at, counts, names, at)

    @property
    def is_settled(self) -> bool:
        """Whether everybody has been told."""
        return not self.mails and not self.hook

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be tried."""
        return self.is_settled or self.given_up

    def to_bytes(self) -> bytes:
        """The document."""
        document = {
            "id": self.id,
            "kind": self.kind,
            "session_key": self.session_key,
            "at": self.at.isoformat(),
            "counts": self.counts,
            "names": self.names,
            "next_at": self.next_at.isoformat(),
            "mails": self.mails,
            "hook": self.hook,
            "tries": self.tries,
            "given_up": self.given_up,
        }
        return json.dumps(document).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Notice:
        """The inverse of ``to_bytes``.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: GeMS did not write it.
        """
        document: Mapping[str, Any] = parse_json(body)
        return cls(
            str(document["id"]),
            NoticeKind(document["kind"]),
            str(document["session_key"]),
            datetime.fromisoformat(document["at"]),
            {Verdict(name): int(count) for name, count in document["counts"].items()},
            tuple(map(str, document["names"])),
            datetime.fromisoformat(document["next_at"]),
            tuple(map(str, document["mails"])),
            bool(document["hook"]),
            int(document["tries"]),
            bool(document["given_up"]),
        )
