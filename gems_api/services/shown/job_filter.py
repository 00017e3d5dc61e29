"""Which jobs a list is asked for: what a job's key tells already, and what only its document does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gems_core import layout
from gems_core.session_key import LONGEST_LABEL, SessionKey, safe_prefix
from gems_core.statuses import FINAL_JOB_STATUSES, JobStatus

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


@dataclass(frozen=True)
class JobFilter:
    """Which jobs are asked for; None asks for all.

    Attributes:
        since: no jobs made before this.
        before: a place in the list (``layout.place_in_list``): only jobs that come after it.
    """

    session_key: SessionKey | None = None
    bucket: str | None = None
    prefix: str | None = None
    hla_class: str | None = None
    overall_status: JobStatus | None = None
    since: datetime | None = None
    before: str | None = None
    limit: int = DEFAULT_LIMIT

    def may_admit(self, session_key: SessionKey) -> bool:
        """Whether a job may pass, by its key alone; False is certain."""
        label = session_key.label
        if self.hla_class not in (None, session_key.hla_class):
            return False
        if self.since is not None and session_key.minute + timedelta(minutes=1) <= self.since:
            return False
        if len(label) >= LONGEST_LABEL:
            return True  # it was cut, and does not tell
        starts = self.bucket is None or label.startswith(f"{self.bucket}-")
        return starts and (self.prefix is None or label.endswith(f"-{safe_prefix(self.prefix)}"))

    @property
    def asks_for_content(self) -> bool:
        """Whether anything is asked for besides one job by its key; if not, its document need not be looked into."""
        asked = (self.bucket, self.prefix, self.hla_class, self.since, self.overall_status)
        return any(value is not None for value in asked)

    def admits(self, content: Mapping[str, Any]) -> bool:
        """Whether a job passes, by its document."""
        return (
            self.bucket in (None, content["bucket"])
            and (self.prefix is None or self.prefix.strip("/") == content["prefix"])
            and self.hla_class in (None, content["hla_class"])
            and (self.since is None or datetime.fromisoformat(content["created_at"]) >= self.since)
            and self.overall_status in (None, content["overall_status"])
        )

    @property
    def may_be_closed(self) -> bool:
        """Whether a job that was closed can pass."""
        return self.overall_status is None or self.overall_status in FINAL_JOB_STATUSES

    def is_older(self, moment: datetime) -> bool:
        """Whether jobs of this time, and so all that come after them in the list, are too old."""
        return self.since is not None and moment < self.since

    @property
    def by_key(self) -> bool:
        """Whether anything is asked for that a key may rule out."""
        return any(value is not None for value in (self.bucket, self.prefix, self.hla_class))


def place_of(content: Mapping[str, Any]) -> str:
    """A job's place in the list, by its document."""
    created_at = datetime.fromisoformat(content["created_at"])
    return layout.place_in_list(SessionKey.parse(content["session_key"]), created_at)
