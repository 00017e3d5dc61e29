"""Alleles that are not expressed as usual and may be there: no table may hide one behind the name of the called allele."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gems_report.gl import genotypes_of, names_in
from gems_report.naming import cut, suffix_of

if TYPE_CHECKING:
    from gems_report.model import LocusCall

NULL = "N"
_SHOWN_FIELDS = 3
_SUFFIXES = ("N", "L", "S", "C", "A", "Q")


def not_expressed(call: LocusCall) -> tuple[str, ...]:
    """Those of a call beside the called alleles, with three fields; in any genotype that the reads leave."""
    ambiguities = (name for allele in call.alleles for name in allele.ambiguities)
    return not_expressed_of([allele.name for allele in call.alleles], ambiguities, call.gl_string)


def not_expressed_of(called: Iterable[str], ambiguities: Iterable[str], gl_string: str) -> tuple[str, ...]:
    """The same of names: with a suffix (N, L, S, C, A or Q) that the called alleles' names do not show."""
    shown = {cut(name, _SHOWN_FIELDS) for name in called}
    possible = dict.fromkeys((*ambiguities, *names_in(genotypes_of(gl_string))))
    # Hundreds of alleles fit many calls; hardly one of them ends in such a letter.
    suffixed = (name for name in possible if name.endswith(_SUFFIXES) and suffix_of(name))
    found = dict.fromkeys(cut(name, _SHOWN_FIELDS) for name in suffixed)
    return tuple(name for name in found if name not in shown)
