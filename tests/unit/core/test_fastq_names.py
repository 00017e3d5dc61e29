"""How FASTQ file names become samples."""

import pytest

from gems_core.fastq_names import StoredFile, pair_files


def stored(name: str, size_bytes: int = 1000) -> StoredFile:
    return StoredFile(f"run/{name}", size_bytes)


def codes(*names: str, size_bytes: int = 1000) -> list[str]:
    return [problem.code for problem in pair_files(stored(name, size_bytes) for name in names)[1]]


def test_two_reads_of_one_sample_pair() -> None:
    samples, problems = pair_files(map(stored, ["K1-Mi_S1_L001_R2_001.fastq.gz", "K1-Mi_S1_L001_R1_001.fastq.gz"]))
    assert problems == []
    assert [(sample.name, sample.file_names) for sample in samples] == [
        ("K1-Mi", ("K1-Mi_S1_L001_R1_001.fastq.gz", "K1-Mi_S1_L001_R2_001.fastq.gz"))
    ]


def test_reads_that_belong_to_no_sample_are_never_one() -> None:
    unassigned = [f"Undetermined_S0_L001_R{read}_001.fastq.gz" for read in (1, 2)]
    good = [f"K1_S1_L001_R{read}_001.fastq.gz" for read in (1, 2)]
    samples, problems = pair_files(map(stored, unassigned + good))
    assert problems == []
    assert [sample.name for sample in samples] == ["K1"]


def test_samples_come_in_name_order_whatever_the_listing_says() -> None:
    names = [f"{name}_S{number}_L001_R{read}_001.fastq.gz" for name, number in (("b", 1), ("a", 2)) for read in (2, 1)]
    assert [sample.name for sample in pair_files(map(stored, names))[0]] == ["a", "b"]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["a_S1_L001_R1_001.fastq.gz"], "unpaired_file"),
        (["a_S1_L001_R2_001.fastq.gz"], "unpaired_file"),
        (["a_R1.fastq.gz", "a_R2.fastq.gz"], "misnamed_file"),
        (["a_S1_L001_R1_001.fastq"], "misnamed_file"),
        (["a b_S1_L001_R1_001.fastq.gz"], "misnamed_file"),
        (["a_S1_L001_R1_001.fastq.gz", "a_S2_L001_R1_001.fastq.gz", "a_S1_L001_R2_001.fastq.gz"], "duplicate_file"),
        (["a_S1_L001_R1_001.fastq.gz", "a_S2_L001_R2_001.fastq.gz"], "unpaired_file"),
    ],
)
def test_what_cannot_be_a_sample_is_refused_by_name(names: list[str], code: str) -> None:
    samples, problems = pair_files(map(stored, names))
    assert samples == []
    assert {problem.code for problem in problems} == {code}
    assert all(problem.where for problem in problems)


def test_a_lone_file_is_named_with_its_missing_mate() -> None:
    (problem,) = pair_files([stored("a_S1_L001_R1_001.fastq.gz")])[1]
    assert problem.where == "run/a_S1_L001_R1_001.fastq.gz"
    assert "R2" in problem.expected


def test_files_that_are_no_reads_are_nobodys_business() -> None:
    assert pair_files([stored("SampleSheet.csv"), stored("report.json")]) == ([], [])


def test_an_empty_file_is_told_beside_every_other_problem() -> None:
    names = ["a_S1_L001_R1_001.fastq.gz", "a_S1_L001_R2_001.fastq.gz", "b.fastq.gz", "c_S1_L001_R1_001.fastq.gz"]
    assert sorted(set(codes(*names, size_bytes=0))) == ["empty_file", "misnamed_file", "unpaired_file"]


def test_no_name_can_leave_its_folder() -> None:
    for name in ("../a_S1_L001_R1_001.fastq.gz", ".._S1_L001_R1_001.fastq.gz", "-rf_S1_L001_R1_001.fastq.gz"):
        samples, _ = pair_files([StoredFile(name, 100), StoredFile(name.replace("_R1_", "_R2_"), 100)])
        assert all("/" not in sample.name and not sample.name.startswith((".", "-")) for sample in samples)
