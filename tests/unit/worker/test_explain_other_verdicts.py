"""Chimeras, paralogues, artefacts and other samples' sequences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from explain_library import (
    CALLED,
    FAR,
    OTHER,
    OTHER_PLACES,
    REFERENCE,
    b_alleles,
    diverged,
    make_library,
    product,
    reference_pieces,
    substituted,
    unexplained,
    write_gene,
)
from jsonschema import Draft202012Validator

from worker.explain.artefact import read_primers
from worker.explain.library import Library
from worker.explain.other_samples import Typed, with_other_samples
from worker.explain.report import entry_of
from worker.explain.verdict import Kind, Sample, judge

SAMPLE = Sample(CALLED)
FLANK = 45
CONTRACT = Path(__file__).parents[2] / "contract" / "typing.schema.json"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("library"))


def entry(bases: str, library: Library, sample: Sample = SAMPLE, **facts: Any) -> dict[str, Any]:
    told = entry_of(judge(unexplained(bases, **facts), sample, library))
    keep_contract(told)
    return told


def keep_contract(told: Any) -> None:
    schema = json.loads(CONTRACT.read_text())
    Draft202012Validator({"$ref": "#/$defs/unexplained", "$defs": schema["$defs"]}).validate(told)


def crossover(at: int) -> str:
    """B*91:01 before a place of the product, B*92:01 from it on."""
    alleles = b_alleles()
    return product(alleles[REFERENCE])[:at] + product(alleles[OTHER])[at:]


def test_a_crossover_of_two_called_alleles_is_a_chimera_with_its_breakpoints(library: Library) -> None:
    told = entry(crossover(FLANK + 121), library)
    assert told["verdict"] == "chimera"
    assert told["chimera"] == {
        "parents": [REFERENCE, OTHER],
        # The second of the left parent's own bases is the 166th; the first of the right one's is the 168th.
        "breakpoint_first": FLANK + 121,
        "breakpoint_last": FLANK + 122,
        "mismatches": 0,
    }
    assert "chimera: B*91:01 up to base 166 to 167 of the sequence, then B*92:01." in told["message"]


def test_a_chimera_whose_reads_do_not_meet_is_one_too(library: Library) -> None:
    bases = crossover(FLANK + 121)
    told = entry(bases[:150] + "N" * 10 + bases[160:], library)
    assert told["verdict"] == "chimera"


def test_an_allele_that_a_crossover_would_give_too_is_told_so(library: Library, tmp_path: Path) -> None:
    alleles = b_alleles()
    flanked = crossover(FLANK + 121)
    alleles["B*96:01"] = alleles[REFERENCE] | {"exon3": flanked[FLANK:-FLANK]}
    make_library(tmp_path)
    write_gene(tmp_path, "B", alleles)
    told = entry(flanked, Library(tmp_path))
    assert (told["verdict"], told["best_match"]["allele"]) == ("unknown", "B*96:01")
    assert told["chimera"]["parents"] == [REFERENCE, OTHER]
    assert "A crossover of B*91:01 and B*92:01 would give it too." in told["message"]
    alleles["B*96:01"] = alleles["B*96:01"] | {"exon3": substituted(flanked[FLANK:-FLANK], 200)}
    write_gene(tmp_path, "B", alleles)
    near = entry(flanked, Library(tmp_path))
    assert (near["verdict"], near["may_be_pcr_error"]) == ("new_allele", True)
    assert "crossover of B*91:01 and B*92:01" in near["pcr_error_reason"]


def test_a_chimera_may_have_an_error_of_its_own(library: Library) -> None:
    bases = crossover(FLANK + 121)
    told = entry(substituted(bases, FLANK + 200), library)
    assert (told["verdict"], told["chimera"]["mismatches"]) == ("chimera", 1)


def test_a_single_base_of_the_other_allele_makes_no_chimera(library: Library) -> None:
    told = entry(crossover(FLANK + OTHER_PLACES["exon3"][-1]), library)
    assert told["verdict"] == "new_allele"
    assert [one["position"] for one in told["differences"]] == [OTHER_PLACES["exon3"][-1] + 1]


def test_a_sequence_of_the_pseudogene_is_told_by_its_gene(library: Library) -> None:
    told = entry(product(diverged(reference_pieces(), every=13)), library)
    assert (told["verdict"], told["best_match"]["gene"]) == ("paralogue", "H")
    assert "come from another gene, H: nearest H*91:01, 100.0% identical" in told["message"]


def test_an_allele_of_the_own_gene_is_no_paralogue(library: Library) -> None:
    told = entry(product(diverged(reference_pieces(), every=25)), library)
    assert (told["verdict"], told["best_match"]["allele"]) == ("unknown", FAR)


@pytest.mark.parametrize("adapter", ["AGATCGGAAGAGCACACG", "CTGTCTCTTATACACATCTCC", "GGAGATGTGTATAAGAGACAG"])
def test_a_sequence_that_runs_into_an_adapter_is_an_artefact(adapter: str, library: Library) -> None:
    told = entry(product(reference_pieces())[:150] + adapter, library)
    assert (told["verdict"], told["artefact"]["kind"]) == ("artefact", "adapter")


def test_a_sequence_made_of_primers_is_a_primer_dimer(library: Library, tmp_path: Path) -> None:
    panel = tmp_path / "panel.tsv"
    head = "locus\tamplicon\tstart_feature\tstart_offset\tend_feature\tend_offset\tforward_primer\treverse_primer\n"
    forward, reverse = "GACTTGACCATTGACCGATA", "CCATGTTACGACCATGGTCA"
    panel.write_text(f"# primer_mask_version: 1\n{head}B\tExon 3\tintron2\t-45\t3UTR\t45\t{forward}\t{reverse}\n")
    primers = read_primers(panel)
    turned = reverse[::-1].translate(str.maketrans("ACGT", "TGCA"))
    assert turned in primers
    told = entry(forward + "ACGGT" + turned, library, Sample(CALLED, primers))
    assert (told["verdict"], told["artefact"]["kind"]) == ("artefact", "primer_dimer")
    assert entry("ACGTACGTAC", library)["artefact"]["kind"] == "primer_dimer"


def test_the_file_that_says_that_there_is_no_panel_has_no_primers(tmp_path: Path) -> None:
    (tmp_path / "none.tsv").write_text("# panel: none\n")
    assert read_primers(tmp_path / "none.tsv") == ()


@pytest.mark.parametrize("bases", ["A" * 9, "A" * 7])
def test_a_homopolymer_of_another_length_is_slippage_while_it_is_rare(bases: str, library: Library) -> None:
    pieces = reference_pieces()
    at = pieces["intron1"].index("C" + "A" * 8 + "G")
    slipped = pieces["intron1"][: at + 1] + bases + pieces["intron1"][at + 9 :]
    sequence = product(pieces | {"intron1": slipped}, "exon2", 90)
    rare = entry(sequence, library, share=0.1, exon=2)
    assert (rare["verdict"], rare["artefact"]["kind"]) == ("artefact", "slippage")
    common = entry(sequence, library, share=0.4, exon=2)
    assert (common["verdict"], common["may_be_pcr_error"]) == ("new_allele", True)
    assert "slipped" in common["pcr_error_reason"]


def test_a_sequence_that_lies_nowhere_is_unknown(library: Library) -> None:
    told = entry("ACGGTTCA" * 30, library)
    assert (told["verdict"], told["best_match"]) == ("unknown", None)
    assert told["reason"]


def new_allele(library: Library, share: float) -> dict[str, Any]:
    row = substituted(reference_pieces()["exon3"], 200)
    return entry(product(reference_pieces() | {"exon3": row}), library, share=share)


def test_the_same_sequence_in_a_far_greater_share_elsewhere_is_that_samples(library: Library) -> None:
    samples = [
        Typed("K1", {REFERENCE: 0.5}, (new_allele(library, 0.03),)),
        Typed("K2", {REFERENCE: 0.5}, (new_allele(library, 0.4),)),
        Typed("K3", {}, ()),
    ]
    told = with_other_samples(samples)
    assert told["K1"][0]["verdict"] == "another_sample"
    assert told["K1"][0]["another_sample"] == {
        "samples": ["K2"],
        "share_there": 0.4,
        "verdict_by_itself": "new_allele",
    }
    assert "come from another sample, K2" in told["K1"][0]["message"]
    assert told["K2"] == samples[1].entries
    keep_contract(told["K1"][0])


def test_two_people_with_the_same_new_allele_keep_it(library: Library) -> None:
    samples = [Typed(name, {}, (new_allele(library, share),)) for name, share in (("K1", 0.3), ("K2", 0.4))]
    assert {told[0]["verdict"] for told in with_other_samples(samples).values()} == {"new_allele"}


def test_an_allele_that_only_another_sample_has_been_called_for_is_that_samples(library: Library) -> None:
    stray = entry(product(reference_pieces()), library, Sample({"B": (OTHER,)}), share=0.04)
    assert stray["verdict"] == "unknown"
    others = [Typed("K2", {REFERENCE: 0.5}, ()), Typed("K3", {FAR: 0.5}, ())]
    told = with_other_samples([Typed("K1", {OTHER: 0.5}, (stray,)), *others])["K1"][0]
    assert told["another_sample"]["samples"] == ["K2"]
    own = with_other_samples([Typed("K1", {OTHER: 0.5, REFERENCE: 0.1}, (stray,)), *others])["K1"][0]
    assert own["verdict"] == Kind.UNKNOWN.value
