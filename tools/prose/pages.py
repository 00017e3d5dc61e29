"""What every page is held to: shares of long sentences, long lines, and words, with ceilings that can only fall."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from prose.sentences import long_lines, page_sentences
from prose.words import stumbles

# Per cent of sentences with more than thirty words. cutadapt's guide has 5, Flask's docs have 3.
MOST_LONG = 8
CEILINGS = Path(__file__).parent / "ceilings.json"
# Other people's tools make these, or git ignores them.
_NOT_OURS = {"node_modules", "site", "target", "out", "build"}


@dataclass(frozen=True)
class Reading:
    """How a page reads. ``long_share`` is per cent of its sentences."""

    sentences: int
    long_sentences: int
    long_lines: int
    words: int

    @property
    def long_share(self) -> float:
        """Per cent of the sentences that are long; 0 for a page without sentences."""
        return round(100 * self.long_sentences / self.sentences, 1) if self.sentences else 0.0


@dataclass(frozen=True)
class Ceiling:
    """The most that a page may have: of long sentences in per cent, of long lines, of words that stumble."""

    long_share: float = MOST_LONG
    long_lines: int = 0
    words: int = 0

    def over(self, reading: Reading) -> list[str]:
        """What is over it, in words."""
        kinds = [
            (reading.long_share, self.long_share, "% of its sentences have more than 30 words"),
            (reading.long_lines, self.long_lines, " lines of prose have more than 120 characters"),
            (reading.words, self.words, " phrases stop a reader"),
        ]
        return [f"{found:g}{what}; {most:g} is the most" for found, most, what in kinds if found > most]

    def lowered_to(self, reading: Reading) -> Ceiling:
        """The ceiling that this reading allows: never a higher one, and never below that of a new page."""
        return Ceiling(
            min(self.long_share, max(MOST_LONG, reading.long_share)),
            min(self.long_lines, reading.long_lines),
            min(self.words, reading.words),
        )


def pages(root: Path) -> list[Path]:
    """All Markdown pages of the project, relative to its folder, in order of name."""
    found = (path.relative_to(root) for path in root.rglob("*.md"))
    return sorted(
        path
        for path in found
        if not _NOT_OURS & set(path.parts) and (path.parts[0] == ".github" or path.parts[0][0] != ".")
    )


def read(page: str) -> Reading:
    """How a page's text reads."""
    found = page_sentences(page)
    return Reading(
        len(found),
        sum(sentence.is_long for sentence in found),
        len(long_lines(page)),
        sum(len(stumbles(sentence.text)) for sentence in found),
    )


def ceilings() -> dict[str, Ceiling]:
    """The ceilings of pages that were written before there were any; all others have that of a new page."""
    return {name: Ceiling(*values) for name, values in json.loads(CEILINGS.read_text()).items()}


def write_ceilings(of_pages: dict[str, Ceiling]) -> None:
    """Write those that are above a new page's, a line each, so that two changes seldom meet in one line."""
    rows = [
        f"  {json.dumps(name)}: {json.dumps([each.long_share, each.long_lines, each.words])}"
        for name, each in sorted(of_pages.items())
        if each != Ceiling()
    ]
    CEILINGS.write_text("{\n" + ",\n".join(rows) + "\n}\n" if rows else "{}\n")
