"""The alleles that somebody expects of a sample, such as those of a positive control, and whether calls agree with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gems_core.errors import InvalidInput
from gems_core.hla import AlleleName

LONGEST_EXPECTED = 4_000
_LOCI = re.compile(r"[\^;,\s]+")
_GROUPS = ("G", "P")


@dataclass(frozen=True)
class ExpectedGenotype:
    """Of one locus: one set of alternatives for each copy."""

    locus: str
    copies: tuple[tuple[AlleleName, ...], ...]

    def agrees_with(self, called: Sequence[Sequence[str]]) -> bool:
        """Whether called alleles, each with the names that the reads cannot tell from it, are these.

        An expected name of fewer fields stands for all longer ones. One expected copy stands for a homozygous pair.
        """
        expected = self.copies if len(self.copies) > 1 else self.copies * len(called)
        found = called if len(called) > 1 else list(called) * len(expected)
        if not called or len(found) != len(expected):
            return False
        straight = all(_is_one_of(one, names) for one, names in zip(expected, found, strict=True))
        return straight or all(_is_one_of(one, names) for one, names in zip(expected, reversed(found), strict=True))

    def __str__(self) -> str:
        return "+".join("/".join(str(name) for name in copy) for copy in self.copies)


def parse_expected(text: str) -> tuple[ExpectedGenotype, ...]:
    """A GL String (``A*01:01+A*02:01^B*07:02+B*08:01``), or allele names separated by blanks, commas or semicolons.

    Raises:
        ValueError: it is neither, or names more than two alleles of a locus.
    """
    if len(text) > LONGEST_EXPECTED:
        raise ValueError(f"expected at most {LONGEST_EXPECTED} characters, found {len(text)}")
    copies: dict[str, list[tuple[AlleleName, ...]]] = {}
    for part in filter(None, _LOCI.split(text.replace(" + ", "+"))):
        for copy in part.split("|")[0].split("+"):
            names = tuple(_name(name) for name in copy.split("/"))
            copies.setdefault(names[0].locus, []).append(names)
    crowded = [locus for locus, found in copies.items() if len(found) > 2]  # noqa: PLR2004 - chromosomes
    if crowded:
        raise ValueError(f"expected at most two alleles of a locus, found more of {', '.join(crowded)}")
    return tuple(ExpectedGenotype(locus, tuple(found)) for locus, found in copies.items())


def _name(text: str) -> AlleleName:
    try:
        return AlleleName.parse(text)
    except InvalidInput:
        raise ValueError(f"expected allele names such as A*02:01, found {text[:50]!r}") from None


def _is_one_of(expected: tuple[AlleleName, ...], called: Sequence[str]) -> bool:
    return any(_covers(one, name) for one in expected for name in called)


def _covers(expected: AlleleName, called: str) -> bool:
    try:
        name = AlleleName.parse(called)
    except InvalidInput:  # a laboratory's own typer may name a new allele in its own way
        return str(expected) == called
    is_group = expected.suffix in _GROUPS
    fields = name.fields[: len(expected.fields)]
    return name.gene == expected.gene and fields == expected.fields and (is_group or expected.suffix == name.suffix)
