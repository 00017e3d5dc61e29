"""A worker as a small machine: one message, marker or file a step, patient and mortal as ``worker/`` is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from gems_api.services.storage.job_store import JobStore
from gems_core import layout
from gems_core.protocol.answer import Answer, GrantedShare, Instruction, MailState
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.session_key import SessionKey
from gems_core.statuses import WorkerStatus

ASK_PATIENCE_SECONDS = 600
"""As in worker/reporting.py: an ask that nobody answers for so long ends the worker."""
SHARE_STATUSES = (
    WorkerStatus.DOWNLOADING,
    WorkerStatus.TYPING,
    WorkerStatus.CROSS_MATCHING,
    WorkerStatus.UPLOADING,
)


class Loss(Enum):
    """What becomes of a message."""

    NOTHING = "delivered"
    REQUEST = "never arrived"
    ANSWER = "arrived, but its answer did not"


class Unheard(Exception):
    """No answer, or one that says: try again."""


class Refused(Exception):
    """The API refused the message for good."""


Send = Callable[[SessionKey, StatusReport], Answer]
"""Brings a message to the API; raises Unheard or Refused."""


@dataclass
class SimWorker:
    """One instance's worker. ``todo`` is what it does next; an instance without any has ended itself.

    Attributes:
        mute: nothing it says arrives, though it works on.
        hung: it lives and beats, but does nothing.
    """

    session_key: SessionKey
    instance_id: str
    index: int
    clock: Callable[[], datetime]
    jobs: JobStore
    send: Send
    stop_instances: Callable[[SessionKey, str], None]
    todo: list[str] = field(default_factory=lambda: ["boot", "hello", "claim"])
    status: WorkerStatus = WorkerStatus.BOOTSTRAPPING
    share: GrantedShare | None = None
    mute: bool = False
    hung: bool = False
    unheard_since: datetime | None = None

    def step(self, loss: Loss = Loss.NOTHING) -> None:
        """Do the next thing."""
        if not self.todo:
            return
        stage, _, argument = self.todo[0].partition(":")
        ways: dict[str, Callable[[], object]] = {
            "boot": self._done,
            "hello": lambda: self._tell(WorkerStatus.BOOTSTRAPPING, loss),
            "claim": lambda: self._ask(Kind.CLAIM, loss),
            "status": lambda: self._tell(WorkerStatus(argument), loss),
            "insist": lambda: self._insist(WorkerStatus(argument), loss),
            "marker": lambda: self._mark(argument),
            "finished": lambda: self._ask(Kind.FINISHED, loss),
            "report": self._report,
            "stop": lambda: self._stop(loss),
        }
        ways[stage]()

    def beat(self) -> None:
        """The heartbeat's thread."""
        if self.todo and self.todo[0] not in ("boot", "hello"):
            try:
                self._heed(self._say(Kind.HEARTBEAT, Loss.NOTHING))
            except (Unheard, Refused):
                return

    def fail(self, *, leaving: bool, loss: Loss, machine_taken: bool = False) -> None:
        """The share (or the merging) goes wrong, or the machine is about to go."""
        if not self.todo or self.todo[0] in ("boot", "hello", "claim", "stop"):
            return
        if leaving or self.status is WorkerStatus.MERGING:
            self.share = None
        failure = Failure(self.status.value, "the typer exited with 70")
        self.status = WorkerStatus.FAILED
        try:
            answer = self._say(Kind.FAILED, loss, failure, machine_taken=machine_taken)
        except (Unheard, Refused):
            self._leave()
            return
        self.share = None
        if leaving:
            self._leave()
        else:
            self._obey(answer)

    def _done(self) -> None:
        self.todo.pop(0)

    def _leave(self) -> None:
        self.todo = []

    def _stop(self, loss: Loss) -> None:
        if not self.mute and loss is not Loss.REQUEST:
            self.stop_instances(self.session_key, self.instance_id)
        self._leave()

    def _say(self, kind: Kind, loss: Loss, failure: Failure | None = None, *, machine_taken: bool = False) -> Answer:
        share, attempt = (self.share.share.index, self.share.attempt) if self.share else (None, 0)
        report = StatusReport(self.instance_id, self.index, self.status, kind, share, attempt, "", (), failure)
        report = replace(report, machine_taken=machine_taken)
        if self.mute or loss is Loss.REQUEST:
            raise Unheard
        answer = self.send(self.session_key, report)
        if loss is Loss.ANSWER:
            raise Unheard
        self.unheard_since = None
        if kind is not Kind.HEARTBEAT:  # as in worker/reporting.py
            self.index = answer.instance_index
        return answer

    def _tell(self, status: WorkerStatus, loss: Loss) -> Answer | None:
        """Nobody hears it: a pity."""
        self.status = status
        answer = None
        try:
            answer = self._say(Kind.STATUS, loss)
        except (Unheard, Refused):
            self._done()
            return None
        self._done()
        self._heed(answer)
        return answer

    def _insist(self, status: WorkerStatus, loss: Loss) -> None:
        self.status = status
        try:
            answer = self._say(Kind.STATUS, loss)
        except Unheard:
            if self._patience_over():
                self._done()
            return
        except Refused:
            self._done()
            return
        self._done()
        self._heed(answer)
        if self.todo and answer.mail is not None and answer.mail.state is MailState.SENT:
            self.todo.insert(0, f"status:{WorkerStatus.EMAIL_SENT}")

    def _ask(self, kind: Kind, loss: Loss) -> None:
        try:
            answer = self._say(kind, loss)
        except Unheard:
            if self._patience_over():
                self._leave()
            return
        except Refused:
            self._leave()
            return
        self.share = None
        self._obey(answer)

    def _patience_over(self) -> bool:
        self.unheard_since = self.unheard_since or self.clock()
        return (self.clock() - self.unheard_since).total_seconds() > ASK_PATIENCE_SECONDS

    def _heed(self, answer: Answer) -> None:
        if answer.instruction in (Instruction.STOP, Instruction.LEAVE):
            self._leave()

    def _obey(self, answer: Answer) -> None:
        if answer.instruction in (Instruction.STOP, Instruction.LEAVE):
            self._leave()
        elif answer.instruction is Instruction.MERGE:
            merging = [f"status:{WorkerStatus.MERGING}", "report"]
            self.todo = [*merging, f"insist:{WorkerStatus.REPORT_WRITTEN}", f"insist:{WorkerStatus.COMPLETE}", "stop"]
        elif answer.instruction is Instruction.WORK and answer.share is not None:
            self.share = answer.share
            steps = [f"status:{status}" for status in SHARE_STATUSES]
            markers = [f"marker:{sample.name}" for sample in answer.share.share.samples]
            self.todo = [*steps, *markers, "finished"]
        else:
            self.todo = ["claim"]

    def _mark(self, sample: str) -> None:
        """The first marker stays, as in worker/steps/upload.py."""
        assert self.share is not None
        marker = DoneMarker(
            sample,
            SampleOutcome.TYPED,
            "",
            self.share.share.index,
            self.share.attempt,
            self.instance_id,
            self.clock(),
        )
        self.jobs.mark_done(self.session_key, marker)
        self._done()

    def _report(self) -> None:
        """What the report says of each sample, as worker/merge.py collects it: a marker's outcome, or failed."""
        job = self.jobs.load(self.session_key)
        outcomes = {
            sample.name: job.done[sample.name].outcome.value if sample.name in job.done else "failed"
            for sample in job.manifest.samples
        }
        key = layout.report_key(job.manifest.prefix, self.session_key, "json")
        self.jobs.store.put(job.manifest.bucket, key, json.dumps(outcomes).encode())
        self._done()
