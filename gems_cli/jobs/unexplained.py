"""What a report says of the sequences that no allele explains, as lines for a terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from rich.text import Text

SHOWN_PLACES = 4
_NEW_ALLELE = "new_allele"
_WORDS = {
    _NEW_ALLELE: "sequences that would be new alleles if panel and library fitted",
    "chimera": "chimeras",
    "paralogue": "sequences of other genes",
    "another_sample": "sequences of other samples",
    "artefact": "artefacts",
    "unknown": "sequences still unexplained",
}


def unexplained_lines(report: dict[str, Any], *, headlined: bool = True) -> Iterator[Text]:
    """A line for each new allele, with its place, bases and amino acids, and one for each other kind of sequence.

    Args:
        report: as report.json has it.
        headlined: False where panel or library do not fit: then what looks new is counted with the other sequences.
    """
    places: dict[str, list[str]] = defaultdict(list)
    for sample in report["samples"]:
        for entry in sample.get("unexplained", ()):
            if entry["verdict"] == _NEW_ALLELE and headlined:
                yield Text(f"{sample['sample']} {entry['message']}", style="bold")
            else:
                places[entry["verdict"]].append(f"{sample['sample']} {entry['gene']}".strip())
    for verdict, found in sorted(places.items()):
        more = f" and {len(found) - SHOWN_PLACES} more" if len(found) > SHOWN_PLACES else ""
        yield Text(f"{_WORDS.get(verdict, verdict)}: {', '.join(found[:SHOWN_PLACES])}{more}, see report.json")
