"""The numbers by which a sample or a run is judged, each with its reason; reports print them beside the values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Rules:
    """What ``data/rules-1.json`` states, with the reasons.

    Attributes:
        least_used_share: of a sample's pairs; below it the panel or the library may be another one's.
        least_called_share: of the loci asked for.
        misfit_share: of the samples; where more of them use too few pairs, panel or library do not fit the run.
        most_control_pairs: that a called locus of a negative control may have.
        least_amplicon_pairs: of both alleles; an amplicon with fewer is thin.
        failed_amplicon_pairs: an amplicon with fewer is empty.
        failed_amplicon_share: of the samples; an amplicon that is empty in more of them failed.
        least_samples_of_failed_amplicon: fewer samples say nothing of the PCR.
        least_agreeing_loci: at which a sample must show another one's alleles before it is named.
        least_identical_loci: called loci that must be alike before two samples are told to be.
        most_sources: samples that are named as where another sample's odd alleles may come from.
    """

    version: str
    least_used_share: float
    least_called_share: float
    misfit_share: float
    most_control_pairs: float
    least_amplicon_pairs: float
    failed_amplicon_pairs: float
    failed_amplicon_share: float
    least_samples_of_failed_amplicon: float
    least_agreeing_loci: float
    least_identical_loci: float
    most_sources: float


@cache
def rules() -> Rules:
    """The rules in force."""
    document = json.loads(files("gems_report").joinpath("data/rules-1.json").read_bytes())
    return Rules(document["version"], **{name: float(rule["value"]) for name, rule in document["rules"].items()})
