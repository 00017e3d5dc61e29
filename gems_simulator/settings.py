"""All that a simulated run can be told."""

from __future__ import annotations

from dataclasses import dataclass, fields

from gems_core.errors import one_problem


@dataclass(frozen=True)
class RunSettings:
    """How a run is made. Shares and rates are between 0 and 1.

    Attributes:
        pairs_per_amplicon: mean read pairs of an amplicon (of both alleles together).
        pairs_spread: how far an amplicon's yield strays from the mean, as a share of it (standard deviation).
        read_length: bases of each read; a shorter product is read to its end.
        allele_share_spread: how far the first allele's share strays from one half (standard deviation).
        first_quality: Phred quality at the start of a read; R1 and R2.
        last_quality: Phred quality at its end. The error rate is what the quality says.
        pcr_error_rate: wrong bases of a product, per base.
        chimera_share: products that begin as one allele and end as the other.
        cross_talk_share: pairs that come from another sample of the run.
        pseudogene_share: pairs of a class I amplicon that come from HLA-H.
        reverse_share: pairs whose R1 reads the reverse strand.
        unread_rate: bases that the sequencer calls N, per base.
        allele_share: mean share of a heterozygous genotype's one allele, that is drawn at random; 0.5 is balanced.
        early_error_share: of each product's copies, those of one copy of the first cycles with one wrong base.
        dropout_share: genes of which one allele is not copied in one amplicon (a variant under a primer).
        missing_share: genes that lack one amplicon.
        slippage_rate: copies with a base more or fewer, per run of six or more equal bases.
        truncated_share: reads that end early, anywhere from 40 bases on.
        novel_share: heterozygous loci of which one allele has a base in an exon that no allele of the library has.
        adapters: whether reads go on into the adapter after their product's end.
        dimer_share: pairs of an amplicon that are its two primers and nothing between them.
        mispriming_share: pairs of an amplicon that are a random insert between its primers.
        poly_g_share: pairs whose reads turn into G of high quality somewhere, as a two-colour instrument writes darkness.
        primers_trimmed: whether the primer that opens each read is cut off; a read may still run into the other primer.
        in_order_of_allele: whether the files hold one allele's reads after the other's, not a flow cell's mixture.
    """

    pairs_per_amplicon: float = 150.0
    pairs_spread: float = 0.25
    read_length: int = 250
    allele_share_spread: float = 0.07
    first_quality: tuple[int, int] = (37, 36)
    last_quality: tuple[int, int] = (28, 22)
    pcr_error_rate: float = 1e-4
    chimera_share: float = 0.02
    cross_talk_share: float = 0.003
    pseudogene_share: float = 0.01
    reverse_share: float = 0.5
    unread_rate: float = 1e-4
    allele_share: float = 0.5
    early_error_share: float = 0.0
    dropout_share: float = 0.0
    missing_share: float = 0.0
    slippage_rate: float = 0.0
    truncated_share: float = 0.0
    novel_share: float = 0.0
    adapters: bool = False
    dimer_share: float = 0.0
    mispriming_share: float = 0.0
    poly_g_share: float = 0.0
    primers_trimmed: bool = False
    in_order_of_allele: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.endswith(("_share", "_rate")) and not 0 <= value <= 1:
                raise _bad_setting(field.name, "0 to 1", value)
        if self.pairs_per_amplicon < 1 or self.read_length < 1:
            raise _bad_setting(
                "pairs_per_amplicon, read_length", "at least 1", (self.pairs_per_amplicon, self.read_length)
            )
        if not all(2 <= quality <= 41 for quality in (*self.first_quality, *self.last_quality)):  # noqa: PLR2004 - Illumina's range
            raise _bad_setting("first_quality, last_quality", "2 to 41", (self.first_quality, self.last_quality))


FAULTLESS = RunSettings(
    pairs_spread=0.0,
    allele_share_spread=0.0,
    first_quality=(41, 41),
    last_quality=(41, 41),
    pcr_error_rate=0.0,
    chimera_share=0.0,
    cross_talk_share=0.0,
    pseudogene_share=0.0,
    unread_rate=0.0,
)
"""No fault but the sequencer's best error rate (1 in 12,600 bases)."""


def _bad_setting(name: str, expected: str, found: object) -> Exception:
    return one_problem("run_setting", name, expected, str(found), "Correct the setting.")
