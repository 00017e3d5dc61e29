"""Two typings beside each other, donor and recipient, parent and child."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_builders import allele, contract_report, locus, report_of, sample_of

from gems_report.compare import Relation, are_same, compare_typings, relation_of
from gems_report.errors import UnreadableReport
from gems_report.formats import FORMATS
from gems_report.gl import genotypes_of
from gems_report.matching import Grade, Kinship, kinship, match_grades
from gems_report.typings import typings_of


def relation(first: str, second: str, fields: int = 4) -> Relation:
    return relation_of(genotypes_of(first), genotypes_of(second), fields)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("A*02:01+A*03:01", "A*03:01+A*02:01", Relation.SAME),
        ("A*02:01/A*02:02+A*03:01", "A*02:01+A*03:01", Relation.MORE_RESOLVED),
        ("A*02:01+A*03:01", "A*02:01:01:01+A*03:01:01", Relation.MORE_RESOLVED),
        ("A*02:01:01:01+A*03:01", "A*02:01+A*03:01", Relation.LESS_RESOLVED),
        ("A*02:01:01G+A*03:01P", "A*02:01:01:02+A*03:01:04", Relation.MORE_RESOLVED),
        ("A*02:01+A*03:01|A*02:05+A*03:02", "A*02:05+A*03:02", Relation.MORE_RESOLVED),
        ("A*02:01/A*02:02+A*03:01", "A*02:02/A*02:03+A*03:01", Relation.OVERLAPPING),
        ("A*02:01+A*03:01", "A*02:02+A*03:01", Relation.DIFFERENT),
        ("A*01:01+A*03:01", "A*01:01:01:02N+A*03:01", Relation.DIFFERENT),
        ("A*01:01P+A*03:01", "A*01:01:01:02N+A*03:01", Relation.DIFFERENT),
        ("A*01:01:01G+A*03:01", "A*01:01:01:02N+A*03:01", Relation.MORE_RESOLVED),
        ("DRB3*01:01+DRB3*01:01", "DRB3*01:01", Relation.SAME),
        ("A*02:new+A*03:01", "A*02:new+A*03:01", Relation.SAME),
    ],
)
def test_a_typing_is_the_same_finer_coarser_or_another(first: str, second: str, expected: Relation) -> None:
    assert relation(first, second) is expected


def test_a_genotype_that_splits_over_two_terms_is_the_same() -> None:
    assert relation("A*01:01/A*01:02+A*03:01", "A*01:01+A*03:01|A*01:02+A*03:01") is Relation.SAME


def test_at_two_fields_finer_names_do_not_count() -> None:
    assert relation("A*02:01:01+A*03:01", "A*02:01:04+A*03:01") is Relation.DIFFERENT
    assert relation("A*02:01:01+A*03:01", "A*02:01:04+A*03:01", fields=2) is Relation.SAME


names = st.builds(
    lambda parts, suffix: f"A*{':'.join(parts)}{suffix}",
    st.lists(st.sampled_from(["01", "02"]), min_size=2, max_size=4),
    st.sampled_from(["", "", "N"]),
)
copies = st.lists(names, min_size=1, max_size=3, unique=True).map("/".join)
gl_strings = st.lists(st.lists(copies, min_size=1, max_size=2).map("+".join), min_size=1, max_size=3).map("|".join)
_MIRRORED = {Relation.MORE_RESOLVED: Relation.LESS_RESOLVED, Relation.LESS_RESOLVED: Relation.MORE_RESOLVED}


@given(gl_strings, gl_strings)
def test_the_other_way_round_finer_is_coarser(first: str, second: str) -> None:
    there, back = relation(first, second), relation(second, first)
    assert back is _MIRRORED.get(there, there)
    assert relation(first, first) is Relation.SAME


def typings(**genes: str) -> dict[str, dict[str, object]]:
    return {"S1": {gene: genotypes_of(text) for gene, text in genes.items()}}


def test_a_comparison_says_why_and_keeps_the_order_of_reports() -> None:
    first, second = typings(DRB1="DRB1*01:01+DRB1*04:01", A="A*02:01+A*03:01"), typings(A="A*02:01+A*03:02")
    found = compare_typings(first, {**second, "S2": {}})  # type: ignore[arg-type]
    assert [(one.sample, one.gene, one.relation.value) for one in found] == [
        ("S1", "A", "different"),
        ("S1", "DRB1", "only in first"),
        ("S2", "", "only in second"),
    ]
    assert found[0].why == "No genotype is in both: called A*02:01+A*03:01 and A*02:01+A*03:02."
    assert not are_same(found)


@pytest.mark.parametrize("extension", ["json", "csv", "hml"])
def test_a_report_says_the_same_in_each_form_that_can_be_compared(extension: str) -> None:
    drb = locus("DRB345", "heterozygous", [allele("DRB3*01:01"), allele("DRB4*01:03")], "DRB3*01:01+DRB4*01:03")
    for report in (contract_report(), report_of(sample_of("S1", drb))):
        reference = typings_of("report.json", FORMATS["json"].render(report))
        assert any(reference.values())
        found = typings_of(f"report.{extension}", FORMATS[extension].render(report))
        assert are_same(compare_typings(reference, found))


def test_another_laboratorys_table_may_be_plain() -> None:
    text = (
        "\ufeffsample;locus;allele_1;allele_2\r\nS1;HLA-A;02:01/02:02;HLA-A*03:01\r\nS1;B;B*07:02;-\r\nS1;DRB4;N/A;\r\n"
    )
    (genes,) = typings_of("old.csv", text.encode()).values()
    assert {gene: [one.text for one in found] for gene, found in genes.items()} == {
        "A": ["A*02:01/A*02:02+A*03:01"],
        "B": ["B*07:02"],
    }


def test_hml_of_haploids_is_read_too() -> None:
    text = (
        '<hml xmlns="http://schemas.nmdp.org/spec/hml/1.0.2"><sample id="S1"><typing><allele-assignment>'
        '<haploid locus="HLA-A" method="DNA" type="02:01"/><haploid locus="HLA-A" method="DNA" type="03:01:01G"/>'
        "</allele-assignment></typing></sample></hml>"
    )
    (genes,) = typings_of("old.hml", text.encode()).values()
    assert [one.text for one in genes["A"]] == ["A*02:01+A*03:01:01G"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b"[]"),
        ("a.json", b"{"),
        ("a.csv", b"x,y\n1,2\n"),
        ("a.csv", b"\xff\xfe"),
        ("a.hml", b"<hml/>"),
        ("a.hml", b"<hml"),
        ("a.hml", b'<!DOCTYPE h [<!ENTITY a "b">]><hml><sample id="&a;"/></hml>'),
        ("a.pdf", b""),
        ("a.json", json.dumps({"samples": [{"sample": "S1", "loci": [{"locus": "A"}]}]}).encode()),
    ],
)
def test_a_file_of_another_form_is_refused_by_its_name(name: str, data: bytes) -> None:
    with pytest.raises(UnreadableReport, match=f"^{name}: expected"):
        typings_of(name, data)


def genes_of(**genes: str) -> dict[str, object]:
    return {gene: genotypes_of(text) for gene, text in genes.items()}


@pytest.mark.parametrize(
    ("donor", "recipient", "grade", "matched", "directions"),
    [
        ("A*02:01:01+A*03:01", "A*03:01:02+A*02:01", Grade.MATCH, 2, ((), ())),
        ("A*02:01+A*02:01", "A*02:01+A*03:01", Grade.MISMATCH, 1, (("A*03:01",), ())),
        ("A*02:01+A*03:01", "A*02:01+A*02:01", Grade.MISMATCH, 1, ((), ("A*03:01",))),
        ("A*01:01+A*01:01", "A*02:01+A*02:01", Grade.MISMATCH, 0, (("A*02:01",), ("A*01:01",))),
        ("A*02:01/A*02:05+A*03:01", "A*02:05+A*03:01", Grade.POTENTIAL, 1, (("A*02:05",), ("A*02:01",))),
        ("A*02:01+A*24:09N", "A*02:01+A*02:01", Grade.MATCH, 2, ((), ())),
        ("DRB3*01:01", "DRB3*01:01+DRB3*01:01", Grade.MATCH, 2, ((), ())),
    ],
)
def test_donor_and_recipient_match_by_protein_with_the_direction_of_a_mismatch(
    donor: str, recipient: str, grade: Grade, matched: int, directions: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    (found,) = match_grades(genes_of(A=donor), genes_of(A=recipient))  # type: ignore[arg-type]
    assert (found.grade, found.matched) == (grade, matched)
    assert (found.graft_versus_host, found.host_versus_graft) == directions


def test_a_null_that_counts_as_absent_is_named_and_a_missing_call_is_not_told() -> None:
    found = match_grades(genes_of(A="A*02:01+A*24:09N"), genes_of(A="A*02:01+A*02:01", B="B*07:02+B*08:01"))  # type: ignore[arg-type]
    assert found[0].not_expressed == ("A*24:09N",)
    assert (found[1].gene, found[1].grade, found[1].matched) == ("B", Grade.UNKNOWN, None)


@pytest.mark.parametrize(
    ("parent", "child", "expected"),
    [
        ("A*02:01:01+A*03:01", "A*02:01:04+A*24:02", Kinship.CONSISTENT),
        ("A*02:01+A*03:01", "A*01:01+A*24:02", Kinship.INCONSISTENT),
        ("A*02:01/A*02:05+A*03:01", "A*02:05+A*24:02", Kinship.POSSIBLE),
        ("A*02:01+A*24:09N", "A*24:09N+A*01:01", Kinship.CONSISTENT),
        ("", "A*01:01+A*24:02", Kinship.UNKNOWN),
    ],
)
def test_a_child_shares_an_allele_with_each_parent(parent: str, child: str, expected: Kinship) -> None:
    assert kinship(genes_of(A=parent), genes_of(A=child)) == {"A": expected}  # type: ignore[arg-type]


BILLIONS = "/".join(f"A*{number:02}:01" for number in range(2, 90)) + "+" + "/".join(["A*02:01", "A*03:01"] * 50_000)


def test_more_pairs_than_can_be_compared_are_told_and_not_compared() -> None:
    first = {"K1": {"A": genotypes_of(BILLIONS), "B": genotypes_of("B*07:02+B*08:01")}}
    second = {"K1": {"A": genotypes_of("A*02:01+A*03:01"), "B": genotypes_of("B*07:02+B*08:01")}}
    found = {one.gene: one for one in compare_typings(first, second, most_pairs=1000)}
    assert found["A"].relation is Relation.NOT_COMPARED
    assert "8800000" in found["A"].why
    assert found["B"].relation is Relation.SAME
    assert not are_same(list(found.values()))


def test_what_is_the_same_to_the_letter_needs_no_comparison() -> None:
    typing = {"K1": {"A": genotypes_of(BILLIONS)}}
    assert [one.relation for one in compare_typings(typing, typing, most_pairs=0)] == [Relation.SAME]


def test_two_people_of_whom_nothing_is_known_are_not_matched() -> None:
    genes = {"A": genotypes_of(BILLIONS)}
    assert match_grades(genes, genes)[0].grade is Grade.UNKNOWN
    assert kinship(genes, genes) == {"A": Kinship.UNKNOWN}


def test_thousands_of_open_genotypes_are_matched_at_once() -> None:
    many = genotypes_of("|".join(f"A*{one:02}:01+A*{two:02}:02" for one in range(1, 99) for two in range(1, 99)))
    assert match_grades({"A": many}, {"A": many})[0].grade is Grade.POTENTIAL
    assert kinship({"A": many}, {"A": many}) == {"A": Kinship.POSSIBLE}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_an_hml_with_a_document_type_is_refused_in_every_encoding(encoding: str) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    text = f'<!DOCTYPE hml [<!ENTITY a0 "x">{entities}]><hml><sample id="&a8;"/></hml>'
    with pytest.raises(UnreadableReport):
        typings_of("x.hml", text.encode(encoding))


def test_deep_xml_is_refused_or_read_and_never_ends_the_process() -> None:
    deep = b"<hml>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</hml>"
    with pytest.raises(UnreadableReport):
        typings_of("x.hml", deep)


def test_names_that_a_spreadsheet_would_run_come_back_as_they_were() -> None:
    call = locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01")
    made = report_of(sample_of("=1+1", call), sample_of("-S", call))
    assert sorted(typings_of("report.csv", FORMATS["csv"].render(made))) == ["-S", "=1+1"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("zeros.csv", b"\0" * 100),
        ("other.csv", b"name,gene\nS1,A\n"),
        ("empty.csv", b""),
        ("half.json", b'{"samples": [{"sample": "K1", "loci": [{"alleles": [], "gl_string": "\\ud800*01+x"}]}]}'),
        ("half.json", b'{"samples": [{"sample": "\\ud800", "loci": []}]}'),
    ],
)
def test_a_file_that_is_no_typing_is_refused_and_not_taken_for_an_empty_one(name: str, data: bytes) -> None:
    with pytest.raises(UnreadableReport):
        typings_of(name, data)
