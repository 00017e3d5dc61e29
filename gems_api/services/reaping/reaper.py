"""The reaper: run on a schedule, it lets no job stay in a state for ever and no instance outlive its job.

A tick makes one pass over EC2's listing and the active index. What it has no time for it leaves to the next one, which
begins elsewhere; what it did not get done it does again.
"""

from __future__ import annotations

import logging
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gems_api.services.context import Context
from gems_api.services.fleet_ports import Instance
from gems_api.services.lifecycle.instance_tags import Debt, pay_tag_debts
from gems_api.services.metrics import Metric, tell
from gems_api.services.reaping.queue import NO_TURN, Turn, turns
from gems_api.services.reaping.reap_job import Looked, reap_job
from gems_api.services.remote.mirror import mirror_all
from gems_api.services.review.notices import send_notices
from gems_api.services.state.snapshot import Outline
from gems_api.services.storage.read_cache import in_parallel
from gems_core import tags
from gems_core.errors import CloudRefused, GemsError, InvalidInput
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
TICK_MINUTES = 1
# Of a Lambda's 30 s: what is left is for the job that is being looked at, and for terminating.
WORKING_SECONDS = 20
# No word to BaseSpace is begun after this. One may take 15 s (its client's patience, and the last try's time).
MIRRORING_SECONDS = 10
# A job whose outline is calm is read whole once in so many ticks, in case the outline does not tell everything.
THOROUGH_TICKS = 10
# Past its job's time limit an instance has this long to be ended with its job. The machine's own switch comes after.
DEAD_MAN_GRACE = timedelta(minutes=10)
_GOLDEN = 0.6180339887498949


@dataclass
class Reaped:
    """What a reaping did.

    Attributes:
        actions: names of what was done, by job.
        orphans: instances terminated because no living job owns them.
        useless: instances terminated whose job goes on without them, or was ended just now.
        failed: jobs that could not be looked at; the log says why.
        left: how many jobs there was no time for.
        mirrored: how many jobs BaseSpace was to be told of.
        too_old: instances terminated because no job may last so long.
    """

    actions: dict[str, list[str]] = field(default_factory=dict)
    orphans: list[str] = field(default_factory=list)
    useless: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left: int = 0
    mirrored: int = 0
    too_old: int = 0


def reap(context: Context) -> Reaped:
    """Put in order whatever dead workers, lost messages and crashes have left. Safe to run twice at once.

    Raises:
        CloudRefused: EC2 does not say what runs, or S3 which jobs there are; nothing can be judged without.
    """
    tick = _Tick(context, context.clock(), _listed(context))
    tick.run()
    _sweep(context)
    send_notices(context, lambda: tick.seconds() > MIRRORING_SECONDS)
    # Last, with what is left of the time: BaseSpace may be slow, or away, and no job waits for it.
    tick.reaped.mirrored = mirror_all(context, lambda: tick.seconds() > MIRRORING_SECONDS)
    _tell(context, tick.reaped)
    return tick.reaped


def _tell(context: Context, reaped: Reaped) -> None:
    values = {
        Metric.REAPED: 1,
        Metric.JOBS_UNREADABLE: len(reaped.failed),
        Metric.JOBS_LEFT: reaped.left,
        Metric.INSTANCES_ENDED: len(reaped.orphans) + len(reaped.useless),
        Metric.INSTANCES_TOO_OLD: reaped.too_old,
    }
    tell(context.settings.stage, context.clock(), values)


def _listed(context: Context) -> Mapping[str, Mapping[str, Instance]]:
    """What EC2 lists of this deployment's instances, by session key and id."""
    by_job: dict[str, dict[str, Instance]] = defaultdict(dict)
    for instance in context.cloud.fleet.instances():
        by_job[instance.tags[tags.SESSION_KEY]][instance.instance_id] = instance
    return by_job


def _too_old(context: Context, by_job: Mapping[str, Mapping[str, Instance]]) -> list[str]:
    """Instances older than any job may become, whatever their job's records say, or whether they can be read at all."""
    limit = timedelta(seconds=context.settings.job_limit_seconds) + DEAD_MAN_GRACE
    oldest = context.clock() - limit
    return [
        instance.instance_id
        for instances in by_job.values()
        for instance in instances.values()
        if not instance.is_gone and not instance.queued and instance.launched_at < oldest
    ]


