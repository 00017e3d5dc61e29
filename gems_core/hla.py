"""HLA vocabulary: loci, their classes, and allele names.

Source: the WHO nomenclature (hla.alleles.org/nomenclature/naming.html).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gems_core.errors import one_problem

CLASS_1_LOCI = ("A", "B", "C")
CLASS_2_LOCI = ("DRB1", "DRB345", "DQA1", "DQB1", "DPA1", "DPB1")
DRB345_GENES = ("DRB3", "DRB4", "DRB5")
HLA_CLASSES = ("1", "2", "all")

_CLASS_ALIASES = {"1": "1", "2": "2", "all": "all", "classall": "all", "class1": "1", "class2": "2"}
_ALLELE = re.compile(
    r"(?:HLA-)?(?P<gene>[A-Z0-9]{1,5})\*(?P<fields>[0-9]{2,4}(?::[0-9]{2,4}){0,3})(?P<suffix>[NLSCAQGP]?)"
)


def parse_hla_class(text: object) -> str:
    """``1``, ``2`` or ``all`` from what a user gave (``classAll`` and the number 1 are accepted).

    Raises:
        InvalidInput: it is none of them.
    """
    hla_class = _CLASS_ALIASES.get(str(text).strip().lower())
    if hla_class is None:
        raise one_problem(
            "unknown_hla_class",
            "hla_class",
            "1, 2 or all",
            repr(text),
            "Send hla_class as 1 (A, B, C), 2 (DR, DQ, DP) or all.",
        )
    return hla_class


def loci_of_class(hla_class: str) -> tuple[str, ...]:
    """The loci that a class reports, in the order of every report; DRB3, DRB4 and DRB5 share ``DRB345``."""
    return {"1": CLASS_1_LOCI, "2": CLASS_2_LOCI, "all": CLASS_1_LOCI + CLASS_2_LOCI}[hla_class]


@dataclass(frozen=True, order=True)
class AlleleName:
    """One allele's name, e.g. ``DRB4*01:03:01:02N``: gene, one to four fields, expression suffix or ''."""

    gene: str
    fields: tuple[str, ...]
    suffix: str = ""

    @classmethod
    def parse(cls, text: str) -> AlleleName:
        """Read a name, with or without ``HLA-``.

        Raises:
            InvalidInput: it is not an allele name.
        """
        match = _ALLELE.fullmatch(text.strip())
        if match is None:
            raise one_problem(
                "allele_name", "allele", "a name such as A*02:01:01:01", repr(text), "Use the names of IPD-IMGT/HLA."
            )
        return cls(match["gene"], tuple(match["fields"].split(":")), match["suffix"])

    @property
    def locus(self) -> str:
        """The locus under which a report lists it."""
        return "DRB345" if self.gene in DRB345_GENES else self.gene

    def to_fields(self, count: int) -> str:
        """The name cut to ``count`` fields; an expression suffix stays, for it says more than a field."""
        return f"{self.gene}*{':'.join(self.fields[:count])}{self.suffix}"

    def __str__(self) -> str:
        return self.to_fields(4)
