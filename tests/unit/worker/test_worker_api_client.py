from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from worker_fakes import SESSION_KEY, Signer

from gems_core.errors import CloudRefused
from gems_core.identity import HEADER, IdentityProof
from gems_core.protocol.answer import Answer, Instruction
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.statuses import JobStatus, WorkerStatus
from worker.api_client import ApiClient
from worker.errors import ApiRefused, ApiUnavailable
from worker.identity import Identity

REPORT = StatusReport("i-1", 0, WorkerStatus.TYPING, Kind.STATUS)
CONTINUE = json.dumps(Answer(Instruction.CONTINUE, JobStatus.RUNNING, 0).as_json())
Reply = Callable[[], tuple[int, str, dict[str, str]]]


def cut() -> tuple[int, str, dict[str, str]]:
    raise requests.ConnectionError("connection reset")


def says(status: int, body: str = "{}", **headers: str) -> Reply:
    return lambda: (status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class Script(BaseAdapter):
    """A server that gives the replies in order, the last for ever."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__()
        self.replies = list(replies)
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        response = requests.Response()
        response.status_code, body, headers = reply()
        response.headers.update(headers)
        response.raw = io.BytesIO(body.encode())
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        pass


def client(server: Script, sign: Callable[[], IdentityProof] | None = None) -> ApiClient:
    session = requests.Session()
    session.mount("https://", server)
    return ApiClient("https://api.test/prod", SESSION_KEY, "very-secret", Identity(sign or Signer()), session)


def test_a_report_carries_the_credential_in_its_header_and_names_the_job_in_its_path() -> None:
    server = Script(says(200, CONTINUE))
    answer = client(server).report(REPORT, patience_seconds=5)
    assert answer.instruction is Instruction.CONTINUE
    (request,) = server.requests
    assert request.headers["Authorization"] == "Bearer very-secret"
    assert IdentityProof.parse(str(request.headers[HEADER])).session_key == SESSION_KEY
    assert request.url is not None
    assert request.url.startswith("https://api.test/prod/job/reads-run1-class-1-261123-12")
    assert json.loads(request.body or "") == REPORT.as_json()


@pytest.mark.parametrize(
    "trouble",
    [
        cut,
        says(429),
        says(500),
        says(503, Retry_After="7"),
        says(409, Retry_After="1"),
        says(401, Retry_After="5"),
        says(409, '{"retry_after_seconds": 2}'),
    ],
)
def test_what_may_pass_is_tried_again(trouble: Reply) -> None:
    server = Script(trouble, trouble, says(200, CONTINUE))
    assert client(server).report(REPORT, patience_seconds=5).instruction is Instruction.CONTINUE
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 422])
def test_a_refusal_is_never_tried_again_and_keeps_the_apis_reason(status: int) -> None:
    server = Script(says(status, '{"title": "No", "detail": "not your job"}'))
    with pytest.raises(ApiRefused, match=f"found {status}: not your job"):
        client(server).report(REPORT, patience_seconds=5)
    assert len(server.requests) == 1


def test_an_api_that_stays_away_is_told_after_the_last_attempt() -> None:
    with pytest.raises(ApiUnavailable, match="connection reset"):
        client(Script(cut)).report(REPORT, patience_seconds=5)


def test_without_patience_there_is_one_attempt() -> None:
    server = Script(cut)
    with pytest.raises(ApiUnavailable):
        client(server).report(REPORT, patience_seconds=0)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body", ["", "<html>", "[]", "{}", '{"instruction": "dance"}', '{"instruction": "work", "share": 1}']
)
def test_an_answer_that_is_none_of_our_apis_is_refused_by_what_it_said(body: str) -> None:
    with pytest.raises(ApiRefused, match="expected an answer of the GeMS API"):
        client(Script(says(200, body))).report(REPORT, patience_seconds=5)


def test_a_redirect_is_not_followed_for_it_would_take_the_credential_elsewhere() -> None:
    server = Script(says(307, "", Location="https://elsewhere.test/"))
    with pytest.raises(ApiRefused, match="found 307"):
        client(server).report(REPORT, patience_seconds=5)
    assert len(server.requests) == 1


def test_the_instances_are_stopped_for_the_job_by_the_instance() -> None:
    server = Script(says(202, "{}"))
    client(server).stop_instances("i-1", patience_seconds=5)
    assert json.loads(server.requests[0].body or "") == {"session_key": str(SESSION_KEY), "instance_id": "i-1"}


REFUSED = '{"code": "identity_refused", "detail": "signed too long ago"}'


def test_a_proof_that_is_refused_is_replaced_once() -> None:
    server = Script(says(403, REFUSED), says(200, CONTINUE))
    api = client(server)
    api.report(REPORT, patience_seconds=0)
    api.report(REPORT, patience_seconds=0)
    first, second, third = (request.headers[HEADER] for request in server.requests)
    assert first != second == third


def test_a_second_refusal_of_its_identity_is_final() -> None:
    server = Script(says(403, REFUSED))
    with pytest.raises(ApiRefused, match="signed too long ago"):
        client(server).report(REPORT, patience_seconds=5)
    assert len(server.requests) == 2


def test_credentials_that_are_away_for_a_moment_are_waited_for() -> None:
    server, sign, troubles = Script(says(200, CONTINUE)), Signer(), [CloudRefused("no metadata")]

    def sometimes() -> IdentityProof:
        if troubles:
            raise troubles.pop()
        return sign()

    assert client(server, sometimes).report(REPORT, patience_seconds=5).instruction is Instruction.CONTINUE


GIVEN = {
    "access_key_id": "ASIA0",
    "secret_access_key": "s3cr3t",
    "session_token": "t0k3n",
    "expires_at": "2026-11-23T13:00:00+00:00",
}


def test_the_jobs_credentials_are_asked_for_in_the_instances_name() -> None:
    server = Script(says(503, Retry_After="1"), says(200, json.dumps(GIVEN)))
    given = client(server).credentials("i-1", patience_seconds=5)
    assert given.as_json() == GIVEN
    assert given.expires_at == datetime(2026, 11, 23, 13, tzinfo=UTC)
    request = server.requests[-1]
    assert (request.url or "").endswith("/credentials")
    assert json.loads(request.body or "") == {"instance_id": "i-1"}


@pytest.mark.parametrize(
    "answer",
    [
        "[]",
        "nothing",
        json.dumps(GIVEN | {"expires_at": "soon"}),
        json.dumps(GIVEN | {"expires_at": "2026-11-23T13:00:00"}),
        json.dumps({name: value for name, value in GIVEN.items() if name != "session_token"}),
        json.dumps(GIVEN | {"session_token": ["t0k3n"]}),
    ],
)
def test_credentials_that_cannot_be_read_are_not_quoted(answer: str) -> None:
    with pytest.raises(ApiRefused, match="expected credentials") as caught:
        client(Script(says(200, answer))).credentials("i-1", patience_seconds=5)
    assert "s3cr3t" not in str(caught.value)
    assert "t0k3n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_credentials_are_not_shown_by_accident() -> None:
    given = client(Script(says(200, json.dumps(GIVEN)))).credentials("i-1", patience_seconds=5)
    assert "s3cr3t" not in f"{given!r} {given}"
