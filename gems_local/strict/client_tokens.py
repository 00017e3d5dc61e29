"""Client tokens: a repeated call answers what the first one did, and does nothing.

RunInstances is not repeated for instances that are all gone (EC2 API reference, error codes: IdempotentInstanceTerminated).
"""

from __future__ import annotations

import threading

from gems_local.strict import moto_state
from gems_local.strict.call import Answer, Call, Next, refusal
from gems_local.strict.launching import launched_ids

# EC2 developer guide, "Ensuring idempotency": actions that moto repeats whatever their token says.
_ACTIONS = frozenset({"RunInstances", "CreateFleet", "CreateLaunchTemplate", "CreateLaunchTemplateVersion"})


class ClientTokens:
    """The rule. A call that was refused is not remembered, so that it can be tried again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str, str], tuple[frozenset[tuple[str, str]], Answer]] = {}

    def __call__(self, call: Call, proceed: Next) -> Answer:
        """Answer from memory, or pass on."""
        token = call.parameters.get("ClientToken")
        if call.service != "ec2" or call.action not in _ACTIONS or not token:
            return proceed(call)
        request = frozenset(call.parameters.items())
        key = (call.region, call.action, token)
        # One at a time: of two equal calls at once, the second waits for the answer of the first.
        with self._lock:
            if key in self._answers:
                first, answer = self._answers[key]
                return _repeated(call, answer) if first == request else _mismatch(call.action)
            answer = proceed(call)
            if answer.succeeded:
                self._answers[key] = (request, answer)
            return answer


def _repeated(call: Call, answer: Answer) -> Answer:
    if call.action == "RunInstances" and not moto_state.any_lives(call.region, launched_ids(answer)):
        message = "The instances that were launched with this client token have been terminated."
        return refusal("IdempotentInstanceTerminated", message)
    return answer


def _mismatch(action: str) -> Answer:
    message = f"{action} was called before with this client token and other parameters."
    return refusal("IdempotentParameterMismatch", message)
