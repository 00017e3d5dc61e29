"""The front door, the OpenAPI description and the page made of it."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gems_api.web.contexts import context
from gems_api.web.description import Json, body_fields, describe
from gems_api.web.problems import KINDS
from gems_api.web.visitors import signed_in_visitor, wants_page
from gems_core import __version__

pages = Blueprint("pages", __name__)
INFO = {
    "title": "GeMS",
    "version": __version__,
    "description": "HLA typing of Illumina MiSeq runs: start jobs, follow them, read their reports.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
SECURITY_SCHEMES = {
    "user_bearer": {"type": "http", "scheme": "bearer", "description": "the user credential or a token of a person"},
    "user_basic": {"type": "http", "scheme": "basic", "description": "user gems, the user credential"},
    "worker_bearer": {"type": "http", "scheme": "bearer", "description": "the worker credential"},
}


@pages.get("/")
def index() -> ResponseReturnValue:
    """Point to the documentation as JSON, and lead people to their jobs or to the sign-in page.

    Behind a stage (``/dev``) an address may or may not end in a slash, so every link begins with the stage.
    """
    base = request.root_path
    if wants_page():
        return redirect(url_for("ui.sign_in" if signed_in_visitor() is None else "ui.jobs"), 303)
    links = {"jobs": f"{base}/job", "docs": f"{base}/docs", "openapi": f"{base}/openapi.json"}
    return {"name": "GeMS", "version": __version__, **links}


@pages.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description, for programs."""
    return dict(_description())


@pages.get("/docs")
def docs() -> ResponseReturnValue:
    """The endpoints and the kinds of errors, in a plain page; the ``type`` of an error leads to its kind."""
    spec = _description()
    operations = [
        {
            "method": method.upper(),
            "path": path,
            **operation,
            "credentials": [_credential(scheme) for scheme in operation.get("security", ())],
            "fields": body_fields(spec, operation),
        }
        for path, item in spec["paths"].items()
        for method, operation in item.items()
    ]
    from gems_api.web.ui.frame import ENDPOINTS, shown  # noqa: PLC0415 - most starts of the Lambda need no pages

    return shown(
        "docs.html", here=ENDPOINTS, operations=operations, kinds=KINDS.values(), info=INFO, base=request.root_path
    )


def _credential(scheme: Json) -> str:
    """One of the credentials that a view takes, in words; none is as good where the scheme names none."""
    return ", ".join(f"{name} ({SECURITY_SCHEMES[name]['description']})" for name in scheme) or "none"


def _description() -> Json:
    return describe(current_app, INFO, SECURITY_SCHEMES, context().settings.api_url.rstrip("/"))
