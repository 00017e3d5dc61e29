"""Which jobs ListJobs lists, and its pages (API reference, ListJobs)."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from gems_core.digits import is_digits
from gems_local.strict.batch.model import Job, Queue, Status
from gems_local.strict.batch.refusals import Refused
from gems_local.strict.batch.scheduler import Scheduler

LARGEST_PAGE = 100
_KEPT_LISTINGS = 100
_Wanted = Callable[[Job], bool]


class Listings:
    """Answers ListJobs. The pages of one listing are cut from one answer, as it was at its first page.

    Args:
        scheduler: has the jobs.
        find_queue: a queue by name or ARN.
        clock: tells seconds since the epoch.
        listed_after_seconds: a new job is listed after this.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        find_queue: Callable[[str], Queue | None],
        clock: Callable[[], float],
        listed_after_seconds: float,
    ) -> None:
        self._scheduler = scheduler
        self._find_queue = find_queue
        self._clock = clock
        self._listed_after_seconds = listed_after_seconds
        self._rest: OrderedDict[str, list[Job]] = OrderedDict()

    def page(self, request: Mapping[str, Any]) -> tuple[list[Job], str | None]:
        """A page, and the token of the next.

        Raises:
            Refused: AWS would refuse the request.
        """
        size = int(request.get("maxResults", LARGEST_PAGE))
        if not 1 <= size <= LARGEST_PAGE:
            raise Refused(f"maxResults must be between 1 and {LARGEST_PAGE}; found {size}")
        token = request.get("nextToken")
        jobs = self._listed(request) if token is None else self._rest.get(str(token))
        if jobs is None:
            raise Refused("Invalid nextToken.")
        return jobs[:size], self._keep(jobs[size:])

    def _keep(self, jobs: list[Job]) -> str | None:
        if not jobs:
            return None
        token = secrets.token_urlsafe(24)
        self._rest[token] = jobs
        if len(self._rest) > _KEPT_LISTINGS:
            self._rest.popitem(last=False)
        return token

    def _listed(self, request: Mapping[str, Any]) -> list[Job]:
        places = [name for name in ("jobQueue", "arrayJobId", "multiNodeJobId") if request.get(name)]
        if len(places) != 1 or places == ["multiNodeJobId"]:
            raise Refused("Exactly one of jobQueue, arrayJobId and multiNodeJobId must be specified.")
        filters = request.get("filters") or []
        if len(filters) > 1:
            raise Refused("Only one filter can be used at a time.")
        of_status = _of_status(request.get("jobStatus"))
        latest = self._clock() - self._listed_after_seconds
        if places == ["arrayJobId"]:
            # The filter does not apply to children.
            return [job for job in self._children(request["arrayJobId"], latest) if of_status(job)]
        queue = self._find_queue(request["jobQueue"])
        if queue is None:
            raise Refused(f"JobQueue {request['jobQueue']} does not exist")
        wanted = _filter(filters[0], of_status, has_status="jobStatus" in request) if filters else of_status
        return [
            job
            for job in self._scheduler.submitted()
            if job.submission.queue_arn == queue.arn and job.created_at <= latest and wanted(job)
        ]

    def _children(self, job_id: str, latest: float) -> list[Job]:
        parent = self._scheduler.find(job_id)
        if parent is None or not parent.children:
            raise Refused(f"{job_id} is not an array job")
        return parent.children if parent.created_at <= latest else []


def _of_status(named: str | None) -> _Wanted:
    try:
        status = Status(named or Status.RUNNING)
    except ValueError:
        raise Refused(f"jobStatus must be one of {', '.join(Status)}; found {named}") from None
    return lambda job: job.status == status


def _filter(given: Mapping[str, Any], of_status: _Wanted, *, has_status: bool) -> _Wanted:
    name, values = given.get("name"), given.get("values") or []
    if len(values) != 1:
        raise Refused(f"The filter {name} takes exactly one value; found {len(values)}")
    value = str(values[0])
    match name:
        case "JOB_NAME":
            return lambda job: _names(value.lower(), job.submission.name.lower())
        case "JOB_DEFINITION":
            return lambda job: value == job.submission.definition.arn or _names(value, job.submission.definition.name)
        case "SHARE_IDENTIFIER":
            return lambda job: job.submission.share == value and (not has_status or of_status(job))
        case "BEFORE_CREATED_AT" | "AFTER_CREATED_AT":
            if not is_digits(value):
                raise Refused(f"{name} takes milliseconds since the epoch; found {value}")
            limit, after = int(value), name == "AFTER_CREATED_AT"
            return lambda job: (job.created_at * 1000 > limit) if after else (job.created_at * 1000 < limit)
    raise Refused(f"Unknown filter {name}")


def _names(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
