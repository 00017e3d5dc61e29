"""The consensus sequences of HML: the called alleles' exons, in which the reads differ, and what is in phase."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from gems_core.json_input import ODD_CONTENT
from gems_report.formats.xml_text import xml_text
from gems_report.gl import gene_of
from gems_report.model import Exon, LocusCall
from gems_report.reported import repeats

_UNKNOWN, _ANY_BASE, _GAP = "?", "N", "."
_NEW_ALLELE = "possible_new_allele"
# Sequence Ontology's terms for what unexplained sequences say of a change.
_EFFECTS = {
    "synonymous": "synonymous_variant",
    "non_synonymous": "missense_variant",
    "stop": "stop_gained",
    "frameshift": "frameshift_variant",
    "in_frame_indel": "inframe_indel",
    "splice": "splice_region_variant",
}
# MIRING asks for an accession number; the library has names only.
_NO_ACCESSION = "unknown"
_DATABASE = {
    "name": "imgt-hla",
    "description": "IPD-IMGT/HLA Database",
    "availability": "public",
    "curated": "true",
    "uri": "https://www.ebi.ac.uk/ipd/imgt/hla/",
}


@dataclass(frozen=True)
class Change:
    """In what the reads differ from a called allele's exon.

    Attributes:
        position: 1-based in the exon; of an insertion the base before it.
        old, new: bases; '.' where there is none.
        pairs: that show it.
        passes: whether it is more than a possible PCR error.
        effect, hgvs: as told of unexplained sequences; '' where nobody told.
    """

    feature: str
    position: int
    old: str
    new: str
    pairs: int
    passes: bool
    effect: str = ""
    hgvs: str = ""


def add_sequences(
    typing: Element,
    call: LocusCall,
    gene: str,
    unexplained: Iterable[Mapping[str, Any]],
    *,
    date: str,
    release: str,
    numbers: Iterator[int],
) -> None:
    """Add a ``consensus-sequence`` of a gene's called alleles to a ``typing``; nothing where no base is known.

    Args:
        typing: the element to add to.
        call: of the gene's locus.
        gene: of the alleles to take.
        unexplained: the sample's.
        date: ISO 8601.
        release: of the alleles.
        numbers: the next ones that no reference sequence of the document has.
    """
    exons = [exon for exon in call.exons if gene_of(exon.allele) == gene and set(exon.bases) - {_UNKNOWN}]
    if not exons:
        return
    sequences = SubElement(typing, "consensus-sequence", {"date": date})
    database = SubElement(sequences, "reference-database", {**_DATABASE, "version": xml_text(release)})
    changes = {allele: tuple(changes_of(call, unexplained, allele)) for allele in {exon.allele for exon in exons}}
    for exon in exons:
        identity = _reference(database, exon, next(numbers))
        _add_block(
            sequences, call, exon, identity, [one for one in changes[exon.allele] if one.feature == exon.feature]
        )


def changes_of(call: LocusCall, unexplained: Iterable[Mapping[str, Any]], allele: str) -> Iterator[Change]:
    """What is new in a called allele: of the sequences that were found to be a new allele, else of the call's flags.

    What a laboratory's own typer tells in another way is left out.
    """
    told = [one for entry in unexplained for one in _read(_of_entry, entry, allele)]
    yield from told
    known = {(one.feature, one.position) for one in told}
    for flag in call.flags:
        if flag.code == _NEW_ALLELE:
            yield from (
                one for one in _read(_of_flag, flag.evidence, allele) if (one.feature, one.position) not in known
            )


def _read(
    read: Callable[[Mapping[str, Any], str], list[Change]], found: Mapping[str, Any], allele: str
) -> list[Change]:
    try:
        return read(found, allele)
    except ODD_CONTENT:
        return []


def _of_flag(found: Mapping[str, Any], allele: str) -> list[Change]:
    if found.get("allele") != allele or "position" not in found:
        return []
    position, pairs = int(found["position"]), int(found["pairs"])
    old, new = str(found["old_base"]), str(found["new_base"])
    return [Change(str(found["feature"]), position, old, new, pairs, passes=True)]


def _of_entry(entry: Mapping[str, Any], allele: str) -> list[Change]:
    best = entry.get("best_match") or {}
    if entry.get("verdict") != "new_allele" or best.get("allele") != allele:
        return []
    passes = not entry.get("may_be_pcr_error", False)
    return [
        Change(
            str(found["feature"]),
            int(found["position"]),
            str(found["old"]),
            str(found["new"]),
            int(entry["reads"]),
            passes,
            _EFFECTS.get(str(found.get("effect")), ""),
            str(found.get("cdna") or ""),
        )
        for found in entry.get("differences", ())
    ]


def _reference(database: Element, exon: Exon, number: int) -> str:
    """Add the exon to the database; the library has no accession numbers, so each exon counts from its own start."""
    identity = f"ref{number}"
    told = {"name": xml_text(f"HLA-{exon.allele}"), "description": _exon_told(exon), "accession": _NO_ACCESSION}
    facts = {"id": identity, **told, "uri": _DATABASE["uri"]}
    SubElement(database, "reference-sequence", {**facts, "start": "0", "end": str(len(exon.bases))})
    return identity


def _add_block(sequences: Element, call: LocusCall, exon: Exon, identity: str, changes: Sequence[Change]) -> None:
    bases = with_changes(exon.bases, changes).replace(_UNKNOWN, _ANY_BASE)
    block = SubElement(
        sequences,
        "consensus-sequence-block",
        {
            "reference-sequence-id": identity,
            "start": "0",
            "end": str(len(bases)),
            "strand": "+",
            "phase-set": phase_set(call, exon),
            "continuity": "false" if _ANY_BASE in bases else "true",
            "expected-copy-number": str(_copies(call, exon)),
            "description": _exon_told(exon),
        },
    )
    SubElement(block, "sequence").text = bases
    spans = [(change, span) for change in changes if (span := as_span(exon.bases, change)) is not None]
    for number, (change, (start, end, old, new)) in enumerate(spans):
        facts = {"id": str(number), "start": str(start), "end": str(end)}
        bases_of = {"reference-bases": old, "alternate-bases": new}
        judged = {"quality-score": str(change.pairs), "filter": "PASS" if change.passes else "FAIL"}
        variant = SubElement(block, "variant", {**facts, **bases_of, **judged})
        if change.effect:
            SubElement(
                variant, "variant-effect", {"term": change.effect, **({"hgvs": change.hgvs} if change.hgvs else {})}
            )


def with_changes(bases: str, changes: Iterable[Change]) -> str:
    """The exon as the reads show it; insertions and deletions stay out, because they would move every later base."""
    found = list(bases)
    for change in changes:
        span = as_span(bases, change)
        if span is not None and len(span[2]) == len(span[3]):
            found[span[0] : span[1]] = span[3]
    return "".join(found)


def as_span(bases: str, change: Change) -> tuple[int, int, str, str] | None:
    """A change as ``start, end, reference bases, alternate bases``, 0-based half-open.

    HML has no empty bases, so an insertion or deletion takes the base before it along, as in VCF; None where that base,
    or any of the change, is not in the exon or not known.
    """
    old, new = change.old.replace(_GAP, ""), change.new.replace(_GAP, "")
    start = change.position - 1
    if not old:  # an insertion's position is of the base before it
        old, new = bases[start : start + 1], bases[start : start + 1] + new
    elif not new:
        start, old, new = start - 1, bases[start - 1 : start] + old, bases[start - 1 : start]
    known = set(old + new) <= set("ACGT")
    return (
        (start, start + len(old), old, new) if start >= 0 and old and known and start + len(old) <= len(bases) else None
    )


def phase_set(call: LocusCall, exon: Exon) -> str:
    """Which blocks lie on one copy: ``<copy>.<phase block>``; an exon in which the alleles do not differ has its own."""
    copy = [allele.name for allele in call.alleles].index(exon.allele) + 1 if exon.allele in _names(call) else 0
    blocks: Sequence[Sequence[str]] = call.document.get("phase_blocks", ())
    number = next((str(at) for at, block in enumerate(blocks, start=1) if exon.feature in block), exon.feature)
    return f"{copy}.{number}"


def _copies(call: LocusCall, exon: Exon) -> int:
    """How many copies of the gene have the allele."""
    if len(call.alleles) != 1 or not repeats(call):
        return 1
    told = (call.document.get("gene_copies") or {}).get(gene_of(exon.allele))
    return int(told) if told else 2


def _names(call: LocusCall) -> set[str]:
    return {allele.name for allele in call.alleles}


def _exon_told(exon: Exon) -> str:
    return xml_text(f"HLA-{gene_of(exon.allele)} {exon.feature.replace('exon', 'exon ')}")
