"""What a report flags, as lines for a terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from rich.text import Text

SHOWN_PLACES = 4
STYLE = "yellow"
# A locus that nobody asked for, or that the library does not have, is not news for each sample.
NOT_LOOKED_AT = ("not_in_library", "not_in_panel")


def sample_flags(sample: dict[str, Any]) -> list[dict[str, Any]]:
    """The flags of a sample as a whole; reports of older workers have none."""
    return list(sample.get("flags", ()))


def sample_flag_lines(report: dict[str, Any]) -> Iterator[Text]:
    """A line for each flag of a sample as a whole, with what it says: it bears on every call of that sample."""
    for sample in report["samples"]:
        for flag in sample_flags(sample):
            said = f"{flag['message']} ({flag['code']})" if "message" in flag else flag["code"]
            yield Text(f"{sample['sample']}: {said}", style=STYLE)


def locus_flag_lines(samples: list[dict[str, Any]]) -> Iterator[Text]:
    """A line for each flag of loci, with the places where it stands."""
    places: dict[str, dict[str, None]] = defaultdict(dict)
    for sample in samples:
        for locus in sample["loci"]:
            for flag in () if locus["state"] in NOT_LOOKED_AT else locus["flags"]:
                places[flag["code"]][f"{sample['sample']} {locus['locus']}"] = None
    for code, found in sorted((code, list(once)) for code, once in places.items()):
        more = f" and {len(found) - SHOWN_PLACES} more" if len(found) > SHOWN_PLACES else ""
        yield Text(f"{code}: {', '.join(found[:SHOWN_PLACES])}{more}", style=STYLE)
