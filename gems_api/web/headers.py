"""Headers that every answer carries: what a browser may do with it, and what caches may keep of it."""

from __future__ import annotations

from flask import Flask, Response

# Our pages load our own style sheet, scripts and pictures, and nothing of theirs stands in the page itself; JSON and problem
# documents hold nothing at all.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
TRANSPORT = "max-age=31536000"


def register_headers(app: Flask, api_url: str) -> None:
    """Set them on every answer of an app, errors too.

    Args:
        app: the app.
        api_url: where it is reached; only behind TLS browsers are told to insist on it.
    """

    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Cache-Control", "no-store")
        headers["X-Content-Type-Options"] = "nosniff"
        is_page = response.mimetype == "text/html"
        # Without any referrer a browser names no origin of a form, by which forged ones are told.
        headers["Referrer-Policy"] = "same-origin" if is_page else "no-referrer"
        headers["Content-Security-Policy"] = PAGE_POLICY if is_page else DATA_POLICY
        if api_url.startswith("https://"):
            headers["Strict-Transport-Security"] = TRANSPORT
        return response

    app.after_request(add)
