"""How each sample of a job stands: for pages. Pure, over a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gems_api.services.shown.texts import ALL, told
from gems_api.services.state.records import Claim, ClaimState
from gems_api.services.state.snapshot import Snapshot
from gems_core.protocol.done_marker import SampleOutcome


class SampleState(StrEnum):
    """How a sample stands, in the order in which a person wants to see them."""

    FAILED = "failed"
    NOT_TYPED = "not typed"
    IN_WORK = "in work"
    WAITING = "waiting"
    TYPED = "typed"


@dataclass(frozen=True)
class SampleRow:
    """A sample of a job.

    Attributes:
        share: which it belongs to, from 1.
        attempt: the latest try at it; 0 when nobody came to it yet.
        reasons: why it failed, or why each earlier try ended.
    """

    name: str
    share: int
    state: SampleState
    attempt: int
    size_bytes: int
    reasons: Sequence[str] = ()


def sample_list(snapshot: Snapshot) -> list[SampleRow]:
    """All samples: failed ones first, then those that nobody came to before the end, in work, waiting, typed; by name."""
    rows = [
        _row(snapshot, sample.name, share.index, sample.size_bytes)
        for share in snapshot.manifest.shares
        for sample in share.samples
    ]
    order = list(SampleState)
    return sorted(rows, key=lambda row: (order.index(row.state), row.name))


def _row(snapshot: Snapshot, name: str, share: int, size_bytes: int) -> SampleRow:
    marker, held = snapshot.done.get(name), snapshot.claims.get(share)
    claim = held.value if held else None
    attempt = claim.attempt if claim else 0
    earlier = tuple(told(reason, ALL) for reason in claim.reasons) if claim else ()
    if marker is not None:
        typed = marker.outcome is SampleOutcome.TYPED
        reasons = earlier if typed else (told(marker.reason, ALL),)
        state = SampleState.TYPED if typed else SampleState.FAILED
        return SampleRow(name, share, state, marker.attempt or attempt, size_bytes, reasons)
    if snapshot.ended:
        state_reason = snapshot.state.value.reason if snapshot.state else ""
        return SampleRow(name, share, SampleState.NOT_TYPED, attempt, size_bytes, (told(state_reason, ALL), *earlier))
    return SampleRow(name, share, _undone(claim), attempt, size_bytes, earlier)


def _undone(claim: Claim | None) -> SampleState:
    return SampleState.IN_WORK if claim and claim.state is ClaimState.HELD else SampleState.WAITING
