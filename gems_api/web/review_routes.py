"""The routes of review and approval. What a role may do is decided by ``gems_core.review.rules``."""

from __future__ import annotations

import gzip

from flask import Response, request
from flask.typing import ResponseReturnValue

from gems_api.services.review.adding import add_event
from gems_api.services.review.asked import ASKED, Asked
from gems_api.services.review.exports import MADE_HERE, review_part, reviewed_export
from gems_api.services.review.reading import job_review, reviewed_sample
from gems_api.services.review.views import JOB_REVIEW, SAMPLE_REVIEW, WORK_LIST
from gems_api.services.review.work_list import work_list
from gems_api.web.auth import reviewers_only, user_only
from gems_api.web.body import json_body
from gems_api.web.callers import caller
from gems_api.web.contexts import context
from gems_api.web.description import DescribedBlueprint, answer
from gems_api.web.documented import BODY_PROBLEMS, CLOUD_REFUSED, USER_SECURITY, documented_problems
from gems_api.web.looks import noted
from gems_api.web.query import REVIEW_QUERY, WORK_QUERY, parse_review_query
from gems_api.web.work_filter import wanted_work
from gems_core.layout import REPORT_CONTENT_TYPES
from gems_core.review.document import REVIEW_DOCUMENT
from gems_core.session_key import SessionKey

review_routes = DescribedBlueprint("review", __name__)
_NO_STORE = {"Cache-Control": "no-store"}
_GZIP = "gzip"
_EXPORT = {
    200: {
        "description": "The file, gzipped for who accepts it",
        "content": {kind: {"schema": {}} for kind in sorted({REPORT_CONTENT_TYPES[one] for one in MADE_HERE})},
    }
}
_UNREADABLE = documented_problems(_500="The review's log or the results cannot be read, or GeMS has failed")


@review_routes.get("/review/worklist")
@user_only
@review_routes.input(WORK_QUERY, location="query")
@review_routes.doc(
    summary="What waits for whom across runs",
    tags=["Review"],
    responses=answer(200, "Samples that wait, and how long runs take", WORK_LIST)
    | documented_problems(_401="Not a user", _422="An argument is wrong, or nobody has the name")
    | _UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def get_work_list() -> ResponseReturnValue:
    """Read what waits: assigned to who asks first, then REVIEW and FAIL, then the oldest."""
    return WORK_LIST.write(work_list(context(), wanted_work(request.args))), _NO_STORE


@review_routes.get("/job/<session_key>/review")
@user_only
@noted("review")
@review_routes.doc(
    summary="How a job's review stands",
    tags=["Review"],
    responses=answer(200, "Its samples' reviews", JOB_REVIEW)
    | documented_problems(_401="Not a user", _404="No such job", _422="No session key is written so")
    | _UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def get_review(session_key: str) -> ResponseReturnValue:
    """Read the reviews of a job's samples; the log that they are computed from is proven at each reading."""
    return JOB_REVIEW.write(job_review(context(), SessionKey.parse(session_key))), _NO_STORE


@review_routes.get("/job/<session_key>/review/<sample>")
@user_only
@noted("review")
@review_routes.doc(
    summary="The review of one sample",
    tags=["Review"],
    responses=answer(200, "Its review, and all that was said", SAMPLE_REVIEW)
    | documented_problems(
        _401="Not a user", _404="No such job or sample, or no results yet", _422="No session key is written so"
    )
    | _UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def get_sample_review(session_key: str, sample: str) -> ResponseReturnValue:
    """Read what was said of a sample, and the digest of its results as they are now."""
    return SAMPLE_REVIEW.write(reviewed_sample(context(), SessionKey.parse(session_key), sample)), _NO_STORE


@review_routes.get("/job/<session_key>/review.json")
@user_only
@noted("review.json")
@review_routes.input(REVIEW_QUERY, location="query")
@review_routes.doc(
    summary="The whole log of a job's review",
    tags=["Review"],
    responses=answer(200, "A document that can be proven, kept, and given to `gems report`", REVIEW_DOCUMENT)
    | documented_problems(_401="Not a user", _404="No such job", _422="An argument is wrong")
    | _UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def get_review_document(session_key: str) -> ResponseReturnValue:
    """Read all that was said of a job's results, as much at once as one answer holds."""
    part = review_part(context(), SessionKey.parse(session_key), parse_review_query(request.args))
    return REVIEW_DOCUMENT.write(part), _NO_STORE


@review_routes.get("/job/<session_key>/reviewed.<extension>")
@user_only
@noted("reviewed.{extension}")
@review_routes.doc(
    summary="Read a report with its review",
    tags=["Review"],
    responses=_EXPORT
    | documented_problems(
        _401="Not a user",
        _404="No such job, or no report yet",
        _422="No such format, or one that the command line makes",
    )
    | _UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def get_reviewed(session_key: str, extension: str) -> ResponseReturnValue:
    """Make the report anew, with who approved, overrode and said what, as the review stands now."""
    export = reviewed_export(context(), SessionKey.parse(session_key), extension)
    response = Response(export.data, content_type=export.content_type)
    response.headers |= {"Content-Disposition": f'attachment; filename="{export.name}"', **_NO_STORE}
    # Lambda takes 6 MB for an answer; text as this has a tenth when it is gzipped.
    if not export.name.endswith(".gz") and request.accept_encodings[_GZIP] > 0:
        response.set_data(gzip.compress(export.data, mtime=0))
        response.headers["Content-Encoding"] = _GZIP
    response.headers["Vary"] = "Accept-Encoding"
    return response


@review_routes.post("/job/<session_key>/review")
@reviewers_only
@review_routes.input(ASKED)
@review_routes.doc(
    summary="Review or approve a sample",
    tags=["Review"],
    responses=answer(201, "It is written; the job's review with it", JOB_REVIEW)
    | documented_problems(
        _401="Not a user",
        _403="The caller's role may not, or the caller is the shared user",
        _404="No such job or sample, or no results yet",
        _409="Others have changed the sample's review meanwhile (`changes`), or its state does not allow it",
        _422="Fields are wrong",
    )
    | BODY_PROBLEMS
    | _UNREADABLE
    | CLOUD_REFUSED,
    security=("user_bearer",),
)
def post_review(session_key: str) -> ResponseReturnValue:
    """Add to the log of a job's review, in the name of the person whose token is sent."""
    asked, key = Asked.from_json(json_body()), SessionKey.parse(session_key)
    return JOB_REVIEW.write(add_event(context(), caller(), key, asked)), 201, _NO_STORE
