"""What reports say of a call beside the typer's own words: its names at a level, its depth, its flags in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gems_core.errors import InvalidInput
from gems_core.hla import AlleleName
from gems_core.json_input import ODD_CONTENT
from gems_core.plate import Role
from gems_report.expression import not_expressed_of
from gems_report.flags import Flag
from gems_report.gl import genotypes_of, names_in, spaced
from gems_report.model import AlleleCall, Choices, LocusCall, Report, SampleResult
from gems_report.naming import ABSENT_STATES, COPIES_UNCERTAIN, SINGLE_COPY, Named, Naming, reporting_names, suffix_of
from gems_report.verdict import Reason

DRB345 = "DRB345"
_DROPOUT_SUSPECTED = "dropout_suspected"
# Three fields tell the protein and the coding sequence.
SHOWN_FIELDS = 3
CELLS_TOLD = (
    "+n: n more alleles that the reads cannot tell from it; or: one of these that is not expressed as usual; "
    "-: the only copy; ?: nobody knows. Names have at most three fields here."
)
UNEXPLAINED_WORDS = {
    "new_allele": "possible new allele",
    "chimera": "PCR chimera",
    "paralogue": "another gene",
    "another_sample": "another sample",
    "artefact": "artefact",
    "unknown": "unknown",
}
"""The verdicts of sequences that no called allele explains (docs/unexplained.md)."""
STATE_WORDS = {
    "no_call": "no call",
    "dropout_suspected": "one allele; another may be missing",
    "single_copy": "one copy",
    "copies_uncertain": "copies uncertain",
    "no_drb345": "absent",
    "not_in_library": "not in the library",
    "not_in_panel": "not in the panel",
}


@dataclass(frozen=True)
class Depth:
    """How many pairs lie over the called alleles' known bases: the lowest place, and the mean over all bases."""

    lowest: float
    mean: float


@dataclass(frozen=True)
class MadeBy:
    """What a sample was typed with; '' for what nobody told."""

    release: str
    panel: str
    typer: str
    ruleset: str

    @classmethod
    def of(cls, report: Report, result: SampleResult | None = None) -> MadeBy:
        """A sample's; without one, and for a failed one, the run's."""
        told: Mapping[str, Any] = (result.versions if result else None) or report.made_by
        names = ("reference_release", "primer_mask_version", "typer", "ruleset")
        return cls(*(_joined(told.get(name)) for name in names))


def date_of(report: Report) -> str:
    """The day of the run, ISO 8601; '' where nobody knows."""
    return report.facts.created_at.date().isoformat() if report.facts.created_at else ""


def project_of(report: Report) -> str:
    """What the run is called."""
    folder = report.facts.prefix.strip("/").rsplit("/", 1)[-1]
    return report.choices.project or folder or report.facts.session_key or "GeMS"


def placement_told(report: Report, result: SampleResult) -> str:
    """Where a sample stood and, of a control, what it is there for; '' of a sample of which nobody says."""
    placed = report.placement_of(result)
    role = "" if placed.role is Role.SAMPLE else placed.role.value.replace("_", " ")
    return ", ".join(filter(None, (placed.well, role)))


def naming_of(choices: Choices, made_by: MadeBy) -> Naming:
    """How a sample's calls are named."""
    return Naming(choices.level, made_by.release, choices.groups)


def names_at_level(call: LocusCall, naming: Naming) -> tuple[str, str]:
    """The two reporting names of a call.

    Raises:
        ArdMissing, ArdFailed: the level needs py-ard.
    """
    return reporting_names(
        naming,
        call.state,
        named_copies(call),
        is_drb345=call.locus == DRB345,
        is_homozygous_twice=repeats(call) and call.state != _DROPOUT_SUSPECTED,
    )


def named_copies(call: LocusCall) -> tuple[Named, ...]:
    """The called copies; alleles not expressed as usual that only another genotype has stand with the nearest copy."""
    details = call.document.get("alleles", ())
    lists = [list(allele.ambiguities or (allele.name,)) for allele in call.alleles]
    for name in names_in(genotypes_of(call.gl_string)):
        if lists and suffix_of(name) and not any(name in names for names in lists):
            max(lists, key=lambda names: _shared(name, names[0])).append(name)
    return tuple(
        Named(tuple(names), str(detail.get("g_group", "")), str(detail.get("p_group", "")))
        for names, detail in zip(lists, details, strict=True)
    )


def repeats(call: LocusCall) -> bool:
    """Whether a single called allele stands for both copies."""
    return call.state not in (SINGLE_COPY, COPIES_UNCERTAIN)


def both_alleles(call: LocusCall) -> tuple[AlleleCall, ...]:
    """Two alleles, a homozygous call's one repeated, one where only one copy is there, or none."""
    return call.alleles * 2 if len(call.alleles) == 1 and repeats(call) else call.alleles


