"""The routes of review and approval. What a role may do is decided by ``gems_core.review.rules``."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from gems_api.services.review.adding import add_event
from gems_api.services.review.asked import ASKED, Asked
from gems_api.services.review.reading import job_review, reviewed_sample
from gems_api.services.review.views import JOB_REVIEW, SAMPLE_REVIEW
from gems_api.web.auth import reviewers_only, user_only
from gems_api.web.body import json_body
from gems_api.web.callers import caller
from gems_api.web.contexts import context
from gems_api.web.description import DescribedBlueprint, answer
from gems_api.web.documented import BODY_PROBLEMS, CLOUD_REFUSED, USER_SECURITY, documented_problems
from gems_core.session_key import SessionKey

review_routes = DescribedBlueprint("review", __name__)
_NO_STORE = {"Cache-Control": "no-store"}
_UNREADABLE = documented_problems(_500="The review's log or the results cannot be read, or GeMS has failed")


@review_routes.get("/job/<session_key>/review")
@user_only
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
