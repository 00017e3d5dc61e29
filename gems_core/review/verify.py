"""The proof of a whole log: of each chain, of the chains by their checkpoints, and of the events by the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gems_core.errors import InvalidInput
from gems_core.review.chain import CHECKPOINTS, Fault, Proof, against_checkpoints, has_head, unsealed
from gems_core.review.events import event_of
from gems_core.review.rules import RuleBroken, folded


@dataclass(frozen=True)
class Verified:
    """What a log proved to be.

    Attributes:
        unsealed: how many of the last entries of a job no checkpoint covers, by job.
        head: of the checkpoints.
    """

    jobs: int
    entries: int
    faults: Sequence[Fault]
    unsealed: Mapping[str, int]
    head: str


def verified(proofs: Mapping[str, Proof], since: str | None = None) -> Verified:
    """Prove all chains, by themselves, by the checkpoints, and by the rules of review.

    Args:
        proofs: of every chain, by name.
        since: a head that an earlier run printed.

    Raises:
        ValueError: ``since`` is not a head.
    """
    checkpoints = proofs.get(CHECKPOINTS, Proof(CHECKPOINTS, ()))
    chains = {name: proof for name, proof in proofs.items() if name != CHECKPOINTS}
    faults = [fault for proof in proofs.values() for fault in proof.faults]
    faults += against_checkpoints(checkpoints, chains)
    faults += [fault for proof in chains.values() if (fault := _by_rules(proof)) is not None]
    if since is not None and not has_head(checkpoints, since):
        number = int(since.partition(":")[0])
        faults.append(Fault(CHECKPOINTS, number, "the log does not continue from the head that was given"))
    entries = sum(len(proof.entries) for proof in chains.values())
    return Verified(len(chains), entries, faults, unsealed(checkpoints, chains), checkpoints.head)


def _by_rules(proof: Proof) -> Fault | None:
    events = []
    for entry in proof.entries:
        try:
            events.append((entry.number, event_of(entry.content)))
        except InvalidInput as error:
            return Fault(proof.chain, entry.number, f"is not a review event: {error}")
    try:
        folded(events)
    except RuleBroken as broken:
        return Fault(proof.chain, broken.number, str(broken))
    return None
