"""What machines that died have left among their job's events, and what that says of the worker that was lost with them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gems_api.services.state.records import WorkerRecord
from gems_api.services.state.unreadable import DAMAGE
from gems_api.services.storage.history import JobHistory
from gems_api.services.store_ports import TooLarge
from gems_core.endings import Ending
from gems_core.errors import CloudRefused, InvalidInput
from gems_core.json_input import parse_json
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey

LOG = logging.getLogger(__name__)
_GAVE_UP = " bootstrap: FAILED: "  # userdata/bootstrap.sh, fail
_LONGEST_COMPLAINT = 500
# A worker that has ended by itself has said why; the script's event then adds nothing.
_NO_WORKER_YET = frozenset({"starting", "instance metadata", "worker bundle", "installation"})


@dataclass(frozen=True)
class LastWords:
    """The last words of one job's machines, listed once and only when somebody asks.

    Attributes:
        history: of the deployment.
        session_key: the job.
    """

    history: JobHistory
    session_key: SessionKey

    def failure(self, instance_id: str, reason: str, record: WorkerRecord | None = None) -> Failure:
        """Why a machine died.

        Args:
            instance_id: the machine.
            reason: what is known without its word, such as that EC2 has terminated it.
            record: what the worker on it said last; None when it never spoke.
        """
        plain = Failure("bootstrap" if record is None else record.status.value, reason)
        event = self._event(instance_id)
        if event is None:
            return plain
        try:
            return _told(event, plain, spoke=record is not None)
        except (*DAMAGE, InvalidInput):
            LOG.warning(
                "the event of a machine that died cannot be read", extra={"facts": {"instance_id": instance_id}}
            )
            return plain

    def reason(self, instance_id: str, reason: str) -> str:
        """The same as one sentence, for whoever is told of a share and not of its worker."""
        return self.failure(instance_id, reason).reason

    def _event(self, instance_id: str) -> Any:  # noqa: ANN401 - JSON that a machine wrote
        try:
            if instance_id not in self._keys:
                return None
            word = self.history.read(self._keys[instance_id])
            return None if word is None else parse_json(word)
        except (*DAMAGE, TooLarge, CloudRefused):
            LOG.warning(
                "the event of a machine that died cannot be fetched",
                extra={"facts": {"instance_id": instance_id}},
                exc_info=True,
            )
            return None

    @cached_property
    def _keys(self) -> dict[str, str]:
        return self.history.last_words(self.session_key)


def _told(event: Any, plain: Failure, *, spoke: bool) -> Failure:  # noqa: ANN401 - JSON that a machine wrote
    """A failure with what a machine's event adds to it.

    Raises:
        DAMAGE, InvalidInput: no script of ours wrote it.
    """
    phase = event["phase"]
    read = Failure.from_json({"phase": phase, "reason": plain.reason, "log_tail": event["log_tail"]})
    if phase in _NO_WORKER_YET or "kernel" not in event:  # older scripts told no more
        return replace(read, reason=plain.reason + _complaint(read))
    limit, seconds, free = event["limit_seconds"], event["seconds"], event["free_kilobytes"]
    ending = Ending(
        int(event["exit_code"]),
        read.log_tail,
        str(event["kernel"]),
        free if isinstance(free, int) and free >= 0 else None,
        timed_out=0 < limit <= seconds,
    )
    step, *samples = [str(part) for part in event["position"]] or [""]
    return Failure.from_json(
        {
            "phase": step or (plain.phase if spoke else phase),
            "reason": f"{plain.reason}: {ending.words('the worker')}",
            "log_tail": list(read.log_tail),
            "cause": ending.cause.value,
            "exit_code": ending.exit_code,
            "samples": samples,
        }
    )


def _complaint(failure: Failure) -> str:
    """What the script itself gave up for; other lines of its log are for the job's user alone, and a reason is for everybody."""
    complaints = [line.partition(_GAVE_UP)[2] for line in failure.log_tail if _GAVE_UP in line]
    return f": {complaints[-1][:_LONGEST_COMPLAINT]}" if complaints else ""
