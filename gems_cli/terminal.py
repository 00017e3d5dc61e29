"""The console that commands print to."""

from __future__ import annotations

from rich.console import Console

# Tables are made for a hundred columns; a pipe or a log has no width of its own, and rich would take eighty.
COLUMNS_WITHOUT_TERMINAL = 100


def open_console() -> Console:
    """A console as wide as the terminal, or a hundred columns where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=COLUMNS_WITHOUT_TERMINAL)
