"""Which sequencer made the reads, as the first read's name of each sample tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_CASAVA = re.compile(
    r"@?(?P<instrument>[A-Za-z0-9_-]{1,40}):(?P<run>\d{1,9}):(?P<flow_cell>[A-Za-z0-9-]{1,40}):(?P<lane>\d{1,3})"
    r":\d+:\d+:\d+(?:[:/ ].*)?"
)
"""Illumina's names since Casava 1.8: instrument, run, flow cell, lane, tile, x, y (bcl2fastq2 guide, "FASTQ files")."""

# What Illumina names its instruments by; each begins the serial number. Source: 10x Genomics' supernova, tenkit/illumina_instrument.py,
# and Illumina's naming of the later ones (iSeq FS, NextSeq 2000 VH, NovaSeq X LH, MiSeq i100 SH).
MODELS: tuple[tuple[str, str], ...] = (
    (r"(HWI-)?M\d{4,5}", "MiSeq"),
    (r"MN\d{5}", "MiniSeq"),
    (r"FS\d{8}", "iSeq 100"),
    (r"SH\d{5}", "MiSeq i100"),
    (r"N[BS]\d{6}", "NextSeq 500/550"),
    (r"NDX\d{6}", "NextSeq 550Dx"),
    (r"V[HL]\d{5}", "NextSeq 1000/2000"),
    (r"A\d{5}", "NovaSeq 6000"),
    (r"LH\d{5}", "NovaSeq X"),
    (r"(HWI-)?D\d{5}", "HiSeq 2500"),
    (r"(HWI-)?C\d{5}", "HiSeq 1500"),
    (r"J\d{5}", "HiSeq 3000"),
    (r"K\d{5}", "HiSeq 4000"),
    (r"E\d{5}", "HiSeq X"),
)
UNKNOWN = "unknown"


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
    """What a read's name tells; None where it is not of Illumina's form (archives such as SRA rename reads)."""
    match = _CASAVA.fullmatch(name.strip())
    if match is None:
        return None
    return ReadOrigin(match["instrument"], int(match["run"]), match["flow_cell"], int(match["lane"]))


def sequencing_of(names: Iterable[str]) -> Sequencing:
    """Of the first read's name of each sample; '' where nobody knows it."""
    origins = [origin_of(name) for name in names]
    by_run: dict[tuple[str, int, str], list[ReadOrigin]] = {}
    for origin in origins:
        if origin is not None:
            by_run.setdefault((origin.instrument, origin.run, origin.flow_cell), []).append(origin)
    runs = tuple(_run(by_run[key]) for key in sorted(by_run))
    unknown = origins.count(None)
    return Sequencing(runs, unknown, _words(runs, unknown))


def _run(origins: list[ReadOrigin]) -> SequencingRun:
    first = origins[0]
    lanes = tuple(sorted({origin.lane for origin in origins}))
    return SequencingRun(first.instrument, first.model, first.run, first.flow_cell, lanes, len(origins))


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
