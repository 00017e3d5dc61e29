"""The numbers by which a sample or a run is judged, each with its reason; reports print them beside the values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Rules:
    """What ``data/rules-1.json`` states.

    Attributes:
        least_used_share: of a sample's pairs; below it the panel or the library may be another one's.
        least_called_share: of the loci asked for.
    """

    version: str
    least_used_share: float
    least_called_share: float


@cache
def rules() -> Rules:
    """The rules in force."""
    document = json.loads(files("gems_report").joinpath("data/rules-1.json").read_bytes())
    return Rules(document["version"], **{name: float(rule["value"]) for name, rule in document["rules"].items()})
