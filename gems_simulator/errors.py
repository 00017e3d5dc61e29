"""A sequencer's faults: qualities that fall along a read, and errors as often as the qualities say.

An error at every base would have to be drawn base by base; here the errors of a read are the events of a Poisson process
whose rate at a cycle is ``-log(1 - p)``. A cycle with at least one event then errs with probability ``p``, exactly, and the
time to the next event takes one draw.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

# Real runs report some hundred distinct quality courses to a good approximation; more only cost memory.
PROFILES = 96
LOWEST_QUALITY, HIGHEST_QUALITY = 2, 41
UNREAD_QUALITY = "#"
_OTHERS = {"A": "CGT", "C": "AGT", "G": "ACT", "T": "ACG", "N": "N"}


@dataclass(frozen=True)
class Profile:
    """One course of qualities.

    Attributes:
        qualities: Phred+33, one character a cycle.
        hazard: expected number of error events up to and including each cycle.
    """

    qualities: str
    hazard: tuple[float, ...]


def error_rate(quality: int) -> float:
    """What a Phred quality says."""
    return float(10 ** (-quality / 10))


def make_profiles(first: int, last: int, cycles: int, rng: random.Random) -> tuple[Profile, ...]:
    """Quality courses that fall from ``first`` to ``last``, slowly at first, each a little different."""
    return tuple(_make_profile(first, last, cycles, rng) for _ in range(PROFILES))


def _make_profile(first: int, last: int, cycles: int, rng: random.Random) -> Profile:
    shift = rng.gauss(0, 1.5) if first != last else 0.0
    qualities = []
    for cycle in range(cycles):
        fall = (first - last) * (cycle / cycles) ** 2
        jitter = rng.gauss(0, 1.2) if first != last else 0.0
        qualities.append(round(min(HIGHEST_QUALITY, max(LOWEST_QUALITY, first - fall + shift + jitter))))
    hazard = accumulate(-math.log1p(-error_rate(quality)) for quality in qualities)
    return Profile("".join(chr(33 + quality) for quality in qualities), tuple(hazard))


def read_through(sequence: str, profile: Profile, rng: random.Random) -> str:
    """What a sequencer reads of a sequence no longer than the profile."""
    hazard = profile.hazard
    event = rng.expovariate(1.0)
    if not sequence or event >= hazard[len(sequence) - 1]:
        return sequence
    bases = list(sequence)
    while event < hazard[len(bases) - 1]:
        cycle = bisect_right(hazard, event)
        bases[cycle] = rng.choice(_OTHERS[sequence[cycle]])
        event += rng.expovariate(1.0)
    return "".join(bases)


def scatter(sequence: str, rate: float, rng: random.Random) -> str:
    """A copy with wrong bases at a constant rate per base."""
    for place in places(len(sequence), rate, rng):
        sequence = sequence[:place] + rng.choice(_OTHERS[sequence[place]]) + sequence[place + 1 :]
    return sequence


def scatter_once(sequence: str, rng: random.Random) -> str:
    """A copy with one wrong base."""
    place = rng.randrange(len(sequence))
    return sequence[:place] + rng.choice(_OTHERS[sequence[place]]) + sequence[place + 1 :]


def places(length: int, rate: float, rng: random.Random) -> Sequence[int]:
    """Places out of ``range(length)``, each with probability ``rate``; gaps between them are geometric."""
    if rate <= 0:
        return ()
    scale = math.log1p(-rate) if rate < 1 else -math.inf
    found: list[int] = []
    place = -1
    while (gap := math.log(1.0 - rng.random()) / scale) < length - 1 - place:
        place += 1 + int(gap)
        found.append(place)
    return found


def blank(sequence: str, qualities: str, rate: float, rng: random.Random) -> tuple[str, str]:
    """Bases that the sequencer does not call: ``N``, quality 2."""
    for place in places(len(sequence), rate, rng):
        sequence = sequence[:place] + "N" + sequence[place + 1 :]
        qualities = qualities[:place] + UNREAD_QUALITY + qualities[place + 1 :]
    return sequence, qualities
