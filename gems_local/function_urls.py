"""What moto's Lambda lacks of what Zappa asks: the list of a function's URLs, of which there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Lambda API reference, ListFunctionUrlConfigs.
_PATH = re.compile(r"/2021-10-31/functions/[^/]+/urls")
_BODY = b'{"FunctionUrlConfigs": []}'


class FunctionUrls:
    """Answers ListFunctionUrlConfigs, and passes every other request on."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ["REQUEST_METHOD"] != "GET" or not _PATH.fullmatch(environ.get("PATH_INFO", "")):
            return self._application(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(_BODY)))])
        return [_BODY]
