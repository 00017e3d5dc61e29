"""What is written down of a launch elsewhere: while it waits for its person's word, and as long as its job goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from gems_api.services.remote_ports import Choices, RemoteFile

LONGEST_TROUBLE = 500


@dataclass(frozen=True)
class Pending:
    """A launch that its person has let us into, and has not started yet.

    Attributes:
        sealed_token: opened by ``Sealer`` only.
        choices: None until BaseSpace was asked; ``reads`` are theirs.
    """

    session_id: str
    user_id: str
    sealed_token: str
    made_at: datetime
    choices: Choices | None = None
    reads: tuple[RemoteFile, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The record's document."""
        return asdict(self) | {"made_at": self.made_at.isoformat()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Pending:
        """The inverse of ``as_json``."""
        chosen = value["choices"]
        choices = Choices(**{**chosen, "sample_ids": tuple(chosen["sample_ids"])}) if chosen else None
        return cls(
            value["session_id"],
            value["user_id"],
            value["sealed_token"],
            datetime.fromisoformat(value["made_at"]),
            choices,
            tuple(RemoteFile(**item) for item in value["reads"]),
        )


class BondState(StrEnum):
    """How far BaseSpace is told of a job."""

    OPEN = "open"
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class Bond:
    """What ties a job to its launch (``basespace/bonds/<session key>.json``).

    Attributes:
        project_id: where results go; '' for nowhere.
        sealed_token: '' once nothing more is to be told.
        told: the status and the words that BaseSpace heard last.
        result_id: of the result there; '' before it is made.
        sent: how many of the result's files are there.
        trouble: why the last try failed; '' when it did not.
        tries: how many failed since the last one that did not.
        next_at: no try before this.
    """

    session_id: str
    project_id: str
    sealed_token: str
    next_at: datetime
    state: BondState = BondState.OPEN
    told: str = ""
    result_id: str = ""
    sent: int = 0
    trouble: str = ""
    tries: int = 0

    def closed(self, state: BondState, trouble: str = "") -> Bond:
        """The bond when all is told, or nothing more can be; the token is forgotten."""
        return replace(self, state=state, sealed_token="", trouble=trouble[:LONGEST_TROUBLE])

    def as_json(self) -> dict[str, object]:
        """The record's document."""
        return asdict(self) | {"next_at": self.next_at.isoformat(), "state": self.state.value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Bond:
        """The inverse of ``as_json``."""
        moment, state = datetime.fromisoformat(value["next_at"]), BondState(value["state"])
        return cls(**{**value, "next_at": moment, "state": state})
