"""What a user asks for, read from a JSON body with every problem told at once."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace

from gems_api.settings import Settings
from gems_core.errors import Problem
from gems_core.fields import FLAG, Field, FieldKind, Shape, checked, optional, read_fields, whole
from gems_core.hla import HLA_CLASSES, parse_hla_class

# S3's rules for bucket names (S3 user guide, "Bucket naming rules").
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\.[A-Za-z]{2,24}")
LONGEST_EMAIL = 254
# Of UTF-8. The longest key of a result has 387 more (session key 254, sample 100, file 17, folders), and S3 takes 1,024.
LONGEST_PREFIX_BYTES = 600
LARGEST_BUDGET_USD = 1_000_000.0


@dataclass(frozen=True)
class JobRequest:
    """A well-formed wish for a job; whether its files are good is preflight's matter.

    Attributes:
        prefix: without slashes at its ends.
        hla_class: ``1``, ``2`` or ``all``; '' when what was sent is none of them (then there are problems).
        email: '' for no mail.
        workers: how many instances at most.
        budget_usd: what each run may cost; None for no limit.
        reference, typer, panel: names of published versions; '' for the current ones.
        retype_of: session key of the job whose reads are typed again; '' for a folder as it is now.
    """

    bucket: str
    prefix: str
    hla_class: str
    email: str
    samples_per_worker: int
    workers: int
    time_limit_seconds: int
    budget_usd: float | None
    dry_run: bool
    reference: str = ""
    typer: str = ""
    panel: str = ""
    retype_of: str = ""

    @property
    def choices(self) -> dict[str, str]:
        """The names of versions, by field."""
        return {"reference": self.reference, "typer": self.typer, "panel": self.panel}

    @property
    def digest(self) -> str:
        """Names the request: two with the same digest ask for the same. What is left out counts as in older releases."""
        asked = asdict(self)
        asked = {name: value for name, value in asked.items() if value or name not in (*self.choices, "retype_of")}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def is_bucket_name(value: object) -> bool:
    """Whether S3 would take it for a bucket's name."""
    return isinstance(value, str) and _BUCKET.fullmatch(value) is not None


def _prefix(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(value)
    folder = value.strip("/")
    if len(folder.encode()) > LONGEST_PREFIX_BYTES:
        raise ValueError(value)
    return folder


def _is_email(value: object) -> bool:
    if value == "":
        return True
    if not isinstance(value, str) or len(value) > LONGEST_EMAIL or ".." in value:
        return False
    return _EMAIL.fullmatch(value) is not None


def _budget(most: float | None = None) -> FieldKind:
    """US dollars, at most what a deployment allows."""
    bound = LARGEST_BUDGET_USD if most is None else min(most, LARGEST_BUDGET_USD)

    def right(value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= bound

    schema = {"type": "number", "exclusiveMinimum": 0}
    return checked(right, f"US dollars, above 0 and at most {bound:g}", schema).then(float)


LONGEST_NAME = 1024
VERSION_NAME = checked(
    lambda value: isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_NAME,
    f"a name of at most {LONGEST_NAME} printable characters",
    {"type": "string"},
)
_CHOICE = "published version of the {}, or the whole version; absent: the current one"

JOB_REQUEST: Shape[JobRequest] = Shape(
    "JobRequestBody",
    "body",
    (
        Field(
            "bucket",
            checked(is_bucket_name, "an S3 bucket name", {"type": "string"}),
            "S3 bucket with the reads; GeMS's role must be able to list and read it",
        ),
        Field(
            "prefix",
            FieldKind(
                {"type": "string"},
                f"a folder of printable characters, of at most {LONGEST_PREFIX_BYTES} bytes in UTF-8",
                _prefix,
            ),
            f"folder of the reads in the bucket, of at most {LONGEST_PREFIX_BYTES} bytes in UTF-8 (S3 takes keys of 1,024, and"
            " results lie below it). Slashes at its ends do not matter. What lies under a folder `gems/` in it is never taken"
            " for input",
        ),
        Field(
            "hla_class",
            FieldKind({"type": "string", "enum": list(HLA_CLASSES)}, "1, 2 or all", parse_hla_class),
            "`1` (A, B, C), `2` (DR, DQ, DP) or `all`; `classAll` and numbers are accepted",
        ),
        optional(
            "email",
            checked(_is_email, "an e-mail address", {"type": "string", "format": "email"}),
            "where the report's address is mailed, or that the job failed before there was one (not when its user cancels it);"
            " absent: no mail",
            "",
        ),
        optional(
            "samples_per_worker",
            whole(1),
            "samples a share holds on average; default `GEMS_SAMPLES_PER_WORKER`",
        ),
        optional("workers", whole(1), "instances at most; fewer are launched when there are fewer shares"),
        optional(
            "time_limit_seconds", whole(1), "the job is ended after it; default and most `GEMS_JOB_LIMIT_SECONDS`"
        ),
        optional(
            "budget_usd",
            _budget(),
            "what a run may cost in US dollars, each of the job's; default and most `GEMS_JOB_BUDGET_USD`",
        ),
        optional("reference", VERSION_NAME, _CHOICE.format("reference library: a release such as `3.58.0`"), ""),
        optional("typer", VERSION_NAME, _CHOICE.format("typer: a commit, at least seven digits of it"), ""),
        optional("panel", VERSION_NAME, _CHOICE.format("panel: its name"), ""),
        optional(
            "retype_of",
            VERSION_NAME,
            "session key of a job of the same `bucket` and `prefix`: its reads are typed again, and no others. A file that is"
            " gone or has changed since is a problem",
            "",
        ),
        optional("dry_run", FLAG, "`true`: only look, plan and tell all problems", absent=False),
    ),
)


def parse_job_request(body: object, settings: Settings) -> tuple[JobRequest, list[Problem]]:
    """Read the body of ``POST /job``.

    Returns:
        the request, and all that is wrong with it; a field that is wrong holds a harmless value.
    """
    problems: list[Problem] = []
    if not isinstance(body, dict):
        problems.append(_wrong("body", "a JSON object", body))
        body = {}
    known = sorted(item.name for item in JOB_REQUEST.fields)
    expected = f"one of the fields {', '.join(known)}"
    problems += [_wrong(name, expected, name) for name in sorted(set(body) - set(known))]
    values, wrong = read_fields(_fields_here(settings), body, _wrong)
    return JobRequest(**values), problems + wrong


def own_bucket(bucket: str, settings: Settings) -> list[Problem]:
    """What is wrong with a bucket that is GeMS's own: workers may read and write a job's bucket, and nobody its records."""
    if bucket != settings.control_bucket:
        return []
    repair = "Upload the reads to another bucket, and name that."
    return [Problem("own_bucket", bucket, "a bucket with reads", "the bucket of GeMS's own records", repair)]


def _fields_here(settings: Settings) -> list[Field[JobRequest]]:
    """The fields with the limits and defaults of a deployment."""
    limits = {
        "samples_per_worker": (whole(1, settings.max_samples), settings.samples_per_worker),
        "workers": (whole(1, settings.most_workers), settings.most_workers),
        "time_limit_seconds": (whole(1, settings.job_limit_seconds), settings.job_limit_seconds),
        "budget_usd": (_budget(settings.job_budget_usd), settings.job_budget_usd),
    }
    return [
        replace(item, kind=limits[item.name][0], absent=limits[item.name][1]) if item.name in limits else item
        for item in JOB_REQUEST.fields
    ]


def _wrong(name: str, expected: str, found: object) -> Problem:
    return Problem("invalid_field", name, expected, repr(found)[:120], "Correct the field and send the request again.")
