"""The application factory. Importing this has no effects."""

from __future__ import annotations

from flask import Flask, g, request

from gems_api.logs import note_job
from gems_api.services.access.tokens import TokenKeeper
from gems_api.services.context import Context
from gems_api.services.ports import Clock, Cloud
from gems_api.settings import Settings
from gems_api.web.contexts import CONTEXT, DOORS, Doors
from gems_api.web.headers import register_headers
from gems_api.web.pages import pages
from gems_api.web.problems import register_problems
from gems_api.web.review_routes import review_routes
from gems_api.web.routes import routes
from gems_api.web.ui.addresses import ui

LARGEST_BODY_BYTES = 1_000_000
LONGEST_NAME = 300


def create_app(settings: Settings, cloud: Cloud, clock: Clock) -> Flask:
    """The control plane as a WSGI app.

    Args:
        settings: the deployment's settings.
        cloud: AWS, or what stands in for it.
        clock: tells the time, with a zone.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[CONTEXT] = Context(settings, cloud, clock)
    keeper = TokenKeeper(cloud.credentials, clock, settings.credential_cache_seconds)
    app.extensions[DOORS] = Doors(keeper, settings.user_credential, settings.worker_credential)
    app.before_request(_note_job)
    app.teardown_request(_forget_job)
    register_problems(app)
    register_headers(app, settings.api_url)
    app.register_blueprint(routes)
    app.register_blueprint(review_routes)
    app.register_blueprint(pages)
    app.register_blueprint(ui)
    return app


def _note_job() -> None:
    """Lines of the log say which job a request is about. A name that is not one is told as it came, but cut."""
    asked = (request.view_args or {}).get("session_key") or request.args.get("session_key", "")
    g.forget_job = note_job(str(asked)[:LONGEST_NAME])


def _forget_job(error: BaseException | None) -> None:  # noqa: ARG001 - Flask's signature
    forget = g.pop("forget_job", None)
    if forget is not None:
        forget()
