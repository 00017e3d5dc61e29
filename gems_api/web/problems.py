"""Every error as an RFC 9457 problem document; no traceback ever leaves the server."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, g, json, request
from werkzeug.exceptions import HTTPException

from gems_api.services.access.membership import InstanceUnknown
from gems_api.services.intake.artefacts import ArtefactsMissing
from gems_api.services.lifecycle.retry import NotYet
from gems_api.services.ports import IdentityRefused, IdentityUnchecked, JobRoleRefused
from gems_api.services.remote_ports import RemoteRefused, RemoteUnavailable
from gems_api.services.review.refusals import MadeElsewhere, ReviewChanged, ReviewConflict
from gems_api.services.review.views import ENTRY
from gems_api.services.shown.publishable import publishable
from gems_api.services.shown.report_link import ReportMissing
from gems_api.services.state.unreadable import JobUnreadable
from gems_api.services.storage.review_log import ReviewUnreadable
from gems_api.services.store_ports import BucketUnreadable
from gems_api.web.problem_list import PROBLEM_ITEM, detail_of, listed
from gems_api.web.visitors import wants_page
from gems_core.errors import CloudRefused, Conflict, GemsError, InvalidInput, JobNotFound, NotAllowed
from gems_core.fields import COUNT, TEXT, Field, FieldKind, Shape, items, optional
from gems_report.errors import UnreadableDocument, UnreadableReport

LOG = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
MOST_CHANGES = 100
IS_USER = "is_user"
"""Name in ``flask.g`` of whether a user has shown the credential; absent: nobody has."""


@dataclass(frozen=True)
class Kind:
    """A kind of problem.

    Attributes:
        code: a stable word for programs.
        title: the same for each occurrence.
    """

    code: str
    status: int
    title: str


KINDS = {
    kind.code: kind
    for kind in (
        Kind("malformed_request", 400, "The request cannot be understood"),
        Kind("unauthenticated", 401, "Not authenticated"),
        Kind("not_allowed", 403, "The caller may not do this"),
        Kind("form_refused", 403, "The form did not come from a page of this session"),
        Kind("identity_refused", 403, "The worker has not proven which instance it is"),
        Kind("job_role_refused", 403, "AWS does not let the API take the job's role"),
        Kind("basespace_refused", 403, "This launch cannot go on"),
        Kind("no_such_page", 404, "There is nothing at this address"),
        Kind("job_not_found", 404, "There is no such job"),
        Kind("report_not_written", 404, "There is no such report yet"),
        Kind("method_not_allowed", 405, "This address takes other methods"),
        Kind("conflict", 409, "The job is in another state"),
        Kind("instance_unknown", 409, "EC2 does not show the instance yet"),
        Kind("review_changed", 409, "Others have changed the review"),
        Kind("review_conflict", 409, "The review is in another state"),
        Kind("not_yet", 409, "The job cannot be opened again yet"),
        Kind("body_too_large", 413, "The request is too large"),
        Kind("not_json", 415, "The request is not JSON"),
        Kind("made_elsewhere", 422, "The command line makes this export"),
        Kind("invalid_input", 422, "The request cannot be carried out as it is"),
        Kind("internal_error", 500, "An error of GeMS"),
        Kind("answer_too_large", 500, "The answer is larger than AWS passes on"),
        Kind("job_unreadable", 500, "The job's records cannot be read"),
        Kind("results_unreadable", 500, "The results cannot be read"),
        Kind("review_unreadable", 500, "The review's log has a fault"),
        Kind("basespace_unavailable", 503, "BaseSpace does not answer"),
        Kind("cloud_refused", 503, "The cloud refused"),
        Kind("identity_unchecked", 503, "The worker's identity cannot be checked now"),
        Kind("artefacts_missing", 503, "The deployment has published no artefacts"),
    )
}
# The class that comes first and fits decides.
_CODES: list[tuple[type[GemsError], str]] = [
    (InvalidInput, "invalid_input"),
    (JobNotFound, "job_not_found"),
    (JobUnreadable, "job_unreadable"),
    (ReportMissing, "report_not_written"),
    (UnreadableDocument, "results_unreadable"),
    (UnreadableReport, "results_unreadable"),
    (IdentityRefused, "identity_refused"),
    (JobRoleRefused, "job_role_refused"),
    (NotAllowed, "not_allowed"),
    (InstanceUnknown, "instance_unknown"),
    (NotYet, "not_yet"),
    (ReviewChanged, "review_changed"),
    (ReviewConflict, "review_conflict"),
    (ReviewUnreadable, "review_unreadable"),
    (MadeElsewhere, "made_elsewhere"),
    (Conflict, "conflict"),
    (ArtefactsMissing, "artefacts_missing"),
    (IdentityUnchecked, "identity_unchecked"),
    (RemoteRefused, "basespace_refused"),
    (RemoteUnavailable, "basespace_unavailable"),
    (BucketUnreadable, "cloud_refused"),
    (CloudRefused, "cloud_refused"),
]
_HTTP_CODES = {
    400: "malformed_request",
    401: "unauthenticated",
    404: "no_such_page",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "not_json",
    500: "internal_error",
}
# Signs that a URI's path may hold as they are (RFC 3986, 3.3).
_OF_PATHS = "/:@!$&'()*+,;=~"


def problem(code: str, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """A problem document as the answer to this request.

    Args:
        code: of ``KINDS``.
        detail: this occurrence: what was expected, found, and how to repair it.
        headers: more headers.
        more: extension members.
    """
    document = problem_document(KINDS[code], detail, request.root_path, request.path) | more
    return _answer(document, KINDS[code], dict(headers or {}))


def _answer(document: Mapping[str, object], kind: Kind, headers: dict[str, str]) -> Response:
    """The document, or to a person's browser the same as a page."""
    if not wants_page():
        return Response(json.dumps(document), kind.status, headers, content_type=CONTENT_TYPE)
    from gems_api.web.ui.error_page import error_page  # noqa: PLC0415 - programs, and so most starts, need no pages

    return error_page(document, kind.status, headers)


