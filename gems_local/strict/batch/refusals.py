"""How AWS Batch and ECS refuse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from gems_local.strict.call import Answer


class Refused(Exception):
    """A request that AWS refuses: the code of its exception, and a message."""

    def __init__(self, message: str, code: str = "ClientException") -> None:
        self.code = code
        super().__init__(message)

    @property
    def answer(self) -> Answer:
        """What is sent."""
        return json_answer({"__type": self.code, "message": str(self)}, HTTPStatus.BAD_REQUEST, self.code)


def json_answer(body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK, error: str = "") -> Answer:
    """An answer of the JSON protocols."""
    content = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    if error:
        headers.append(("x-amzn-ErrorType", error))
    return Answer(f"{status.value} {status.phrase}", headers, content)


TOO_MANY = json_answer({"message": "Too Many Requests"}, HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException")
