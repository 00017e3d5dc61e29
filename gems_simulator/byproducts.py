"""Reads that are of no allele: dimers and mispriming of an amplicon's own primers, and tails of G."""

from __future__ import annotations

import random

from gems_core.bases import IUPAC, reverse_complement
from gems_reference.panel import PanelRow
from gems_simulator.artefacts import with_adapters
from gems_simulator.settings import RunSettings

MISPRIMED_BP = (20, 200)
# What a MiSeq reads where a short molecule and its adapter have ended.
AFTER_ADAPTER = "A"
# The highest of the qualities that two-colour instruments report (NovaSeq: 2, 12, 23, 37).
DARK_QUALITY = chr(33 + 37)


def draw_byproduct(row: PanelRow, settings: RunSettings, rng: random.Random) -> str | None:
    """One molecule that an amplicon's primers make of each other or of a strange place; None for an ordinary pair.

    Args:
        row: the amplicon.
        settings: says how often.
        rng: the only source of chance; asked for nothing where there are no by-products.
    """
    unwanted = settings.dimer_share + settings.mispriming_share
    if unwanted <= 0 or (drawn := rng.random()) >= unwanted:
        return None
    length = 0 if drawn < settings.dimer_share else rng.randint(*MISPRIMED_BP)
    insert = "".join(rng.choices("ACGT", k=length))
    return _drawn(row.forward_primer, rng) + insert + reverse_complement(_drawn(row.reverse_primer, rng))


def _drawn(primer: str, rng: random.Random) -> str:
    """One primer of a mixture."""
    return "".join(rng.choice(IUPAC[letter]) for letter in primer)


def byproduct_strands(molecule: str, length: int) -> tuple[str, str]:
    """What two reads of this length run along: each strand, its adapter, and what an instrument reads after that."""
    first, second = (strand.ljust(length, AFTER_ADAPTER) for strand in with_adapters(molecule))
    return first, second


def darkened(bases: str, qualities: str, rng: random.Random) -> tuple[str, str]:
    """A read whose cluster went dark at a random cycle: G of high quality from there on."""
    start = rng.randrange(len(bases) + 1)
    dark = len(bases) - start
    return bases[:start] + "G" * dark, qualities[:start] + DARK_QUALITY * dark
