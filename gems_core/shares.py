"""Splitting a job's samples into shares of about equal bytes."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from gems_core.fastq_names import SAMPLE_FILES, Sample
from gems_core.fields import Field, Shape, items, whole

DEFAULT_SAMPLES_PER_WORKER = 3


@dataclass(frozen=True)
class Share:
    """A part of a job, worked on by one worker at a time. ``index`` counts from 1."""

    index: int
    samples: tuple[Sample, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all read files of the share."""
        return sum(sample.size_bytes for sample in self.samples)

    def as_json(self) -> dict[str, object]:
        """The share as a JSON object."""
        return SHARE.write(self)


SHARE: Shape[Share] = Shape(
    "ShareBody",
    "share",
    (
        Field("index", whole(1), "counts from 1"),
        Field("samples", items(SAMPLE_FILES), "its samples"),
    ),
)


def share_count(samples: int, samples_per_worker: int = DEFAULT_SAMPLES_PER_WORKER) -> int:
    """How many shares ``samples`` samples make when none should hold more than ``samples_per_worker`` on average."""
    return -(-samples // samples_per_worker)


def split_into_shares(samples: Sequence[Sample], count: int) -> list[Share]:
    """Split samples into ``count`` shares, none empty, balanced by bytes.

    The largest sample goes first, each to the share with the fewest bytes so far (longest processing time first, Graham
    1969: never worse than 4/3 of the best split). The result depends on nothing but the input.

    Args:
        samples: at least one.
        count: at least one; more than there are samples means one sample a share.
    """
    if not samples or count < 1:
        raise ValueError(f"expected samples and a positive count, found {len(samples)} samples and count {count}")
    count = min(count, len(samples))
    parts: list[list[Sample]] = [[] for _ in range(count)]
    # The number of samples breaks ties, so that files of no size still spread evenly.
    lightest = [(0, 0, part) for part in range(count)]
    for sample in sorted(samples, key=lambda sample: (-sample.size_bytes, sample.name)):
        size_bytes, held, part = heapq.heappop(lightest)
        parts[part].append(sample)
        heapq.heappush(lightest, (size_bytes + sample.size_bytes, held + 1, part))
    return [
        Share(index, tuple(sorted(part, key=lambda sample: sample.name))) for index, part in enumerate(parts, start=1)
    ]
