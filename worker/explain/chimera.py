"""Whether a crossover of two sequences that the sample has explains a third one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, permutations

from worker.explain import thresholds
from worker.explain.alignment import UNSEEN
from worker.explain.comparison import Comparison


@dataclass(frozen=True)
class Crossover:
    """One parent up to a breakpoint, another from there on.

    Attributes:
        left, right: the parents.
        first, last: the breakpoint's range: bases of the sequence, from 1, after which the parents may change.
        mismatches: bases that the crossover leaves unexplained.
    """

    left: Comparison
    right: Comparison
    first: int
    last: int
    mismatches: int

    def gain_on(self, single: int) -> int:
        """How many bases it explains beyond a sequence with so many differences."""
        return single - self.mismatches


def find_crossover(bases: str, parents: Sequence[Comparison]) -> Crossover | None:
    """The crossover that explains a sequence best, if well enough, and clearly better than each of its parents.

    Args:
        bases: of the sequence.
        parents: it, compared with each sequence that the sample has.
    """
    costs = [(parent, _costs(bases, parent)) for parent in parents]
    pairs = permutations(costs, 2)
    found = [_best(left, left_costs, right, right_costs) for (left, left_costs), (right, right_costs) in pairs]
    best = min(found, key=lambda one: one.mismatches, default=None)
    if best is None or best.mismatches > thresholds.MOST_CHIMERA_MISMATCHES:
        return None
    single = min(sum(cost) for _, cost in costs)
    return best if best.gain_on(single) >= thresholds.SMALLEST_CHIMERA_GAIN else None


def _costs(bases: str, parent: Comparison) -> list[int]:
    """What each base of the sequence costs on a parent; one that does not lie on it costs as much as a mismatch."""
    covered = parent.laying.covered
    costs = [int(base != UNSEEN and place not in covered) for place, base in enumerate(bases)]
    for place in parent.places:
        costs[min(place, len(bases) - 1)] += 1
    return costs


def _best(left: Comparison, left_costs: list[int], right: Comparison, right_costs: list[int]) -> Crossover:
    before = list(accumulate(left_costs, initial=0))
    after = list(accumulate(reversed(right_costs), initial=0))[::-1]
    # A breakpoint at an end is no crossover.
    totals = {place: before[place] + after[place] for place in range(1, len(left_costs))}
    fewest = min(totals.values(), default=len(left_costs))
    places = [place for place, total in totals.items() if total == fewest]
    return Crossover(left, right, min(places, default=0), max(places, default=0), fewest)