def problem_document(kind: Kind, detail: str, base: str, path: str) -> dict[str, object]:
    """The members of RFC 9457, and the code.

    ``type`` is where the page of endpoints tells of the kind. It and ``instance`` are references that begin with the API's own
    path, so they are right wherever it stands.

    Args:
        kind: of the problem.
        detail: this occurrence.
        base: the path under which the API stands, such as ``/dev``.
        path: the request's, below the base.
    """
    known = kind.code in KINDS
    return {
        "type": _reference(f"{base}/docs") + f"#{kind.code}" if known else "about:blank",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": kind.code,
        "instance": _reference(base + path),
    }


_REFERENCE = FieldKind({"type": "string", "format": "uri-reference"})
PROBLEM_DOCUMENT: Shape[object] = Shape(
    "ProblemDocument",
    "problem document",
    (
        Field("type", _REFERENCE, "where /docs tells of the code"),
        Field("title", TEXT, "the same for each occurrence"),
        Field("status", FieldKind({"type": "integer"}), "of the answer"),
        Field("detail", TEXT, "this occurrence: what was expected, found, and how to repair it"),
        Field("code", TEXT, "a stable word for programs"),
        Field("instance", _REFERENCE, "what was asked"),
        optional("problems", items(PROBLEM_ITEM), "where there are many, the last one is more_problems"),
        optional("problems_total", COUNT, "how many there are"),
        optional("last", COUNT, "of `review_changed`: the number of the log's last entry"),
        optional("changes", items(ENTRY), "of `review_changed`: what others have said meanwhile; the newest hundred"),
    ),
)


def _reference(path: str) -> str:
    """A path as a URI reference; two slashes at its beginning would name a host."""
    return "/" + quote(path.lstrip("/"), safe=_OF_PATHS)


def register_problems(app: Flask) -> None:
    """Answer every error of an app with a problem document."""
    app.register_error_handler(GemsError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def _domain_error(error: GemsError) -> Response:
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "internal_error")
    headers = {}
    if isinstance(error, InstanceUnknown | IdentityUnchecked | NotYet):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, InvalidInput):
        found = error.problems
        return problem(code, detail_of(found), headers, problems=listed(found), problems_total=len(found))
    if isinstance(error, ReviewChanged):
        changes = [ENTRY.write(change) for change in error.changes[-MOST_CHANGES:]]
        return problem(code, str(error), headers, last=error.last, changes=changes)
    if KINDS[code].status >= 500:  # noqa: PLR2004
        LOG.warning("%s %s: %s", request.method, request.path, error)
    return problem(code, str(error) if g.get(IS_USER) else publishable(str(error)), headers)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {}
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        headers["Allow"] = ", ".join(sorted(allowed))
    if error.response is not None or status < 400:  # noqa: PLR2004
        return Response(status=status, headers=dict(error.get_headers()))
    detail = error.description or error.name
    if status in _HTTP_CODES:
        return problem(_HTTP_CODES[status], detail, headers)
    # None that GeMS raises: RFC 9457 wants the status' own name for what has no type.
    kind = Kind(f"http_{status}", status, error.name)
    return _answer(problem_document(kind, detail, request.root_path, request.path), kind, headers)


def _unforeseen(error: Exception) -> Response:
    LOG.error("%s %s", request.method, request.path, exc_info=error)
    return problem("internal_error", "GeMS met an error that it did not foresee; its log has the details")
