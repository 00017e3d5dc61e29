"""The front door and the documentation page, served whole by GeMS itself: no script, no CDN."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from gems_core import __version__

pages = APIBlueprint("pages", __name__, enable_openapi=False)


@pages.get("/")
def index() -> ResponseReturnValue:
    """Point to the documentation, as JSON to programs and as HTML to people."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return render_template("index.html", version=__version__)
    return {"name": "GeMS", "version": __version__, "jobs": "/job", "docs": "/docs", "openapi": "/openapi.json"}


@pages.get("/docs")
def docs() -> ResponseReturnValue:
    """The endpoints, in a plain page."""
    spec: Any = current_app.spec  # type: ignore[attr-defined]
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    ]
    return render_template("docs.html", operations=operations, info=spec["info"])
