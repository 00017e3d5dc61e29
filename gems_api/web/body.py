"""Reading the JSON body of a request from anybody."""

from __future__ import annotations

import re

from flask import request
from werkzeug.exceptions import BadRequest

# Half a surrogate pair is no character, and no file name, tag or mail may hold a NUL.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def json_body() -> object:
    """The request's JSON; another content type is a 415, and broken JSON a 400.

    What no text may hold is read as U+FFFD, so that a worker's message is not lost for a strange byte in its log.
    """
    try:
        return _clean(request.get_json())
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_NO_TEXT.sub("\ufffd", key): _clean(item) for key, item in value.items()}
    return value
