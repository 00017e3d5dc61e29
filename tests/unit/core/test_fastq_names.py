"""How FASTQ file names become samples."""

import pytest

from gems_core.fastq_names import Sample, StoredFile, pair_files, single_reads, uneven_lanes


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


def lanes(sample: str, *numbers: int, folder: str = "") -> list[StoredFile]:
    return [stored(f"{folder}{sample}_S1_L{number:03}_R{read}_001.fastq.gz") for number in numbers for read in (1, 2)]


def test_lanes_of_a_sample_are_joined_in_the_order_of_their_numbers_whatever_folders_they_lie_in() -> None:
    files = [*lanes("K1", 4, 2), *lanes("K1", 3, 1, folder="a/"), *lanes("K2", 1)]
    samples, problems = pair_files(files)
    assert problems == []
    assert [(sample.name, len(sample.lanes)) for sample in samples] == [("K1", 4), ("K2", 1)]
    assert samples[0].file_names == tuple(
        f"K1_S1_L00{lane}_R{read}_001.fastq.gz" for lane in (1, 2, 3, 4) for read in (1, 2)
    )
    assert samples[0].size_bytes == 8000


def test_samples_read_back_with_their_lanes_and_one_lane_is_written_as_it_always_was() -> None:
    many, one = pair_files([*lanes("K1", 1, 2), *lanes("K2", 1)])[0]
    assert Sample.from_json(many.as_json()) == many
    assert Sample.from_json(one.as_json()) == one
    assert [file["key"] for file in one.as_json()["files"]] == [file.key for file in lanes("K2", 1)]  # type: ignore[attr-defined]
    odd = {"sample": "K1", "files": [{"key": "a", "bytes": 1}] * 3}
    with pytest.raises(ValueError, match="zip"):
        Sample.from_json(odd)


def test_each_lone_file_of_a_lane_is_named() -> None:
    _, problems = pair_files([*lanes("K1", 1, 2)[:3], *lanes("K1", 3)[1:]])
    assert [(problem.code, problem.where, problem.expected) for problem in problems] == [
        ("unpaired_file", "run/K1_S1_L002_R1_001.fastq.gz", "its mate R2 of lane 002"),
        ("unpaired_file", "run/K1_S1_L003_R2_001.fastq.gz", "its mate R1 of lane 003"),
    ]


def test_lanes_of_two_sample_numbers_are_never_joined_for_they_may_be_two_peoples() -> None:
    others = [stored(f"K1_S2_L002_R{read}_001.fastq.gz") for read in (1, 2)]
    samples, (problem,) = pair_files([*lanes("K1", 1), *others])
    assert samples == []
    assert (problem.code, problem.expected) == ("unpaired_file", "files of one sample number (_S1)")


def test_one_lane_in_two_folders_is_a_duplicate() -> None:
    samples, problems = pair_files([*lanes("K1", 1, 2), *lanes("K1", 2, folder="again/")])
    assert samples == []
    assert {problem.code for problem in problems} == {"duplicate_file"}


def test_more_lanes_than_a_flow_cell_has_are_refused() -> None:
    (problem,) = pair_files(lanes("K1", *range(1, 10)))[1]
    assert (problem.code, problem.found) == ("too_many_lanes", "9")


def test_a_lane_that_most_samples_have_is_missed_and_one_that_few_have_is_not() -> None:
    samples, _ = pair_files([*lanes("K1", 1, 2), *lanes("K2", 1, 2, 3), *lanes("K3", 1)])
    (warning,) = uneven_lanes(samples)
    assert (warning.code, warning.expected) == ("missing_lane", "lanes 001, 002 of every sample")
    assert warning.found == "1 without one of them: K3"
    assert uneven_lanes(samples[:1]) == []


def firsts(sample: str, *numbers: int) -> list[StoredFile]:
    return lanes(sample, *numbers)[::2]


def test_r1_alone_makes_samples_where_single_reads_are_taken_and_nobody_has_r2() -> None:
    samples, problems = pair_files([*firsts("K1", 1, 2), *firsts("K2", 1)], takes_single=True)
    assert problems == []
    assert [(sample.name, sample.file_names) for sample in samples] == [
        ("K1", ("K1_S1_L001_R1_001.fastq.gz", "K1_S1_L002_R1_001.fastq.gz")),
        ("K2", ("K2_S1_L001_R1_001.fastq.gz",)),
    ]
    assert [Sample.from_json(sample.as_json()) for sample in samples] == samples
    assert [warning.code for warning in single_reads(samples)] == ["single_reads"]


@pytest.mark.parametrize(
    "files",
    [firsts("K1", 1), [*firsts("K1", 1), *lanes("K2", 1)], lanes("K1", 1)[1:], [*lanes("K1", 1), *firsts("K1", 2)]],
    ids=["not taken", "another has both", "R2 alone", "one of two lanes"],
)
def test_else_a_lone_file_is_no_sample(files: list[StoredFile]) -> None:
    is_taken = len(files) > 1 or files[0].name.endswith("_R2_001.fastq.gz")
    samples, problems = pair_files(files, takes_single=is_taken)
    assert {problem.code for problem in problems} == {"unpaired_file"}
    assert single_reads(samples) == []


def test_no_name_can_leave_its_folder() -> None:
    for name in ("../a_S1_L001_R1_001.fastq.gz", ".._S1_L001_R1_001.fastq.gz", "-rf_S1_L001_R1_001.fastq.gz"):
        samples, _ = pair_files([StoredFile(name, 100), StoredFile(name.replace("_R1_", "_R2_"), 100)])
        assert all("/" not in sample.name and not sample.name.startswith((".", "-")) for sample in samples)
