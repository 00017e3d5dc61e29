"""Every error as an RFC 9457 problem document; no traceback ever leaves the server."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import Flask, Response, g, json, request
from werkzeug.exceptions import HTTPException

from gems_api.services.membership import InstanceUnknown
from gems_api.services.ports import BucketUnreadable, IdentityRefused, IdentityUnchecked
from gems_api.services.publishable import publishable
from gems_api.services.report_link import ReportMissing
from gems_api.services.start_job import ArtefactsMissing
from gems_core.errors import CloudRefused, Conflict, GemsError, InvalidInput, JobNotFound, NotAllowed

LOG = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
IS_USER = "is_user"
"""Name in ``flask.g`` of whether a user has shown the credential; absent: nobody has."""

# The class that comes first and fits decides: status, code, title.
_KINDS: list[tuple[type[GemsError], int, str, str]] = [
    (InvalidInput, 422, "invalid_input", "The request cannot be carried out as it is"),
    (JobNotFound, 404, "job_not_found", "There is no such job"),
    (ReportMissing, 404, "report_not_written", "There is no such report yet"),
    (IdentityRefused, 403, "identity_refused", "The worker has not proven which instance it is"),
    (NotAllowed, 403, "not_allowed", "The caller may not do this"),
    (InstanceUnknown, 409, "instance_unknown", "EC2 does not show the instance yet"),
    (Conflict, 409, "conflict", "The job is in another state"),
    (ArtefactsMissing, 503, "artefacts_missing", "The deployment has published no artefacts"),
    (IdentityUnchecked, 503, "identity_unchecked", "The worker's identity cannot be checked now"),
    (BucketUnreadable, 503, "cloud_refused", "The cloud refused"),
    (CloudRefused, 503, "cloud_refused", "The cloud refused"),
]
ERROR_CODES = {code: status for _, status, code, _ in _KINDS}
_HTTP_CODES = {
    400: "malformed_request",
    401: "unauthenticated",
    404: "no_such_page",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "not_json",
    500: "internal_error",
}


def problem(
    status: int, code: str, title: str, detail: str, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """A problem document.

    Args:
        status: the HTTP status.
        code: a stable word for programs; docs/api.md lists them all.
        title: the kind of problem, the same for each occurrence.
        detail: this occurrence: what was expected, found, and how to repair it.
        headers: more headers.
        more: extension members.
    """
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code} | more
    document["instance"] = request.root_path + request.path
    return Response(json.dumps(document), status, dict(headers or {}), content_type=CONTENT_TYPE)


def register_problems(app: Flask) -> None:
    """Answer every error of an app with a problem document."""
    app.register_error_handler(GemsError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def _domain_error(error: GemsError) -> Response:
    status, code, title = next(
        ((status, code, title) for kind, status, code, title in _KINDS if isinstance(error, kind)),
        (500, "internal_error", "An error of GeMS"),
    )
    headers = {}
    if isinstance(error, InstanceUnknown | IdentityUnchecked):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, InvalidInput):
        problems = [item.as_json() for item in error.problems]
        return problem(status, code, title, str(error), headers, problems=problems)
    if status >= 500:  # noqa: PLR2004
        LOG.warning("%s %s: %s", request.method, request.path, error)
    return problem(status, code, title, str(error) if g.get(IS_USER) else publishable(str(error)), headers)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {}
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        headers["Allow"] = ", ".join(sorted(allowed))
    if error.response is not None or status < 400:  # noqa: PLR2004
        return Response(status=status, headers=dict(error.get_headers()))
    code = _HTTP_CODES.get(status, f"http_{status}")
    return problem(status, code, error.name, error.description or error.name, headers)


def _unforeseen(error: Exception) -> Response:
    LOG.error("%s %s", request.method, request.path, exc_info=error)
    detail = "GeMS met an error that it did not foresee; its log has the details"
    return problem(500, "internal_error", "Internal error", detail)
