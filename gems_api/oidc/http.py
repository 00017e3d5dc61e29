"""Requests to an identity provider: timeouts, no redirects, and no more bytes than it should send."""

from __future__ import annotations

import io
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

# To connect, and between two bytes of an answer. Three requests must fit into the 29 s of API Gateway.
TIMEOUT_SECONDS = (3.0, 5.0)
# For the whole of an answer, however slowly it drips.
PATIENCE_SECONDS = 7.0
# Entra's keys, with their certificates, are some 20 kB; a token with many groups has fewer.
LARGEST_ANSWER_BYTES = 512 * 1024
_PIECE_BYTES = 65_536


class Bounded(HTTPAdapter):
    """Reads an answer whole, or not at all. Of a redirect nothing is followed: it would take codes and secrets elsewhere."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        """Send a request and read its answer.

        Raises:
            requests.RequestException: as always, and for an answer that is too long or too slow.
        """
        ends_at = time.monotonic() + PATIENCE_SECONDS
        kwargs |= {"stream": True, "timeout": TIMEOUT_SECONDS}
        answer = super().send(request, *args, **kwargs)
        try:
            body = _body(answer.raw, ends_at)
        except HTTPError as error:
            raise requests.ConnectionError(error) from error
        finally:
            answer.close()
        answer.raw = io.BytesIO(body)
        return answer


def _body(raw: Any, ends_at: float) -> bytes:  # noqa: ANN401 - urllib3's response
    body = bytearray()
    while piece := raw.read1(_PIECE_BYTES, decode_content=True):
        body += piece
        if len(body) > LARGEST_ANSWER_BYTES:
            raise requests.exceptions.ContentDecodingError(f"more than {LARGEST_ANSWER_BYTES} bytes")
        if time.monotonic() > ends_at:
            raise requests.exceptions.ReadTimeout(f"not whole after {PATIENCE_SECONDS} seconds")
    return bytes(body)


def bounded(session: requests.Session) -> requests.Session:
    """A session whose every request is bounded."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, Bounded())
    session.max_redirects = 0
    return session
