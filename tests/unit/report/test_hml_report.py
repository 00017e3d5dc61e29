"""HML that registries take: NMDP's schema, MIRING's rules, and every genotype that the data leave."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from miring_rules import NS, infractions
from report_builders import allele, contract_report, locus, report_of, sample_of
from review_builders import BOTH, document, reviewed

from gems_core.manifest import Artefact
from gems_report.formats import hml_report
from gems_report.formats.hml_sequences import Change, as_span, with_changes
from gems_report.gl import by_gene, genotypes_of, gl_of, with_prefix
from gems_report.model import Choices, Report, RunFacts, failed_sample

CACHE = Path(os.environ.get("GEMS_CACHE") or Path.home() / ".cache" / "gems")
SCHEMA = CACHE / "hml" / "hml-1.0.1.xsd"


def hml(report: Report) -> Element:
    return ElementTree.fromstring(hml_report.render(report))


def exon(name: str, feature: str, bases: str) -> dict[str, str]:
    return {"allele": name, "feature": feature, "bases": bases}


def new_allele() -> Report:
    """A call whose reads have another base than its allele."""
    evidence = {
        "allele": "B*46:01:01",
        "feature": "exon3",
        "position": 3,
        "old_base": "T",
        "new_base": "G",
        "pairs": 67,
        "share": 0.4,
        "gene": "B",
        "amplicon": "Exon 3",
        "changes": "exon3 3T>G",
    }
    call = locus(
        "B",
        "heterozygous",
        [allele("B*46:01:01"), allele("B*52:01:01")],
        "B*46:01:01+B*52:01:01/B*52:01:02N|B*46:02+B*52:03",
        flags=[{"code": "possible_new_allele", "message": "new & odd", "evidence": evidence}],
        exons=[exon("B*46:01:01", "exon3", "ACTG?A"), exon("B*52:01:01", "exon3", "ACTGAA")],
        phase_blocks=[["exon2", "exon3"]],
    )
    return report_of(sample_of("S<1>", call))


def reports() -> dict[str, Report]:
    drb = locus(
        "DRB345",
        "heterozygous",
        [allele("DRB3*01:01:02"), allele("DRB4*01:03:01")],
        "DRB3*01:01:02+DRB4*01:03:01|DRB3*01:01:02+DRB4*01:01:01",
    )
    return {
        "contract": contract_report(),
        "new allele": new_allele(),
        "two genes": report_of(sample_of("S1", drb), failed_sample("S2", 'cut "here" <&>\x00')),
        "reviewed": reviewed([("rita", "comment", {"words": '"odd" <&> ]]>'}), *BOTH]),
        "reviewed in part": reviewed([("rita", "repeat", {"words": "again"})], of=document(others=["S2"])),
    }


@pytest.mark.parametrize("name", reports())
def test_a_report_breaks_no_rule_of_miring(name: str) -> None:
    assert infractions(hml(reports()[name])) == []


@pytest.mark.parametrize("name", [*reports(), "nothing called"])
def test_a_report_validates_against_nmdps_schema(name: str) -> None:
    if not SCHEMA.is_file():
        pytest.skip(f"{SCHEMA} is not there: make hml-schema fetches it")
    xmlschema = pytest.importorskip("xmlschema")
    report = report_of(failed_sample("S1", "bad")) if name == "nothing called" else reports()[name]
    schema: Any = xmlschema.XMLSchema(str(SCHEMA))
    schema.validate(hml_report.render(report).decode())


def test_the_gl_string_has_every_genotype_and_the_assignment_its_database() -> None:
    assignment = next(hml(new_allele()).iter(f"{NS}allele-assignment"))
    assert assignment.findtext(f"{NS}glstring") == (
        "HLA-B*46:01:01+HLA-B*52:01:01/HLA-B*52:01:02N|HLA-B*46:02+HLA-B*52:03"
    )
    assert (assignment.get("allele-db"), assignment.get("allele-version")) == ("IMGT/HLA", "0.0.1")


def test_a_new_base_is_in_the_sequence_and_a_variant() -> None:
    first, second = hml(new_allele()).iter(f"{NS}consensus-sequence-block")
    assert first.findtext(f"{NS}sequence") == "ACGGNA"
    assert (first.get("continuity"), second.get("continuity")) == ("false", "true")
    (variant,) = first.findall(f"{NS}variant")
    assert (variant.get("id"), variant.get("start"), variant.get("end")) == ("0", "2", "3")
    assert (variant.get("reference-bases"), variant.get("alternate-bases")) == ("T", "G")
    assert (variant.get("quality-score"), variant.get("filter")) == ("67", "PASS")
    assert not second.findall(f"{NS}variant")


def test_blocks_of_one_copy_in_phase_share_a_phase_set() -> None:
    first, second = hml(new_allele()).iter(f"{NS}consensus-sequence-block")
    assert (first.get("phase-set"), second.get("phase-set")) == ("1.1", "2.1")
    assert first.get("expected-copy-number") == "1"


def test_genes_that_share_a_locus_are_typings_of_their_own() -> None:
    typings = list(hml(reports()["two genes"]).iter(f"{NS}typing"))
    assert [typing.findtext(f"{NS}allele-assignment/{NS}glstring") for typing in typings] == [
        "HLA-DRB3*01:01:02",
        "HLA-DRB4*01:03:01|HLA-DRB4*01:01:01",
    ]
    assert [method.get("locus") for method in hml(reports()["two genes"]).iter(f"{NS}sbt-ngs")] == [
        "HLA-DRB3",
        "HLA-DRB4",
    ]


def test_a_failed_sample_is_a_property_with_its_reason() -> None:
    found = {(one.get("name"), one.get("value")) for one in hml(reports()["two genes"]).iter(f"{NS}property")}
    assert ("failed-sample", 'S2: cut "here" <&>\ufffd') in found


def test_the_laboratory_names_itself_its_project_and_its_test() -> None:
    choices = Choices(center="Lab 7", project="Plate 12", test_id="GTR000000001.2")
    facts = RunFacts("", "reads", "run ü", "all", None, {"panel": Artefact("1", "", "")})
    root = hml(report_of(*new_allele().samples, choices=choices, facts=facts))
    assert root.get("project-name") == "Plate 12"
    assert root.find(f"{NS}reporting-center").get("reporting-center-id") == "Lab 7"  # type: ignore[union-attr]
    method = next(root.iter(f"{NS}sbt-ngs"))
    assert (method.get("test-id"), method.get("test-id-source")) == ("GTR000000001.2", "NCBI-GTR")
    assert method.find(f"{NS}raw-reads").get("uri") == "s3://reads/run%20%C3%BC/S%3C1%3E"  # type: ignore[union-attr]


def test_the_same_report_gives_the_same_document() -> None:
    assert hml_report.render(new_allele()) == hml_report.render(new_allele())


@pytest.mark.parametrize(
    ("change", "span"),
    [
        (Change("exon2", 3, "T", "G", 9, passes=True), (2, 3, "T", "G")),
        (Change("exon2", 3, "T", ".", 9, passes=True), (1, 3, "CT", "C")),
        (Change("exon2", 3, ".", "GG", 9, passes=True), (2, 3, "T", "TGG")),
        (Change("exon2", 1, "A", ".", 9, passes=True), None),
        (Change("exon2", 5, ".", "G", 9, passes=True), None),
        (Change("exon2", 7, "A", "G", 9, passes=True), None),
    ],
)
def test_a_change_takes_the_base_before_it_along_where_hml_needs_one(change: Change, span: object) -> None:
    assert as_span("ACTG?A", change) == span


def test_an_insertion_leaves_the_length_of_the_block() -> None:
    assert with_changes("ACTG", [Change("exon2", 3, ".", "GG", 9, passes=True)]) == "ACTG"


def test_a_gl_string_of_two_genes_is_split_by_gene() -> None:
    genes = by_gene(genotypes_of("DRB3*01:01+DRB4*01:03|DRB3*02:02+DRB4*01:03"))
    assert {gene: gl_of(genotypes) for gene, genotypes in genes.items()} == {
        "DRB3": "DRB3*01:01|DRB3*02:02",
        "DRB4": "DRB4*01:03",
    }


def test_every_allele_of_a_gl_string_gets_its_prefix() -> None:
    assert with_prefix("A*01:01/A*01:02+A*02:01|A*03:01+A*02:01^B*07:02~C*07:02") == (
        "HLA-A*01:01/HLA-A*01:02+HLA-A*02:01|HLA-A*03:01+HLA-A*02:01^HLA-B*07:02~HLA-C*07:02"
    )
    assert with_prefix("") == ""


@pytest.mark.parametrize(
    "entry",
    [
        {"verdict": "new_allele", "best_match": {"allele": "B*46:01:01"}, "differences": [{"feature": "exon3"}]},
        {"verdict": "new_allele", "best_match": "B*46:01:01"},
        {"verdict": "unknown"},
    ],
)
def test_what_another_typer_tells_of_a_new_allele_in_its_own_way_is_left_out(entry: dict[str, Any]) -> None:
    flag = {"code": "possible_new_allele", "message": "", "evidence": {"allele": "B*46:01:01", "position": "third"}}
    exons = [exon("B*46:01:01", "exon3", "ACTGAA")]
    call = locus("B", "homozygous", [allele("B*46:01:01")], "B*46:01:01+B*46:01:01", flags=[flag], exons=exons)
    root = hml(report_of(sample_of("S1", call, unexplained=[entry])))
    assert [one.text for one in root.iter(f"{NS}sequence")] == ["ACTGAA"]
    assert not list(root.iter(f"{NS}variant"))


def test_a_new_allele_that_was_explained_is_told_as_it_was_explained() -> None:
    difference = {
        "feature": "exon3",
        "position": 3,
        "old": "T",
        "new": "G",
        "effect": "non_synonymous",
        "cdna": "c.3T>G",
    }
    entry = {
        "verdict": "new_allele",
        "best_match": {"allele": "B*46:01:01"},
        "differences": [difference],
        "reads": 5,
        "may_be_pcr_error": True,
    }
    (sample,) = new_allele().samples
    root = hml(report_of(replace(sample, unexplained=(entry,))))
    (variant,) = root.iter(f"{NS}variant")
    assert (variant.get("filter"), variant.get("quality-score")) == ("FAIL", "5")
    effect = variant.find(f"{NS}variant-effect")
    assert effect is not None
    assert (effect.get("term"), effect.get("hgvs")) == ("missense_variant", "c.3T>G")
