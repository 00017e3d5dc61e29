"""Which sequencer made the reads, as the names of the reads tell it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_CASAVA = re.compile(
    r"@?(?P<instrument>[A-Za-z0-9_-]{1,40}):(?P<run>[0-9]{1,9}):(?P<flow_cell>[A-Za-z0-9-]{1,40}):(?P<lane>[0-9]{1,3})"
    r"(?::[0-9]+:[0-9]+:[0-9]+(?:[:/ ].*)?)?"
)
"""Illumina's names since Casava 1.8: instrument, run, flow cell, lane, tile, x, y (bcl2fastq2 guide, "FASTQ files"); the
typer's ``sequencer_runs`` are their first four parts."""

# What Illumina names its instruments by; each begins the serial number. Source: 10x Genomics' supernova, tenkit/illumina_instrument.py,
# and Illumina's naming of the later ones (iSeq FS, NextSeq 2000 VH, NovaSeq X LH, MiSeq i100 SH).
MODELS: tuple[tuple[str, str], ...] = (
    (r"(HWI-)?M[0-9]{4,5}", "MiSeq"),
    (r"MN[0-9]{5}", "MiniSeq"),
    (r"FS[0-9]{8}", "iSeq 100"),
    (r"SH[0-9]{5}", "MiSeq i100"),
    (r"N[BS][0-9]{6}", "NextSeq 500/550"),
    (r"NDX[0-9]{6}", "NextSeq 550Dx"),
    (r"V[HL][0-9]{5}", "NextSeq 1000/2000"),
    (r"A[0-9]{5}", "NovaSeq 6000"),
    (r"LH[0-9]{5}", "NovaSeq X"),
    (r"(HWI-)?D[0-9]{5}", "HiSeq 2500"),
    (r"(HWI-)?C[0-9]{5}", "HiSeq 1500"),
    (r"J[0-9]{5}", "HiSeq 3000"),
    (r"K[0-9]{5}", "HiSeq 4000"),
    (r"E[0-9]{5}", "HiSeq X"),
)
UNKNOWN = "unknown"
_Run = tuple[str, int, str]
"""Instrument, run, flow cell."""


@dataclass(frozen=True)
class ReadOrigin:
    """What a read's name tells."""

    instrument: str
    run: int
    flow_cell: str
    lane: int

    @property
    def model(self) -> str:
        """Of the instrument, by how its serial number begins; ``unknown`` for others."""
        return next((model for pattern, model in MODELS if re.fullmatch(pattern, self.instrument)), UNKNOWN)


@dataclass(frozen=True)
class SequencingRun:
    """One run of one instrument, and how many samples came of it."""

    instrument: str
    model: str
    run: int
    flow_cell: str
    lanes: tuple[int, ...]
    samples: int


@dataclass(frozen=True)
class Sequencing:
    """Where a job's reads come from.

    Attributes:
        unknown_samples: those whose read names do not tell.
        words: all of it in a sentence or two.
    """

    runs: tuple[SequencingRun, ...]
    unknown_samples: int
    words: str


def origin_of(name: str) -> ReadOrigin | None:
    """What a read's name, or its first four parts, tells; None where it is not of Illumina's form (SRA renames reads)."""
    match = _CASAVA.fullmatch(name.strip())
    if match is None:
        return None
    return ReadOrigin(match["instrument"], int(match["run"]), match["flow_cell"], int(match["lane"]))


def sequencing_of(samples: Iterable[Sequence[str]]) -> Sequencing:
    """Of the runs or read names that each sample's reads tell of; a sample without any does not tell."""
    by_run: dict[_Run, set[int]] = {}
    count: Counter[_Run] = Counter()
    unknown = 0
    for names in samples:
        origins = [origin for name in names if (origin := origin_of(name)) is not None]
        runs = {(origin.instrument, origin.run, origin.flow_cell) for origin in origins}
        count.update(runs)
        unknown += not runs
        for origin in origins:
            by_run.setdefault((origin.instrument, origin.run, origin.flow_cell), set()).add(origin.lane)
    found = tuple(_run(run, by_run[run], count[run]) for run in sorted(by_run))
    return Sequencing(found, unknown, _words(found, unknown))


def _run(run: _Run, lanes: set[int], samples: int) -> SequencingRun:
    instrument, number, flow_cell = run
    model = ReadOrigin(instrument, number, flow_cell, min(lanes)).model
    return SequencingRun(instrument, model, number, flow_cell, tuple(sorted(lanes)), samples)


def _words(runs: tuple[SequencingRun, ...], unknown: int) -> str:
    """One sentence on the runs, one on what is not known."""
    sentences = []
    if len(runs) == 1:
        run = runs[0]
        sentences.append(f"Sequenced on {run.model} {run.instrument}, run {run.run}, flow cell {run.flow_cell}.")
    if len(runs) > 1:
        cells = len({run.flow_cell for run in runs})
        sentences.append(f"The reads are of {len(runs)} sequencing runs on {cells} flow cells.")
    if unknown:
        sentences.append(f"The read names of {unknown} samples do not tell their sequencer.")
    return " ".join(sentences)
