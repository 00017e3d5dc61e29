"""Which reads `gems run` uploads, and under which names."""

from __future__ import annotations

from pathlib import Path

import pytest

from gems_cli.run.reads import plan_uploads
from gems_core.errors import InvalidInput


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_bytes(b"x" * 100)
    return folder


def names(folder: Path, samples: str = "*") -> list[str]:
    return [upload.name for upload in plan_uploads(folder, samples).uploads]


def test_miseq_names_go_up_as_they_are(tmp_path: Path) -> None:
    fill(tmp_path, "P1_S1_L001_R1_001.fastq.gz", "P1_S1_L001_R2_001.fastq.gz", "notes.txt")
    plan = plan_uploads(tmp_path)
    assert [upload.name for upload in plan.uploads] == ["P1_S1_L001_R1_001.fastq.gz", "P1_S1_L001_R2_001.fastq.gz"]
    assert plan.notes == ("left out: by their names they are not reads: 1: notes.txt",)
    assert plan.sample_count == 1


@pytest.mark.parametrize(
    "pair",
    [
        ("P1_R1.fastq.gz", "P1_R2.fastq.gz"),
        ("P1_1.fq.gz", "P1_2.fq.gz"),
        ("P1.R1_001.fastq.gz", "P1.R2_001.fastq.gz"),
        ("P1_r1.fastq.gz", "P1_r2.fastq.gz"),
    ],
)
def test_a_clear_pair_goes_up_under_a_miseq_name_and_a_note_says_so(tmp_path: Path, pair: tuple[str, str]) -> None:
    plan = plan_uploads(fill(tmp_path, *pair))
    assert [upload.name for upload in plan.uploads] == ["P1_S1_L001_R1_001.fastq.gz", "P1_S1_L001_R2_001.fastq.gz"]
    assert plan.notes[0] == f"{pair[0]} is taken as P1_S1_L001_R1_001.fastq.gz"
    assert plan.sample_count == 1


def test_a_name_with_spaces_becomes_a_name_that_the_service_takes(tmp_path: Path) -> None:
    assert names(fill(tmp_path, "Ann B_R1.fastq.gz", "Ann B_R2.fastq.gz"))[0] == "Ann-B_S1_L001_R1_001.fastq.gz"


def test_a_lone_read_and_an_odd_name_go_up_as_they_are_for_the_preflight_to_name(tmp_path: Path) -> None:
    assert names(fill(tmp_path, "P1_R1.fastq.gz", "odd.fastq.gz", "plain.fastq")) == [
        "P1_R1.fastq.gz",
        "odd.fastq.gz",
        "plain.fastq",
    ]


def test_two_pairs_that_would_get_one_name_keep_theirs(tmp_path: Path) -> None:
    files = ("P 1_R1.fastq.gz", "P 1_R2.fastq.gz", "P-1_S1_L001_R1_001.fastq.gz", "P-1_S1_L001_R2_001.fastq.gz")
    assert sorted(names(fill(tmp_path, *files))) == sorted(files)


def test_reads_of_no_sample_are_left_out_and_a_note_says_so(tmp_path: Path) -> None:
    fill(tmp_path, "Undetermined_S0_L001_R1_001.fastq.gz", "P1_S1_L001_R1_001.fastq.gz", "P1_S1_L001_R2_001.fastq.gz")
    plan = plan_uploads(tmp_path)
    assert len(plan.uploads) == 2
    assert plan.notes == ("Undetermined_S0_L001_R1_001.fastq.gz is left out: its reads belong to no sample",)


def test_a_glob_chooses_samples_by_their_name(tmp_path: Path) -> None:
    fill(tmp_path, *(f"P{n}_S{n}_L001_R{read}_001.fastq.gz" for n in (1, 2, 10) for read in (1, 2)))
    assert {name.split("_")[0] for name in names(tmp_path, "P1*")} == {"P1", "P10"}


@pytest.mark.parametrize("folder", ["absent", "empty"])
def test_a_folder_without_reads_is_refused(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="expected"):
        plan_uploads(tmp_path / folder)


def test_of_a_folder_for_each_sample_it_is_said_that_they_are_not_looked_into(tmp_path: Path) -> None:
    for sample in ("P1", "P2"):
        (tmp_path / sample).mkdir()
        fill(tmp_path / sample, f"{sample}_S1_L001_R1_001.fastq.gz")
    with pytest.raises(InvalidInput, match=r"found none beside 2 folders \(P1, \.\.\.\), which are not searched"):
        plan_uploads(tmp_path)


def test_sample_sheets_go_up_with_the_reads(tmp_path: Path) -> None:
    fill(
        tmp_path,
        "P1_S1_L001_R1_001.fastq.gz",
        "P1_S1_L001_R2_001.fastq.gz",
        "SampleSheet.csv",
        "samples.tsv",
        "other.csv",
    )
    plan = plan_uploads(tmp_path)
    assert [upload.name for upload in plan.uploads[2:]] == ["SampleSheet.csv", "samples.tsv"]
    assert plan.sample_count == 1


@pytest.mark.parametrize("name", ["SRR1.fastq.gz", "SRR1_1.fastq.gz", "SRR1.R1.fq.gz", "SRR1_S1_L001_R1_001.fastq.gz"])
def test_a_file_without_a_mate_is_a_sample_where_single_reads_are_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x" * 30)
    plan = plan_uploads(tmp_path, takes_single=True)
    assert [upload.name for upload in plan.uploads] == ["SRR1_S1_L001_R1_001.fastq.gz"]
    assert plan.sample_count == 1


def test_where_one_sample_has_a_mate_a_lone_file_goes_up_as_it_is_for_the_preflight_to_name(tmp_path: Path) -> None:
    for name in ("a_1.fastq.gz", "a_2.fastq.gz", "b_1.fastq.gz"):
        (tmp_path / name).write_bytes(b"x" * 30)
    found = {upload.name for upload in plan_uploads(tmp_path, takes_single=True).uploads}
    assert found == {"a_S1_L001_R1_001.fastq.gz", "a_S1_L001_R2_001.fastq.gz", "b_1.fastq.gz"}
