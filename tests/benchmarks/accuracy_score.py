"""Hold calls against the truth of a simulated run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gems_cli.reference.library import Library, Locus
from gems_cli.simulator.run import Person
from gems_core.hla import CLASS_1_LOCI, AlleleName

# These speak of the release or of the panel, whatever the reads are: no warning that a call may be wrong.
NO_WARNING = frozenset(
    {
        "ambiguous_protein",
        "partly_unknown_allele",
        "amplicon_not_in_library",
        "null_not_excluded",
        "linkage_unusual",
        "copy_number_uncertain",
    }
)
NOT_TYPED = frozenset({"not_in_library", "not_in_panel"})
Name = Callable[[str], object]


@dataclass(frozen=True)
class Verdict:
    """What became of one locus of one person.

    Attributes:
        outcome: ``right``, ``wrong`` or ``no_call``, at two fields.
        right_in_g: whether the G groups are right.
        warnings: codes of its flags that warn.
        planted: new alleles that are in the sample.
        found: those of them that a flag names with exon, position and base.
        invented: flags for new alleles that are not in the sample.
        story: what was there and what was called, for people.
    """

    outcome: str
    right_in_g: bool
    warnings: tuple[str, ...]
    planted: int
    found: int
    invented: int
    story: str

    @property
    def is_wrong_without_a_flag(self) -> bool:
        """The one thing that must not be."""
        return self.outcome == "wrong" and not self.warnings


class Judge:
    """Judges calls by a library's names and sequences."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def verdicts(self, person: Person, typing: dict[str, Any]) -> list[Verdict]:
        """One for each locus that was simulated and could be typed."""
        calls = {call["locus"]: call for call in typing["loci"] if call["state"] not in NOT_TYPED}
        return [
            self._verdict(person, genotype.locus, genotype.alleles, calls[genotype.locus])
            for genotype in person.genotypes
            if genotype.locus in calls
        ]

    def _verdict(self, person: Person, locus: str, truth: Sequence[str], call: dict[str, Any]) -> Verdict:
        called = [tuple(allele["ambiguities"]) for allele in call["alleles"]]
        right = matches(truth, called, two_fields)
        outcome = "no_call" if call["state"] == "no_call" else "right" if right else "wrong"
        warnings = tuple(sorted({flag["code"] for flag in call["flags"]} - NO_WARNING))
        planted = {f"{new.exon} {new.position}{new.old}>{new.new}" for new in person.novelties if new.allele in truth}
        told = {_change(flag) for flag in call["flags"] if flag["code"] == "possible_new_allele"}
        names = [allele["name"] for allele in call["alleles"]]
        story = f"{person.sample} {locus}: {'+'.join(truth)} called {'+'.join(names)} {' '.join(warnings)}"
        return Verdict(
            outcome,
            outcome == "right" and matches(truth, called, self.g_key),
            warnings,
            len(planted),
            len(planted & told),
            len(told - planted),
            story,
        )

    def g_key(self, allele: str) -> object:
        """What alleles of a G group share: its name, or where the library has no groups, the exons that make them."""
        locus = self.library.locus(allele.partition("*")[0])
        return locus.alleles[allele].g_group or _core(locus, allele)


def _core(locus: Locus, allele: str) -> object:
    exons = ("exon2", "exon3") if locus.name in CLASS_1_LOCI else ("exon2",)
    return tuple(locus.sequence(allele, exon) for exon in exons)


def _change(flag: dict[str, Any]) -> str:
    evidence = {"feature": "", "position": "", "old_base": "", "new_base": "", **flag["evidence"]}
    return "{feature} {position}{old_base}>{new_base}".format(**evidence)


def two_fields(allele: str) -> object:
    """E.g. ``A*01:01``."""
    name = AlleleName.parse(allele)
    return name.gene, name.fields[:2]


def matches(truth: Sequence[str], called: Sequence[Sequence[str]], key: Name) -> bool:
    """Whether the called alleles can be those that are there, none left over on either side."""
    both = [*called, *called] if len(called) == 1 and len(truth) == 2 and len(set(truth)) <= 2 else list(called)
    if len(both) != len(truth):
        return False
    named = [{key(name) for name in names} for names in both]
    wanted = [key(allele) for allele in truth]
    orders = (named, named[::-1])
    return any(all(one in names for one, names in zip(wanted, order, strict=True)) for order in orders)


def counts(verdicts: Sequence[Verdict]) -> Counter[str]:
    """Sums over verdicts, by the table's column."""
    total: Counter[str] = Counter()
    for verdict in verdicts:
        total["loci"] += 1
        total[verdict.outcome] += 1
        total["right_in_g"] += verdict.right_in_g
        total["flagged"] += bool(verdict.warnings)
        total["wrong_without_a_flag"] += verdict.is_wrong_without_a_flag
        total["planted"] += verdict.planted
        total["found"] += verdict.found
        total["invented"] += verdict.invented
    return total
