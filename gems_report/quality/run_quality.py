"""All that is said of a run's quality, in one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gems_core.plate import UNPLACED, Placement, Role
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.quality.amplicons import AmpliconDepth, amplicon_depths
from gems_report.quality.contamination import Trace, traces_of
from gems_report.quality.controls import ControlOutcome, control_outcomes
from gems_report.quality.genotypes import identical_groups
from gems_report.quality.losses import Losses, losses_of, summed
from gems_report.quality.sequencer import Sequencing, sequencing_of
from gems_report.rules import Rules

if TYPE_CHECKING:
    from gems_report.model import SampleResult

SEQUENCER_RUNS = "sequencer_runs"


@dataclass(frozen=True)
class Quality:
    """How good a run was.

    Attributes:
        losses: of all typed samples together, negative controls left out, as of the depths.
        contamination: the cells of the matrix that are not empty.
        identical: groups of samples with the same alleles at all called loci.
    """

    sequencing: Sequencing
    losses: Losses
    amplicons: tuple[AmpliconDepth, ...] = ()
    controls: tuple[ControlOutcome, ...] = ()
    contamination: tuple[Trace, ...] = ()
    identical: tuple[tuple[str, ...], ...] = ()


def quality_of(samples: Sequence[SampleResult], plate: Mapping[str, Placement], by: Rules) -> Quality:
    """A run's.

    Args:
        samples: all of them.
        plate: what the sample sheet says, by sample; samples that it does not name are samples.
        by: the rules in force.
    """
    typed = [one for one in samples if one.outcome is SampleOutcome.TYPED]
    filled = [one for one in typed if role_of(one.sample, plate) is not Role.NEGATIVE_CONTROL]
    controls = [one for one in samples if role_of(one.sample, plate) is not Role.SAMPLE]
    return Quality(
        sequencing_of(sequencer_runs(one) for one in typed if losses_of(one.reads).pairs),
        summed(losses_of(one.reads) for one in filled),
        amplicon_depths(filled, by),
        control_outcomes(controls, plate, filled, by),
        traces_of(filled, by),
        tuple(group for group in identical_groups(filled, by.least_identical_loci) if not _are_controls(group, plate)),
    )


def role_of(sample: str, plate: Mapping[str, Placement]) -> Role:
    """What a sample is there for."""
    return plate.get(sample, UNPLACED).role


def sequencer_runs(result: SampleResult) -> tuple[str, ...]:
    """As the typer tells them; none where it does not."""
    found = (result.reads or {}).get(SEQUENCER_RUNS)
    return tuple(run for run in found if isinstance(run, str)) if isinstance(found, list) else ()


def _are_controls(group: Sequence[str], plate: Mapping[str, Placement]) -> bool:
    """Whether all are positive controls, which may well be of one person."""
    return all(role_of(sample, plate) is Role.POSITIVE_CONTROL for sample in group)
