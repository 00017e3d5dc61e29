"""Hold calls against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from accuracy_samples import Sample, Truth

from gems_core.hla import CLASS_1_LOCI, AlleleName
from gems_reference.library import Library, Locus

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
NEW_ALLELE = "possible_new_allele"
REFUSED = "refused"
"""Stands among the warnings of a sample that the typer did not type."""
Key = Callable[[str], object]
Names = tuple[str, ...]
"""What a called allele may be, the name that is reported first."""
Outcome = Literal["right", "wrong", "no_call"]


@dataclass(frozen=True)
class FullNames:
    """How a call whose full names are known stands.

    Attributes:
        right: whether the called names are right at two, three and four fields.
        is_listed: whether the full names are among those that the reads cannot tell from the called ones.
        is_decided: whether what the release states decides them.
        alleles: that are called.
        names: that the reads cannot tell from the called ones, these included.
    """

    right: tuple[bool, bool, bool]
    is_listed: bool
    is_decided: bool
    alleles: int
    names: int


@dataclass(frozen=True)
class Verdict:
    """What became of one locus of one sample.

    Attributes:
        outcome: at two fields; what is right stands in ``accuracy_samples``.
        right_in_g: whether the G groups are right; None where that is not asked.
        warnings: codes of flags that warn, the locus's and the sample's.
        planted: new alleles that are in the sample.
        found: those of them that a flag names: with exon, position and base, or an allele that the library lacks at all.
        invented: flags for new alleles that are not in the sample.
        story: what was there and what was called, for people.
        full_names: where these are judged.
    """

    outcome: Outcome
    right_in_g: bool | None
    warnings: tuple[str, ...]
    planted: int
    found: int
    invented: int
    story: str
    full_names: FullNames | None = None

    @property
    def is_wrong_without_a_flag(self) -> bool:
        """The one thing that must not be."""
        return self.outcome == "wrong" and not self.warnings


@dataclass(frozen=True)
class Judged:
    """A sample's verdicts, and the codes of its own flags that warn."""

    warnings: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


class Judge:
    """Judges calls by a library's names and sequences.

    Args:
        library: has every true allele; without one the truth is taken at two fields.
    """

    def __init__(self, library: Library | None) -> None:
        self.library = library

    def judge(self, sample: Sample, typing: dict[str, Any] | None) -> Judged:
        """One verdict for each locus whose truth is known and that could be typed; ``typing`` stays None for a refused sample."""
        if typing is None:
            return Judged((REFUSED,), tuple(_refused(sample, truth) for truth in sample.truths))
        warnings = _warnings(typing)
        calls = {call["locus"]: call for call in typing["loci"] if call["state"] not in NOT_TYPED}
        truths = [truth for truth in sample.truths if truth.locus in calls]
        if sample.alone:
            known = {truth.locus for truth in truths}
            truths += [Truth(locus, ()) for locus, call in calls.items() if call["alleles"] and locus not in known]
        return Judged(warnings, tuple(self._verdict(sample, truth, calls[truth.locus], warnings) for truth in truths))

    def _verdict(self, sample: Sample, truth: Truth, call: dict[str, Any], of_sample: tuple[str, ...]) -> Verdict:
        called = [tuple(allele["ambiguities"]) for allele in call["alleles"]]
        warnings = tuple(sorted({*_warnings(call), *of_sample}))
        outcome = self._outcome(truth, call, warnings, of_sample)
        in_g = outcome == "right" and matches(truth.alleles, called, self.g_key) if self._has_groups(truth) else None
        told = {_change(flag) for flag in call["flags"] if flag["code"] == NEW_ALLELE}
        is_unknown = truth.want == "flag" and not truth.changes
        names = "+".join(allele["name"] for allele in call["alleles"]) or call["state"]
        return Verdict(
            outcome,
            in_g,
            warnings,
            planted=1 if is_unknown else len(truth.changes),
            found=bool(told) if is_unknown else len(truth.changes & told),
            invented=0 if is_unknown else len(told - truth.changes),
            story=f"{sample.name} {truth.locus}: {'+'.join(truth.alleles)} called {names} {' '.join(warnings)}",
            full_names=None if truth.is_decided is None else _full_names(truth, called, is_decided=truth.is_decided),
        )

    def _has_groups(self, truth: Truth) -> bool:
        return self.library is not None and truth.want == "call"

    def _outcome(
        self, truth: Truth, call: dict[str, Any], warnings: tuple[str, ...], of_sample: tuple[str, ...]
    ) -> Outcome:
        if truth.want == "nothing":
            return "wrong" if call["alleles"] else "right"
        if call["state"] == "no_call":
            return "no_call"
        called = [tuple(allele["ambiguities"]) for allele in call["alleles"]]
        return "right" if self._is_right(truth, called, warnings, of_sample) else "wrong"

    def _is_right(
        self, truth: Truth, called: Sequence[Names], warnings: tuple[str, ...], of_sample: tuple[str, ...]
    ) -> bool:
        match truth.want:
            case "name":
                return matches(truth.alleles, [names[:1] for names in called], two_fields)
            case "flag":
                return bool(warnings)
            case "call and flag":
                return bool(warnings) and self._is_named(truth, called)
            case "sample flag":
                return bool(of_sample) or _same(truth.alleles, called, two_fields)
            case "genes":
                return _same(truth.alleles, called, _gene)
            case _:
                return self._is_named(truth, called)

    def _is_named(self, truth: Truth, called: Sequence[Names]) -> bool:
        """A second allele that is not there is wrong even where it differs in the third field only."""
        invented = (
            self.library is not None and _is_homozygous(truth.alleles) and len({names[0] for names in called}) > 1
        )
        return not invented and matches(truth.alleles, called, two_fields)

    def g_key(self, allele: str) -> object:
        """What alleles of a G group share: its name, or where the library has no groups, the exons that make them."""
        assert self.library is not None
        locus = self.library.locus(allele.partition("*")[0])
        return locus.alleles[allele].g_group or _core(locus, allele)


