"""moto with AWS's rules around it, as one WSGI application."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from gems_local.strict import moto_state
from gems_local.strict.batch.service import Batch
from gems_local.strict.call import Answer, Call, Next, Rule, ask, read_call
from gems_local.strict.capacity import Capacity
from gems_local.strict.client_tokens import ClientTokens
from gems_local.strict.consistency import Consistency, Visibility
from gems_local.strict.counting import Counts
from gems_local.strict.fleets import Fleets
from gems_local.strict.launching import Launching
from gems_local.strict.limits import key_refusal, limits
from gems_local.strict.paging import Paging
from gems_local.strict.s3_turns import S3Turns
from gems_local.strict.settings import QUICK, Strictness
from gems_local.strict.templates import Templates
from gems_local.strict.throttling import Ec2Rates, InstanceThrottling, SlowDown, Throttling

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Of the JSON protocols, those whose calls a rule answers.
_WITH_RULES = frozenset({"batch", "ecs"})
_LAUNCHES = frozenset({"RunInstances", "CreateFleet"})


class StrictAws:
    """AWS as strict as wished.

    Args:
        application: moto.
        strictness: which rules hold.
        clock: tells seconds; throttles and delays follow it.
        epoch: tells seconds since the epoch, which AWS Batch's jobs are dated by.

    Attributes:
        batch: the jobs of AWS Batch.
        capacity: may be set while it runs.
        counts: of all calls.
        launches: the parameters of every RunInstances and CreateFleet call, as they came over the wire.
    """

    def __init__(
        self,
        application: WSGIApplication,
        strictness: Strictness = QUICK,
        clock: Callable[[], float] = time.monotonic,
        epoch: Callable[[], float] = time.time,
    ) -> None:
        self.batch = Batch(strictness, epoch)
        self.capacity = Capacity(strictness, moto_state.vcpus)
        self.counts = Counts()
        self.launches: list[dict[str, str]] = []
        self._application = application
        self._slow_down = SlowDown(clock) if strictness.s3_slows_down else None
        self._turns = S3Turns()
        visibility = Visibility(strictness, clock)
        templates = Templates()
        launching = Launching(strictness, templates, self.capacity, visibility.launched, threading.Lock())
        rules: list[Rule] = [
            Paging(),
            Consistency(visibility),
            templates,
            launching,
            Fleets(launching),
            self.batch,
        ]
        if strictness.throttled:
            rates = Ec2Rates(clock)
            rules = [
                Throttling(clock, rates, strictness.mails_per_second),
                limits,
                ClientTokens(),
                InstanceThrottling(rates),
                *rules,
            ]
        else:
            rules = [limits, ClientTokens(), *rules]
        self._answer = _chain(rules, ask(application))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        began = time.perf_counter()
        call = read_call(environ)
        if call.service == "ec2" and call.action in _LAUNCHES:
            self.launches.append(dict(call.parameters))
        if call.parameters or call.service in _WITH_RULES:
            return self._send(call, self._answer(call), began, start_response)
        refused = key_refusal(call) or self._too_fast(call)
        if refused is not None:
            return self._send(call, refused, began, start_response)
        return self._stream(call, began, start_response)

    def _too_fast(self, call: Call) -> Answer | None:
        return self._slow_down.refuses(call) if self._slow_down and call.service == "s3" else None

    def _send(self, call: Call, answer: Answer, began: float, start_response: StartResponse) -> Iterable[bytes]:
        self.counts.note(call, answer.status, time.perf_counter() - began, answer.body)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _stream(self, call: Call, began: float, start_response: StartResponse) -> Iterable[bytes]:
        """An answer of any length, which no rule changes."""

        def start(status: str, headers: list[tuple[str, str]], *error: object) -> Callable[[bytes], object]:
            self.counts.note(call, status, time.perf_counter() - began)
            return start_response(status, headers, *error)  # type: ignore[arg-type]  # passed on as it came

        with self._turns.of(call):
            return self._application(call.environ, start)


def _chain(rules: list[Rule], last: Next) -> Next:
    """The rules, one inside the other, the first outermost."""
    for rule in reversed(rules):
        last = partial(_apply, rule, last)
    return last


def _apply(rule: Rule, proceed: Next, call: Call) -> Answer:
    return rule(call, proceed)
