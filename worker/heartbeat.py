"""Signs of life while the work goes on, and a look-out for EC2 taking the machine back."""

from __future__ import annotations

import logging
import os
import threading
from types import TracebackType

from gems_core.errors import CloudRefused
from worker.api_client import ApiClient
from worker.interruption import Cause, Interruption
from worker.metadata import Metadata
from worker.reporting import Reporter
from worker.vitals import Verdict, Watch

_log = logging.getLogger(__name__)
# EC2 gives notice two minutes ahead and asks to look every 5 s (EC2 user guide, "Spot Instance interruption notices").
_LOOK_OUT_SECONDS = 5.0
EXIT_STANDS_STILL = 75


class Heartbeat:
    """A thread that beats while its block runs.

    Args:
        api: a client of this thread's own.
        metadata: a client of this thread's own.
        watch: tells how the machine is, and when a step has stood still for too long.
    """

    def __init__(
        self,
        reporter: Reporter,
        api: ApiClient,
        metadata: Metadata,
        interruption: Interruption,
        interval_seconds: float,
        *,
        watch: Watch,
    ) -> None:
        self._reporter = reporter
        self._api = api
        self._metadata = metadata
        self._interruption = interruption
        self._interval_seconds = interval_seconds
        self._watch = watch
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        look_out_seconds = min(_LOOK_OUT_SECONDS, self._interval_seconds)
        waited_seconds = 0.0
        while not self._over.wait(look_out_seconds):
            waited_seconds += look_out_seconds
            self._look_out()
            self._watch_the_step()
            if waited_seconds >= self._interval_seconds:
                waited_seconds = 0.0
                self._reporter.beat(self._api, self._watch.vitals(self._reporter.position))

    def _watch_the_step(self) -> None:
        verdict, words = self._watch.look(self._reporter.position)
        if verdict is Verdict.TELL:
            self._reporter.tell_still(self._api, words)
        elif verdict is Verdict.END:
            self._interruption.request(Cause.STANDS_STILL, words)
        elif verdict is Verdict.KILL:
            # The main thread hears nothing any more; the bootstrap script tells what is known, and ends the machine.
            _log.critical("%s, and does not end when it is asked to", words)
            logging.shutdown()
            os._exit(EXIT_STANDS_STILL)

    def _look_out(self) -> None:
        try:
            notice, advice = self._metadata.spot_notice(), self._metadata.rebalance_notice()
        except CloudRefused as error:
            _log.warning("spot notices cannot be read: %s", error)
            return
        if notice is not None:
            self._interruption.request(Cause.MACHINE_GOES, f"EC2 takes this spot instance back: {notice[:200]}")
        elif advice is not None:
            # It may come long before the notice, or the notice never: the share in hand is finished, so that machines that are
            # all advised so from their beginning still get the job done.
            self._interruption.advise(f"EC2 is likely to take this spot instance back soon: {advice[:200]}")
