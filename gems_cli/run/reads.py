"""Which reads go up, and under which names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from gems_core.errors import InvalidInput, one_problem
from gems_core.fastq_names import UNASSIGNED, StoredFile, first_of, is_fastq, left_out, not_read, pair_files
from gems_core.sample_sheet import is_sheet

# X_R1.fastq.gz, X_1.fq.gz, X.R1_001.fastq.gz and their mates: other sequencers' and archives' ways to name a pair.
_PAIR = re.compile(r"(?P<sample>.+?)[._-][Rr]?(?P<read>[12])(?:[._-]001)?\.(?:fastq|fq)\.gz", re.IGNORECASE)
_MISEQ = re.compile(r"(?P<sample>.+)_S[0-9]+(?:_L[0-9]{3})?_R[12]_001\.(?:fastq|fq)(?:\.gz)?", re.IGNORECASE)
_LEFT_OUT = {
    "unread_files": "left out: only .fastq.gz is read",
    "index_reads": "left out: index reads are not typed",
    "other_files": "left out: by their names they are not reads",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_SAMPLE = 100


@dataclass(frozen=True)
class Upload:
    """One file and the name it gets in S3."""

    path: Path
    name: str


@dataclass(frozen=True)
class UploadPlan:
    """What goes up, and what the user should know about it.

    Attributes:
        unread: files of reads that nobody types, because they are not read in this form.
    """

    uploads: tuple[Upload, ...]
    notes: tuple[str, ...]
    unread: tuple[str, ...] = ()

    @property
    def sample_count(self) -> int:
        """How many samples pair; what does not is for the service's preflight to name."""
        stored = [StoredFile(upload.name, upload.path.stat().st_size) for upload in self.uploads]
        return len(pair_files(stored, takes_single=True)[0])


def plan_uploads(folder: Path, samples: str = "*", *, takes_single: bool = False) -> UploadPlan:
    """Choose the read files of a folder.

    Sample sheets go up with them. Files with a MiSeq name go up as they are; clear pairs of other names go up under a MiSeq name; everything else
    is taken as it is, so that the service's preflight names what is wrong with it.

    Args:
        folder: holds the files; folders below it are not looked into.
        samples: a glob that a sample's name, or a file's, must match.
        takes_single: whether a file is a sample where none has a mate: one end of each fragment was read then.

    Raises:
        InvalidInput: there is no such folder, or no read file that matches.
    """
    if not folder.is_dir():
        raise one_problem("reads", str(folder), "a folder of fastq.gz files", "no folder", "Name the run's folder.")
    found = sorted(path for path in folder.iterdir() if path.is_file())
    files = [path for path in found if is_fastq(path.name)]
    unassigned = [path for path in found if path.name.startswith(UNASSIGNED)]
    renamed = _new_names(files)
    if takes_single and not any(_is_second(renamed.get(path, path.name)) for path in files):
        renamed = _single_names(files)
    uploads = [Upload(path, renamed.get(path, path.name)) for path in files]
    chosen = tuple(upload for upload in uploads if _matches(upload, samples))
    if not chosen:
        raise _none_chosen(folder, samples, len(files))
    sheets = tuple(Upload(path, path.name) for path in found if is_sheet(path.name))
    notes = (*_rename_notes(chosen), *_unassigned_notes(unassigned), *_left_out_notes(found))
    return UploadPlan((*chosen, *sheets), notes, tuple(not_read(path.name for path in found)))


def unread_told(files: Sequence[str]) -> str:
    """What is said where files of reads were left out for their form, though they are reads."""
    return f"{len(files)} files of reads were not typed: {first_of(files)}. Convert them to .fastq.gz and run again."


def _none_chosen(folder: Path, samples: str, files: int) -> InvalidInput:
    """Says of folders in it, where no read file lies beside them, that they are not looked into."""
    below = [path.name for path in folder.iterdir() if path.is_dir()]
    expected = f"fastq.gz files of samples named {samples}"
    if below and not files:
        found = f"none beside {len(below)} folders ({min(below)}{', ...' if len(below) > 1 else ''}), which are not searched"
        return one_problem(
            "reads", str(folder), expected, found, "Link or move the files of all samples into one folder."
        )
    found = f"{files} read files, none with such a name"
    return one_problem("reads", str(folder), expected, found, "Check the folder and --samples.")


def _new_names(files: list[Path]) -> dict[Path, str]:
    """MiSeq names for those files that form a clear pair under other names."""
    pairs: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    others = []
    for path in files:
        match = None if _is_miseq(path) else _PAIR.fullmatch(path.name)
        if match is None:
            others.append(path)
        else:
            pairs[match["sample"]][match["read"]].append(path)
    taken = {path.name.split("_S", 1)[0] for path in others}
    names: dict[Path, str] = {}
    for number, (sample, reads) in enumerate(sorted(pairs.items()), start=1):
        name = fit_name(sample)
        if len(reads["1"]) == len(reads["2"]) == 1 and name and name not in taken:
            taken.add(name)
            for read in ("1", "2"):
                names[reads[read][0]] = f"{name}_S{number}_L001_R{read}_001.fastq.gz"
    return names


def _is_second(name: str) -> bool:
    match = _PAIR.fullmatch(name)
    return match is not None and match["read"] == "2"


def _single_names(files: list[Path]) -> dict[Path, str]:
    """MiSeq names of R1 for files that have other names, each a sample by itself."""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for number, path in enumerate((path for path in files if not _is_miseq(path)), start=1):
        name = sample_name_of(path.name)
        if name and name not in taken and path.name.lower().endswith(".gz"):
            taken.add(name)
            names[path] = f"{name}_S{number}_L001_R1_001.fastq.gz"
    return names


def sample_name_of(file_name: str) -> str:
    """The sample that a file of reads is of, by its name; '' where the name tells none."""
    for pattern in (_MISEQ, _PAIR):
        if match := pattern.fullmatch(file_name):
            return fit_name(match["sample"])
    return fit_name(re.sub(r"(?i)\.(fastq|fq)(\.gz)?$", "", file_name))


def fit_name(text: str) -> str:
    """A name that a sample may have, as near to the text as can be; '' where nothing is left of it."""
    return _UNSAFE.sub("-", text).lstrip("._-")[:_LONGEST_SAMPLE]


def _is_miseq(path: Path) -> bool:
    _, problems = pair_files([StoredFile(path.name, path.stat().st_size)])
    return all(problem.code != "misnamed_file" for problem in problems)


def _matches(upload: Upload, samples: str) -> bool:
    named = _MISEQ.fullmatch(upload.name)
    sample = named["sample"] if named else upload.name
    return fnmatchcase(sample, samples) or fnmatchcase(upload.path.name, samples)


def _rename_notes(uploads: tuple[Upload, ...]) -> list[str]:
    return [f"{upload.path.name} is taken as {upload.name}" for upload in uploads if upload.name != upload.path.name]


def _left_out_notes(files: list[Path]) -> list[str]:
    warnings = left_out(path.name for path in files if not is_sheet(path.name))
    return [f"{_LEFT_OUT[warning.code]}: {warning.found}" for warning in warnings]


def _unassigned_notes(unassigned: list[Path]) -> list[str]:
    return [f"{path.name} is left out: its reads belong to no sample" for path in unassigned]
