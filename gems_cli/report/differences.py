"""What two typings differ in, as a table for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from gems_report.compare import Comparison, Relation

_STYLES = {Relation.SAME: "dim", Relation.MORE_RESOLVED: "green", Relation.DIFFERENT: "bold red"}


def differences_view(found: Sequence[Comparison], *, shows_all: bool = False) -> RenderableType:
    """A row for each gene that is not the same (or for each), and how many there are of each kind."""
    rows = [one for one in found if shows_all or one.relation is not Relation.SAME]
    table = Table(Column("sample", overflow="fold"), "gene", "relation", Column("why", overflow="fold"), pad_edge=False)
    for one in rows:
        table.add_row(
            Text(one.sample),
            Text(one.gene),
            Text(one.relation, style=_STYLES.get(one.relation, "yellow")),
            Text(one.why),
        )
    counts = Counter(one.relation for one in found)
    told = ", ".join(f"{counts[relation]} {relation}" for relation in Relation if counts[relation])
    return Group(*([table] if rows else []), Text(told or "nothing to compare"))
