"""EC2 tags, which hold a running job's metadata in place of a database.

Limits (EC2 user guide, "Tag your resources"): 50 tags a resource, keys of 128 and values of 256 characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gems_core.statuses import WorkerStatus

SESSION_KEY = "gems:session_key"
BUCKET = "gems:bucket"
PREFIX = "gems:prefix"
HLA_CLASS = "gems:hla_class"
WORKERS = "gems:workers"
ATTEMPT = "gems:attempt"
INSTANCE_INDEX = "gems:instance_index"
STATUS = "gems:status"
SAMPLES = "gems:samples"
CONTROL_BUCKET = "gems:control_bucket"
NAME = "Name"

LONGEST_VALUE = 256
_ELSEWHERE = "s3:"


@dataclass(frozen=True)
class LaunchTags:
    """The tags set inside RunInstances, the same for every instance of one launch."""

    session_key: str
    bucket: str
    prefix: str
    hla_class: str
    workers: int
    attempt: int

    def as_dict(self) -> dict[str, str]:
        """Key to value; a value too long for a tag is cut (the manifest holds it whole)."""
        values = {
            SESSION_KEY: self.session_key,
            BUCKET: self.bucket,
            PREFIX: self.prefix,
            HLA_CLASS: self.hla_class,
            WORKERS: str(self.workers),
            ATTEMPT: str(self.attempt),
            STATUS: WorkerStatus.LAUNCHED.value,
            NAME: f"gems {self.session_key}",
        }
        return {key: value[:LONGEST_VALUE] for key, value in values.items()}


def samples_value(file_names: Sequence[str], manifest_key: str) -> str:
    """The value of ``gems:samples``: the names with spaces between, or where to find them when they do not fit."""
    value = " ".join(file_names)
    return value if len(value) <= LONGEST_VALUE else f"{_ELSEWHERE}{manifest_key}"[:LONGEST_VALUE]


def belongs_to(tags: Mapping[str, str], session_key: str) -> bool:
    """Whether an instance with these tags is one of the job's."""
    return tags.get(SESSION_KEY) == session_key[:LONGEST_VALUE]
