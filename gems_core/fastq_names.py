"""Names of MiSeq FASTQ files, how files pair, and how the lanes of a sample are joined.

``K158154-Mi001716_S1_L001_R1_001.fastq.gz``: sample name, sample number, lane, read, chunk
(Illumina's naming for bcl2fastq and MiSeq Reporter). Where lanes were not split, the name has no lane.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gems_core.errors import Problem
from gems_core.fields import TEXT, Field, Shape, items, whole, word
from gems_core.plate import UNPLACED, Placement, Role

_NAME = re.compile(
    r"(?P<sample>[A-Za-z0-9][A-Za-z0-9._-]{0,99})_S(?P<number>[0-9]{1,6})(?:_L(?P<lane>[0-9]{3}))?_R(?P<read>[12])_001"
    r"\.(?i:fastq|fq)\.(?i:gz)"
)
EXPECTED_NAME = "a MiSeq name such as SAMPLE_S1_L001_R1_001.fastq.gz"
SMALLEST_GZIP_BYTES = 20
MOST_NAMED = 5
# Reads that the sequencer could assign to no sample: bcl2fastq's and MiSeq Reporter's name for them. They are of many
# people, and must not be typed as one.
UNASSIGNED = "Undetermined_S0_"
# As many as a flow cell of any of Illumina's sequencers has (HiSeq: eight; NextSeq and NovaSeq: two or four).
MOST_LANES = 8
_MATE = {"1": "2", "2": "1"}
_READS = (".fastq.gz", ".fastq", ".fq.gz", ".fq")
# Reads of the index, by which the sequencer told samples apart; they show nothing of a person.
_INDEX_READS = re.compile(r".*[._-]I[12](?:[._-]001)?\.(?:fastq|fq)(?:\.gz)?", re.IGNORECASE)
# macOS's own notes on a file, which have the file's name behind these.
_HIDDEN = "."
# Reads in a form that is not read here.
_PACKED_OTHERWISE = (".bz2", ".zst", ".xz", ".ora", ".zip", ".7z", ".bam", ".cram", ".sra", ".fasta", ".fa")


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
class Lane:
    """What one lane of the flow cell read of a sample: R1, and R2 where both ends of each fragment were read."""

    read_1: StoredFile
    read_2: StoredFile | None = None

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """Its read files, R1 first."""
        return (self.read_1,) if self.read_2 is None else (self.read_1, self.read_2)


@dataclass(frozen=True)
class Sample:
    """One person's read files: R1 and R2, of one lane or of several that are joined.

    Attributes:
        name: unique in its job; it names the sample's folder in the results.
        read_1: R1 of the first lane.
        read_2: R2 of the first lane; None where one end of each fragment was read, then in all lanes.
        placed: what the sample sheet says of it.
        more_lanes: the others, in the order of their numbers.
    """

    name: str
    read_1: StoredFile
    read_2: StoredFile | None
    placed: Placement = UNPLACED
    more_lanes: tuple[Lane, ...] = ()

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All lanes, in the order of their numbers."""
        return Lane(self.read_1, self.read_2), *self.more_lanes

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """All read files, lane by lane, R1 first."""
        return tuple(file for lane in self.lanes for file in lane.files)

    @property
    def size_bytes(self) -> int:
        """Bytes of all files, the measure by which shares are balanced."""
        return sum(file.size_bytes for file in self.files)

    @property
    def file_names(self) -> tuple[str, ...]:
        """The files' names, lane by lane, R1 first."""
        return tuple(file.name for file in self.files)

    def as_json(self) -> dict[str, object]:
        """The sample as a JSON object."""
        return SAMPLE_FILES.write(self)

    @classmethod
    def from_json(cls, value: dict[str, object]) -> Sample:
        """The inverse of ``as_json``, for documents that GeMS wrote itself.

        Raises:
            ValueError: an odd number of files that are not all of one end, or none.
        """
        listed = value["files"]
        assert isinstance(listed, list)
        files = [StoredFile(str(file["key"]), int(file["bytes"]), str(file.get("etag", ""))) for file in listed]
        first, *others = _lanes(files)
        placed = Placement(
            str(value.get("well", "")), Role(str(value.get("role", Role.SAMPLE))), str(value.get("expected", ""))
        )
        return cls(str(value["sample"]), first.read_1, first.read_2, placed, tuple(others))


