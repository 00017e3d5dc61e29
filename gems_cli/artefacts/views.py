"""Published versions, moves and plans, as JSON and as tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from rich.table import Table

from gems_artefacts.pointer import Move
from gems_artefacts.prune import Plan
from gems_artefacts.usage import Use
from gems_core.manifest import Artefact
from gems_core.published import PublishedVersion


@dataclass(frozen=True)
class Row:
    """A version as it is listed.

    Attributes:
        is_current: whether jobs get it that name nothing.
        jobs: session keys of those that use it.
        is_described: whether it was published by this release or a later one, and so can be chosen by name.
    """

    version: PublishedVersion
    is_current: bool
    jobs: tuple[str, ...]
    is_described: bool = True

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "kind": self.version.kind,
            "version": self.version.version,
            "name": self.version.name,
            "commits": list(self.version.commits),
            "current": self.is_current,
            "jobs": list(self.jobs),
            "can_be_chosen": self.is_described,
        }


def rows(
    versions: Collection[PublishedVersion], current: Mapping[str, Artefact], used: Mapping[Use, list[str]]
) -> list[Row]:
    """Every version that is published, current or used, in order."""
    described = {Use(one.kind, one.version): one for one in versions}
    named = {Use(kind, artefact.version) for kind, artefact in current.items()}
    found = []
    for use in sorted({*described, *named, *used}):
        version = described.get(use) or PublishedVersion(use.kind, use.version)
        found.append(Row(version, use in named, tuple(used.get(use, ())), use in described))
    return found


def rows_table(shown: Iterable[Row]) -> Table:
    """For people: the newest job stands for all of them."""
    table = Table("kind", "version", "commits", "", "jobs", "the last of them", box=None, pad_edge=False)
    for row in shown:
        state = "current" if row.is_current else "" if row.is_described else "of an older release"
        commits = ", ".join(row.version.commits) or "-"
        last = row.jobs[-1] if row.jobs else ""
        table.add_row(row.version.kind, row.version.version, commits, state, str(len(row.jobs)), last)
    return table


def moves_table(moves: Iterable[Move]) -> Table:
    """The log, newest first."""
    table = Table("when (UTC)", "what", "by", "changes", box=None, pad_edge=False)
    for move in moves:
        table.add_row(f"{move.at:%Y-%m-%d %H:%M:%S}", move.action, move.by, "; ".join(move.changes) or "none")
    return table


def plan_as_json(plan: Plan, *, done: bool) -> dict[str, object]:
    """A plan, or what came of it, for programs."""
    return {
        "removed" if done else "would_remove": [_named(version) for version in plan.goes],
        "kept": [_named(kept.version) | {"reason": kept.reason} for kept in plan.stays],
    }


def plan_lines(plan: Plan, *, done: bool) -> list[str]:
    """A plan, or what came of it, for people."""
    verb = "removed" if done else "would remove"
    gone = [f"{verb} {version.kind} {version.version}" for version in plan.goes]
    kept = [f"kept {kept.version.kind} {kept.version.version}: {kept.reason}" for kept in plan.stays]
    return [*kept, *(gone or ["nothing to remove"])]


def _named(version: PublishedVersion) -> dict[str, object]:
    return {"kind": version.kind, "version": version.version}
