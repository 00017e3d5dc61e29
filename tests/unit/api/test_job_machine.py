"""Jobs under everything that may happen to them, in any order; whatever happens, they end and leave nothing behind.

The real use cases run over a cloud in memory that dies, lags, collides, loses answers and runs out of capacity. Rules
interleave users, workers, deaths and reapers, at the granularity of single writes. The suite's examples are the same each
time; ``GEMS_MACHINE_EXAMPLES=2000`` asks for so many new ones (and ``GEMS_MACHINE_STEPS`` for longer ones), which take longer
than a test may: ``--timeout 0``.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from api_fakes import FakeClock
from api_world import CONTROL, DATA, SETTINGS, World
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sim_worker import Loss, Refused, SimWorker, Unheard
from troubled_cloud import LambdaDied, Trouble, TroubledFleet, TroubledMailer, TroubledQueue, TroubledStore

from gems_api.services.access.membership import InstanceUnknown
from gems_api.services.context import Context
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.lifecycle.start_job import start_job
from gems_api.services.lifecycle.stop_instances import stop_instances
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown.job_view import job_view
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.workers.report_status import report_status
from gems_core import layout
from gems_core.errors import CloudRefused, GemsError
from gems_core.protocol.answer import Answer, MailState
from gems_core.protocol.status_report import StatusReport
from gems_core.session_key import SessionKey
from gems_core.statuses import (
    FINAL_WORKER_STATUSES,
    JobStatus,
    WorkerStatus,
    job_may_become,
    worker_may_become,
)

pytestmark = pytest.mark.usefixtures("one_reader")
EXAMPLES = int(os.environ.get("GEMS_MACHINE_EXAMPLES", "0"))
SUITE_EXAMPLES = 50
STEPS = int(os.environ.get("GEMS_MACHINE_STEPS", "40"))
TICK_SECONDS = 60
BEAT_SECONDS = 30
SPOT_NOTICE_SECONDS = 120
LIMIT = replace(SETTINGS, job_limit_seconds=3600, max_launches=4)
PICKS = st.integers(0, 7)
LOSSES = st.sampled_from(Loss)
EMAIL = st.sampled_from([True, True, False])
STAGES = ["finished", "status:MERGING", "insist:REPORT_WRITTEN", "insist:COMPLETE", "stop"]
MOST_STEPS = 60


def world_in_trouble(fleet: type[TroubledFleet]) -> tuple[World, Trouble]:
    trouble = Trouble()
    clock = FakeClock()
    world = World(settings=LIMIT, clock=clock, store=TroubledStore(trouble, DATA, CONTROL))
    world.fleet = fleet(clock, trouble=trouble)
    world.mailer = TroubledMailer(trouble=trouble)
    world.cloud = replace(world.cloud, fleet=world.fleet, mailer=world.mailer)
    world.context = Context(world.settings, world.cloud, clock)
    return world, trouble


@contextmanager
def unexpected_errors() -> Iterator[list[str]]:
    """The reaper goes on after one job's trouble; here only AWS's refusals are trouble to be expected."""
    found: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            if error is not None and not isinstance(error, GemsError):
                found.append("".join(traceback.format_exception(error)))

    listener = Listener()
    logger = logging.getLogger("gems_api.services.reaping.reaper")
    logger.addHandler(listener)
    try:
        yield found
    finally:
        logger.removeHandler(listener)


class JobMachine(RuleBasedStateMachine):
    """Two Lambdas that forget, up to two jobs, and the workers of all instances."""

    fleet_type: type[TroubledFleet] = TroubledFleet

    def __init__(self) -> None:
        super().__init__()
        self.world, self.trouble = world_in_trouble(self.fleet_type)
        self.store: TroubledStore = self.world.store  # type: ignore[assignment]
        self.fleet: TroubledFleet = self.world.fleet  # type: ignore[assignment]
        self.mailer: TroubledMailer = self.world.mailer  # type: ignore[assignment]
        self.lambdas = [self.world.context, Context(LIMIT, self.world.cloud, self.world.clock)]
        self.workers: dict[str, SimWorker] = {}
        self.messages: list[tuple[SessionKey, StatusReport]] = []
        self.grants: dict[tuple[str, int, int], str] = {}
        self.statuses: dict[str, tuple[int, JobStatus]] = {}
        self.doomed: dict[str, datetime] = {}
        self.started = 0
        self.mail_may_fail = False

    # What users do.

    @initialize(
        samples=st.integers(1, 5),
        workers=st.integers(1, 3),
        per_worker=st.integers(1, 2),
        email=EMAIL,
        most_vcpus=st.sampled_from([None, None, 4, 8]),
    )
    def begin(self, samples: int, workers: int, per_worker: int, email: bool, most_vcpus: int | None) -> None:
        capped = replace(LIMIT, most_vcpus=most_vcpus)
        self.world.settings = capped
        self.lambdas = [Context(capped, self.world.cloud, self.world.clock) for _ in range(2)]
        self.world.context = self.lambdas[0]
        workers = min(workers, capped.most_workers)
        self._post(samples, workers, per_worker, email)

    @precondition(lambda self: self.started < 2)
    @rule(samples=st.integers(1, 3), workers=st.integers(1, 2), email=EMAIL)
    def begin_another(self, samples: int, workers: int, email: bool) -> None:
        self._post(samples, min(workers, self.world.settings.most_workers), 1, email)

    @precondition(lambda self: self.started)
    @rule()
    def post_again(self) -> None:
        self._send_post(self.started)

    def _post(self, samples: int, workers: int, per_worker: int, email: bool) -> None:
        self.started += 1
        prefix = f"run{self.started}"
        self.world.upload(prefix, samples)
        self.body = {"bucket": DATA, "prefix": prefix, "hla_class": "2", "samples_per_worker": per_worker}
        self.body |= {"workers": workers, **({"email": "lab@example.org"} if email else {})}
        self._send_post(self.started)

    def _send_post(self, number: int) -> None:
        # The same digits each time, for an example must go the same way each time.
        with patch("gems_api.services.lifecycle.start_job.secrets.choice", lambda digits: str(number)):
            self._lambda(lambda context: start_job(context, self.body, f"key{number}"))

    @precondition(lambda self: self.started)
    @rule(pick=PICKS, earnest=st.integers(0, 9))
    def user_cancels(self, pick: int, earnest: int) -> None:
        if earnest > 7:  # not too often, for little happens to a job that was cancelled
            self._cancel(pick)

    def _cancel(self, pick: int) -> None:
        for session_key in self._some(self._jobs(), pick):
            self._lambda(partial(cancel, session_key=session_key))

    def _cancel_and_retry(self, pick: int) -> None:
        self._cancel(pick)
        self._retry(pick, with_key=False)

    @precondition(lambda self: any(self.world.job(key).ended for key in self._jobs()))
    @rule(pick=PICKS, with_key=st.booleans())
    def user_retries(self, pick: int, with_key: bool) -> None:
        self._retry(pick, with_key=with_key)

    def _retry(self, pick: int, *, with_key: bool) -> None:
        for session_key in self._some(self._jobs(), pick):
            key = f"again{self.world.job(session_key).run}-{session_key}" if with_key else None
            self._lambda(partial(retry, session_key=session_key, idempotency_key=key))

    # What the cloud does.

    @rule(capacities=st.lists(st.integers(0, 2), min_size=1, max_size=3))
    def capacity_is_short(self, capacities: list[int]) -> None:
        """Of the next launches, which get so many instances at most."""
        self.fleet.capacities = capacities

    @rule()
    def a_launch_will_go_unheard(self) -> None:
        self.fleet.answer_lost = True

    @rule(lag_seconds=st.sampled_from([0, 60, 170]), tag_lag_seconds=st.sampled_from([0, 10]))
    def ec2_lags(self, lag_seconds: int, tag_lag_seconds: int) -> None:
        self.fleet.lag_seconds, self.fleet.tag_lag_seconds = lag_seconds, tag_lag_seconds

    @rule(seconds=st.sampled_from([0, 600, 3600]))
    def ec2_forgets_the_dead(self, seconds: int) -> None:
        self.fleet.forgets_after = timedelta(seconds=seconds)

    @rule(throttled=st.booleans())
    def tags_are_throttled(self, throttled: bool) -> None:
        self.fleet.tag_refusal = "EC2 CreateTags was refused (RequestLimitExceeded)" if throttled else ""

    @rule(refuses=st.booleans(), answer_lost=st.booleans())
    def mail_has_trouble(self, refuses: bool, answer_lost: bool) -> None:
        self.mailer.refusal = "SES SendEmail was refused (Throttling)" if refuses else ""
        self.mailer.answer_lost = answer_lost
        self.mail_may_fail = True

    @rule(operations=st.integers(1, 12), after=st.booleans())
    def a_lambda_will_die(self, operations: int, after: bool) -> None:
        self.trouble.die(operations, after=after)
        self.mail_may_fail = True  # it is never sent twice, and so not at all if its Lambda dies over it

    @rule(operations=st.integers(1, 12))
    def a_write_will_collide(self, operations: int) -> None:
        self.trouble.collide(operations)

    @rule(calls=st.lists(st.integers(1, 80), min_size=1, max_size=4))
    def calls_will_be_refused(self, calls: list[int]) -> None:
        """Of S3 and EC2, reads and listings among them: throttled, each once."""
        for number in calls:
            self.trouble.refuse(number)
        self.mail_may_fail = True

    @rule(
        operations=st.integers(1, 12),
        who=st.sampled_from(["reap", "step", "beat", "late", "end", "pass", "cancel", "cancel and retry"]),
        pick=PICKS,
    )
    def somebody_will_meddle(self, operations: int, who: str, pick: int) -> None:
        actions: dict[str, Callable[[int], None]] = {
            "reap": lambda pick: self.reaper_runs(),
            "cancel": self._cancel,
            "cancel and retry": self._cancel_and_retry,
            "step": lambda pick: self._step(pick, Loss.NOTHING),
            "beat": self._beat,
            "late": self.a_message_comes_late,
            "end": self.an_instance_ends,
            "pass": lambda pick: self._pass(BEAT_SECONDS * (pick + 1)),
        }
        self.trouble.meddle(operations, lambda: actions[who](pick))

    @precondition(lambda self: self._living())
    @rule(pick=PICKS)
    def an_instance_ends(self, pick: int) -> None:
        for worker in self._some(self._living(), pick):
            self.fleet.end([worker.instance_id])

    @precondition(lambda self: self._living())
    @rule(pick=PICKS, loss=LOSSES)
    def spot_takes_an_instance_back(self, pick: int, loss: Loss) -> None:
        for worker in self._some(self._living(), pick):
            worker.fail(leaving=True, loss=loss, machine_taken=True)
            self.doomed[worker.instance_id] = self._now() + timedelta(seconds=SPOT_NOTICE_SECONDS)

    # What workers do.

    @precondition(lambda self: self._living())
    @rule(pick=PICKS, loss=LOSSES)
    def a_worker_steps(self, pick: int, loss: Loss) -> None:
        self._step(pick, loss)

    @precondition(lambda self: self._living())
    @rule(pick=PICKS, steps=st.integers(2, 12))
    def a_worker_gets_on(self, pick: int, steps: int) -> None:
        for _ in range(steps):
            self._step(pick, Loss.NOTHING)

    @precondition(lambda self: self._living())
    @rule(stage=st.sampled_from(STAGES), loss=st.sampled_from([Loss.ANSWER, Loss.REQUEST, Loss.ANSWER]))
    def workers_come_to(self, stage: str, loss: Loss) -> None:
        """Far into a job few steps lead to what is worth trying there."""
        for _ in range(MOST_STEPS):
            there = [worker for worker in self._living() if worker.todo[0] == stage and not worker.hung]
            if there:
                there[0].step(loss)
                return
            self._all_step(1)

    @precondition(lambda self: self._living())
    @rule(steps=st.integers(1, 8))
    def all_workers_get_on(self, steps: int) -> None:
        self._all_step(steps)

    @precondition(lambda self: self._living())
    @rule(pick=PICKS, leaving=st.booleans(), loss=LOSSES)
    def a_worker_fails(self, pick: int, leaving: bool, loss: Loss) -> None:
        for worker in self._some(self._living(), pick):
            worker.fail(leaving=leaving, loss=loss)

    @precondition(lambda self: self._living())
    @rule(pick=PICKS, mute=st.booleans())
    def a_network_changes(self, pick: int, mute: bool) -> None:
        for worker in self._some(self._living(), pick):
            worker.mute = mute

    @precondition(lambda self: self._living())
    @rule(pick=PICKS)
    def a_worker_hangs(self, pick: int) -> None:
        for worker in self._some(self._living(), pick):
            worker.hung = True

    @precondition(lambda self: self.messages)
    @rule(pick=st.integers(0, 200))
    def a_message_comes_late(self, pick: int) -> None:
        for session_key, report in self._some(self.messages[::-1], pick):
            with suppress(Unheard, Refused):
                self._deliver(session_key, report)

    # What the schedule does.

    @rule()
    def reaper_runs(self) -> None:
        with unexpected_errors() as errors:
            self._lambda(reap)
        assert not errors, errors

    @rule(seconds=st.sampled_from([30, 60, 180, 300, 900]))
    def time_passes(self, seconds: int) -> None:
        self._pass(seconds)

    @rule(minutes=st.integers(1, 3))
    def all_goes_its_way(self, minutes: int) -> None:
        for _ in range(minutes):
            self._minute()

    # How it is done.

    def _now(self) -> datetime:
        return self.world.clock()

    def _some(self, items: list[Any], pick: int) -> list[Any]:
        return [items[pick % len(items)]] if items else []

    def _jobs(self) -> list[SessionKey]:
        keys = sorted(key for key in self.store.buckets[CONTROL] if key.endswith("/job.json"))
        return [SessionKey.parse(key.split("/")[2]) for key in keys]

    def _lambda(self, use_case: Callable[[Context], Any]) -> Any:
        """Run a use case in a Lambda of which another one knows nothing; None if it died or refused."""
        self.lambdas.append(self.lambdas.pop(0))
        try:
            with self.trouble.at_work():
                return use_case(self.lambdas[0])
        except (LambdaDied, GemsError):
            return None

    def _deliver(self, session_key: SessionKey, report: StatusReport) -> Answer:
        self.lambdas.append(self.lambdas.pop(0))
        try:
            with self.trouble.at_work():
                answer = report_status(self.lambdas[0], session_key, report)
        except (LambdaDied, InstanceUnknown, CloudRefused) as error:
            raise Unheard from error
        except GemsError as error:
            raise Refused from error
        self._note_grant(session_key, report.instance_id, answer)
        return answer

    def _send(self, session_key: SessionKey, report: StatusReport) -> Answer:
        self.messages.append((session_key, report))
        return self._deliver(session_key, report)

    def _note_grant(self, session_key: SessionKey, instance_id: str, answer: Answer) -> None:
        """No try at a share, and no right to merge, is ever given to two."""
        if answer.share is not None:
            key = (str(session_key), answer.share.share.index, answer.share.attempt)
            assert self.grants.setdefault(key, instance_id) == instance_id, f"{key} was given to two"

    def _stop(self, session_key: SessionKey, instance_id: str) -> None:
        self._lambda(lambda context: stop_instances(context, session_key, instance_id))

    def _living(self) -> list[SimWorker]:
        self._boot()
        return [
            worker
            for worker in self.workers.values()
            if worker.todo and not self.fleet.known[worker.instance_id].is_gone
        ]

    def _boot(self) -> None:
        for instance in self.fleet.known.values():
            if instance.instance_id not in self.workers and not instance.queued:
                self.workers[instance.instance_id] = SimWorker(
                    SessionKey.parse(instance.tags["gems:session_key"]),
                    instance.instance_id,
                    0,
                    self.world.clock,
                    self.world.context.jobs,
                    self._send,
                    self._stop,
                )

    def _end_idle_machines(self) -> None:
        """A machine whose worker has ended shuts down; so does one that the job's limit or EC2 takes."""
        for worker in list(self.workers.values()):
            launched_at = self.fleet.known[worker.instance_id].launched_at
            over = self._now() >= launched_at + timedelta(seconds=LIMIT.job_limit_seconds)
            taken = self._now() >= self.doomed.get(worker.instance_id, self._now() + timedelta(seconds=1))
            if not worker.todo or over or taken:
                self.fleet.end([worker.instance_id])

    def _step(self, pick: int, loss: Loss) -> None:
        for worker in self._some(self._living(), pick):
            if not worker.hung:
                worker.step(loss)

    def _all_step(self, steps: int) -> None:
        for _ in range(steps):
            for worker in self._living():
                if not worker.hung and worker.todo:
                    worker.step()

    def _beat(self, pick: int) -> None:
        for worker in self._some(self._living(), pick):
            worker.beat()

    def _pass(self, seconds: int) -> None:
        for _ in range(seconds // BEAT_SECONDS):
            self.world.clock.pass_seconds(BEAT_SECONDS)
            self._boot()
            self._end_idle_machines()
            for worker in self._living():
                worker.beat()

    def _minute(self) -> None:
        self._pass(TICK_SECONDS)
        self._all_step(3)
        self.reaper_runs()

    # What is always true.

    @invariant()
    def job_statuses_follow_one_another_as_they_may(self) -> None:
        for session_key in self._jobs():
            job = self.world.job(session_key)
            now, (run, before) = job.overall_status, self.statuses.get(str(session_key), (1, JobStatus.LAUNCHING))
            # Whoever looks now and then may miss that a run ended and the next one was launched.
            seen = before if run == job.run else JobStatus.LAUNCHING
            assert job.run >= run
            assert now is seen or job_may_become(seen, now), f"{session_key}: {before} became {now}"
            self.statuses[str(session_key)] = job.run, now
            assert job_view(job, LIMIT.api_url)["overall_status"] == now.value

    @invariant()
    def records_follow_one_another_as_they_may(self) -> None:
        for key, versions in self.store.history.items():
            if "/workers/" in key:
                statuses = [WorkerStatus(version["status"]) for version in versions]
                for before, after in pairwise(statuses):
                    assert _reaches(before, after), f"{key}: {before} became {after}"
            if "/done/" in key:
                outcomes = [version["outcome"] for version in versions]
                assert outcomes in (["typed"], ["failed"]), f"{key}: {outcomes}"
            if key.endswith("/state.json"):
                states = [JobStatus(version["overall_status"]) for version in versions]
                for held, following in pairwise(states):
                    assert held is following or job_may_become(held, following), f"{key}: {held} became {following}"
            del versions[:-1]

    @invariant()
    def an_instance_has_one_record(self) -> None:
        for session_key in self._jobs():
            job = self.world.job(session_key)
            speakers = [worker.value.instance_id for worker in job.workers.values()]
            assert len(set(speakers)) == len(speakers), f"{session_key}: {speakers}"

    @invariant()
    def no_mail_is_sent_twice_in_a_run(self) -> None:
        for session_key in self._jobs():
            assert self._mails(session_key) <= self.world.job(session_key).run

    @invariant()
    def launches_are_bounded(self) -> None:
        for session_key in self._jobs():
            mine = [item for item in self.fleet.known.values() if item.tags["gems:session_key"] == str(session_key)]
            job = self.world.job(session_key)
            assert len(mine) <= job.run * LIMIT.max_launches * job.manifest.workers

    def _mails(self, session_key: SessionKey) -> int:
        return sum(str(session_key) in message.text for message in self.mailer.sent)

    # How it ends.

    def teardown(self) -> None:
        self.trouble.disarm()
        begun = self._now()
        bound = begun + timedelta(seconds=3 * LIMIT.job_limit_seconds)  # the second job may have to wait for the first
        while not self._quiet():
            assert self._now() < bound, f"not quiet: {self._unquiet()}"
            self._minute()
            self.job_statuses_follow_one_another_as_they_may()
            self.records_follow_one_another_as_they_may()
            self._check_that_instances_end_with_their_job(begun)
        self.no_mail_is_sent_twice_in_a_run()
        for session_key in self._jobs():
            self._check_end(self.world.job(session_key), begun)

    def _check_that_instances_end_with_their_job(self, begun: datetime) -> None:
        self._boot()
        for instance_id in self.fleet.living():
            state = self.world.job(SessionKey.parse(self.fleet.known[instance_id].tags["gems:session_key"])).state
            if state is not None and state.value.finished_at is not None:
                told = max(begun, state.value.finished_at, self.fleet.tagged_at[instance_id])
                grace = timedelta(seconds=LIMIT.end_grace_seconds + 3 * TICK_SECONDS)
                assert self._now() <= told + grace, f"{instance_id} outlives its job"

    def _quiet(self) -> bool:
        return not self._unquiet()

    def _unquiet(self) -> list[str]:
        running = self.fleet.living()
        open_jobs = [str(key) for key in self._jobs() if not self.world.job(key).ended]
        active = [key for key in self.store.buckets[CONTROL] if key.startswith(layout.ACTIVE_PREFIX)]
        return running + open_jobs + active

    def _check_end(self, job: Snapshot, begun: datetime) -> None:
        assert job.state is not None
        state, view = job.state.value, job_view(job, LIMIT.api_url)
        assert state.finished_at is not None
        limit = timedelta(seconds=LIMIT.job_limit_seconds + state.waited_seconds)
        last = max(begun, job.opened_at + limit)
        assert state.finished_at <= last + timedelta(seconds=3 * TICK_SECONDS)
        assert state.overall_status is JobStatus.COMPLETE or state.reason
        assert all(worker.value.status in FINAL_WORKER_STATUSES for worker in job.workers.values())
        failures: Any = view["failures"]
        failed = [failure["sample"] for failure in failures]
        typed = [name for name, marker in job.done.items() if marker.outcome == "typed"]
        assert sorted(failed + typed) == sorted(sample.name for sample in job.manifest.samples)
        assert all(failure["reason"] for failure in failures)
        if view["report"]:
            self._check_report(job)
        self._check_mail(job)

    def _check_report(self, job: Snapshot) -> None:
        key = layout.report_key(job.manifest.prefix, job.manifest.session_key, "json")
        report = json.loads(self.store.buckets[DATA][key].body)
        assert report == {name: marker.outcome.value for name, marker in job.done.items()}

    def _check_mail(self, job: Snapshot) -> None:
        """Who asked for a mail got one, with a report or without; who cancelled the job knows already."""
        if not job.manifest.email:
            assert not self._mails(job.manifest.session_key)
        elif job.overall_status is not JobStatus.CANCELLED:
            assert job.mail is not None
            told = job.mail.state is MailState.FAILED and self.mail_may_fail
            assert told or self._mails(job.manifest.session_key)


class QueueMachine(JobMachine):
    """The same, where AWS Batch queues the workers, and takes machines from under them."""

    fleet_type = TroubledQueue

    @property
    def queue(self) -> TroubledQueue:
        assert isinstance(self.fleet, TroubledQueue)
        return self.fleet

    @precondition(lambda self: self.queue.waiting())
    @rule(pick=PICKS)
    def a_worker_is_placed(self, pick: int) -> None:
        for name in self._some(self.queue.waiting(), pick):
            self.queue.place(name)

    @precondition(lambda self: self.queue.waiting())
    @rule()
    def all_are_placed(self) -> None:
        for name in self.queue.waiting():
            self.queue.place(name)

    @precondition(lambda self: self._living())
    @rule(pick=PICKS)
    def a_machine_is_taken(self, pick: int) -> None:
        """The process is gone; on another machine it starts again, as the same worker."""
        for worker in self._some(self._living(), pick):
            self.queue.take_back(worker.instance_id)
            del self.workers[worker.instance_id]

    def teardown(self) -> None:
        self.trouble.disarm()
        self.all_are_placed()
        super().teardown()

    def _minute(self) -> None:
        super()._minute()
        self.all_are_placed()


def _reaches(before: WorkerStatus, after: WorkerStatus) -> bool:
    """One write may tell several steps: a finished share, and what came of the question for the next."""
    reached = {before}
    for _ in range(3):
        reached |= {status for step in reached for status in WorkerStatus if worker_may_become(step, status)}
    return after in reached


SETTINGS_OF_MACHINES = settings(
    max_examples=EXAMPLES or SUITE_EXAMPLES,
    derandomize=not EXAMPLES,
    stateful_step_count=STEPS,
    suppress_health_check=list(HealthCheck),
)
TestJobMachine = JobMachine.TestCase
TestJobMachine.settings = SETTINGS_OF_MACHINES
TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = SETTINGS_OF_MACHINES
