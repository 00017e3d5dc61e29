"""What a worker says to the API: where it stands, and what it asks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from gems_core import endings
from gems_core.errors import GemsError
from gems_core.protocol.answer import Answer, GrantedShare, Instruction
from gems_core.protocol.failure import Failure
from gems_core.protocol.status_report import Kind, StatusReport, Vitals
from gems_core.statuses import WorkerStatus
from worker.api_client import ApiClient
from worker.interruption import Cause, Interruption
from worker.logs import LogTail

_log = logging.getLogger(__name__)
# Work goes on without the API, for its results are in S3; but without an answer there is no next share.
_TELL_PATIENCE_SECONDS = 30.0
_ASK_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class Position:
    """Where a worker stands; replaced whole, so that the heartbeat's thread always reads one that fits together."""

    instance_id: str
    instance_index: int
    status: WorkerStatus = WorkerStatus.BOOTSTRAPPING
    share: int | None = None
    attempt: int = 0
    detail: str = ""
    samples_done: tuple[str, ...] = ()
    step: str = ""
    samples_at_hand: tuple[str, ...] = ()

    def report(self, kind: Kind, failure: Failure | None = None) -> StatusReport:
        """The message that tells it."""
        return StatusReport(
            self.instance_id,
            self.instance_index,
            WorkerStatus.FAILED if failure else self.status,
            kind,
            self.share,
            self.attempt,
            self.detail,
            self.samples_done,
            failure,
        )


class Reporter:
    """Keeps the position and speaks of it.

    Args:
        api: the main thread's client.
        position: where the worker stands at first.
        interruption: raised when the API says stop.
        tail: the log's last lines, which go with a failure.
        trace: is given the position whenever step or samples change, for who finds out why this process was killed.
    """

    def __init__(
        self,
        api: ApiClient,
        position: Position,
        interruption: Interruption,
        tail: LogTail,
        trace: Callable[[Position], None] = lambda _: None,
    ) -> None:
        self._api = api
        self._interruption = interruption
        self._tail = tail
        self._trace = trace
        self.on_failure: Callable[[], None] = lambda: None
        self.position = position

    def tell(self, status: WorkerStatus, *, insist: bool = False) -> Answer | None:
        """Report a change of status. That nobody hears it is a pity, not a failure: the answer is then None.

        Args:
            status: what the worker does now.
            insist: whether something that users wait for, such as the mail, depends on being heard.
        """
        self.position = replace(self.position, status=status, detail="")
        _log.info("status %s", status)
        patience_seconds = _ASK_PATIENCE_SECONDS if insist else _TELL_PATIENCE_SECONDS
        try:
            answer = self._api.report(self.position.report(Kind.STATUS), patience_seconds=patience_seconds)
        except GemsError as error:
            _log.warning("the status %s was not delivered: %s", status, error)
            return None
        self._learn_index(answer)
        self.heed(answer)
        return answer

    def ask(self, kind: Kind) -> Answer:
        """Ask what to do next, with ``claim`` or ``finished``.

        Raises:
            ApiUnavailable, ApiRefused: there is no answer to act on.
        """
        answer = self._api.report(self.position.report(kind), patience_seconds=_ASK_PATIENCE_SECONDS)
        self._learn_index(answer)
        _log.info("asked %s, told %s", kind, answer.instruction)
        return answer

    def fail(
        self,
        phase: str,
        reason: str,
        cause: endings.Cause | None = None,
        exit_code: int | None = None,
        *,
        leaving: bool = False,
        machine_taken: bool = False,
    ) -> Answer:
        """Report a failure with the log's tail and ask what to do next; errors as of ``ask``.

        Args:
            phase: the step that failed.
            reason: for people.
            cause: in one word, where a program has ended badly.
            exit_code: of that program.
            leaving: whether the worker ends now. It then speaks of no share: what it holds is taken back, and nothing
                new is given to a machine that would not hear of it.
            machine_taken: whether nothing went wrong but that the machine is taken away.
        """
        _log.error("failed in %s: %s", phase, reason)
        self.on_failure()
        failure = Failure(phase, reason, self._tail.lines, cause, exit_code, self.position.samples_at_hand)
        if leaving:
            self.lay_down()
        report = self.position.report(Kind.FAILED, failure)
        report = replace(report, machine_taken=machine_taken)
        patience_seconds = _TELL_PATIENCE_SECONDS if leaving else _ASK_PATIENCE_SECONDS
        answer = self._api.report(report, patience_seconds=patience_seconds)
        self.position = replace(self.position, status=WorkerStatus.FAILED)
        self._learn_index(answer)
        return answer

    def _learn_index(self, answer: Answer) -> None:
        """Say from now on the index that the API knows this worker by.

        A heartbeat's answer is not learned from: its thread would overwrite what the main thread has noted meanwhile.
        """
        self.position = replace(self.position, instance_index=answer.instance_index)

    def beat(self, api: ApiClient, vitals: Vitals | None = None) -> None:
        """Say that the worker is alive, through the calling thread's own client; one attempt, the next beat is near."""
        self._say(api, replace(self.position.report(Kind.HEARTBEAT), vitals=vitals))

    def tell_still(self, api: ApiClient, detail: str) -> None:
        """Have people see that the step does not move, through the calling thread's own client; one attempt."""
        _log.warning("%s", detail)
        self._say(api, replace(self.position, detail=detail).report(Kind.STATUS))

    def _say(self, api: ApiClient, report: StatusReport) -> None:
        try:
            self.heed(api.report(report, patience_seconds=0))
        except GemsError as error:
            _log.warning("a %s was not delivered: %s", report.kind, error)

    def take(self, share: GrantedShare) -> None:
        """Note the share that is now worked on."""
        self.position = replace(
            self.position, share=share.share.index, attempt=share.attempt, detail="", samples_done=()
        )

    def lay_down(self) -> None:
        """Note that no share is worked on."""
        self.position = replace(self.position, share=None, attempt=0, detail="", samples_done=())
        self.enter("")

    def enter(self, step: str) -> None:
        """Note the step that begins, '' for none."""
        self.position = replace(self.position, step=step, samples_at_hand=())
        self._trace(self.position)

    def at(self, *samples: str) -> None:
        """Note the samples that are being worked on now."""
        self.position = replace(self.position, samples_at_hand=samples)
        self._trace(self.position)

    def note(self, detail: str) -> None:
        """Note how far the work is; the next message carries it."""
        self.position = replace(self.position, detail=detail)

    def note_done(self, samples: frozenset[str]) -> None:
        """Note which samples of the share have their done-markers."""
        self.position = replace(self.position, samples_done=tuple(sorted(samples)))

    def heed(self, answer: Answer) -> None:
        """Lay the work down if the answer says that nobody wants it any more."""
        if answer.instruction in (Instruction.STOP, Instruction.LEAVE):
            self._interruption.request(
                Cause.TOLD, f"the API says {answer.instruction}: the job is {answer.overall_status}"
            )
