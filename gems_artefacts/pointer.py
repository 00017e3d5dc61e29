"""``artefacts/current.json``: what jobs get that name nothing. Moved by one conditional write, with a log of all moves.

A move's entry is written first and names the move before it; ``current.json`` names the entry. So the log is a chain that
starts at ``current.json``: an entry that the chain does not reach is of a move that lost, and never happened. No clock
decides the order.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gems_artefacts.provenance import Maker
from gems_artefacts.releases import demand_file
from gems_artefacts.shelf import Shelf
from gems_core.errors import DeploymentFailed
from gems_core.layout import CURRENT_ARTEFACTS_KEY
from gems_core.manifest import Artefact, artefacts_from_json
from gems_core.published import move_key

MOVE = "move"


class PointerMoved(DeploymentFailed):
    """Somebody else moved ``current.json`` at the same time; nothing was done."""


class PointerUnreadable(DeploymentFailed):
    """``current.json`` or its log is not what GeMS writes."""


class NothingBefore(DeploymentFailed):
    """There is no earlier state to go back to."""


@dataclass(frozen=True)
class Pointer:
    """``current.json`` as it is.

    Attributes:
        artefacts: by kind; empty before the first move.
        move: the entry of the log that made it so; '' where none tells.
        etag: '' when there is no such object.
    """

    artefacts: Mapping[str, Artefact]
    move: str = ""
    etag: str = ""


@dataclass(frozen=True)
class Move:
    """An entry of the log.

    Attributes:
        action: ``publish``, ``promote``, ``rollback`` or ``deploy``.
        before: the artefacts by kind; empty at the first move.
        follows: the move before this one; '' for the first.
        restores: of a rollback, the move whose state came back; '' for the state before the first.
    """

    move: str
    action: str
    by: str
    at: datetime
    before: Mapping[str, Artefact]
    after: Mapping[str, Artefact]
    follows: str
    restores: str | None = None

    @property
    def changes(self) -> list[str]:
        """A text for each kind that became another one."""
        return [
            f"{kind} {self.before[kind].version if kind in self.before else 'none'} -> {entry.version}"
            for kind, entry in self.after.items()
            if self.before.get(kind) != entry
        ]

    def as_json(self) -> dict[str, object]:
        """The log's object."""
        return {
            "move": self.move,
            "action": self.action,
            "by": self.by,
            "at": self.at.isoformat(),
            "before": _entries(self.before),
            "after": _entries(self.after),
            "follows": self.follows,
            "restores": self.restores,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Move:
        """The inverse of ``as_json``. Raises ValueError, KeyError, TypeError."""
        before, after = (
            {kind: Artefact.from_json(entry) for kind, entry in content[when].items()} for when in ("before", "after")
        )
        moment = datetime.fromisoformat(content["at"])
        follows, restores = str(content["follows"]), content["restores"]
        return cls(content["move"], content["action"], content["by"], moment, before, after, follows, restores)


def read_pointer(shelf: Shelf) -> Pointer:
    """What ``current.json`` names.

    Raises:
        PointerUnreadable: it is not one.
    """
    try:
        document = shelf.read(CURRENT_ARTEFACTS_KEY)
        if document is None:
            return Pointer({})
        return Pointer(artefacts_from_json(document.content), str(document.content.get(MOVE, "")), document.etag)
    except (ValueError, KeyError, TypeError) as error:
        raise PointerUnreadable(
            f"s3://{shelf.bucket}/{CURRENT_ARTEFACTS_KEY}: expected the artefacts of a stage, found {error!r}. Bring an older "
            "version of that object back, or name library and panel again with `gems deploy --library … --panel …`."
        ) from error


def move_pointer(
    shelf: Shelf, seen: Pointer, after: Mapping[str, Artefact], action: str, made: Maker, *, restores: str | None = None
) -> Move:
    """Name other artefacts, all at once.

    Args:
        shelf: the control bucket.
        seen: what was read; if it is not there any more, nothing is done.
        after: every kind that shall be named.
        action: for the log.
        made: who does it, and when.
        restores: of a rollback.

    Raises:
        PointerMoved: somebody was faster.
        NotPublished: a file that is to be named is not there.
    """
    for kind, artefact in after.items():
        if seen.artefacts.get(kind) != artefact:
            demand_file(shelf, kind, artefact)
    name = f"{made.at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    entry = Move(name, action, made.by, made.at, seen.artefacts, after, seen.move, restores)
    shelf.create(move_key(name), entry.as_json())
    content = {**_entries(after), MOVE: name}
    if seen.etag:
        written = shelf.replace(CURRENT_ARTEFACTS_KEY, content, seen.etag)
    else:
        written = shelf.create(CURRENT_ARTEFACTS_KEY, content)
    if not written:
        raise PointerMoved(
            f"s3://{shelf.bucket}/{CURRENT_ARTEFACTS_KEY}: expected it as it was read a moment ago, found that somebody "
            "changed it in the meantime. Nothing was changed: look with `gems artefacts list`, then run the command again."
        )
    return entry


def moves(shelf: Shelf, start: str) -> Iterator[Move]:
    """The moves that were made, newest first, from one on.

    Raises:
        PointerUnreadable: an entry is no such, or is gone.
    """
    seen: set[str] = set()
    name = start
    while name and name not in seen:
        seen.add(name)
        yield (entry := _read_move(shelf, name))
        name = entry.follows


def roll_back(shelf: Shelf, made: Maker) -> Move:
    """Name again what was named before the last move; said twice, what was named before that.

    Raises:
        NothingBefore: the first state is in force.
        PointerMoved, NotPublished, PointerUnreadable.
    """
    seen = read_pointer(shelf)
    undone = seen.move
    while undone and (entry := _read_move(shelf, undone)).restores is not None:
        undone = entry.restores or ""
    before = _read_move(shelf, undone) if undone else None
    if before is None or not before.before:
        raise NothingBefore("expected an earlier state to go back to, found none in the log. See `gems artefacts log`.")
    return move_pointer(shelf, seen, before.before, "rollback", made, restores=before.follows)


def _read_move(shelf: Shelf, name: str) -> Move:
    try:
        document = shelf.read(move_key(name))
        return Move.from_json(document.content if document else {})
    except (ValueError, KeyError, TypeError) as error:
        raise PointerUnreadable(
            f"s3://{shelf.bucket}/{move_key(name)}: expected an entry of the log of moves, found {error!r}. Promote the "
            "versions that you want by their names."
        ) from error


def _entries(artefacts: Mapping[str, Artefact]) -> dict[str, dict[str, str]]:
    return {kind: artefact.as_json() for kind, artefact in artefacts.items()}
