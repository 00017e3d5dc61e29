"""Sample sheets, as sequencers and laboratories write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gems_core.expected import parse_expected
from gems_core.fastq_names import Sample, StoredFile
from gems_core.plate import Placement, Role, parse_well
from gems_core.sample_sheet import placements, read_sheet

V1 = """[Header]
IEMFileVersion,4
Experiment Name,HLA 12

[Reads]
251
251

[Data]
Sample_ID,Sample_Name,Sample_Plate,Sample_Well,I7_Index_ID,index,Sample_Project
1,K159100-HG01597,P1,A01,N701,TAAGGCGA,
2,K159101 HG00554,P1,B01,N702,CGTACTAG,
"""
V2 = """[Header]
FileFormatVersion,2
[BCLConvert_Settings]
SoftwareVersion,3.10.4
[BCLConvert_Data]
Lane,Sample_ID,Index,Index2
1,K1,TAAGGCGA,AAA
2,K1,TAAGGCGA,AAA
1,NTC,CGTACTAG,AAA
[Cloud_Data]
Sample_ID,ProjectName,Sample_Well
K1,HLA,C3
"""
OWN = (
    "sample,well,role,expected\nK1,A1,,\nNTC,H12,negative_control,\nPOS,H11,Positive Control,A*01:01+A*02:01^B*08:01\n"
)


def placed(name: str, text: str, *samples: str) -> dict[str, Placement]:
    rows, problems = read_sheet(name, name, text.encode())
    found, more = placements(name, rows, samples)
    assert problems + more == []
    return found


def problems_of(text: str | bytes, *samples: str, name: str = "samples.csv") -> list[str]:
    rows, problems = read_sheet(name, name, text if isinstance(text, bytes) else text.encode())
    _, more = placements(name, rows, samples)
    return [str(problem) for problem in problems + more]


def test_an_illumina_sheet_of_version_1_tells_the_wells() -> None:
    found = placed("SampleSheet.csv", V1, "K159100-HG01597", "K159101-HG00554")
    assert {name: one.well for name, one in found.items()} == {"K159100-HG01597": "A1", "K159101-HG00554": "B1"}


def test_an_illumina_sheet_of_version_2_may_tell_wells_in_its_cloud_section() -> None:
    rows, _ = read_sheet("SampleSheet.csv", "SampleSheet.csv", V2.encode())
    assert [(row.names[0], row.placed.well) for row in rows] == [("K1", ""), ("K1", ""), ("NTC", ""), ("K1", "C3")]


def test_a_row_that_says_nothing_of_the_place_does_not_contradict_one_that_does() -> None:
    assert placed("SampleSheet.csv", V2, "K1", "NTC")["K1"].well == "C3"


@pytest.mark.parametrize(("name", "separator"), [("samples.csv", ","), ("samples.csv", ";"), ("samples.tsv", "\t")])
def test_a_laboratorys_own_sheet_tells_wells_roles_and_expected_alleles(name: str, separator: str) -> None:
    found = placed(name, OWN.replace(",", separator), "K1", "NTC", "POS")
    assert found == {
        "K1": Placement("A1"),
        "NTC": Placement("H12", Role.NEGATIVE_CONTROL),
        "POS": Placement("H11", Role.POSITIVE_CONTROL, "A*01:01+A*02:01^B*08:01"),
    }


@pytest.mark.parametrize(
    "written", ["K159100_HG01597", "K159100 HG01597", "K159100-HG01597_S1_L001", "k159100.hg01597"]
)
def test_names_are_matched_as_illumina_writes_them_into_file_names(written: str) -> None:
    assert list(placed("samples.csv", f"sample,well\n{written},A1\n", "K159100-HG01597")) == ["K159100-HG01597"]


def test_a_name_that_is_there_is_never_taken_for_another_one() -> None:
    found = placed("samples.csv", "sample,well\nK.1,A1\nK-1,A2\n", "K-1", "K.1")
    assert {name: one.well for name, one in found.items()} == {"K.1": "A1", "K-1": "A2"}


def test_a_wrong_cell_is_told_by_line_and_costs_nothing_but_itself() -> None:
    text = "sample,well,role,expected\nK1,Z99,empty,A*1\nK2,A2,,\n"
    rows, _ = read_sheet("samples.csv", "samples.csv", text.encode())
    assert [row.placed for row in rows] == [Placement(), Placement("A2")]
    told = problems_of(text, "K1", "K2")
    assert len(told) == 3
    assert all(problem.startswith("samples.csv, line 2: expected ") for problem in told)
    assert "negative_control" in told[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty file"),
        (b"PK\x03\x04\0\0", "bytes that are not text"),
        ("name,well\nK1,A1\n", "a column sample"),
        ('sample,well\n"K1,A1\n', "line 2"),
        ("sample,well\n,A1\n", "the sample's name"),
        ("sample,well\nK1,A1\nK2,A1\n", "one sample in well A1"),
        ("sample,well\nK1,A1\nK1,A2\n", "one row of K1"),
        ("sample,well\nK9,A1\n", "K9 (line 2)"),
    ],
)
def test_what_is_wrong_with_a_sheet_is_told(text: str | bytes, words: str) -> None:
    told = problems_of(text, "K1", "K2")
    assert any(words in problem for problem in told) or (words == "line 2" and told)


def test_a_sheet_without_a_data_section_says_so() -> None:
    assert "a section [Data]" in problems_of("[Header]\nDate,1\n", name="SampleSheet.csv")[0]


def test_a_sheet_of_excel_in_western_europe_is_read() -> None:
    rows, problems = read_sheet(
        "samples.csv", "samples.csv", "sample;well;Bemerkung\r\nK1;A1;für später\r\n".encode("cp1252")
    )
    assert (problems, rows[0].placed.well) == ([], "A1")


@given(
    data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    name=st.sampled_from(["samples.csv", "SampleSheet.csv"]),
)
def test_whatever_a_sheet_holds_it_is_read_or_told(data: bytes, name: str) -> None:
    rows, _ = read_sheet(name, name, data)
    placements(name, rows, ["K1"])


@given(
    st.lists(st.sampled_from(["sample,well", "K1,A1", '"K1', "[Data]", ";", "K1,A1,x", "\t", "Sample_ID"]), max_size=9)
)
def test_whatever_lines_a_sheet_has_it_is_read_or_told(lines: list[str]) -> None:
    for name in ("samples.csv", "SampleSheet.csv"):
        rows, _ = read_sheet(name, name, "\n".join(lines).encode())
        placements(name, rows, ["K1"])


@pytest.mark.parametrize(("text", "well"), [("a01", "A1"), ("H12", "H12"), (" P24 ", "P24")])
def test_a_well_is_written_without_zeros(text: str, well: str) -> None:
    assert parse_well(text) == well


@pytest.mark.parametrize("text", ["A0", "Q1", "A25", "1A", "", "A1 B1"])
def test_other_texts_are_no_wells(text: str) -> None:
    with pytest.raises(ValueError, match="A1 to P24"):
        parse_well(text)


def test_what_a_sheet_says_survives_the_manifest_and_an_old_manifest_says_nothing() -> None:
    files = StoredFile("run/POS_S1_L001_R1_001.fastq.gz", 9), StoredFile("run/POS_S1_L001_R2_001.fastq.gz", 9)
    sample = Sample("POS", *files, Placement("H11", Role.POSITIVE_CONTROL, "A*01:01"))
    assert Sample.from_json(sample.as_json()) == sample
    old = {key: value for key, value in sample.as_json().items() if key in ("sample", "files")}
    assert Sample.from_json(old).placed == Placement()


@pytest.mark.parametrize(
    ("expected", "called", "agrees"),
    [
        ("A*01:01+A*02:01", [["A*01:01:01:01"], ["A*02:01:01"]], True),
        ("A*02:01+A*01:01", [["A*01:01:01:01"], ["A*02:01:01"]], True),
        ("A*01:01+A*02:01", [["A*01:01:01:01"], ["A*02:05:01", "A*02:01:09"]], True),
        ("A*01:01+A*02:01/A*02:05", [["A*01:01:01:01"], ["A*02:05:01"]], True),
        ("A*01:01+A*02:01", [["A*01:01:01:01"], ["A*02:05:01"]], False),
        ("A*01:01", [["A*01:01:01:01"]], True),
        ("A*01:01+A*01:01", [["A*01:01:01:01"]], True),
        ("A*01:01", [["A*01:01:01:01"], ["A*02:01:01"]], False),
        ("A*01:01+A*02:01", [["A*01:01:01:01"]], False),
        ("A*24:09N", [["A*24:09"]], False),
        ("A*24:09", [["A*24:09N"]], False),
        ("A*02:01:01G", [["A*02:01:01:01"]], True),
        ("A*01:01", [], False),
    ],
)
def test_calls_agree_with_what_is_expected_at_the_fields_that_are_stated(
    expected: str, called: list[list[str]], agrees: bool
) -> None:
    (genotype,) = parse_expected(expected)
    assert genotype.agrees_with(called) is agrees


def test_expected_alleles_may_be_a_gl_string_or_a_list() -> None:
    for text in (
        "A*01:01+A*02:01^B*07:02+B*08:01",
        "A*01:01 A*02:01 B*07:02 B*08:01",
        "HLA-A*01:01; A*02:01, B*07:02,B*08:01",
    ):
        assert [str(one) for one in parse_expected(text)] == ["A*01:01+A*02:01", "B*07:02+B*08:01"]


@pytest.mark.parametrize("text", ["A1", "A*01:01+", "A*01:01 A*02:01 A*03:01", "A*01:01^" * 600])
def test_what_is_no_genotype_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_expected(text)
