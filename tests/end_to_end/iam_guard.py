"""AWS with IAM before it: judges every request by the policies of infra/, and passes on what they allow.

moto's own IAM compares actions, and knows neither the resources nor the conditions that these policies live by; so the guard
reads both from the request as it came over the wire (iam_of_services.py). A request that it cannot read is refused. Who takes a role through the
guard is known by the credentials that STS answers, and judged by the role and by the session policy that was asked for.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from aws_shapes import Exchange
from iam_of_ec2 import Unread
from iam_of_services import asked_by
from second_judge import Question, role_arn
from werkzeug.serving import make_server

from gems_local.aws import LocalAws
from gems_local.settings import ACCESS_KEY

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_ASSUME_ROLE = b"Action=AssumeRole&"
_HOP = ("connection", "transfer-encoding", "content-length", "content-encoding")


@dataclass(frozen=True)
class Session:
    """A role that somebody took, with the policy that narrows it.

    Attributes:
        credentials: as STS gave them: ``AccessKeyId``, ``SecretAccessKey``, ``SessionToken``.
    """

    role: str
    name: str
    policy: dict[str, Any]
    credentials: dict[str, str]


class Guard:
    """A proxy before the local AWS.

    Attributes:
        refused: what was refused, as "role action resource".
        judged: role and action of everything that was allowed.
        questions: what was asked of IAM, for another judge.
        exchanges: what was passed on, as it went over the wire.
        sessions: of roles that were taken through the guard, by access key.
    """

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.judged: set[tuple[str, str]] = set()
        self.questions: list[Question] = []
        self.exchanges: list[Exchange] = []
        self.sessions: dict[str, Session] = {}
        self._policies: Mapping[str, list[dict[str, Any]]] = {}
        self._aws: LocalAws | None = None
        self._server = make_server("127.0.0.1", 0, self, threaded=True)
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stand_before(self, aws: LocalAws, policies: Mapping[str, list[dict[str, Any]]]) -> None:
        """From now on pass on to this AWS what the roles' policies let."""
        self._policies, self._aws = policies, aws

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        who, reason = self._judge(environ, body)
        if reason:
            self.refused.append(f"{who} {reason}")
            kind, answer = _refusal(f"{who}: {reason}", environ.get("HTTP_AUTHORIZATION", ""))
            start_response("403 Forbidden", [("Content-Type", kind), ("Content-Length", str(len(answer)))])
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer]
        content = self._pass_on(environ, body, start_response)
        if body.startswith(_ASSUME_ROLE):
            self._note(dict(parse_qsl(body.decode())), content)
        return [content]

    def _judge(self, environ: Mapping[str, Any], body: bytes) -> tuple[str, str]:
        """Who asks, and why not; '' when it is allowed."""
        signed = _CREDENTIAL.search(unquote(environ.get("HTTP_AUTHORIZATION", "") or environ["QUERY_STRING"]))
        if signed is None:
            return "nobody", "sends no signature"
        session = self.sessions.get(signed["key"])
        role = "api" if signed["key"] == ACCESS_KEY else "job" if session else "worker"
        if self._aws is None:
            return role, "asks before the policies stand"
        try:
            asked = asked_by(signed["service"], self._aws, environ, body)
        except (Unread, KeyError, ValueError) as error:
            return role, f"asks what the guard cannot read: {error!r}"
        for one in asked:
            question = Question(role_arn(role), self._policies[role], one, session.policy if session else None)
            self.questions.append(question)
            if not question.allowed_by_us():
                return role, f"{one.action} {one.resource} {dict(one.context)}"
            self.judged.add((role, one.action))
        return role, ""

    def _note(self, call: Mapping[str, str], answer: bytes) -> None:
        """Remember who has taken a role."""
        given = {name: _element(answer, name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
        session = Session(call["RoleArn"], call["RoleSessionName"], json.loads(call["Policy"]), given)
        self.sessions[given["AccessKeyId"]] = session

    def _pass_on(self, environ: Mapping[str, Any], body: bytes, start_response: Any) -> bytes:
        assert self._aws is not None
        headers = {key[5:].replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")}
        headers.pop("EXPECT", None)
        if environ.get("CONTENT_TYPE"):
            headers["CONTENT-TYPE"] = environ["CONTENT_TYPE"]
        connection = http.client.HTTPConnection(urlsplit(self._aws.endpoint).netloc, timeout=120)
        connection.request(environ["REQUEST_METHOD"], environ["RAW_URI"], body, headers)
        answer = connection.getresponse()
        content = answer.read()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
        length = answer.getheader("Content-Length") if environ["REQUEST_METHOD"] == "HEAD" else str(len(content))
        start_response(f"{answer.status} {answer.reason}", [*kept, ("Content-Length", length or "0")])
        connection.close()
        self._note_exchange(environ, body, answer, content)
        return content

    def _note_exchange(
        self, environ: Mapping[str, Any], body: bytes, answer: http.client.HTTPResponse, content: bytes
    ) -> None:
        signed = _CREDENTIAL.search(unquote(environ.get("HTTP_AUTHORIZATION", "") or environ["QUERY_STRING"]))
        assert signed
        headers = {
            key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")
        }
        target, method = environ["RAW_URI"], environ["REQUEST_METHOD"]
        self.exchanges.append(
            Exchange(
                signed["service"], method, target, headers, body, answer.status, dict(answer.getheaders()), content
            )
        )


# Those whose protocol is JSON.
_JSON = ("batch", "dynamodb", "ecs", "kms", "logs")


def _refusal(reason: str, authorization: str) -> tuple[str, bytes]:
    """Its type and text, as each service writes it."""
    if any(f"/{service}/" in authorization for service in _JSON):
        told = {"__type": "AccessDeniedException", "message": reason}
        return "application/json", json.dumps(told).encode()
    ec2 = "/ec2/" in authorization
    error = f"<Error><Code>{'UnauthorizedOperation' if ec2 else 'AccessDenied'}</Code><Message>{escape(reason)}</Message></Error>"
    if ec2:
        error = f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"
    if "/sts/" in authorization:
        error = f"<ErrorResponse>{error}</ErrorResponse>"
    return "application/xml", error.encode()


def _element(document: bytes, name: str) -> str:
    found = re.search(rf"<{name}>([^<]+)</{name}>", document.decode())
    assert found, f"STS answered no {name}"
    return found[1]
