"""Files beside the reads: none vanishes without a word, and only reads can stop a job."""

from __future__ import annotations

import pytest

from gems_core.fastq_names import StoredFile, is_fastq, lane_of, left_out, not_read, pair_files, uneven_lanes


def pair(name: str) -> list[StoredFile]:
    return [StoredFile(f"run/{name.replace('R#', f'R{read}')}", 1000) for read in (1, 2)]


@pytest.mark.parametrize(
    "name",
    [
        "PT1_S1_L001_R#_001.fastq.gz",
        "PT1_S1_R#_001.fastq.gz",
        "PT1_S1_R#_001.FASTQ.GZ",
        "PT1_S1_L001_R#_001.Fastq.gz",
        "PT1_S1_L001_R#_001.fq.gz",
    ],
)
def test_names_of_the_sequencers_programs_are_paired(name: str) -> None:
    (sample,), problems = pair_files(pair(name))
    assert (sample.name, problems) == ("PT1", [])


def test_a_name_without_a_lane_has_none_and_misses_none() -> None:
    samples, _ = pair_files([*pair("PT1_S1_R#_001.fastq.gz"), *pair("PT2_S2_R#_001.fastq.gz")])
    assert [lane_of(sample.read_1) for sample in samples] == ["", ""]
    assert uneven_lanes(samples) == []


def test_a_lone_file_without_a_lane_is_told_in_words() -> None:
    _, (problem,) = pair_files(pair("PT1_S1_R#_001.fastq.gz")[:1])
    assert (problem.code, problem.expected) == ("unpaired_file", "its mate R2")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("PT1_S1_L001_I1_001.fastq.gz", "index_reads"),
        ("PT1_S1_L001_I2_001.fastq.gz", "index_reads"),
        ("PT1.I1.fq.gz", "index_reads"),
        ("PT1_S1_L001_R1_001.fastq.ora", "unread_files"),
        ("PT1_S1_L001_R1_001.fastq.bz2", "unread_files"),
        ("PT1_S1_L001_R1_001.FASTQ.ZST", "unread_files"),
        ("PT1.bam", "unread_files"),
        ("PT1.cram", "unread_files"),
        ("._PT1_S1_L001_R1_001.fastq.gz", "other_files"),
        (".DS_Store", "other_files"),
        ("RunInfo.xml", "other_files"),
        ("PT1 report.pdf", "other_files"),
    ],
)
def test_what_is_left_out_is_named_and_stops_nothing(name: str, code: str) -> None:
    good = pair("PT2_S2_L001_R#_001.fastq.gz")
    samples, problems = pair_files([*good, StoredFile(f"run/{name}", 1000)])
    assert ([sample.name for sample in samples], problems) == (["PT2"], [])
    (warning,) = left_out([name, *(file.name for file in good)])
    assert (warning.code, warning.found) == (code, f"1: {name}")
    assert not is_fastq(name)


def test_many_files_of_a_kind_are_one_warning() -> None:
    (warning,) = left_out(f"{number}.xml" for number in range(20))
    assert warning.found == "20: 0.xml, 1.xml, 10.xml, 11.xml, 12.xml, ..."


def test_reads_of_nobody_are_no_ones_business() -> None:
    assert left_out(["Undetermined_S0_L001_R1_001.fastq.gz"]) == []


def test_a_sample_whose_reads_are_packed_otherwise_is_not_typed_unless_they_are_there_twice() -> None:
    twice = ["PT1_S1_L001_R1_001.fastq.gz", "PT1_S1_L001_R1_001.fastq.ora"]
    assert not_read([*twice, "PT2_S2_L001_R1_001.fastq.ora", "PT3.bam", "notes.txt"]) == [
        "PT2_S2_L001_R1_001.fastq.ora",
        "PT3.bam",
    ]