def allele_cells(state: str, names: Sequence[str]) -> tuple[str, str]:
    """What stands under allele 1 and allele 2 for people.

    A homozygous allele stands twice; beside another one ``-`` says that one copy is there, ``?`` that nobody knows.
    """
    first, second = [*names, "", ""][:2]
    if len(names) == 1:
        second = first if state == "homozygous" else "-" if state == SINGLE_COPY else "?"
    return first, second


def cell_lines(call: LocusCall) -> tuple[str, ...]:
    """A call in a table of all calls."""
    alleles = [(allele.name, allele.ambiguities) for allele in call.alleles]
    return lines_of(call.locus, call.state, alleles, call.gl_string)


def lines_of(locus: str, state: str, alleles: Sequence[tuple[str, Sequence[str]]], gl_string: str) -> tuple[str, ...]:
    """A call in a table of all calls, of an entry of report.json.

    A line an allele with ``+n`` for the further alleles that the reads cannot tell from it, then each allele not expressed
    as usual that is among them; without an allele the state in words.

    Args:
        locus: its name.
        state: as in typing.json.
        alleles: names, each with its ambiguities.
        gl_string: as in typing.json.
    """
    further = {name: len(ambiguities) - 1 for name, ambiguities in alleles}
    names = [name for name, _ in alleles]
    if not names:
        return (state_told(state),)
    lines = (
        f"{short_name(name, locus)} +{further[name]}" if further.get(name, 0) > 0 else short_name(name, locus)
        for name in allele_cells(state, names)
        if name
    )
    hidden = not_expressed_of(names, (name for _, of in alleles for name in of), gl_string)
    return (*lines, *(f"or {short_name(name, locus)}" for name in hidden))


def short_name(name: str, locus: str) -> str:
    """An allele's name under its locus, with three fields: ``02:01:01``; under DRB345 with the gene's number: ``3*01:01:02``.

    What is not an allele name, such as a laboratory's own typer may give to a new allele, stays whole.
    """
    try:
        found = AlleleName.parse(name).to_fields(SHOWN_FIELDS)
    except InvalidInput:
        return name
    return found.removeprefix("DRB") if locus == DRB345 else found.partition("*")[2]


def genotypes_told(call: LocusCall) -> str:
    """Every genotype that the data leave, for people."""
    return spaced(gl_string_of(call))


def gl_string_of(call: LocusCall) -> str:
    """Every genotype that the data leave; of typers that write no GL String the called one, '' without a call."""
    called = "+".join("/".join(allele.ambiguities or (allele.name,)) for allele in both_alleles(call))
    return call.gl_string or called


def reason_told(reason: Reason) -> str:
    """A reason in words, with its numbers beside each other."""
    beside = f" ({reason.value}; threshold {reason.threshold})" if reason.value and reason.threshold else ""
    return f"{reason.words}{beside}"


def depth_of(call: LocusCall) -> Depth | None:
    """How deep a call is; None without reads over known bases, and where the typer tells depth in another way."""
    try:
        rows = [row for row in call.document.get("coverage", ()) if row["known_bp"] > 0]
        known = sum(row["known_bp"] for row in rows)
        mean = sum(row["mean_depth"] * row["known_bp"] for row in rows) / known if known else 0.0
        return Depth(min(float(row["minimum_depth"]) for row in rows), float(mean)) if known else None
    except ODD_CONTENT:
        return None


def flag_told(flag: Flag) -> str:
    """A flag in words, with its place."""
    return f"{flag.words.sentence} ({flag.place})" if flag.place else flag.words.sentence


def flags_told(flags: Iterable[Flag]) -> str:
    """Flags in words, each once."""
    return " | ".join(dict.fromkeys(flag_told(flag) for flag in flags))


def state_told(state: str) -> str:
    """A state in words."""
    return STATE_WORDS.get(state, state.replace("_", " "))


def is_absent(call: LocusCall) -> bool:
    """Whether the gene is known not to be there."""
    return call.state in ABSENT_STATES


def _shared(name: str, other: str) -> int:
    """How many leading characters two names share."""
    return next((at for at, (one, two) in enumerate(zip(name, other, strict=False)) if one != two), len(name))


def _joined(value: Any) -> str:  # noqa: ANN401 - JSON values
    """A version; where samples disagree, all of them."""
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def facts_told(report: Report) -> dict[str, str]:
    """What the run is and was made with; what nobody told is left out."""
    made_by = MadeBy.of(report)
    told = {
        "Date": date_of(report),
        "Job": report.facts.session_key,
        "Reads": f"{report.facts.bucket}/{report.facts.prefix}".strip("/"),
        "Release": made_by.release and f"IPD-IMGT/HLA {made_by.release}",
        "Panel": made_by.panel,
        "Typer": made_by.typer,
        "Ruleset": made_by.ruleset,
        "Reported by": report.choices.center,
    }
    return {name: value for name, value in told.items() if value}
