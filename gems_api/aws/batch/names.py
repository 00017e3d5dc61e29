"""What GeMS and AWS Batch call the same things: launches and jobs, laboratories and shares."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from gems_core import tags as words

# "You can use letters, numbers, spaces, and + - = . _ : / @" (AWS Batch user guide, "Tag your resources").
_UNFIT_FOR_TAGS = re.compile(r"[^\w +\-=.:/@]", re.ASCII)
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")
LONGEST_SHARE = 255


def name_of_jobs(control_bucket: str, session_key: str) -> str:
    """How the names of all launches of a job begin. A session key is longer than a name may be, and has other signs."""
    digest = hashlib.sha256(f"{control_bucket} {session_key}".encode()).hexdigest()[:20]
    return f"gems-{digest}-"


def name_of_launch(tags: Mapping[str, str]) -> str:
    """The name of a launch's job, the same whenever the launch is repeated."""
    return f"{name_of_jobs(tags[words.CONTROL_BUCKET], tags[words.SESSION_KEY])}{tags[words.ATTEMPT]}"


def fit_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as AWS Batch and ECS take them: another sign is written ``_``, as in the prefix of somebody's folder."""
    return {key: _UNFIT_FOR_TAGS.sub("_", value) for key, value in tags.items()}


def share_of(tags: Mapping[str, str]) -> str:
    """Whose share of the queue a launch uses: the laboratory's, which its bucket stands for."""
    return _NOT_ALPHANUMERIC.sub("", tags.get(words.BUCKET, ""))[:LONGEST_SHARE] or "gems"
