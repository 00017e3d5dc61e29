"""What else a worker asks of the API: its job's credentials, and the end of its job's instances."""

from __future__ import annotations

from dataclasses import dataclass

from gems_core.fields import TEXT, Field, Shape
from gems_core.protocol.instance_ids import INSTANCE_ID


@dataclass(frozen=True)
class CredentialsRequest:
    """A worker asks for its job's credentials (``POST /job/<session_key>/credentials``)."""

    instance_id: str

    def as_json(self) -> dict[str, object]:
        """The request's body."""
        return CREDENTIALS_REQUEST.write(self)

    @classmethod
    def from_json(cls, value: object) -> CredentialsRequest:
        """Read a request from outside.

        Raises:
            InvalidInput: with every field that is wrong.
        """
        return cls(**CREDENTIALS_REQUEST.read(value))


CREDENTIALS_REQUEST: Shape[CredentialsRequest] = Shape(
    "CredentialsBody", "request for credentials", (Field("instance_id", INSTANCE_ID, "the proven instance's"),)
)


@dataclass(frozen=True)
class StopRequest:
    """The final worker has its job's instances ended (``POST /stop_instances``)."""

    session_key: str
    instance_id: str

    def as_json(self) -> dict[str, object]:
        """The request's body."""
        return STOP_REQUEST.write(self)

    @classmethod
    def from_json(cls, value: object) -> StopRequest:
        """Read a request from outside.

        Raises:
            InvalidInput: with every field that is wrong.
        """
        return cls(**STOP_REQUEST.read(value))


STOP_REQUEST: Shape[StopRequest] = Shape(
    "StopBody",
    "stop request",
    (Field("session_key", TEXT, "the job"), Field("instance_id", INSTANCE_ID, "the proven instance's")),
)
