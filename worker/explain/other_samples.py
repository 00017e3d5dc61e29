"""Sequences that are another sample's of the job. Works on the entries that ``report`` made."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gems_core.json_input import ODD_CONTENT
from gems_report.typing_json import CalledAllele
from worker.explain import thresholds
from worker.explain.verdict import Kind

_log = logging.getLogger(__name__)
_OPEN = (Kind.NEW_ALLELE.value, Kind.UNKNOWN.value)
"""Verdicts that another sample may explain better."""


@dataclass(frozen=True)
class Typed:
    """One sample of a job.

    Attributes:
        alleles: called alleles, with those that the reads cannot tell from them, to their share of their locus's pairs.
        entries: its unexplained sequences.
    """

    sample: str
    alleles: Mapping[str, float]
    entries: tuple[Mapping[str, Any], ...]


def typed_of(sample: str, called: Sequence[CalledAllele], entries: Sequence[Mapping[str, Any]]) -> Typed:
    """A sample from its called alleles and the entries of its unexplained sequences."""
    return Typed(sample, {name: allele.share for allele in called for name in allele.ambiguities}, tuple(entries))


def with_other_samples(samples: Sequence[Typed]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """Each sample's entries, those that are another sample's told so; the others, and odd ones, as they are."""
    return {one.sample: tuple(_looked_up_if_sound(entry, one, samples) for entry in one.entries) for one in samples}


def _looked_up_if_sound(entry: Mapping[str, Any], own: Typed, samples: Sequence[Typed]) -> Mapping[str, Any]:
    try:
        return _looked_up(entry, own, samples)
    except ODD_CONTENT as error:
        _log.warning("an unexplained sequence of %s was not looked for in other samples: %r", own.sample, error)
        return entry


def _looked_up(entry: Mapping[str, Any], own: Typed, samples: Sequence[Typed]) -> Mapping[str, Any]:
    if entry.get("verdict") not in _OPEN:
        return entry
    others = [one for one in samples if one.sample != own.sample]
    found = _of_its_sequences(entry, others) or _of_its_calls(entry, own, others)
    return entry if found is None else _retold(entry, found)


@dataclass(frozen=True)
class _Source:
    samples: tuple[str, ...]
    share: float
    what: str


def _of_its_sequences(entry: Mapping[str, Any], others: Sequence[Typed]) -> _Source | None:
    """Samples with the same unexplained sequence in a far larger share."""
    found = [
        (_share_there(other), one.sample)
        for one in others
        for other in one.entries
        if other.get("sequence") == entry["sequence"] and _is_source(_share_there(other), float(entry["share"]))
    ]
    return _source(found, "the same sequence")


def _of_its_calls(entry: Mapping[str, Any], own: Typed, others: Sequence[Typed]) -> _Source | None:
    """Samples whose calls have the very sequence, where this sample's do not."""
    best = entry.get("best_match")
    if not best or best["differences"] or any(name in own.alleles for name in best["alike"]):
        return None
    found = [
        (one.alleles[name], one.sample)
        for one in others
        for name in best["alike"]
        if name in one.alleles and _is_source(one.alleles[name], float(entry["share"]))
    ]
    return _source(found, f"the allele {best['allele']} or one alike")


def _share_there(entry: Mapping[str, Any]) -> float:
    """Another sample's share; one that cannot be read explains nothing here."""
    try:
        return float(entry["share"])
    except ODD_CONTENT:
        return 0.0


def _is_source(share: float, own: float) -> bool:
    return share >= thresholds.SMALLEST_SOURCE_SHARE and share >= thresholds.ANOTHER_SAMPLE_RATIO * own


def _source(found: list[tuple[float, str]], what: str) -> _Source | None:
    if not found:
        return None
    names = tuple(dict.fromkeys(sample for _, sample in sorted(found, key=lambda one: (-one[0], one[1]))))
    return _Source(names, max(share for share, _ in found), what)


def _retold(entry: Mapping[str, Any], source: _Source) -> dict[str, Any]:
    """The entry as another sample's. What it was before is kept: the lookup sees names and shares, not reads."""
    head = f"{entry['gene']}: {entry['reads']} pairs ({float(entry['share']):.0%}) of {entry['amplicon']}"
    names = " or ".join(source.samples[:3]) + (f" ({len(source.samples)} samples)" if len(source.samples) > 3 else "")  # noqa: PLR2004
    message = f"{head} come from another sample, {names}, which has {source.what} in {source.share:.0%} of its pairs."
    return {
        **entry,
        "verdict": Kind.ANOTHER_SAMPLE.value,
        "message": message,
        "another_sample": {
            "samples": list(source.samples),
            "share_there": source.share,
            "verdict_by_itself": entry["verdict"],
        },
    }
