"""Tables of what was asked and what was measured."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Verdicts:
    """Rows of aims; one that is missed makes the benchmark fail."""

    rows: list[tuple[str, str, str, bool]] = field(default_factory=list)

    def at_most(self, what: str, aim: float, found: float, show: Callable[[float], str] = str) -> None:
        self.rows.append((what, f"<= {show(aim)}", show(found), found <= aim))

    def exactly(self, what: str, aim: object, found: object) -> None:
        self.rows.append((what, str(aim), str(found), aim == found))

    @property
    def missed(self) -> bool:
        return not all(met for _, _, _, met in self.rows)

    def show(self) -> None:
        print_table(
            ("aim", "asked", "measured", ""),
            [(what, asked, found, "ok" if met else "MISSED") for what, asked, found, met in self.rows],
        )


def say(line: str) -> None:
    """A line of the result."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their widest cell; numbers to the right."""
    texts = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[place]) for row in texts) for place in range(len(head))]
    for number, row in enumerate(texts):
        cells = [
            _cell(text, width, first=place == 0) for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        say("  " + "  ".join(cells).rstrip())
        if number == 0:
            say("  " + "  ".join("-" * width for width in widths))


def _cell(text: str, width: int, *, first: bool) -> str:
    return text.ljust(width) if first else text.rjust(width)


def milliseconds(seconds: float) -> str:
    """``12.3 ms``."""
    return f"{1000 * seconds:.1f} ms"


def whole_seconds(seconds: float) -> str:
    """``3.2 s``."""
    return f"{seconds:.1f} s"


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which this part of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
