"""Names of MiSeq FASTQ files, and how files pair into samples.

``K158154-Mi001716_S1_L001_R1_001.fastq.gz``: sample name, sample number, lane, read, chunk
(Illumina's naming for bcl2fastq and MiSeq Reporter).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from gems_core.errors import Problem
from gems_core.fields import TEXT, Field, Shape, items, whole, word
from gems_core.plate import UNPLACED, Placement, Role

_NAME = re.compile(
    r"(?P<sample>[A-Za-z0-9][A-Za-z0-9._-]{0,99})_S(?P<number>\d{1,6})_L(?P<lane>\d{3})_R(?P<read>[12])_001\.fastq\.gz"
)
EXPECTED_NAME = "a MiSeq name such as SAMPLE_S1_L001_R1_001.fastq.gz"
SMALLEST_GZIP_BYTES = 20
# Reads that the sequencer could assign to no sample: bcl2fastq's and MiSeq Reporter's name for them. They are of many
# people, and must not be typed as one.
MOST_NAMED = 5
UNASSIGNED = "Undetermined_S0_"


@dataclass(frozen=True)
class StoredFile:
    """An object in S3.

    Attributes:
        etag: S3's entity tag, quotes and all, which changes whenever the content does; '' where nobody asked for it.
    """

    key: str
    size_bytes: int
    etag: str = ""

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rsplit("/", 1)[-1]

    def as_json(self) -> dict[str, object]:
        """The file as a JSON object."""
        return READ_FILE.write(self)


READ_FILE: Shape[StoredFile] = Shape(
    "ReadFile",
    "file",
    (
        Field("key", TEXT, "where it lies in the bucket"),
        Field("bytes", whole(0), "its size", source=lambda file: file.size_bytes),
        Field("etag", TEXT, "S3's entity tag when the job was made: workers type this content or none; else empty"),
    ),
)


@dataclass(frozen=True)
class Sample:
    """One person's read files: R1 and R2 of one lane.

    Attributes:
        name: unique in its job; it names the sample's folder in the results.
        placed: what the sample sheet says of it.
    """

    name: str
    read_1: StoredFile
    read_2: StoredFile
    placed: Placement = UNPLACED

    @property
    def size_bytes(self) -> int:
        """Bytes of both files, the measure by which shares are balanced."""
        return self.read_1.size_bytes + self.read_2.size_bytes

    @property
    def file_names(self) -> tuple[str, str]:
        """The two files' names, R1 first."""
        return self.read_1.name, self.read_2.name

    def as_json(self) -> dict[str, object]:
        """The sample as a JSON object."""
        return SAMPLE_FILES.write(self)

    @classmethod
    def from_json(cls, value: dict[str, object]) -> Sample:
        """The inverse of ``as_json``, for documents that GeMS wrote itself."""
        files = value["files"]
        assert isinstance(files, list)
        read_1, read_2 = (StoredFile(str(file["key"]), int(file["bytes"]), str(file.get("etag", ""))) for file in files)
        placed = Placement(
            str(value.get("well", "")), Role(str(value.get("role", Role.SAMPLE))), str(value.get("expected", ""))
        )
        return cls(str(value["sample"]), read_1, read_2, placed)


SAMPLE_FILES: Shape[Sample] = Shape(
    "SampleFiles",
    "sample",
    (
        Field("sample", TEXT, "its name", source=lambda sample: sample.name),
        Field("files", items(READ_FILE), "R1, then R2", source=lambda sample: (sample.read_1, sample.read_2)),
        Field("well", TEXT, "on the plate, as the sample sheet says; else empty", source=lambda it: it.placed.well),
        Field("role", word(Role), "what it is there for", source=lambda it: it.placed.role),
        Field(
            "expected",
            TEXT,
            "a GL String of a positive control's alleles; else empty",
            source=lambda it: it.placed.expected,
        ),
    ),
)


def is_fastq(name: str) -> bool:
    """Whether a file's name says that it holds reads."""
    return name.endswith((".fastq.gz", ".fastq", ".fq.gz", ".fq"))


def pair_files(files: Iterable[StoredFile]) -> tuple[list[Sample], list[Problem]]:
    """Pair FASTQ files into samples.

    Args:
        files: what is under a prefix; files that do not end in ``.fastq.gz`` or ``.fastq`` are no business of ours, nor
            are the reads that the sequencer assigned to no sample.

    Returns:
        the samples in name order, and every problem found; a misnamed, lone or doubled file is in no sample.
    """
    problems: list[Problem] = []
    reads: dict[str, dict[str, list[StoredFile]]] = defaultdict(lambda: {"1": [], "2": []})
    for file in sorted(files, key=lambda file: file.key):
        if not is_fastq(file.name) or file.name.startswith(UNASSIGNED):
            continue
        match = _NAME.fullmatch(file.name)
        if match is None:
            problems.append(_misnamed(file))
            continue
        if file.size_bytes < SMALLEST_GZIP_BYTES:
            problems.append(_empty(file))
        reads[match["sample"]][match["read"]].append(file)
    samples = []
    for name in sorted(reads):
        problem = _pairing_problem(name, reads[name])
        if problem is None:
            samples.append(Sample(name, reads[name]["1"][0], reads[name]["2"][0]))
        else:
            problems.append(problem)
    return samples, problems


def _pairing_problem(sample: str, reads: dict[str, list[StoredFile]]) -> Problem | None:
    for read in ("1", "2"):
        if len(reads[read]) > 1:
            files = reads[read]
            found = ", ".join([*(file.key for file in files[:MOST_NAMED]), *(["..."] if files[MOST_NAMED:] else [])])
            return Problem(
                "duplicate_file",
                sample,
                f"one R{read} file",
                f"{len(files)}: {found}",
                "Keep one file a read and sample under the prefix (join lanes, or give the samples different names).",
            )
    for read, other in (("1", "2"), ("2", "1")):
        if not reads[read]:
            return Problem(
                "unpaired_file",
                reads[other][0].key,
                f"its mate R{read}",
                "none",
                f"Upload the R{read} file of {sample}, or move the lone file away.",
            )
    if _suffix(reads["1"][0]) != _suffix(reads["2"][0]):
        return Problem(
            "unpaired_file",
            reads["1"][0].key,
            "R1 and R2 of one sample number and lane",
            reads["2"][0].name,
            "Give both files of a sample the same _S and _L numbers.",
        )
    return None


def _suffix(file: StoredFile) -> tuple[str, str]:
    match = _NAME.fullmatch(file.name)
    assert match is not None
    return match["number"], match["lane"]


def _misnamed(file: StoredFile) -> Problem:
    return Problem(
        "misnamed_file", file.key, EXPECTED_NAME, file.name, "Rename the file, or move it away from the prefix."
    )


def _empty(file: StoredFile) -> Problem:
    return Problem(
        "empty_file",
        file.key,
        "a gzip file with reads",
        f"{file.size_bytes} bytes",
        "Upload the file again, whole, or move the sample away.",
    )
