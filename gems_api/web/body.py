"""Reading the JSON body of a request from anybody."""

from __future__ import annotations

import json
import re

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from gems_core.json_input import NestedTooDeeply, parse_json

# Half a surrogate pair is no character, and no file name, tag or mail may hold a NUL.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def json_body() -> object:
    """The request's JSON; another content type is a 415, and broken JSON a 400.

    What no text may hold is read as U+FFFD, so that a worker's message is not lost for a strange byte in its log.
    """
    if not request.is_json:
        raise UnsupportedMediaType("Send JSON, with `Content-Type: application/json`.")
    try:
        return _clean(parse_json(request.get_data()))
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not valid JSON (byte {error.start + 1} is not UTF-8).") from None
    except NestedTooDeeply:
        raise BadRequest("The body is nested too deeply.") from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise BadRequest("The body holds a number that is too long.") from None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_NO_TEXT.sub("\ufffd", key): _clean(item) for key, item in value.items()}
    return value
