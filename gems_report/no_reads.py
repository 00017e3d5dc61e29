"""The result of a negative control without any read: nothing was typed, and that is right."""

from __future__ import annotations

from typing import Any

from gems_core.hla import loci_of_class
from gems_report.typing_json import TYPING_SCHEMA_VERSION

_MESSAGE = "The sample has no reads"


def typing_without_reads(sample: str, hla_class: str) -> dict[str, Any]:
    """A typing.json in the typer's place, which takes no file without reads; ``versions`` is empty, for nothing typed it."""
    return {
        "schema_version": TYPING_SCHEMA_VERSION,
        "sample": sample,
        "hla_class": hla_class,
        "versions": {},
        "reads": {"pairs": 0, "filters": [], "used_pairs": 0},
        "flags": [],
        "loci": [
            {
                "locus": locus,
                "state": "no_call",
                "flags": [{"code": "no_reads", "message": _MESSAGE, "evidence": {"pairs": 0}}],
                "alleles": [],
                "candidates": [],
                "coverage": [],
                "gl_string": "",
            }
            for locus in loci_of_class(hla_class)
        ],
    }
