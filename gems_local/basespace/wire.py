"""How the stand-in answers: BaseSpace's envelope, pages and errors, whose token a request has, and planned faults."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from gems_local.basespace.account import Account, Session
from gems_local.basespace.faults import Fault, Faults, Kind, without

SLOW_SECONDS = 1.0
_STATUS = {Kind.BUSY: 429, Kind.BROKEN: 500, Kind.AWAY: 503, Kind.EXPIRED: 401}
Json = dict[str, Any]


class Refused(Exception):
    """An error of BaseSpace's."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        super().__init__(code)


def stumble(faults: Faults) -> ResponseReturnValue | None:
    """Answer with a planned fault of the whole request; those of its content come later."""
    if request.path.startswith("/stand-in"):
        return None
    fault = faults.take(f"{request.method} {request.path}")
    request.environ["gems.fault"] = fault
    if fault is None or fault.kind not in _STATUS:
        return None
    headers = {"Retry-After": "0"} if fault.kind is Kind.BUSY else {}
    return problem(_STATUS[fault.kind], f"stand-in {fault.kind.value}"), headers


def fault_of_request() -> Fault | None:
    """The planned fault of this request."""
    found: Fault | None = request.environ.get("gems.fault")
    return found


def told_error(error: Exception) -> Response:
    """The answer to a call that is refused."""
    assert isinstance(error, Refused)
    return problem(error.status, error.code)


def problem(status: int, code: str) -> Response:
    """An error as BaseSpace words it."""
    body = {"ResponseStatus": {"ErrorCode": code, "Message": f"the stand-in says {code}"}}
    return Response(json.dumps(body), status, content_type="application/json")


def answered(document: Json) -> Response:
    """An answer as BaseSpace sends it, unless a fault says otherwise."""
    fault = fault_of_request()
    if fault is not None and fault.kind is Kind.SLOW:
        time.sleep(SLOW_SECONDS)
    if fault is not None and fault.kind is Kind.CHANGED:
        document = without(document, fault.field)
    return Response(json.dumps(document), content_type="application/json")


def envelope(response: Json) -> Response:
    """What most answers are wrapped in."""
    return answered({"Response": response, "ResponseStatus": {}, "Notifications": []})


def paged(items: Sequence[Json]) -> Response:
    """A page of a list, as the request asks for it."""
    limit, offset = min(int(request.args.get("Limit", 10)), 1024), int(request.args.get("Offset", 0))
    shown = list(items[offset : offset + limit])
    return envelope({"Items": shown, "DisplayedCount": len(shown), "TotalCount": len(items), "Offset": offset})


def user_of_request(account: Account) -> str:
    """Whose token a request has."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or token not in account.tokens:
        raise Refused(401, "BASESPACE.OAUTH.TOKEN_INVALID")
    return account.tokens[token]


def own_session(account: Account, session_id: str) -> Session:
    """The launch, if it is of the person whose token the request has."""
    session = account.sessions.get(session_id)
    if session is None:
        raise Refused(404, "BASESPACE.APPSESSION.NOT_FOUND")
    if session.user_id != user_of_request(account):
        raise Refused(403, "BASESPACE.COMMON.FORBIDDEN")
    return session