def _full_names(truth: Truth, called: Sequence[Names], *, is_decided: bool) -> FullNames:
    named = [names[:1] for names in called]
    right = tuple(matches(truth.alleles, named, key) for key in (two_fields, three_fields, str))
    two, three, four = right
    listed = matches(truth.alleles, called, str)
    return FullNames((two, three, four), listed, is_decided, len(called), sum(len(names) for names in called))


def _refused(sample: Sample, truth: Truth) -> Verdict:
    outcome: Outcome = "right" if truth.want == "nothing" else "no_call"
    return Verdict(outcome, None, (REFUSED,), len(truth.changes), 0, 0, f"{sample.name} {truth.locus}: refused")


def _warnings(flagged: dict[str, Any]) -> tuple[str, ...]:
    """Codes of a locus's or a sample's flags that warn. Older typers give a sample none."""
    return tuple(sorted({flag["code"] for flag in flagged.get("flags", ())} - NO_WARNING))


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


def three_fields(allele: str) -> object:
    """E.g. ``A*01:01:01``."""
    name = AlleleName.parse(allele)
    return name.gene, name.fields[:3]


def _gene(allele: str) -> str:
    return allele.partition("*")[0]


def _is_homozygous(alleles: Sequence[str]) -> bool:
    return len(alleles) == 2 and len(set(alleles)) == 1


def _same(truth: Sequence[str], called: Sequence[Names], key: Key) -> bool:
    """Whether each allele that is there is among the called ones' names, and each called one is there."""
    wanted, named = {key(allele) for allele in truth}, [{key(name) for name in names} for names in called]
    every: set[object] = set().union(*named)
    return wanted <= every and all(wanted & names for names in named)


def matches(truth: Sequence[str], called: Sequence[Names], key: Key) -> bool:
    """Whether the called alleles can be those that are there, none left over on either side."""
    both = [*called, *called] if len(called) == 1 and len(truth) == 2 and len(set(truth)) <= 2 else list(called)
    if len(both) != len(truth):
        return False
    named = [{key(name) for name in names} for names in both]
    wanted = [key(allele) for allele in truth]
    orders = (named, named[::-1])
    return any(all(one in names for one, names in zip(wanted, order, strict=True)) for order in orders)


def counts(judged: Sequence[Judged]) -> Counter[str]:
    """Sums over samples, by the table's column."""
    total: Counter[str] = Counter()
    for sample in judged:
        total["samples"] += 1
        total["flagged_samples"] += bool(sample.warnings)
        for verdict in sample.verdicts:
            total["loci"] += 1
            total[verdict.outcome] += 1
            total["asked_in_g"] += verdict.right_in_g is not None
            total["right_in_g"] += bool(verdict.right_in_g)
            total["flagged"] += bool(verdict.warnings)
            total["wrong_without_a_flag"] += verdict.is_wrong_without_a_flag
            total["planted"] += verdict.planted
            total["found"] += verdict.found
            total["invented"] += verdict.invented
    return total
