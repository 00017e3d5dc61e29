"""What each flag says in plain words, how grave it is, and what to do about it.

The typer decides which flags a call has (docs/flags.md); a laboratory reads these words beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How grave a flag is, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)

    @property
    def sign(self) -> str:
        """Its sign in every page, report and terminal; of letters that a PDF's own fonts have, and told without colours."""
        return _SIGNS[self]

    @property
    def meaning(self) -> str:
        """What the sign says, for a legend."""
        return _MEANINGS[self]


_SIGNS = {Severity.ERROR: "!!", Severity.WARNING: "!", Severity.NOTE: "i"}
_MEANINGS = {
    Severity.ERROR: "error: do not report the call",
    Severity.WARNING: "warning: look before you report",
    Severity.NOTE: "note",
}
SIGNS_TOLD = "; ".join(f"{_SIGNS[severity]} {_MEANINGS[severity]}" for severity in Severity)
"""The legend of the signs."""


@dataclass(frozen=True)
class FlagWords:
    """A flag's severity, one sentence that says what was found, and one that says what to do."""

    severity: Severity
    sentence: str
    advice: str


@dataclass(frozen=True)
class Flag:
    """A flag of a call or a sample, as the typer stated it.

    Attributes:
        message: the typer's sentence, with its numbers.
        evidence: the numbers by name.
    """

    code: str
    message: str
    evidence: Mapping[str, Any]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Flag:
        """From an entry of ``flags`` in typing.json.

        Raises:
            ODD_CONTENT: it is not one.
        """
        code, message, evidence = document["code"], document.get("message", ""), document.get("evidence", {})
        if not isinstance(code, str) or not isinstance(message, str) or not isinstance(evidence, Mapping):
            raise TypeError(f"expected a flag, found {str(document)[:100]}")
        return cls(code, message, dict(evidence))

    @property
    def words(self) -> FlagWords:
        """What is to be said of it."""
        return words_of(self.code)

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return self.words.severity

    @property
    def place(self) -> str:
        """The amplicon or exon that it is about; '' where it is about the whole call."""
        return str(self.evidence.get("amplicon", ""))

    def as_json(self) -> dict[str, Any]:
        """The entry of typing.json, with severity, words and advice."""
        words = self.words
        return {
            "code": self.code,
            "severity": words.severity.value,
            "words": words.sentence,
            "advice": words.advice,
            "message": self.message,
            "evidence": dict(self.evidence),
        }


def words_of(code: str) -> FlagWords:
    """A flag's words; a flag that a laboratory's own typer has made up is a warning."""
    return FLAGS.get(
        code, FlagWords(Severity.WARNING, f"The typer says {code}.", "Ask whoever supplies the typer what it means.")
    )


def sign_of(flags: tuple[Flag, ...]) -> str:
    """The sign of the gravest of some flags; '' without any."""
    worst = gravest(flags)
    return worst.sign if worst is not None else ""


def gravest(flags: tuple[Flag, ...]) -> Severity | None:
    """The severity of the gravest of some flags; None without any."""
    return min((flag.severity for flag in flags), key=lambda severity: severity.rank, default=None)


def _error(sentence: str, advice: str) -> FlagWords:
    return FlagWords(Severity.ERROR, sentence, advice)


def _warning(sentence: str, advice: str) -> FlagWords:
    return FlagWords(Severity.WARNING, sentence, advice)


def _note(sentence: str, advice: str) -> FlagWords:
    return FlagWords(Severity.NOTE, sentence, advice)


