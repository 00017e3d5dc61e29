"""Tables of reads that are typed with the panel that made them."""

from __future__ import annotations

from dataclasses import replace

from accuracy_conditions import Condition
from accuracy_sweep import ORDINARY

from gems_simulator.releases.unknown import Beside, Frequency
from gems_simulator.settings import RunSettings

# Beside a homozygous gene a by-product can pass for a second allele.
HALF_HOMOZYGOUS = 0.5
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)
MIXTURES = ((0.5, 0.5), (0.8, 0.2), (0.9, 0.1), (0.34, 0.33, 0.33))


def byproducts() -> tuple[Condition, ...]:
    """Reads that are of no allele, as a share of each amplicon's pairs.

    Half of the rows are of people homozygous for the twin of a null allele whose product is the primers alone, if the library has one.
    """
    axes = [
        ("primer dimers", [replace(ORDINARY, dimer_share=share) for share in SHARES]),
        ("mispriming", [replace(ORDINARY, mispriming_share=share) for share in SHARES]),
        ("poly-G tails", [replace(ORDINARY, poly_g_share=share) for share in SHARES]),
    ]
    faults = [("no by-products", "0%", ORDINARY)]
    faults += [
        (axis, f"{100 * share:.0f}%", settings)
        for axis, swept in axes
        for share, settings in zip(SHARES, swept, strict=True)
    ]
    return (
        *(Condition(axis, value, settings, 6, homozygous_share=HALF_HOMOZYGOUS) for axis, value, settings in faults),
        *(Condition(f"twin, {axis}", value, settings, 3, beside_empty=True) for axis, value, settings in faults),
    )


def unknown_alleles() -> tuple[Condition, ...]:
    """One allele a person that the typer's library lacks, with all that could be taken for it."""
    shallow = replace(ORDINARY, pairs_per_amplicon=40)

    def row(
        value: str, people: int, unknown: Frequency, beside: Beside = "as drawn", reads: RunSettings = ORDINARY
    ) -> Condition:
        return Condition("unknown allele", value, reads, people, unknown=unknown, beside=beside)

    return (
        row("common", 12, "common"),
        row("rare", 18, "rare"),
        row("rare, twice", 6, "rare", "itself"),
        row("both partly stated", 12, "partly stated", "partly stated"),
        row("both partly stated, depth 40", 18, "partly stated", "partly stated", shallow),
    )


def mixtures() -> tuple[Condition, ...]:
    """Two and three people in a tube; right is a flag of the sample."""
    return (
        Condition("one person", "100", ORDINARY, 6),
        *(Condition("mixture", mixture_name(parts), ORDINARY, 6, parts=parts) for parts in MIXTURES),
    )


def mixture_name(parts: tuple[float, ...]) -> str:
    """E.g. ``80:20``."""
    return ":".join(f"{100 * part:.0f}" for part in parts)


def short_reads() -> tuple[Condition, ...]:
    """Reads that do not reach across an amplicon."""
    return tuple(
        Condition("amplicons", f"2x{length}", replace(ORDINARY, read_length=length), 8) for length in (75, 100)
    )


def gaps() -> tuple[Condition, ...]:
    """New insertions and deletions in exons and introns, and changes of splice sites."""
    uneven = replace(ORDINARY, allele_share=0.3)
    return (
        *(
            Condition("new gap", f"{kind} {size} bp", ORDINARY, 10, new_gap_bp=size, inserted=kind == "inserted")
            for kind in ("inserted", "deleted")
            for size in (1, 3, 8, 20)
        ),
        Condition("new gap", "inserted 2 bp, 30:70", uneven, 8, new_gap_bp=2, inserted=True),
        Condition("new gap", "deleted 2 bp, 2x150", replace(ORDINARY, read_length=150), 8, new_gap_bp=2),
        Condition("new gap", "inserted 1 bp, intron", ORDINARY, 8, new_gap_bp=1, inserted=True, new_in="intron"),
        Condition("new gap", "deleted 3 bp, intron", ORDINARY, 8, new_gap_bp=3, new_in="intron"),
        Condition("new splice site", "one base", ORDINARY, 16, new_in="splice site"),
    )
