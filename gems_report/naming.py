"""What a call is named in a report, at the level that a laboratory reports at.

No level hides an allele that is not expressed as usual (suffix N, L, S, C, A or Q): it stands in the name by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gems_core.errors import InvalidInput
from gems_core.hla import AlleleName
from gems_report.ard import Ard, open_ard

NOT_APPLICABLE = "N/A"
"""For DRB3, DRB4 and DRB5 where the gene is absent, as proficiency schemes ask for it."""

ABSENT_STATES = frozenset({"absent", "no_drb345"})
SINGLE_COPY = "single_copy"
COPIES_UNCERTAIN = "copies_uncertain"
_GROUP_SUFFIXES = ("G", "P")
_PROTEIN_FIELDS = 2


class Level(StrEnum):
    """How far a name goes."""

    TWO_FIELDS = "2-field"
    THREE_FIELDS = "3-field"
    G_GROUP = "g"
    P_GROUP = "p"
    MULTIPLE_ALLELE_CODE = "mac"
    SEROLOGY = "serology"


@dataclass(frozen=True)
class Named:
    """A call of one copy: the alleles that it may be, and the groups that a release puts them in.

    Attributes:
        names: the called allele first.
        g_group, p_group: the called allele's; '' where it is in none.
    """

    names: tuple[str, ...]
    g_group: str = ""
    p_group: str = ""


@dataclass(frozen=True)
class Naming:
    """Names calls at one level.

    Attributes:
        level: how far a name goes.
        groups: the group of an allele by its name, where a release's table is at hand. Without it only the called
            allele's group is known, and another protein among the alleles is listed beside the group.
        release: of the reference, such as ``3.51.0``; multiple allele codes and serology are looked up in it.
    """

    level: Level = Level.TWO_FIELDS
    release: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)

    def name(self, call: Named) -> str:
        """The reporting name of one copy; '' where there is no allele.

        Raises:
            ArdMissing, ArdFailed: the level needs py-ard, which is not there or does not know the names.
        """
        match self.level:
            case Level.TWO_FIELDS:
                return "/".join(cut_names(call.names, _PROTEIN_FIELDS))
            case Level.THREE_FIELDS:
                return "/".join(cut_names(call.names, _PROTEIN_FIELDS + 1))
            case Level.G_GROUP:
                return "/".join(self._grouped(call, call.g_group))
            case Level.P_GROUP:
                return "/".join(self._grouped(call, call.p_group))
            case Level.MULTIPLE_ALLELE_CODE:
                return "/".join(_coded(call.names, open_ard(self.release)))
            case Level.SEROLOGY:
                return "/".join(_antigens(call.names, open_ard(self.release)))

    def _grouped(self, call: Named, group: str) -> Iterable[str]:
        """The groups of the alleles; an allele that is in no known group, or not expressed as usual, by itself."""
        called = call.names[0] if call.names else ""
        found: dict[str, None] = {}
        for name in call.names:
            own = self.groups.get(name, group if _is_of(name, called) else "")
            if own and not suffix_of(name):
                found[own] = None
            else:
                found[cut(name, _PROTEIN_FIELDS)] = None
        return found


def reporting_names(
    naming: Naming, state: str, calls: Sequence[Named], *, is_drb345: bool = False, is_homozygous_twice: bool = True
) -> tuple[str, str]:
    """The two reporting names of a locus, as its row shows them.

    Args:
        naming: at which level.
        state: the locus's state in typing.json.
        calls: its called alleles, at most two.
        is_drb345: whether an absent copy is written N/A.
        is_homozygous_twice: whether a single allele of a homozygous call stands in both places.

    Returns:
        '' for what is not called.
    """
    if state in ABSENT_STATES:
        return (NOT_APPLICABLE, NOT_APPLICABLE) if is_drb345 else ("", "")
    names = [naming.name(call) for call in calls]
    if state == SINGLE_COPY and names:
        return names[0], NOT_APPLICABLE if is_drb345 else ""
    if len(names) == 1:
        repeats = is_homozygous_twice and state != COPIES_UNCERTAIN
        return names[0], names[0] if repeats else ""
    return (names[0], names[1]) if names else ("", "")


def suffix_of(name: str) -> str:
    """The expression suffix of a name (``N L S C A Q``); '' without one, of a group, and of what is not an allele name."""
    try:
        suffix = AlleleName.parse(name).suffix
    except InvalidInput:
        return ""
    return "" if suffix in _GROUP_SUFFIXES else suffix


def cut(name: str, fields: int) -> str:
    """A name at so many fields, its suffix kept; what is not an allele name stays as it is."""
    try:
        return AlleleName.parse(name).to_fields(fields)
    except InvalidInput:
        return name


def cut_names(names: Iterable[str], fields: int) -> tuple[str, ...]:
    """The distinct names at so many fields, in their order."""
    return tuple(dict.fromkeys(cut(name, fields) for name in names))


def _is_of(name: str, called: str) -> bool:
    """Whether the name's protein is the called one's, so that the called one's group cannot hide another protein."""
    return cut(name, _PROTEIN_FIELDS) == cut(called, _PROTEIN_FIELDS)


def _coded(names: Sequence[str], ard: Ard) -> tuple[str, ...]:
    """One multiple allele code for the usual proteins, the others behind it."""
    proteins = cut_names(names, _PROTEIN_FIELDS)
    usual = [name for name in proteins if not suffix_of(name)]
    coded = [ard.code(usual)] if usual else []
    return (*coded, *(name for name in proteins if suffix_of(name)))


def _antigens(names: Sequence[str], ard: Ard) -> tuple[str, ...]:
    """The antigens of the usual proteins; a protein without one, and one not expressed as usual, by its own name."""
    found: dict[str, None] = {}
    for name in cut_names(names, _PROTEIN_FIELDS):
        found["" if suffix_of(name) else ard.antigen(name)] = None
        if suffix_of(name) or not ard.antigen(name):
            found[name] = None
    return tuple(part for part in found if part)