_REPEAT = "Repeat the sample if the call matters."
FLAGS: Mapping[str, FlagWords] = {
    # Reads
    "low_depth": _warning(
        "Too few reads show this place to see both alleles.", "Sequence the sample deeper, or repeat it."
    ),
    "amplicon_without_reads": _warning(
        "Some amplicons gave too few reads.", "Repeat their PCR if the call rests on them."
    ),
    "amplicon_not_in_library": _note(
        "The library has no sequence for some amplicons.", "Nothing; these amplicons are not used."
    ),
    "uncovered_exon": _warning(
        "Some exons have no reads.", "Check that the kit covers them; alleles that differ there stay open."
    ),
    "short_reads": _warning("The reads are short, so related alleles may not be told apart.", "Use longer reads."),
    "unread_exon_bases": _warning(
        "No read reaches the middle of an amplicon's exon; alleles that differ there stay open.", "Use longer reads."
    ),
    "stray_pairs": _warning(
        "Many reads fit neither called allele.", "Look at the coverage table for a missed allele or another person."
    ),
    "pseudogene_reads": _warning(
        "A pseudogene took part of an amplicon.", "Check that both alleles are well covered there."
    ),
    "chimera_suspected": _warning(
        "PCR joined two sequences of this sample.", "Check the share: if it is large, use fewer PCR cycles."
    ),
    "chimera_equals_allele": _warning(
        "A called allele could also be a PCR chimera.", "Confirm the allele by another method."
    ),
    "third_allele_suspected": _warning(
        "Reads of a third allele are there.", "Look for contamination by another sample."
    ),
    "unexplained_sequence": _warning(
        "A sequence recurs that no allele explains.", "See what is said of it under new and odd sequences."
    ),
    # Alleles
    "possible_new_allele": _warning(
        "The reads differ from every known allele.", "Look at the alignment, and confirm it by another method."
    ),
    "allele_imbalance": _warning(
        "One allele has far fewer reads than the other.", "Look at the depth of both alleles. " + _REPEAT
    ),
    "doubtful_second_allele": _warning("The second allele has so few reads that it may be another sample's.", _REPEAT),
    "minor_allele_suspected": _warning("A second allele may be there, too weak to be called.", _REPEAT),
    "dropout_suspected": _warning(
        "An amplicon or exon hardly shows one of the alleles.",
        "Look at the coverage table; the allele may be another one.",
    ),
    "partly_unknown_allele": _note(
        "The database does not state the whole allele.", "Nothing; its unknown bases were not compared."
    ),
    "ambiguous_protein": _note("Alleles of several proteins fit the reads alike.", "See the other genotypes."),
    "null_not_excluded": _warning(
        "An allele that is not expressed fits the reads too.", "Exclude the null allele by another method."
    ),
    "possible_null": _warning(
        "A splice site, start or stop codon differs, so the allele may not be expressed.",
        "Confirm expression by another method.",
    ),
    "other_pair_as_likely": _warning(
        "Another pair of alleles fits about as well.", "See the other genotypes; phase decides between them."
    ),
    "phase_contradicted": _warning(
        "Reads contradict the phase of the called alleles.", "Look at the phase view and the other genotypes."
    ),
    "linkage_unusual": _note(
        "The alleles rarely occur beside this DRB1.", "Look at the coverage of both genes; rare haplotypes exist."
    ),
    # DRB3, DRB4, DRB5
    "copy_number_uncertain": _warning(
        "One copy or two of the gene: the reads do not tell.", "Compare with DRB1; family data decide."
    ),
    "weak_gene": _warning("A gene has too few reads to be called and too many to be absent.", _REPEAT),
    "gene_not_typed": _warning("A gene is there and its allele cannot be told.", "Look at its coverage. " + _REPEAT),
    "more_than_two_genes": _warning(
        "DRB3, DRB4 and DRB5 are all there, which one person cannot have.", "Look for contamination."
    ),
    # No call
    "no_reads": _warning("The gene has no reads.", "Check the PCR, and that the panel is the right one."),
    "too_few_reads": _warning("The gene has too few reads to be called.", "Sequence the sample deeper, or repeat it."),
    "defining_exon_without_reads": _warning(
        "The exons that define the alleles have no reads.", "Check that the kit covers them."
    ),
    "relatives_not_in_library": _warning(
        "Reads of genes that the library lacks cannot be told from this gene's.", "Use a library of the whole release."
    ),
    "no_drb345": _note("DRB3, DRB4 and DRB5 are absent.", "Nothing; DR1, DR8 and DR10 haplotypes have none."),
    "not_in_library": _note("The library lacks the gene.", "Use a library that has it."),
    "not_in_panel": _note("The panel has no amplicon of the gene.", "Nothing; the gene was not looked at."),
    # The sample as a whole
    "most_pairs_lost": _warning(
        "Most reads could not be used.", "Check first that panel and library are those of these reads."
    ),
    "leading_bases": _note(
        "Each read begins with a barcode or a molecular identifier, which was left out.",
        "Nothing, if the kit puts one before its primers.",
    ),
    "several_people_suspected": _error(
        "The sample seems to hold reads of more than one person.", "Do not report it; repeat it from the DNA."
    ),
}
