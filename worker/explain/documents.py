"""Adds the verdicts to a sample's ``typing.json``: the one place of this package that writes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gems_core.errors import GemsError
from gems_report.typing_json import TYPING_JSON, CalledAllele, Typing, with_unexplained
from worker.cross_match.parser import parse
from worker.cross_match.records import Match
from worker.cross_match.runner import TEXT_FILE
from worker.errors import SampleFailed, ShareFailed
from worker.explain import thresholds
from worker.explain.artefact import read_primers
from worker.explain.library import Library
from worker.explain.matched import best_matches, match_as_json
from worker.explain.other_samples import typed_of, with_other_samples
from worker.explain.report import entry_of, fault_entry
from worker.explain.sequences import Unexplained, read_unexplained
from worker.explain.verdict import Sample, Verdict, judge, not_compared

_FASTA = "unexplained.fasta"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Explainer:
    """Explains the sequences of samples typed with one library and panel."""

    library: Library
    primers: tuple[str, ...]

    @classmethod
    def of(cls, library: Path, panel: Path) -> Explainer:
        """With the primers of a panel; without any where it cannot be read, for they only name primer dimers."""
        try:
            primers = read_primers(panel)
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("without primers no primer dimers are recognised: %s: %r", panel, error)
            primers = ()
        return cls(Library(library), primers)

    def explain(self, folder: Path, typing: Typing) -> list[dict[str, Any]]:
        """The entries of one sample, the sequences with the most pairs first.

        Args:
            folder: of its results.
            typing: what the typer stated of it.

        Raises:
            SampleFailed: its calls are not as the contract has them.
        """
        if typing.called is None:
            raise SampleFailed(f"{TYPING_JSON}: expected loci with called alleles, found other ones")
        try:
            sequences = sorted(_read_fasta(folder / _FASTA), key=lambda one: -one.pairs)
        except SampleFailed as error:
            return [fault_entry(str(error))]
        sample = Sample(_by_gene(typing.called), self.primers)
        judged = [self._judged(query, sample) for query in sequences[: thresholds.MOST_SEQUENCES]]
        rest = [not_compared(query, _TOO_MANY) for query in sequences[thresholds.MOST_SEQUENCES :]]
        matches = _matches(folder / TEXT_FILE, sequences)
        return [_with_match(entry_of(verdict), matches) for verdict in (*judged, *rest)]

    def _judged(self, query: Unexplained, sample: Sample) -> Verdict:
        """A verdict, whatever happens: evidence never fails a sample."""
        try:
            return judge(query, sample, self.library)
        except ShareFailed as error:
            return not_compared(query, f"it could not be compared: {error}")
        except Exception as error:
            _log.exception("unexpected error in explaining %s", query.name)
            return not_compared(query, f"it could not be compared because of an internal fault: {error!r}")


def _matches(path: Path, sequences: Sequence[Unexplained]) -> dict[str, Match]:
    """What cross_match found; nothing where it did not run, or left what cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return best_matches(parse(lines, path.name), sequences)
    except FileNotFoundError:
        return {}
    except (OSError, GemsError) as error:
        _log.warning("the verdicts are made without cross_match: %s", error)
        return {}


def _with_match(entry: dict[str, Any], matches: Mapping[str, Match]) -> dict[str, Any]:
    match = matches.get(entry["name"])
    return entry if match is None else {**entry, "cross_match": match_as_json(match)}


_TOO_MANY = f"only the {thresholds.MOST_SEQUENCES} sequences with the most pairs are compared"


def add_to_typings(out: Path, found: Sequence[tuple[Typing, Sequence[Mapping[str, Any]]]]) -> None:
    """Write the entries of samples into their typing.json, looking from one to the other; what was explained once stays.

    Args:
        out: holds a folder a sample.
        found: each sample that has readable calls, and its entries.

    Raises:
        OSError: a typing.json cannot be read or written.
        ValueError: an entry holds what UTF-8 cannot.
    """
    retold = with_other_samples([typed_of(typing.sample, typing.called or (), entries) for typing, entries in found])
    for sample in (typing.sample for typing, _ in found if not typing.is_explained):
        path = out / sample / TYPING_JSON
        part = path.with_name(path.name + ".explained")
        part.write_bytes(with_unexplained(path.read_bytes(), retold[sample]))
        part.replace(path)


def _by_gene(called: Sequence[CalledAllele]) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for allele in called:
        names[allele.gene] = (*names.get(allele.gene, ()), allele.name)
    return names


def _read_fasta(path: Path) -> tuple[Unexplained, ...]:
    try:
        return read_unexplained(path.read_text(encoding="utf-8")) if path.exists() else ()
    except (OSError, ValueError) as error:
        raise SampleFailed(f"{path.name}: expected text, found {error!r}") from error
