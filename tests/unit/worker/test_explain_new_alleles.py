"""New alleles: where they differ, and what that does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from explain_library import (
    CALLED,
    CODING_ONLY,
    OTHER,
    REFERENCE,
    SHORT,
    b_alleles,
    make_library,
    product,
    reference_pieces,
    substituted,
    unexplained,
)

from worker.explain.differences import Difference, Effect
from worker.explain.library import Library
from worker.explain.report import entry_of
from worker.explain.sequences import Unexplained
from worker.explain.verdict import Kind, Sample, Verdict, judge

SAMPLE = Sample(CALLED)
# Written out by amino acid, unlike the program's table: the slow twin of its translation.
CODONS = {
    "Ala": "GCT GCC GCA GCG",
    "Arg": "CGT CGC CGA CGG AGA AGG",
    "Asn": "AAT AAC",
    "Asp": "GAT GAC",
    "Cys": "TGT TGC",
    "Gln": "CAA CAG",
    "Glu": "GAA GAG",
    "Gly": "GGT GGC GGA GGG",
    "His": "CAT CAC",
    "Ile": "ATT ATC ATA",
    "Leu": "TTA TTG CTT CTC CTA CTG",
    "Lys": "AAA AAG",
    "Met": "ATG",
    "Phe": "TTT TTC",
    "Pro": "CCT CCC CCA CCG",
    "Ser": "TCT TCC TCA TCG AGT AGC",
    "Ter": "TAA TAG TGA",
    "Thr": "ACT ACC ACA ACG",
    "Trp": "TGG",
    "Tyr": "TAT TAC",
    "Val": "GTT GTC GTA GTG",
}
AMINO_ACID = {codon: name for name, codons in CODONS.items() for codon in codons.split()}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("library"))


def changed(feature: str, row: str, exon: str = "exon3", flank: int = 45) -> Unexplained:
    """B*91:01 with another row of one feature."""
    bases = product(reference_pieces() | {feature: row}, exon, flank)
    return unexplained(bases, exon=int(exon[-1]))


def judged(query: Unexplained, library: Library) -> Verdict:
    verdict = judge(query, SAMPLE, library)
    assert verdict.kind is Kind.NEW_ALLELE, entry_of(verdict)
    return verdict


def only(query: Unexplained, library: Library) -> Difference:
    (difference,) = judged(query, library).differences
    return difference


@pytest.mark.parametrize("exon", ["exon1", "exon2", "exon3"])
def test_a_substitution_is_numbered_and_translated_as_by_hand(exon: str, library: Library) -> None:
    rng = random.Random(exon)
    pieces = reference_pieces()
    before = {"exon1": 0, "exon2": 73, "exon3": 343}[exon]
    before_genomic = {"exon1": 0, "exon2": 73 + 130, "exon3": 73 + 130 + 270 + 90}[exon]
    coding = pieces["exon1"] + pieces["exon2"] + pieces["exon3"]
    for place in (0, len(pieces[exon]) - 2, *rng.sample(range(3, len(pieces[exon]) - 3), 12)):
        base = rng.choice([one for one in "ACGT" if one != pieces[exon][place]])
        found = only(changed(exon, substituted(pieces[exon], place, base), exon), library)
        at = before + place
        codons = [text[at // 3 * 3 :][:3] for text in (coding, substituted(coding, at, base))]
        names = [AMINO_ACID[codon] for codon in codons]
        number = at // 3 + 1 - 24 if at // 3 >= 24 else at // 3 - 24
        same = names[0] == names[1]
        assert found.text == f"{exon} {place + 1}{pieces[exon][place]}>{base}"
        assert found.cdna == f"c.{at + 1}{pieces[exon][place]}>{base}"
        assert (found.gdna_position, found.gdna_of) == (before_genomic + place + 1, REFERENCE)
        assert found.codon is not None
        assert (found.codon.number, found.codon.from_start) == (number, at // 3 + 1)
        assert found.amino_acid_change == f"{names[0]}{number}{'=' if same else names[1]}"
        kind = Effect.SYNONYMOUS if same else Effect.STOP if names[1] == "Ter" else Effect.NON_SYNONYMOUS
        assert found.effect is kind


def test_a_codon_that_two_exons_share_is_read_over_the_border(library: Library) -> None:
    pieces = reference_pieces()
    found = only(changed("exon1", substituted(pieces["exon1"], 72), "exon1"), library)
    codon = pieces["exon1"][72] + pieces["exon2"][:2]
    assert found.codon is not None
    assert found.codon.number == 1
    assert found.old_amino_acid == AMINO_ACID[codon]
    assert found.new_amino_acid == AMINO_ACID[substituted(codon, 0)]


def test_codons_behind_one_that_the_allele_lacks_are_numbered_as_the_reference_alleles(library: Library) -> None:
    short = b_alleles()[SHORT]
    place = 2 + 3 * 60
    row = substituted(short["exon2"], place).replace(".", "")
    query = unexplained(product(short | {"exon2": row}, "exon2"), exon=2)
    (found,) = judge(query, Sample({"B": (SHORT,)}), library).differences
    assert found.position == place + 1 - 3
    assert found.cdna_position == 73 + place + 1 - 3
    assert found.codon is not None
    assert found.codon.from_start == (73 + place) // 3 + 1
    assert found.new_amino_acid == AMINO_ACID[row[place - 3 :][:3]]


def test_two_changes_in_one_codon_are_translated_together(library: Library) -> None:
    row = reference_pieces()["exon3"]
    first = (343 + 2) // 3 * 3 - 343 + 60
    twice = substituted(substituted(row, first), first + 1)
    one, two = judged(changed("exon3", twice), library).differences
    assert one.new_amino_acid == two.new_amino_acid == AMINO_ACID[twice[first : first + 3]]


def test_a_deletion_is_told_at_the_last_place_that_equal_bases_allow(library: Library) -> None:
    row = reference_pieces()["exon3"]
    query = changed("exon3", row[:100] + row[101:])
    found = only(query, library)
    last = max(place for place in range(100, 130) if row[:place] + row[place + 1 :] == row[:100] + row[101:])
    assert found.text == f"exon3 {last + 1}del{row[last]}"
    assert found.effect is Effect.FRAMESHIFT
    assert found.cdna == f"c.{343 + last + 1}del{row[last]}"


def test_three_bases_inserted_keep_the_frame_and_a_stop_among_them_is_a_stop(library: Library) -> None:
    row = reference_pieces()["exon3"]
    codon = 2 + 3 * 40  # exon 3 begins with the last two bases of a codon
    kept = only(changed("exon3", row[:codon] + "GTA" + row[codon:]), library)
    stopped = only(changed("exon3", row[:codon] + "TAA" + row[codon:]), library)
    assert (kept.effect, stopped.effect) == (Effect.IN_FRAME_INDEL, Effect.STOP)
    assert kept.old == ""
    assert sorted(kept.new) == sorted("GTA")


@pytest.mark.parametrize(
    ("feature", "place", "effect"),
    [
        ("intron2", 89, Effect.SPLICE),
        ("intron2", 88, Effect.SPLICE),
        ("intron2", 87, Effect.INTRON),
        ("3UTR", 0, Effect.UTR),
    ],
)
def test_a_change_beside_an_exon_is_told_by_its_place(
    feature: str, place: int, effect: Effect, library: Library
) -> None:
    found = only(changed(feature, substituted(reference_pieces()[feature], place)), library)
    assert (found.feature, found.position, found.effect) == (feature, place + 1, effect)
    assert found.cdna is None
    assert found.codon is None


def test_a_base_before_exon_1_has_a_negative_genomic_position(library: Library) -> None:
    found = only(changed("5UTR", substituted(reference_pieces()["5UTR"], 59), "exon1"), library)
    assert (found.gdna_position, found.effect) == (-1, Effect.UTR)


def test_among_alleles_as_near_a_called_one_is_named(library: Library) -> None:
    query = changed("exon3", substituted(reference_pieces()["exon3"], 200))
    for called in (REFERENCE, CODING_ONLY):
        verdict = judge(query, Sample({"B": (called, OTHER)}), library)
        assert verdict.best is not None
        assert (verdict.best.allele, verdict.is_called) == (called, True)


def test_where_introns_are_unknown_the_reference_allele_gives_the_genomic_position(library: Library) -> None:
    query = changed("exon3", substituted(reference_pieces()["exon3"], 200))
    (found,) = judge(query, Sample({"B": (CODING_ONLY,)}), library).differences
    assert (found.gdna_position, found.gdna_of) == (73 + 130 + 270 + 90 + 201, REFERENCE)


def test_a_change_near_the_end_of_the_sequence_is_not_cut_off(library: Library) -> None:
    query = changed("intron2", substituted(reference_pieces()["intron2"], 46))  # the sequence's second base
    assert only(query, library).text.startswith("intron2 47")


def test_bases_that_no_read_shows_are_no_difference(library: Library) -> None:
    bases = product(reference_pieces() | {"exon3": substituted(reference_pieces()["exon3"], 200)})
    verdict = judged(unexplained(bases[:150] + "N" * 10 + bases[170:]), library)
    assert [one.text for one in verdict.differences] == [
        f"exon3 201{bases[245 - 0].translate(str.maketrans('ACGT', 'TGCA'))}>{bases[245]}"
    ]


def test_a_change_that_both_reads_of_a_pair_show_is_told_once(library: Library) -> None:
    bases = product(reference_pieces() | {"exon3": substituted(reference_pieces()["exon3"], 150)})
    verdict = judged(unexplained(bases[:250] + "N" * 10 + bases[120:]), library)
    assert [one.position for one in verdict.differences] == [151]
    assert verdict.best is not None
    assert verdict.best.difference_count == 1


def test_reads_of_a_called_allele_that_do_not_fit_together_are_told_so(library: Library) -> None:
    bases = product(reference_pieces())
    verdict = judge(unexplained(bases[:250] + "N" * 10 + bases[120:]), SAMPLE, library)
    assert verdict.kind is Kind.UNKNOWN
    assert verdict.reason.endswith("is called for this sample, but the two reads of its pairs do not fit together")


@pytest.mark.parametrize(("pairs", "share", "doubtful"), [(60, 0.4, False), (60, 0.15, True), (8, 0.5, True)])
def test_a_small_share_or_few_pairs_may_be_an_error_of_pcr(
    pairs: int, share: float, doubtful: bool, library: Library
) -> None:
    bases = product(reference_pieces() | {"exon3": substituted(reference_pieces()["exon3"], 200)})
    entry = entry_of(judged(unexplained(bases, pairs=pairs, share=share), library))
    assert entry["may_be_pcr_error"] is doubtful
    assert entry["pcr_error_reason"]
    assert ("It may be a PCR error" in entry["message"]) is doubtful


def test_the_message_names_gene_exon_position_bases_and_amino_acids(library: Library) -> None:
    row = reference_pieces()["exon3"]
    place = 2 + 3 * 40 + 1
    codon = row[place - 1 : place + 2]
    new = substituted(row, place)
    names = AMINO_ACID[codon], AMINO_ACID[new[place - 1 : place + 2]]
    number = (343 + place) // 3 + 1 - 24
    message = entry_of(judged(changed("exon3", new), library))["message"]
    assert message == (
        f"B: 60 pairs (40%) of Exon 3 are a new allele, nearest B*91:01: exon 3 {place + 1}{row[place]}>{new[place]}, "
        f"codon {number} {names[0]}>{names[1]}."
    )


def test_a_sequence_far_from_every_allele_is_unknown_with_its_best_match(library: Library) -> None:
    row = reference_pieces()["exon3"]
    for place in range(5, 270, 20):
        row = substituted(row, place)
    verdict = judge(changed("exon3", row), SAMPLE, library)
    assert verdict.kind is Kind.UNKNOWN
    match = entry_of(verdict)["best_match"]
    assert match["allele"] == REFERENCE
    assert match["differences"] == 14
    assert match["identity"] == pytest.approx(1 - 14 / 366, abs=1e-4)


def test_a_known_allele_that_is_not_called_is_told_so(library: Library) -> None:
    verdict = judge(unexplained(product(reference_pieces())), Sample({"B": (OTHER,)}), library)
    assert verdict.kind is Kind.UNKNOWN
    assert "not called" in verdict.reason


def test_a_library_without_the_gene_leaves_the_sequence_unknown(tmp_path: Path) -> None:
    verdict = judge(unexplained("ACGT" * 50, gene="DQB1"), SAMPLE, make_library(tmp_path))
    assert verdict.kind is Kind.UNKNOWN
    assert verdict.best is None
