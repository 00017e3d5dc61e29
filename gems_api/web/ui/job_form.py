"""The form of a new job: its fields, with words of help, and the body of ``POST /job`` that it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gems_api.services.intake.artefacts import CHOICES, ArtefactsMissing, PublishedArtefacts
from gems_api.services.intake.job_request import JOB_REQUEST
from gems_api.web.contexts import context
from gems_api.web.ui.words import HLA_CLASSES, HLA_GENES
from gems_core.digits import is_digits
from gems_core.errors import Problem

WHOLE, DOLLARS, TEXT, CHOICE = "whole", "dollars", "text", "choice"


@dataclass(frozen=True)
class FormField:
    """A field of the form.

    Attributes:
        name: as in the body of ``POST /job``.
        label: for people.
        help: a sentence or two.
        kind: what is typed.
        choices: value and label of each, where one is chosen.
        unit: after the field.
        more: whether it stands among what most people leave as it is.
    """

    name: str
    label: str
    help: str
    kind: str = TEXT
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    more: bool = True


_CURRENT = ("", "the current one")
# Of a list that nobody reads to its end; the command line takes any.
MOST_VERSIONS = 50
FIELDS = (
    FormField("bucket", "Bucket", "The S3 bucket with the reads.", more=False),
    FormField("prefix", "Folder", "The folder of one run in the bucket. Its fastq.gz files are typed.", more=False),
    FormField(
        "hla_class",
        "Genes",
        "Which genes the run was amplified for.",
        CHOICE,
        tuple((value, f"{HLA_CLASSES[value]}: {HLA_GENES[value]}") for value in ("all", "1", "2")),
        more=False,
    ),
    FormField(
        "email",
        "Mail to",
        "Who gets a mail when the report is ready or the job has failed. Leave it empty for no mail.",
        more=False,
    ),
    FormField("reference", "Reference library", "A release of IPD-IMGT/HLA, as it was published.", CHOICE, (_CURRENT,)),
    FormField("panel", "Panel", "The amplicons and primers that the run was made with.", CHOICE, (_CURRENT,)),
    FormField("typer", "Typer", "An earlier version types as it did then.", CHOICE, (_CURRENT,)),
    FormField("samples_per_worker", "Samples per share", "How many samples a worker takes at a time.", WHOLE),
    FormField("workers", "Workers at most", "More workers are quicker. Their number changes the price little.", WHOLE),
    FormField("time_limit_seconds", "Time limit", "The job is ended when it takes longer.", WHOLE, unit="seconds"),
    FormField(
        "budget_usd",
        "Budget",
        "The job is refused, or ended, when it costs more. Leave it empty for no limit of your own.",
        DOLLARS,
        unit="US dollars",
    ),
)
# Of `dry_run` the two buttons are the two values; a job is typed again on the command line.
assert {item.name for item in FIELDS} == {item.name for item in JOB_REQUEST.fields} - {"dry_run", "retype_of"}


def fields() -> tuple[FormField, ...]:
    """The form's fields, with the versions that are published now."""
    artefacts = context().artefacts
    try:
        current = artefacts.current()
    except ArtefactsMissing:
        return FIELDS
    return tuple(
        replace(item, choices=_versions(artefacts, CHOICES[item.name], current[CHOICES[item.name]].version))
        if item.name in CHOICES
        else item
        for item in FIELDS
    )


def _versions(artefacts: PublishedArtefacts, kind: str, current: str) -> tuple[tuple[str, str], ...]:
    """The current version first, then the others, the last in order first."""
    others = [one for one in reversed(artefacts.published(kind)) if one.version != current][:MOST_VERSIONS]
    told = [
        (one.version, f"{one.version} of {', '.join(one.commits)}" if one.commits else one.version) for one in others
    ]
    return ("", f"current: {current}"), *told


def defaults() -> dict[str, str]:
    """What the fields hold before anybody types."""
    settings = context().settings
    budget = settings.job_budget_usd
    return {
        "bucket": settings.data_buckets[0] if settings.data_buckets else "",
        "prefix": "",
        "hla_class": "all",
        "email": "",
        **dict.fromkeys(CHOICES, ""),
        "samples_per_worker": str(settings.samples_per_worker),
        "workers": str(settings.most_workers),
        "time_limit_seconds": str(settings.job_limit_seconds),
        "budget_usd": "" if budget is None else f"{budget:g}",
    }


def body_of(values: dict[str, str]) -> tuple[dict[str, object], list[Problem]]:
    """The body of ``POST /job``, and what cannot even be read as what it should be; empty fields are left out."""
    body: dict[str, object] = {}
    problems = []
    for item in FIELDS:
        text = values[item.name]
        if not text and item.more:
            continue
        try:
            body[item.name] = _read(item.kind, text)
        except ValueError:
            problems.append(_wrong(item, text))
    return body, problems


def _read(kind: str, text: str) -> object:
    if kind == WHOLE:
        if not is_digits(text) or len(text) > 9:  # noqa: PLR2004 - more than any limit
            raise ValueError(text)
        return int(text)
    if kind == DOLLARS:
        amount = float(text)
        if amount != amount or amount in (float("inf"), float("-inf")):  # noqa: PLR0124 - not a number is not itself
            raise ValueError(text)
        return amount
    return text


def _wrong(item: FormField, text: str) -> Problem:
    expected = "a whole number" if item.kind == WHOLE else "an amount such as 12.50"
    return Problem("invalid_field", item.name, expected, repr(text)[:120], "Correct the field.")
