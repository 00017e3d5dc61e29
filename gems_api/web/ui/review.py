"""What a person sends from the review panel of a sample's page."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue

from gems_api.services.review.adding import add_event
from gems_api.services.review.asked import Asked
from gems_api.services.review.refusals import ReviewChanged, ReviewConflict
from gems_api.services.shown.result_pages import sample_page
from gems_api.web.callers import caller
from gems_api.web.contexts import context
from gems_api.web.ui.frame import form, seen_other
from gems_api.web.ui.sample import drawn_sample
from gems_core.digits import is_digits
from gems_core.errors import Conflict, InvalidInput
from gems_core.session_key import SessionKey

_TEXTS = ("kind", "results", "locus", "call", "reason", "words", "assignee")
_MOST_DIGITS = 9


@form
def post_review(session_key: str, sample: str) -> ResponseReturnValue:
    """Write it down, then show the sample again, or the next one."""
    key = SessionKey.parse(session_key)
    typed = {name: text for name in _TEXTS if (text := request.form.get(name, "").strip())}
    try:
        asked = Asked.from_json({**typed, "sample": sample, "seen": _seen(request.form.get("seen", ""))})
        add_event(context(), caller(), key, asked)
    except InvalidInput as error:
        return _again(key, sample, 422, "; ".join(str(problem) for problem in error.problems), typed)
    except ReviewChanged as error:
        return _again(key, sample, 409, _told(error), typed)
    except ReviewConflict as error:
        return _again(key, sample, 409, f"This was not written: {error}.", typed)
    except Conflict as error:
        return _again(key, sample, 409, str(error), typed)
    following = request.form.get("following", "")
    return seen_other("ui.sample", session_key=session_key, sample=following or sample, _anchor="review")


def _again(session_key: SessionKey, sample: str, status: int, complaint: str, typed: dict[str, str]) -> Response:
    page = sample_page(context(), session_key, sample)
    return drawn_sample(session_key, page, status=status, complaint=complaint, typed=typed)


def _told(error: ReviewChanged) -> str:
    if error.who == caller().name:
        return "You have said something of this sample since you loaded the page, for example by a second click. See below."
    return (
        f"{error.who} changed this sample's review after you looked at it. Look at what is new, then send yours again."
    )


def _seen(text: str) -> int | None:
    return int(text) if is_digits(text) and len(text) <= _MOST_DIGITS else None
