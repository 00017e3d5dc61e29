"""The style sheet and the scripts, served by GeMS itself: under an address that names the content, so kept for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Response, abort, url_for
from flask.typing import ResponseReturnValue

FOLDER = Path(__file__).parents[2] / "static"
# tools/fetch-vendor.sh puts it there. Without it pages are whole, but for what changes by itself.
HTMX = "vendor/htmx.min.js"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_DIGITS = 12


@cache
def _files() -> dict[str, tuple[str, bytes]]:
    """By name: the digest of the content, and the content."""
    found = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    return {
        name: (hashlib.sha256(content).hexdigest()[:_DIGITS], content)
        for name, content in found.items()
        if Path(name).suffix in _TYPES
    }


def has_htmx() -> bool:
    """Whether htmx was fetched."""
    return HTMX in _files()


def static_url(name: str) -> str:
    """The address of a static file's content as it is."""
    return url_for("ui.static_file", digest=_files()[name][0], name=name)


def static_file(digest: str, name: str) -> ResponseReturnValue:
    """A static file. An address of an older release finds the file as it is now, which is kept for no time."""
    if name not in _files():
        abort(404)
    now, content = _files()[name]
    response = Response(content, content_type=_TYPES[Path(name).suffix])
    response.headers["Cache-Control"] = _FOR_A_YEAR if digest == now else "no-cache"
    return response
