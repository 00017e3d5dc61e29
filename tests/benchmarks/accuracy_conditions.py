"""What a simulated row of a table is: who is in its samples, how they are read, and what they are typed with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from gems_simulator.fragments import FragmentSettings
from gems_simulator.releases.unknown import Beside, Frequency
from gems_simulator.settings import RunSettings


@dataclass(frozen=True)
class Condition:
    """A row of a table.

    Attributes:
        axis: what is swept.
        value: where on it.
        reads: the simulator's settings: of a panel's amplicons, or of genes broken into fragments.
        samples: how many are made at scale 1, before rounding.
        spliced: whether the fragments are of transcripts.
        parts: shares of the people in each sample.
        homozygous_share: loci that get one allele twice, beside those that get it by chance.
        beside_empty: whether people are homozygous where a by-product can pass for an allele without a product.
        unknown: how common the allele is that the typer's library lacks; None takes nothing away.
        beside: the other allele of its locus.
        loci: those that are in the tube; none says all.
        with_panel: whether amplicons are typed with the panel that made them.
        single: whether only first reads are typed.
        new_gap_bp: bases that one allele of each person has more or fewer; of one locus only.
        inserted: whether they are more.
        new_in: what is changed: an exon, an intron, or, by one base, a splice site.
        gapped: whether the people have one locus each, with each of the release's alleles with an exon gap in turn.
        library_loci: loci of the library that the typer gets; none says all.
        last_intron: where whole genes' products end; 0 copies to the other untranslated end.
        fourth_fields: whether names are drawn evenly within their third field, and judged at four fields.
    """

    axis: str
    value: str
    reads: RunSettings | FragmentSettings
    samples: float
    spliced: bool = False
    parts: tuple[float, ...] = (1.0,)
    homozygous_share: float = 0.0
    beside_empty: bool = False
    unknown: Frequency | None = None
    beside: Beside = "as drawn"
    loci: tuple[str, ...] = ()
    with_panel: bool = True
    single: bool = False
    new_gap_bp: int = 0
    inserted: bool = False
    new_in: Literal["exon", "intron", "splice site"] = "exon"
    gapped: bool = False
    library_loci: tuple[str, ...] = ()
    last_intron: int = 0
    fourth_fields: bool = False

    @property
    def is_new(self) -> bool:
        """Whether one allele of each person is changed, so that a flag is right."""
        return self.new_gap_bp > 0 or self.new_in == "splice site"

    @property
    def name(self) -> str:
        """As a part of a sample's name."""
        return re.sub("[^A-Za-z0-9-]", "", re.sub("[ :/]", "-", f"{self.axis}-{self.value}"))

    @property
    def is_of_amplicons(self) -> bool:
        """Whether a panel's amplicons are read, not fragments."""
        return isinstance(self.reads, RunSettings)

    @property
    def seed_words(self) -> str:
        """What a row's chance begins with, beside the benchmark's seed."""
        return self.name if self.is_of_amplicons else f"fragments {self.name}"

    def count(self, scale: float) -> int:
        """How many samples are made."""
        return max(1, round(scale * self.samples))