SAMPLE_FILES: Shape[Sample] = Shape(
    "SampleFiles",
    "sample",
    (
        Field("sample", TEXT, "its name", source=lambda sample: sample.name),
        Field("files", items(READ_FILE), "R1, then R2, lane by lane; R1 alone where one end was read"),
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


def _lanes(files: Sequence[StoredFile]) -> list[Lane]:
    """The lanes of files in the order of ``Sample.files``.

    Raises:
        ValueError: an odd number that are not all of one end.
    """
    names = [_NAME.fullmatch(file.name) for file in files]
    if all(name is not None and name["read"] == "1" for name in names):
        return [Lane(file) for file in files]
    return [Lane(*pair) for pair in zip(files[::2], files[1::2], strict=True)]


def is_fastq(name: str) -> bool:
    """Whether a file's name says that it holds reads of a sample, in a form that is read."""
    return name.lower().endswith(_READS) and not is_index_reads(name) and not name.startswith((_HIDDEN, UNASSIGNED))


def names_in_text(names: Iterable[str]) -> re.Pattern[str]:
    """Where any of some samples' names stands in a text, and not as a part of a longer word.

    A read file's name goes on with an underscore, so a sample is found in its files' names too. Of names that begin alike the
    longest is found.
    """
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{either})(?![A-Za-z0-9])")


def sample_of(name: str) -> str:
    """The sample that a read file is of, by its name; any other text is a sample's own name, or none, and comes back as it is."""
    found = _NAME.fullmatch(name)
    return found["sample"] if found else name


def is_index_reads(name: str) -> bool:
    """Whether a file's name says that it holds reads of the index."""
    return not name.startswith(_HIDDEN) and _INDEX_READS.fullmatch(name) is not None


def is_packed_otherwise(name: str) -> bool:
    """Whether a file's name says that it holds reads in a form that is not read here."""
    return not name.startswith(_HIDDEN) and name.lower().endswith(_PACKED_OTHERWISE)


def not_read(names: Iterable[str]) -> list[str]:
    """Files of reads in a form that is not read here, and that are not there as ``.fastq.gz`` besides."""
    there = set(names)
    readable = {_bare(name) for name in there if is_fastq(name)}
    return sorted(name for name in there if is_packed_otherwise(name) and _bare(name) not in readable)


def _bare(name: str) -> str:
    """A name without its endings."""
    return re.sub(r"(?i)(\.(fastq|fq))?\.[a-z0-9]+$", "", name)


def left_out(names: Iterable[str]) -> list[Problem]:
    """Warnings of files beside the reads that nobody types, so that none vanishes without a word.

    Args:
        names: of all files but sample sheets, without their folders.
    """
    beside = [name for name in sorted(set(names)) if not is_fastq(name) and not name.startswith(UNASSIGNED)]
    packed = [name for name in beside if is_packed_otherwise(name)]
    index = [name for name in beside if is_index_reads(name)]
    others = [name for name in beside if not is_packed_otherwise(name) and not is_index_reads(name)]
    found = (
        ("unread_files", packed, "reads as .fastq.gz", "Convert them to .fastq.gz if their samples are to be typed."),
        ("index_reads", index, "reads R1 and R2", "Nothing: index reads are not typed."),
        ("other_files", others, "reads and sample sheets", "Nothing, if they hold no reads."),
    )
    return [
        Problem(code, "files that are left out", expected, f"{len(files)}: {first_of(files)}", repair)
        for code, files, expected, repair in found
        if files
    ]


@dataclass(frozen=True)
class _Named:
    """A read file, and what its name says."""

    file: StoredFile
    number: str
    lane: str
    read: str


def pair_files(files: Iterable[StoredFile], *, takes_single: bool = False) -> tuple[list[Sample], list[Problem]]:
    """Pair FASTQ files into samples; the lanes of one sample are joined.

    Args:
        files: what is under a prefix; files that are not reads of a sample are left out by name (``left_out``).
        takes_single: whether R1 alone makes a sample, where none has an R2 file: one end of each fragment was read then.

    Returns:
        the samples in name order, and every problem found; a misnamed, lone or doubled file is in no sample.
    """
    problems: list[Problem] = []
    by_sample: dict[str, list[_Named]] = defaultdict(list)
    for file in sorted(files, key=lambda file: file.key):
        if not is_fastq(file.name):
            continue
        match = _NAME.fullmatch(file.name)
        if match is None:
            problems.append(_misnamed(file))
            continue
        if file.size_bytes < SMALLEST_GZIP_BYTES:
            problems.append(_empty(file))
        by_sample[match["sample"]].append(_Named(file, match["number"], match["lane"] or "", match["read"]))
    samples = []
    single = takes_single and not any(item.read == _MATE["1"] for found in by_sample.values() for item in found)
    for name, found in sorted(by_sample.items()):
        wrong = _sample_problems(name, found, single=single)
        problems += wrong
        if not wrong:
            samples.append(_joined(name, found))
    return samples, problems


def single_reads(samples: Sequence[Sample]) -> list[Problem]:
    """A warning where one end of each fragment was read, which may also mean that all R2 files were lost on their way."""
    if not samples or samples[0].read_2 is not None:
        return []
    found = f"R1 alone, in all {len(samples)}" if len(samples) > 1 else "R1 alone"
    repair = "Check whether R2 files are missing: single reads show less of the phase, and have half the depth."
    return [Problem("single_reads", "samples", "R1 and R2 of every sample", found, repair)]


def uneven_lanes(samples: Sequence[Sample]) -> list[Problem]:
    """A warning where samples lack a lane that most others have: a file may have been lost on its way."""
    lanes_of = {sample.name: {lane_of(lane.read_1) for lane in sample.lanes} for sample in samples}
    counts = Counter(lane for lanes in lanes_of.values() for lane in lanes)
    usual = {lane for lane, count in counts.items() if 2 * count > len(samples)}
    lacking = [name for name, lanes in sorted(lanes_of.items()) if usual - lanes]
    if not lacking:
        return []
    found = f"{len(lacking)} without one of them: {first_of(lacking)}"
    repair = "Check whether files are missing; the samples are typed with the lanes they have."
    return [Problem("missing_lane", "lanes", f"lanes {', '.join(sorted(usual))} of every sample", found, repair)]


def lane_of(file: StoredFile) -> str:
    """The lane in a MiSeq file's name, three digits; '' where the name has none."""
    match = _NAME.fullmatch(file.name)
    return (match["lane"] if match else "") or ""


def _joined(name: str, found: list[_Named]) -> Sample:
    """The sample of files in which nothing is wrong: each lane has one R1 and one R2, or each one R1."""
    first, *others = _lanes([item.file for item in sorted(found, key=lambda item: (item.lane, item.read))])
    return Sample(name, first.read_1, first.read_2, more_lanes=tuple(others))


def _sample_problems(sample: str, found: list[_Named], *, single: bool) -> list[Problem]:
    places: dict[tuple[str, str], list[StoredFile]] = defaultdict(list)
    for item in found:
        places[item.lane, item.read].append(item.file)
    doubled = [_doubled(sample, place, files) for place, files in sorted(places.items()) if len(files) > 1]
    lone = [
        _lone(sample, lane, read, files[0])
        for (lane, read), files in sorted(places.items())
        if not single and len(files) == 1 and (lane, _MATE[read]) not in places
    ]
    numbers, lanes = {item.number for item in found}, {item.lane for item in found}
    problems = [*doubled, *lone]
    if not problems and len(numbers) > 1:
        problems = [_mixed(found)]
    if not problems and len(lanes) > MOST_LANES:
        problems = [_too_many_lanes(sample, len(lanes))]
    return problems


def first_of(names: Sequence[str]) -> str:
    """The first few, as one text; dots stand for the rest."""
    return ", ".join([*names[:MOST_NAMED], *(["..."] if names[MOST_NAMED:] else [])])


def _doubled(sample: str, place: tuple[str, str], files: list[StoredFile]) -> Problem:
    lane, read = place
    return Problem(
        "duplicate_file",
        sample,
        f"one R{read} file{_of_lane(lane)}",
        f"{len(files)}: {first_of([file.key for file in files])}",
        "Keep one file a lane and read of each sample under the prefix, or give the samples different names.",
    )


def _lone(sample: str, lane: str, read: str, file: StoredFile) -> Problem:
    return Problem(
        "unpaired_file",
        file.key,
        f"its mate R{_MATE[read]}{_of_lane(lane)}",
        "none",
        f"Upload the R{_MATE[read]} file of {sample}, or move the lone file away.",
    )


def _of_lane(lane: str) -> str:
    return f" of lane {lane}" if lane else ""


def _mixed(found: list[_Named]) -> Problem:
    """Two people whose samples have one name must not be typed as one."""
    one = found[0]
    other = next(item for item in found if item.number != one.number)
    return Problem(
        "unpaired_file",
        one.file.key,
        f"files of one sample number (_S{one.number})",
        other.file.name,
        "Give all files of a sample the same _S number, or the samples different names.",
    )


def _too_many_lanes(sample: str, lanes: int) -> Problem:
    repair = "Join lanes before the upload, or move files away."
    return Problem("too_many_lanes", sample, f"at most {MOST_LANES} lanes", str(lanes), repair)


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
