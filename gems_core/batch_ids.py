"""What a worker in a container of AWS Batch is called. Its id holds no colon, for names of logs have none."""

from __future__ import annotations

import re

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WORKER = re.compile(rf"b-(?P<job>{_UUID})(?:-(?P<index>[0-9]{{1,4}}))?")


def worker_of(job_id: str) -> str:
    """The id of the worker that a job or a child (``job:index``) of AWS Batch is."""
    return f"b-{job_id.replace(':', '-')}"


def child_of(worker_id: str) -> str | None:
    """AWS Batch's id of a worker, ``job`` or ``job:index``; None when it is not one of them."""
    match = _WORKER.fullmatch(worker_id)
    if match is None:
        return None
    return match["job"] if match["index"] is None else f"{match['job']}:{match['index']}"
