"""Verdicts as entries of typing.json, with a message that a laboratory's staff understand."""

from __future__ import annotations

from typing import Any

from worker.explain import thresholds
from worker.explain.chimera import Crossover
from worker.explain.differences import Difference, Effect
from worker.explain.verdict import Kind, Verdict

MOST_NAMES = 20
"""Alleles alike that an entry lists: all of them would fill pages where only one exon is covered."""

_EFFECTS = {
    Effect.SYNONYMOUS: "the protein stays the same",
    Effect.STOP: "a premature stop",
    Effect.FRAMESHIFT: "the reading frame is lost",
    Effect.IN_FRAME_INDEL: "the reading frame is kept",
    Effect.SPLICE: "at a splice site",
}


def entry_of(verdict: Verdict) -> dict[str, Any]:
    """An entry of ``unexplained`` (docs/contracts.md, section 3); keys without content are left out."""
    query = verdict.query
    entry: dict[str, Any] = {
        "name": query.name,
        "gene": query.gene,
        "amplicon": query.amplicon,
        "reads": query.pairs,
        "share": query.share,
        "verdict": verdict.kind.value,
        "message": message_of(verdict),
        "thresholds": thresholds.VERSION,
        "best_match": _best_match(verdict),
        "sequence": query.bases,
    }
    if verdict.kind is Kind.NEW_ALLELE:
        entry["differences"] = [difference.as_json() for difference in verdict.differences]
        entry["may_be_pcr_error"] = bool(verdict.pcr_error)
        entry["pcr_error_reason"] = verdict.pcr_error or verdict.no_pcr_error
    if verdict.crossover is not None:
        entry["chimera"] = _chimera(verdict.crossover)
    if verdict.artefact is not None:
        entry["artefact"] = {"kind": verdict.artefact.kind.value, "detail": verdict.artefact.detail}
    if verdict.reason:
        entry["reason"] = verdict.reason
    return entry


def fault_entry(reason: str) -> dict[str, Any]:
    """The entry that stands for all of a sample's sequences where none could be read."""
    return {
        "name": "unexplained.fasta",
        "gene": "",
        "amplicon": "",
        "reads": 0,
        "share": 0.0,
        "verdict": Kind.UNKNOWN.value,
        "message": f"The unexplained sequences could not be read: {reason}",
        "thresholds": thresholds.VERSION,
        "best_match": None,
        "sequence": "",
        "reason": reason,
    }


def message_of(verdict: Verdict) -> str:
    """One sentence for people."""
    query = verdict.query
    head = f"{query.gene}: {query.pairs} pairs ({query.share:.0%}) of {query.amplicon}"
    return f"{head} {_says(verdict)}"


def _says(verdict: Verdict) -> str:
    match verdict:
        case Verdict(kind=Kind.NEW_ALLELE, best=best) if best is not None:
            changes = "; ".join(change_in_words(one) for one in verdict.differences)
            doubt = f" It may be a PCR error: {verdict.pcr_error}." if verdict.pcr_error else ""
            return f"are a new allele, nearest {best.allele}: {changes}.{doubt}"
        case Verdict(kind=Kind.CHIMERA, crossover=Crossover() as crossover):
            return (
                f"are a chimera: {crossover.left.allele} up to base {_range(crossover)} of the sequence, then "
                f"{crossover.right.allele}."
            )
        case Verdict(kind=Kind.PARALOGUE, best=best) if best is not None:
            return f"come from another gene, {best.laying.gene.name}: nearest {best.allele}, {_likeness(verdict)}."
    if verdict.artefact is not None:
        return f"are an artefact ({verdict.artefact.kind.value.replace('_', ' ')}): {verdict.artefact.detail}."
    other = verdict.crossover
    also = f" A crossover of {other.left.allele} and {other.right.allele} would give it too." if other else ""
    match = f" Best match {verdict.best.allele}, {_likeness(verdict)}." if verdict.best else ""
    return f"stay unexplained: {verdict.reason}.{match}{also}"


def change_in_words(difference: Difference) -> str:
    """``exon 3 95T>G, codon 122 Asp>Glu``."""
    words = difference.text.replace("exon", "exon ").replace("intron", "intron ").replace("UTR", "'UTR")
    codon = f", codon {difference.codon.number}" if difference.codon else ""
    before, after = difference.old_amino_acid, difference.new_amino_acid
    if codon and before and after:
        codon += f" {before}" if before == after else f" {before}>{after}"
    effect = _EFFECTS.get(difference.effect)
    return f"{words}{codon}" + (f" ({effect})" if effect else "")


def _range(crossover: Crossover) -> str:
    same = crossover.first == crossover.last
    return str(crossover.first) if same else f"{crossover.first} to {crossover.last}"


def _likeness(verdict: Verdict) -> str:
    best = verdict.best
    assert best is not None
    differences = f"{best.difference_count} difference{'' if best.difference_count == 1 else 's'}"
    return f"{best.identity:.1%} identical ({differences} in {best.compared_bp} bases)"


def _best_match(verdict: Verdict) -> dict[str, Any] | None:
    best = verdict.best
    if best is None:
        return None
    return {
        "gene": best.laying.gene.name,
        "allele": best.allele,
        "is_called": verdict.is_called,
        "identity": round(best.identity, 4),
        "differences": best.difference_count,
        "compared_bp": best.compared_bp,
        "unknown_bp": best.unknown_bp,
        "alike": list(best.alike[:MOST_NAMES]),
    }


def _chimera(crossover: Crossover) -> dict[str, Any]:
    return {
        "parents": [crossover.left.allele, crossover.right.allele],
        "breakpoint_first": crossover.first,
        "breakpoint_last": crossover.last,
        "mismatches": crossover.mismatches,
    }
