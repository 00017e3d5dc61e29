"""The worker's life: claim, work, say so, until told to leave."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from gems_core.errors import GemsError
from gems_core.protocol.answer import Answer, GrantedShare, Instruction
from gems_core.protocol.status_report import Kind
from gems_core.statuses import WorkerStatus
from worker.errors import ShareFailed, cause_of
from worker.interruption import Cause, Interrupted
from worker.reporting import Reporter
from worker.steps.way import steps_of
from worker.steps.work import ShareWork, Tools

_log = logging.getLogger(__name__)
_DEFAULT_WAIT_SECONDS = 10
# A machine that fails at everything is broken itself; it must not use up every share's attempts.
_FAILURES_IN_A_ROW = 3
_MERGE_PHASE = "merge"


class Loop:
    """Obeys the API's instructions.

    Args:
        reporter: speaks to the API.
        tools: what the steps work with.
        merge: writes the report and ends the job; raises what a step may raise.
        scratch: a folder for the shares' files.
    """

    def __init__(self, reporter: Reporter, tools: Tools, merge: Callable[[], None], scratch: Path) -> None:
        self._reporter = reporter
        self._tools = tools
        self._merge = merge
        self._scratch = scratch
        self._phase = "claim"
        self._failures = 0

    def run(self) -> None:
        """Work until told to leave, told to stop, or until the machine goes.

        Raises:
            ShareFailed: the machine failed again and again.
            ApiUnavailable, ApiRefused: nobody says what to do next.
        """
        try:
            answer: Answer | None = self._reporter.ask(Kind.CLAIM)
            while answer is not None:
                answer = self._obey(answer)
        except Interrupted as interrupted:
            self._leave_early(interrupted)

    def _obey(self, answer: Answer) -> Answer | None:
        """Do as the answer says; returns the next one, or None when there is nothing left to do."""
        if answer.instruction in (Instruction.LEAVE, Instruction.STOP):
            return None
        if answer.instruction is Instruction.MERGE:
            error = self._attempt(self._finish_job)
            return None if error is None else self._after_failure(error)
        if answer.instruction is Instruction.WORK and answer.share is not None:
            share = answer.share
            error = self._attempt(lambda: self._work(share))
            return self._after_share() if error is None else self._after_failure(error)
        self._phase = "claim"
        seconds = _DEFAULT_WAIT_SECONDS if answer.retry_after_seconds is None else answer.retry_after_seconds
        self._tools.interruption.sleep(seconds)
        return self._reporter.ask(Kind.CLAIM)

    def _attempt(self, action: Callable[[], None]) -> Exception | None:
        """Do a share or the merge; returns what went wrong, whatever it is, for the API decides what is next."""
        try:
            action()
        except Interrupted:
            raise
        except Exception as error:
            if not isinstance(error, GemsError):
                _log.exception("unexpected error in %s", self._phase)
            return error
        self._failures = 0
        return None

    def _after_share(self) -> Answer:
        """Say that the share is finished. Its results are in S3: that nobody hears it is not a failure of the share."""
        answer = self._reporter.ask(Kind.FINISHED)
        self._reporter.lay_down()
        if answer.instruction is Instruction.WORK:
            self._tools.interruption.check_between_shares()
        return answer

    def _after_failure(self, error: Exception) -> Answer:
        self._failures += 1
        reason = str(error) if isinstance(error, GemsError) else repr(error)
        broken = self._failures >= _FAILURES_IN_A_ROW
        answer = self._reporter.fail(self._phase, reason, *cause_of(error), leaving=broken)
        self._reporter.lay_down()
        if broken:
            raise ShareFailed(
                f"this machine failed {self._failures} times in a row, most recently in {self._phase}: {reason}"
            )
        return answer

    def _work(self, granted: GrantedShare) -> None:
        self._reporter.take(granted)
        folder = self._scratch / f"share-{granted.share.index}"
        shutil.rmtree(folder, ignore_errors=True)
        work = ShareWork(self._tools, folder, self._reporter.note, self._reporter.at, granted=granted)
        try:
            for step in steps_of(self._tools.manifest):
                self._phase = step.name
                self._reporter.enter(step.name)
                if step.status is not self._reporter.position.status:
                    self._reporter.tell(step.status)
                self._tools.interruption.check()
                step.run(work)
                self._reporter.note_done(frozenset(work.done))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _finish_job(self) -> None:
        self._phase = _MERGE_PHASE
        self._reporter.lay_down()
        self._reporter.enter(_MERGE_PHASE)
        self._reporter.tell(WorkerStatus.MERGING)
        self._tools.interruption.check()
        self._merge()

    def _leave_early(self, interrupted: Interrupted) -> None:
        """Give back what is held if the machine goes or stands still; if told to leave, nobody waits for an answer."""
        _log.warning("leaving: %s", interrupted)
        if interrupted.cause is not Cause.TOLD:
            taken = interrupted.cause is Cause.MACHINE_GOES
            try:
                self._reporter.fail(self._phase, str(interrupted), leaving=True, machine_taken=taken)
            except GemsError as error:
                _log.warning("leaving without an answer from the API: %s", error)
