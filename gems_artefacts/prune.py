"""Removing versions that nobody needs. A plan says what goes and why the rest stays; then it is done in two steps.

First the descriptors go: from then on no job and no promotion can choose these versions. A request that had chosen one before
has ended when the pause is over. Then jobs and pointer are read again, and only what is still unused is removed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from gems_artefacts.pointer import moves, read_pointer
from gems_artefacts.releases import versions
from gems_artefacts.shelf import Document, Shelf
from gems_artefacts.usage import Use, used_by_jobs
from gems_core.layout import artefact_key
from gems_core.published import PublishedVersion, descriptor_key

# A Lambda answers within 30 seconds, and clocks are not asked: what was chosen before the pause is in a manifest after it.
PAUSE_SECONDS = 60.0


@dataclass(frozen=True)
class Kept:
    """A version that stays, and why."""

    version: PublishedVersion
    reason: str


@dataclass(frozen=True)
class Plan:
    """What pruning would do."""

    goes: tuple[PublishedVersion, ...]
    stays: tuple[Kept, ...]


@dataclass(frozen=True)
class Rules:
    """What stays though no job uses it.

    Attributes:
        states: so many of the last states of ``current.json``, so that they can be rolled back to.
        younger_than: what was published not longer ago.
    """

    states: int = 5
    younger_than: timedelta = timedelta(days=30)


def plan(shelf: Shelf, rules: Rules, now: datetime) -> Plan:
    """Look what would go.

    Raises:
        ManifestUnreadable, PointerUnreadable: nobody knows what is used; nothing may go.
    """
    needed = _needed(shelf, rules)
    goes, stays = [], []
    for version in versions(shelf):
        reason = needed.get(Use(version.kind, version.version), "") or _young(shelf, version, rules, now)
        if reason:
            stays.append(Kept(version, reason))
        else:
            goes.append(version)
    return Plan(tuple(goes), tuple(stays))


def carry_out(
    shelf: Shelf, goes: tuple[PublishedVersion, ...], rules: Rules, sleep: Callable[[float], None] = time.sleep
) -> Plan:
    """Remove versions; returns what went, and what came into use meanwhile and stays."""
    withdrawn = {version: _withdraw(shelf, version) for version in goes}
    if goes:
        sleep(PAUSE_SECONDS)
    try:
        needed = _needed(shelf, rules)
    except BaseException:
        for version, document in withdrawn.items():
            _give_back(shelf, version, document)
        raise
    stays = []
    for version, document in withdrawn.items():
        if reason := needed.get(Use(version.kind, version.version)):
            _give_back(shelf, version, document)
            stays.append(Kept(version, reason))
        else:
            for key in list(shelf.keys(artefact_key(version.kind, version.version, ""))):
                shelf.delete(key)
    kept = {one.version for one in stays}
    return Plan(tuple(version for version in goes if version not in kept), tuple(stays))


def _needed(shelf: Shelf, rules: Rules) -> Mapping[Use, str]:
    """Why a version is needed, the strongest reason last and so in force."""
    pointer = read_pointer(shelf)
    reasons = {}
    for entry in islice(moves(shelf, pointer.move), rules.states):
        for kind, artefact in (*entry.before.items(), *entry.after.items()):
            reasons[Use(kind, artefact.version)] = "a state that can be rolled back to"
    for use, jobs in used_by_jobs(shelf).items():
        reasons[use] = f"{len(jobs)} job{'' if len(jobs) == 1 else 's'}, the last {jobs[-1]}"
    for kind, artefact in pointer.artefacts.items():
        reasons[Use(kind, artefact.version)] = "current"
    return reasons


def _young(shelf: Shelf, version: PublishedVersion, rules: Rules, now: datetime) -> str:
    document = shelf.read(descriptor_key(version.kind, version.version))
    published = datetime.fromisoformat(str(document.content["published_at"])) if document else now
    young = now - published < rules.younger_than
    return f"published {published:%Y-%m-%d}" if young else ""


def _withdraw(shelf: Shelf, version: PublishedVersion) -> Document | None:
    key = descriptor_key(version.kind, version.version)
    document = shelf.read(key)
    shelf.delete(key)
    return document


def _give_back(shelf: Shelf, version: PublishedVersion, document: Document | None) -> None:
    if document is not None:
        shelf.create(descriptor_key(version.kind, version.version), document.content)