class _Tick:
    """One pass over all jobs."""

    def __init__(self, context: Context, began: datetime, by_job: Mapping[str, Mapping[str, Instance]]) -> None:
        self._context, self._began, self._by_job = context, began, by_job
        self._number = int(began.timestamp()) // (60 * TICK_MINUTES)
        self._debts: list[Debt] = []
        self._turns: Mapping[SessionKey, Turn] | None = None
        self.reaped = Reaped()

    def seconds(self) -> float:
        """How long it has been at work."""
        return (self._context.clock() - self._began).total_seconds()

    def run(self) -> None:
        """End what no job's records are needed for, so that no job's trouble keeps it running; then look at the jobs."""
        too_old = _too_old(self._context, self._by_job)
        self.reaped.too_old = len(too_old)
        self._end(too_old)
        self._end(item for text in self._by_job if _parse(text) is None for item in _living(self._by_job[text]))
        active = set(self._context.active.jobs())
        tagged = {key for key in map(_parse, self._by_job) if key is not None}
        unmade = self._never_made(tagged - active)
        self._end(item for key in unmade for item in _living(self._by_job[str(key)]))
        jobs = (active | tagged) - unmade
        if self._context.settings.most_vcpus is not None:
            self._turns = turns(self._outlines(jobs), self._by_job, self._began, self._context.settings)
        self._look_at_all(jobs)

    def _end(self, orphans: Iterable[str], useless: Iterable[str] = ()) -> None:
        """Terminate what this tick has not terminated before."""
        ended = {*self.reaped.orphans}
        new = sorted({*orphans} - ended)
        others = sorted({*useless} - ended - {*new})
        _terminate(self._context, [*new, *others])
        self.reaped.orphans, self.reaped.useless = sorted({*ended, *new}), others

    def _never_made(self, tagged: Iterable[SessionKey]) -> set[SessionKey]:
        """Those that have no manifest, which is written before the first launch."""
        keys = list(tagged)
        made = in_parallel(self._is_made, keys)
        return {key for key, is_made in zip(keys, made, strict=True) if not is_made}

    def _is_made(self, session_key: SessionKey) -> bool:
        try:
            return self._context.jobs.is_made(session_key)
        except CloudRefused:
            LOG.warning("job not looked for", exc_info=True, extra={"facts": {"session_key": str(session_key)}})
            return True  # looking at it tells

    def _outlines(self, jobs: Iterable[SessionKey]) -> list[Outline]:
        """All jobs that can be read; one that cannot has no turn, and looking at it tells why."""
        found = in_parallel(self._outline, list(jobs))
        return [outline for outline in found if outline is not None]

    def _outline(self, session_key: SessionKey) -> Outline | None:
        try:
            return self._context.jobs.outline(session_key)
        except GemsError:
            return None

    def _look_at_all(self, jobs: set[SessionKey]) -> None:
        """Look at each job while there is time; what is to be terminated is, at the end, in as few calls as can be."""
        orphans, useless = set[str](), set[str]()
        for place, session_key in enumerate(in_turn(jobs, self._number)):
            if self.seconds() > WORKING_SECONDS:
                self.reaped.left = len(jobs) - place
                LOG.warning("no time for all jobs", extra={"facts": {"left": self.reaped.left}})
                break
            looked = self._look_at(session_key)
            self._debts += [looked.debt] if looked.debt else []
            orphans |= looked.orphans
            useless |= looked.useless
            if looked.actions:
                self.reaped.actions[str(session_key)] = list(looked.actions)
        self._end(orphans, useless)
        self._pay()

    def _pay(self) -> None:
        """Write tags that are owed. Nothing that goes wrong with tags, which are for people only, ends a tick."""
        try:
            pay_tag_debts(self._context, self._debts)
        except Exception:
            LOG.exception("owed tags not written")

    def _look_at(self, session_key: SessionKey) -> Looked:
        text = str(session_key)
        thorough = (self._number + zlib.crc32(text.encode())) % THOROUGH_TICKS == 0
        instances = self._by_job.get(text, {})
        try:
            turn = None if self._turns is None else self._turns.get(session_key, NO_TURN)
            return reap_job(self._context, session_key, instances, thorough=thorough, turn=turn)
        except Exception:
            # One job's trouble, of whatever kind, must not keep the others from being looked after.
            LOG.exception("reaping failed", extra={"facts": {"session_key": text}})
            self.reaped.failed.append(text)
            return Looked()


def in_turn(jobs: Iterable[SessionKey], tick: int) -> Iterator[SessionKey]:
    """All jobs, from another one on at each tick, so that a tick that has no time for all starves none.

    Steps of the golden ratio spread the beginnings evenly over the jobs, however many a tick has time for (three-gap
    theorem: Sós 1958).
    """
    ordered = sorted(jobs, key=str)
    first = int(tick * _GOLDEN % 1 * len(ordered))
    yield from ordered[first:]
    yield from ordered[:first]


def _parse(text: str) -> SessionKey | None:
    try:
        return SessionKey.parse(text)
    except InvalidInput:
        return None


def _living(instances: Mapping[str, Instance]) -> list[str]:
    return [instance_id for instance_id, instance in instances.items() if not instance.is_gone]


def _terminate(context: Context, instance_ids: list[str]) -> None:
    """All in as few calls as EC2 takes; what it refuses now is found again by the next tick."""
    if not instance_ids:
        return
    LOG.warning("terminating", extra={"facts": {"instances": instance_ids}})
    try:
        context.cloud.fleet.terminate(instance_ids)
    except CloudRefused:
        LOG.exception("terminating was refused", extra={"facts": {"instances": instance_ids}})


def _sweep(context: Context) -> None:
    """Tidy up after launches that died half-way; nothing of it costs money, so a refusal can wait for the next time."""
    try:
        removed = context.cloud.fleet.sweep(context.clock())
    except CloudRefused:
        LOG.warning("sweeping failed", exc_info=True)
        return
    if removed:
        LOG.info("swept", extra={"facts": {"removed": removed}})
