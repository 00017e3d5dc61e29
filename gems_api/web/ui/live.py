"""Parts of pages that are asked for again and again: the same content has the same tag, and is not sent twice."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from flask import Response, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from gems_api.web.contexts import context
from gems_api.web.ui.frame import drawn

QUICK_SECONDS = 4
SLOW_SECONDS = 15
"""Between two looks; the slow ones are for what takes seconds to read."""


def tag_of(content: str) -> str:
    """The entity tag of a part."""
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def part(template: str, **values: Any) -> tuple[Markup, str]:  # noqa: ANN401 - what the template shows
    """A part's HTML, which its template has escaped already, and its tag."""
    content = drawn(template, **values)
    return Markup(content), tag_of(content)  # noqa: S704 - see above


def answered(content: str, tag: str, seen_at: datetime | None = None) -> BaseResponse:
    """A part as the answer to a look; 304 when the browser has it.

    Args:
        content: its HTML, with the element that is to be replaced.
        tag: of what may change in it.
        seen_at: when what it shows was read, if that was not just now.
    """
    response = Response(content, content_type="text/html; charset=utf-8")
    response.set_etag(tag)
    age = (context().clock() - seen_at).total_seconds() if seen_at is not None else 0
    response.headers["Age"] = str(max(0, round(age)))
    return response.make_conditional(request)
