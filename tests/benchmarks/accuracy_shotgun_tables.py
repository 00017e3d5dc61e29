"""Tables of reads that are typed without a panel."""

from __future__ import annotations

from dataclasses import replace

from accuracy_conditions import Condition
from accuracy_panel_tables import MIXTURES, mixture_name
from accuracy_sweep import ORDINARY

from gems_simulator.fragments import FragmentSettings
from gems_simulator.settings import RunSettings

READS = RunSettings(read_length=150, last_quality=(30, 26))
USUAL = FragmentSettings(reads=READS)
SHORT = replace(READS, read_length=75)
# What a small library has: the loci of the package hlann.
WITHOUT_RELATIVES = ("A", "B", "C", "DRB1", "DQA1", "DQB1", "DPB1")


def fragments() -> tuple[Condition, ...]:
    """Whole genes, and genomes, broken into fragments."""
    depths = [(15, 8), (30, 6), (60, 4), (120, 3), (500, 1)]
    return (
        *(Condition("depth", str(depth), replace(USUAL, depth=depth), people) for depth, people in depths),
        *(
            Condition(
                "balance",
                f"{100 * share:.0f}:{100 - 100 * share:.0f}",
                replace(USUAL, depth=100, reads=replace(READS, allele_share=share, allele_share_spread=0.02)),
                3,
            )
            for share in (0.4, 0.3, 0.2)
        ),
        Condition("genome", "30", replace(USUAL, depth=30, genome=True), 4),
        Condition("genome 1x150", "30", replace(USUAL, depth=30, genome=True), 4, single=True),
        Condition("genome 2x75", "40", replace(USUAL, depth=40, genome=True, fragment_bp=250, reads=SHORT), 4),
        Condition("new alleles", "60", replace(USUAL, reads=replace(READS, novel_share=1.0)), 4),
    )


def genes() -> tuple[Condition, ...]:
    """Genes copied by long-range PCR, by kit; names are judged at four fields."""
    long = replace(USUAL, fragment_bp=500, reads=replace(READS, read_length=250))

    def row(last_intron: int, of_kit: FragmentSettings, depth: float, share: float) -> Condition:
        reads = replace(of_kit.reads, allele_share=share, allele_share_spread=0.02)
        length = of_kit.reads.read_length
        end = f"intron {last_intron}" if last_intron else "3UTR"
        return Condition(
            f"5UTR to {end}",
            f"2x{length}, depth {depth:.0f}, {100 * share:.0f}:{100 - 100 * share:.0f}",
            replace(of_kit, depth=depth, reads=reads),
            4,
            last_intron=last_intron,
            fourth_fields=True,
        )

    return (
        row(0, USUAL, 56, 0.5),
        row(0, long, 120, 0.4),
        row(0, USUAL, 297, 0.2),
        row(0, long, 56, 0.3),
        row(4, USUAL, 150, 0.5),
        row(5, long, 80, 0.3),
        row(6, long, 56, 0.4),
        row(7, USUAL, 200, 0.2),
    )


def rna() -> tuple[Condition, ...]:
    """Spliced transcripts of the typed genes and of all others; exons only."""
    message = replace(USUAL, genome=True, fragment_bp=200, fragment_spread_bp=40)

    def read(length: int, depth: float) -> FragmentSettings:
        return replace(message, depth=depth, reads=replace(READS, read_length=length))

    five_prime = replace(read(91, 100.0), fragment_bp=300, fragment_spread_bp=80, five_prime_bp=150)
    uneven = replace(read(76, 60.0), reads=replace(READS, read_length=76, allele_share=0.35))
    return (
        Condition("RNA", "2x76", read(76, 60.0), 6, spliced=True),
        Condition("RNA", "2x100", read(100, 60.0), 6, spliced=True),
        Condition("RNA", "2x76, alleles 35:65", uneven, 6, spliced=True),
        Condition("RNA 5 prime", "1x91", five_prime, 6, spliced=True, single=True),
    )


def without_relatives() -> tuple[Condition, ...]:
    """Genomes of all genes and pseudogenes, typed with a library of seven loci: right or no call is wanted."""
    genome = replace(USUAL, genome=True)

    def row(value: str, settings: FragmentSettings, *, single: bool = False) -> Condition:
        return Condition("no relatives", value, settings, 6, single=single, library_loci=WITHOUT_RELATIVES)

    return (
        row("2x150 depth 30", replace(genome, depth=30)),
        row("2x100 depth 40", replace(genome, depth=40, reads=replace(READS, read_length=100))),
        row("2x75 depth 40", replace(genome, depth=40, fragment_bp=250, reads=SHORT)),
        row("1x150 depth 30", replace(genome, depth=30), single=True),
    )


def amplicons() -> tuple[Condition, ...]:
    """A panel's reads typed without it: with their primers, and with the primers that open them cut off."""

    def row(value: str, settings: RunSettings) -> Condition:
        return Condition("amplicons", value, settings, 6, with_panel=False)

    trimmed = replace(ORDINARY, primers_trimmed=True)
    return (
        row("primers on, 2x250", ORDINARY),
        row("primers on, 2x150", replace(ORDINARY, read_length=150)),
        row("primers trimmed, 2x250", trimmed),
        row("primers trimmed, 2x300 adapters", replace(trimmed, read_length=300, adapters=True)),
    )


def in_order() -> tuple[Condition, ...]:
    """Files that hold one allele's reads after the other's, deeper than the typer weighs."""
    deep = replace(ORDINARY, pairs_per_amplicon=3000, in_order_of_allele=True)

    def row(value: str, settings: RunSettings, *, single: bool = False) -> Condition:
        return Condition("order", value, settings, 3, loci=("A", "DRB1", "DQB1"), with_panel=False, single=single)

    return (
        row("by allele, 3000 pairs", deep),
        row("by allele, 3000 first reads", deep, single=True),
        row("none, 3000 pairs", replace(deep, in_order_of_allele=False)),
    )


def unknown_alleles() -> tuple[Condition, ...]:
    """One allele a person that the typer's library lacks, with all that could be taken for it."""
    reads = replace(USUAL, depth=40)
    return (
        Condition("unknown allele", "common", reads, 12, unknown="common"),
        Condition("unknown allele", "rare", reads, 16, unknown="rare"),
        Condition("unknown allele", "rare, twice", reads, 6, unknown="rare", beside="itself"),
    )


def mixtures() -> tuple[Condition, ...]:
    """Two and three people in a tube; right is a flag of the sample."""
    return (
        Condition("one person", "100", USUAL, 4),
        *(Condition("mixture", mixture_name(parts), USUAL, 4, parts=parts) for parts in MIXTURES),
    )


def gaps() -> tuple[Condition, ...]:
    """New insertions and deletions in exons, changes of splice sites, and the release's own gaps."""
    uneven = replace(USUAL, reads=replace(READS, allele_share=0.3))
    long = replace(USUAL, fragment_bp=500, reads=replace(READS, read_length=250))
    return (
        *(
            Condition("new gap", f"{kind} {size} bp", USUAL, 10, new_gap_bp=size, inserted=kind == "inserted")
            for kind in ("inserted", "deleted")
            for size in (1, 3, 8, 20)
        ),
        Condition("new gap", "inserted 2 bp, 30:70", uneven, 8, new_gap_bp=2, inserted=True),
        Condition("new gap", "deleted 2 bp, 2x250", long, 8, new_gap_bp=2),
        Condition("new splice site", "one base", USUAL, 16, new_in="splice site"),
        Condition("gap of the release", "60", USUAL, 230, gapped=True),
    )
