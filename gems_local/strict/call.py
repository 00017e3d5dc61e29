"""A request to AWS as the rules see it, and the answers that they give by themselves."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from gems_core.digits import is_digits

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

# Authorization: AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, ...
_SCOPE = re.compile(r"Credential=[^/]+/[0-9]{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/")
# Operations of AWS Batch, whose paths have their names in small letters: /v1/submitjob.
_OF_BATCH = {
    name.lower(): name
    for name in (
        *("SubmitJob", "DescribeJobs", "ListJobs", "TerminateJob", "CancelJob"),
        *("RegisterJobDefinition", "DescribeJobDefinitions", "DeregisterJobDefinition"),
        *("CreateJobQueue", "DescribeJobQueues", "UpdateJobQueue", "DeleteJobQueue"),
        *("CreateComputeEnvironment", "DescribeComputeEnvironments"),
        *("UpdateComputeEnvironment", "DeleteComputeEnvironment"),
        *("CreateSchedulingPolicy", "DescribeSchedulingPolicies", "ListSchedulingPolicies"),
        *("UpdateSchedulingPolicy", "DeleteSchedulingPolicy"),
    )
}
EC2_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15"  # as moto writes it


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        service: as its signature says, such as ``ec2``; '' when it is not signed.
        action: such as ``RunInstances``; for S3 its method, or ``LIST`` or ``COPY``.
        parameters: of the query protocol (EC2, SES, IAM, STS); empty for others, whose body is not read.
    """

    service: str
    region: str
    action: str
    environ: WSGIEnvironment = field(repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def with_parameters(self, changes: Mapping[str, str | None]) -> Call:
        """The call with some parameters set, and those with the value None taken out."""
        merged = {**self.parameters, **changes}
        parameters = {key: value for key, value in merged.items() if value is not None}
        body = urlencode(parameters).encode()
        environ = {**self.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return replace(self, action=parameters["Action"], environ=environ, parameters=parameters)

    @cached_property
    def nested(self) -> dict[str, Any]:
        """The parameters as a tree: ``A.1.B=x`` is ``{"A": ["x at B"]}``; lists are in the order of their numbers."""
        return nest(self.parameters)


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def succeeded(self) -> bool:
        """Whether AWS did what it was asked."""
        return self.status.startswith("2")


Next = Callable[[Call], Answer]
Rule = Callable[[Call, Next], Answer]


def read_call(environ: WSGIEnvironment) -> Call:
    """The call that a WSGI request is. A body in the query protocol is read, and put back."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    region, service = (scope["region"], scope["service"]) if scope else ("", "")
    if environ["REQUEST_METHOD"] == "POST" and "form-urlencoded" in environ.get("CONTENT_TYPE", ""):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        parameters = dict(parse_qsl(body.decode(), keep_blank_values=True))
        fresh = {**environ, "wsgi.input": io.BytesIO(body)}
        return Call(service, region, parameters.get("Action", ""), fresh, parameters)
    return Call(service, region, _action(service, environ), environ)


def with_body(call: Call) -> tuple[Call, bytes]:
    """The body of a call that ``read_call`` has left unread, and the call with the body put back."""
    body = call.environ["wsgi.input"].read(int(call.environ.get("CONTENT_LENGTH") or 0))
    return replace(call, environ={**call.environ, "wsgi.input": io.BytesIO(body)}), body


def _action(service: str, environ: WSGIEnvironment) -> str:
    if service == "batch":
        word = str(environ.get("PATH_INFO", "")).removeprefix("/v1/").partition("/")[0]
        return _OF_BATCH.get(word, word)
    if service != "s3":
        return str(environ.get("HTTP_X_AMZ_TARGET", environ["REQUEST_METHOD"])).rpartition(".")[2]
    if environ.get("HTTP_X_AMZ_COPY_SOURCE"):
        return "COPY"
    names_bucket_only = "/" not in environ.get("PATH_INFO", "").strip("/")
    return "LIST" if environ["REQUEST_METHOD"] == "GET" and names_bucket_only else str(environ["REQUEST_METHOD"])


def ask(application: WSGIApplication) -> Next:
    """The application as the last one of a chain of rules."""

    def answer(call: Call) -> Answer:
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _error: object = None
        ) -> Callable[[bytes], object]:
            head.append((status, headers))
            return lambda _chunk: None

        body = b"".join(application(call.environ, start_response))
        return Answer(*head[-1], body)

    return answer


def nest(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Flat parameters as a tree."""
    tree: dict[str, Any] = {}
    for name, value in parameters.items():
        *path, last = name.split(".")
        place = tree
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    lists = _lists(tree)
    assert isinstance(lists, dict)  # the top level has names
    return lists


def _lists(tree: object) -> object:
    if not isinstance(tree, dict):
        return tree
    if tree and all(is_digits(key) for key in tree):
        return [_lists(tree[key]) for key in sorted(tree, key=int)]
    return {key: _lists(value) for key, value in tree.items()}


def flatten(name: str, value: object) -> dict[str, str]:
    """A tree under a name as flat parameters: the other way round."""
    if isinstance(value, Mapping):
        return {key: text for part, item in value.items() for key, text in flatten(f"{name}.{part}", item).items()}
    if isinstance(value, list | tuple):
        numbered = enumerate(value, start=1)
        return {key: text for number, item in numbered for key, text in flatten(f"{name}.{number}", item).items()}
    return {name: str(value).lower() if isinstance(value, bool) else str(value)}


def refusal(code: str, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Answer:
    """EC2's error document."""
    body = (
        f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
        "<RequestID>strict</RequestID></Response>"
    )
    return xml(status, body)


def error_response(code: str, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Answer:
    """The error document of SES and others of the query protocol."""
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        "</Error><RequestId>strict</RequestId></ErrorResponse>"
    )
    return xml(status, body)


def s3_error(code: str, message: str, status: HTTPStatus) -> Answer:
    """S3's error document."""
    return xml(status, f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>")


def xml(status: HTTPStatus, body: str | bytes) -> Answer:
    """An answer in XML."""
    content = body if isinstance(body, bytes) else body.encode()
    headers = [("Content-Type", "text/xml"), ("Content-Length", str(len(content)))]
    return Answer(f"{status.value} {status.phrase}", headers, content)
