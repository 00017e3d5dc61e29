"""Adds the verdicts to a sample's ``typing.json``: the one place of this package that writes."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gems_core.errors import GemsError
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

KEY = "unexplained"
_TYPING, _FASTA = "typing.json", "unexplained.fasta"
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
            _log.warning("no primers to know dimers by: %s: %r", panel, error)
            primers = ()
        return cls(Library(library), primers)

    def explain(self, folder: Path) -> list[dict[str, Any]]:
        """The entries of one sample's folder, the sequences with the most pairs first.

        Raises:
            SampleFailed: typing.json is not as the contract has it.
        """
        typing = _read_typing(folder / _TYPING)
        try:
            sequences = sorted(_read_fasta(folder / _FASTA), key=lambda one: -one.pairs)
        except SampleFailed as error:
            return [fault_entry(str(error))]
        sample = Sample(_called(typing), self.primers)
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
            _log.exception("unexpected in explaining %s", query.name)
            return not_compared(query, f"it could not be compared, for an internal fault: {error!r}")


def _matches(path: Path, sequences: Sequence[Unexplained]) -> dict[str, Match]:
    """What cross_match found; nothing where it did not run, or left what cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return best_matches(parse(lines, path.name), sequences)
    except FileNotFoundError:
        return {}
    except (OSError, GemsError) as error:
        _log.warning("the verdicts go without cross_match: %s", error)
        return {}


def _with_match(entry: dict[str, Any], matches: Mapping[str, Match]) -> dict[str, Any]:
    match = matches.get(entry["name"])
    return entry if match is None else {**entry, "cross_match": match_as_json(match)}


_TOO_MANY = f"only the {thresholds.MOST_SEQUENCES} sequences with the most pairs are compared"


def add_to_typings(found: Mapping[Path, Sequence[Mapping[str, Any]]]) -> None:
    """Write the entries of samples, by folder, into their typing.json, looking from one to the other.

    Raises:
        SampleFailed, OSError: a typing.json cannot be read or written.
    """
    samples = [
        typed_of(folder.name, _read_typing(folder / _TYPING)["loci"], entries) for folder, entries in found.items()
    ]
    retold = with_other_samples(samples)
    for folder in found:
        path = folder / _TYPING
        part = path.with_name(path.name + ".explained")
        part.write_bytes(with_key(path.read_bytes(), KEY, list(retold[folder.name])))
        part.replace(path)


def with_key(document: bytes, key: str, value: object) -> bytes:
    """A JSON object's bytes with one more key; every byte that was there stays, and a key that is there stays too.

    Raises:
        ValueError: it is no JSON object.
    """
    held = json.loads(document)
    if not isinstance(held, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - the bytes are wrong, not the caller
    if key in held:
        return document
    body = document.rstrip()[:-1].rstrip()
    added = f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}".encode()
    return body + (b", " if held else b"") + added + b"}\n"


def _called(typing: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    called: dict[str, tuple[str, ...]] = {}
    for locus in typing["loci"]:
        for allele in locus["alleles"]:
            gene = str(allele["name"]).split("*", 1)[0]
            called[gene] = (*called.get(gene, ()), str(allele["name"]))
    return called


def _read_typing(path: Path) -> dict[str, Any]:
    try:
        typing = json.loads(path.read_bytes())
        _called(typing)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SampleFailed(f"{path.name}: expected a typing with loci and alleles, found {error!r}") from error
    return dict(typing)


def _read_fasta(path: Path) -> tuple[Unexplained, ...]:
    try:
        return read_unexplained(path.read_text(encoding="utf-8")) if path.exists() else ()
    except (OSError, ValueError) as error:
        raise SampleFailed(f"{path.name}: expected text, found {error!r}") from error
