"""The amplicon panel, checked before it is published."""

from __future__ import annotations

from pathlib import Path

from gems_core.errors import one_problem

COLUMNS = (
    "locus",
    "amplicon",
    "start_feature",
    "start_offset",
    "end_feature",
    "end_offset",
    "forward_primer",
    "reverse_primer",
)
DEFAULT_PANEL = Path(__file__).resolve().parents[1] / "data" / "panel-gems-open-1.tsv"


def check_panel(panel: Path) -> Path:
    """The panel, when it has the columns of one and at least one amplicon.

    Raises:
        InvalidInput: it is not there or is no panel.
    """
    repair = "Give a panel as docs/contracts.md, section 2, describes."
    if not panel.is_file():
        raise one_problem("panel", str(panel), "a panel (TSV)", "no file", repair)
    text = panel.read_text(encoding="utf-8", errors="replace")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    header, *amplicons = lines or [""]
    if tuple(header.split("\t")) != COLUMNS:
        raise one_problem("panel", f"{panel}, header", " ".join(COLUMNS), header[:120] or "nothing", repair)
    if not amplicons:
        raise one_problem("panel", str(panel), "at least one amplicon", "none", repair)
    return panel
