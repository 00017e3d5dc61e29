"""What a job's machines left of their logs in S3: ``GET /job/<session_key>/logs``, and what is missing of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gems_api.services.context import Context
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.storage.read_cache import in_parallel
from gems_api.services.storage.worker_logs import MOST_LISTED
from gems_api.services.store_ports import Entry, TooLarge
from gems_core import layout
from gems_core.errors import one_problem
from gems_core.fields import COUNT, FLAG, MOMENT, TEXT, TEXTS, Field, Shape, items
from gems_core.session_key import SessionKey

# One answer has at most so much, so that it fits into Lambda's: a text may double as JSON within JSON.
LARGEST_PAGE_BYTES = 1_500_000
MOST_PARTS = 200


@dataclass(frozen=True)
class LogQuery:
    """What is asked for.

    Attributes:
        worker: an index of ``GET /job``; None for all workers.
        since: only what S3 was given then or later; None for all.
        after: the ``next`` of an earlier page.
    """

    worker: int | None = None
    since: datetime | None = None
    after: str = ""


@dataclass(frozen=True)
class LogPart:
    """A part of a machine's log.

    Attributes:
        name: below the machine's folder; ``bootstrap.log`` is written more than once, each time longer.
        written_at: S3's clock.
    """

    worker: int
    instance_id: str
    name: str
    written_at: datetime
    text: str


@dataclass(frozen=True)
class LogPage:
    """Parts by the time they were written.

    Attributes:
        missing: what should be there and is not, in words.
        more: whether there are later parts already.
        next: asks for what comes after this page; '' for a page without parts.
    """

    session_key: SessionKey
    parts: Sequence[LogPart]
    missing: Sequence[str]
    more: bool
    next: str


_PART: Shape[LogPart] = Shape(
    "LogPart",
    "part of a log",
    (
        Field("worker", COUNT, "index of the worker"),
        Field("instance_id", TEXT, "its instance"),
        Field("name", TEXT, "`bootstrap.log`, `worker/<time>.jsonl` or a crash file"),
        Field("written_at", MOMENT, "when S3 was given it"),
        Field("text", TEXT, "its lines"),
    ),
)
LOG_PAGE: Shape[LogPage] = Shape(
    "LogPage",
    "page of logs",
    (
        Field("session_key", TEXT, "the job", source=lambda page: str(page.session_key)),
        Field("parts", items(_PART), "in the order in which they were written"),
        Field("missing", TEXTS, "what should be there and is not, in words"),
        Field("more", FLAG, "whether there are later parts already"),
        Field("next", TEXT, "`after` of the next page; `''` for a page without parts"),
    ),
)


def job_logs(context: Context, session_key: SessionKey, query: LogQuery) -> LogPage:
    """A page of a job's logs.

    Raises:
        JobNotFound: no such job.
        InvalidInput: it has no such worker.
    """
    machines = _asked_for(context.jobs.load(session_key), query.worker)
    listed = _listed(context, session_key, machines, query)
    missing = _missing(machines, listed)
    wanted = sorted((item for item in listed if _wants(query, item)), key=_place)
    page = _fitting(wanted)
    read = in_parallel(lambda item: _read(context, item), page)
    parts = [part for part in read if isinstance(part, LogPart)]
    missing += [part for part in read if isinstance(part, str)]
    return LogPage(session_key, parts, missing, len(page) < len(wanted), _place(page[-1]) if page else "")


@dataclass(frozen=True)
class _Listed:
    """An object among a machine's logs."""

    worker: int
    instance_id: str
    name: str
    entry: Entry


def _asked_for(snapshot: Snapshot, worker: int | None) -> dict[str, int]:
    """The index of each machine whose log is asked for, by instance."""
    launched = snapshot.state.value.instances if snapshot.state else ()
    known = {item.instance_id: place for place, item in enumerate(launched)}
    known |= {record.value.instance_id: index for index, record in snapshot.workers.items()}
    if worker is None:
        return known
    found = {instance_id: index for instance_id, index in known.items() if index == worker}
    if not found:
        expected = f"a worker of the job, 0 to {max(known.values())}" if known else "a job that has workers"
        raise one_problem("invalid_argument", "query, argument worker", expected, str(worker), "GET /job lists them.")
    return found


def _listed(context: Context, session_key: SessionKey, machines: Mapping[str, int], query: LogQuery) -> list[_Listed]:
    prefix = layout.logs_prefix(session_key)
    entries = context.worker_logs.entries(session_key, None if query.worker is None else list(machines))
    split = ((entry, *entry.key.removeprefix(prefix).partition("/")) for entry in entries)
    return [_Listed(machines[name], name, rest, entry) for entry, name, _, rest in split if name in machines and rest]


def _missing(machines: Mapping[str, int], listed: Sequence[_Listed]) -> list[str]:
    there = {item.instance_id for item in listed}
    missing = [
        f"worker {index} ({instance_id}): no copy of its log is in S3. A worker makes one at its start and then "
        "every minute; perhaps this one never started."
        for instance_id, index in sorted(machines.items(), key=lambda item: item[1])
        if instance_id not in there
    ]
    if len(listed) >= MOST_LISTED:
        missing.append(f"only the first {MOST_LISTED} parts were looked at; ask for one worker")
    return missing


def _place(item: _Listed) -> str:
    """Sorts by time, then by machine and part."""
    return f"{item.entry.modified_at.isoformat()} {item.instance_id}/{item.name}"


def _wants(query: LogQuery, item: _Listed) -> bool:
    new = query.since is None or item.entry.modified_at >= query.since
    return new and _place(item) > query.after


def _fitting(wanted: Sequence[_Listed]) -> list[_Listed]:
    """The first parts, as many as fit into an answer; one at least, so that the next page is another one."""
    page: list[_Listed] = []
    size_bytes = 0
    for item in wanted[:MOST_PARTS]:
        size_bytes += item.entry.size_bytes
        if page and size_bytes > LARGEST_PAGE_BYTES:
            break
        page.append(item)
    return page


def _read(context: Context, item: _Listed) -> LogPart | str:
    """The part, or why it cannot be shown."""
    where = f"worker {item.worker} ({item.instance_id}), {item.name}"
    try:
        content = context.worker_logs.read(item.entry.key)
    except TooLarge as error:
        return f"{where}: {error}"
    if content is None:
        return f"{where}: it is not there any more"
    text = content.decode(errors="replace")
    return LogPart(item.worker, item.instance_id, item.name, item.entry.modified_at, text)


def as_text(page: LogPage) -> str:
    """A page for people: each part under a line that says whose it is, then what is missing and whether there is more."""
    parts = [
        f"== worker {part.worker} ({part.instance_id}), {part.name}, {part.written_at.isoformat()}\n{part.text}"
        for part in page.parts
    ]
    more = [f"== there is more: add after={page.next}"] if page.more else []
    return "\n".join([*parts, *(f"== missing: {what}" for what in page.missing), *more, ""])
