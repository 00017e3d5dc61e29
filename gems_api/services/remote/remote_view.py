"""What the page of a job says of BaseSpace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gems_api.services.context import Context
from gems_api.services.state.remote import Bond, BondState
from gems_core.layout import remote_bond_key
from gems_core.manifest import Manifest


@dataclass(frozen=True)
class RemoteView:
    """How far BaseSpace has been told, without the secrets of it.

    Attributes:
        session_id: of the launch.
        told: what it heard last.
        files: how many results it has.
        trouble: why it could not be told; '' when it could.
        next_at: when that is tried again; None where it is not.
    """

    session_id: str
    told: str
    files: int
    is_done: bool
    trouble: str
    next_at: datetime | None


def remote_view(context: Context, manifest: Manifest) -> RemoteView | None:
    """What to say; None of a job that does not come from there."""
    if not manifest.source:
        return None
    held = context.jobs.record(manifest.session_key, remote_bond_key(manifest.session_key), Bond.from_json)
    if held is None:
        return None
    bond = held.value
    again = bond.next_at if bond.trouble and bond.state is BondState.OPEN else None
    is_done = bond.state is BondState.DELIVERED
    return RemoteView(bond.session_id, bond.told, bond.sent, is_done, bond.trouble, again)
