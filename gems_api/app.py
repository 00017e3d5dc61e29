"""The application factory. Importing this has no effects."""

from __future__ import annotations

from apiflask import APIFlask

from gems_api.services.context import Context
from gems_api.services.ports import Clock, Cloud
from gems_api.settings import Settings
from gems_api.web.auth import CONTEXT, DOORS, Doors, TokenKeeper
from gems_api.web.pages import pages
from gems_api.web.problems import register_problems
from gems_api.web.routes import routes
from gems_core import __version__

LARGEST_BODY_BYTES = 1_000_000
DESCRIPTION = "HLA typing of Illumina MiSeq runs: start jobs, follow them, read their reports."


def create_app(settings: Settings, cloud: Cloud, clock: Clock) -> APIFlask:
    """The control plane as a WSGI app.

    Args:
        settings: the deployment's settings.
        cloud: AWS, or what stands in for it.
        clock: tells the time, with a zone.
    """
    app = APIFlask(
        __name__,
        title="GeMS",
        version=__version__,
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]  # Flask takes None for no static route
    )
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_OPERATION_ID=True,
        DESCRIPTION=DESCRIPTION,
        LICENSE={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        SECURITY_SCHEMES={
            "user_bearer": {"type": "http", "scheme": "bearer", "description": "the user credential"},
            "user_basic": {"type": "http", "scheme": "basic", "description": "user gems, the user credential"},
            "worker_bearer": {"type": "http", "scheme": "bearer", "description": "the worker credential"},
        },
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[CONTEXT] = Context(settings, cloud, clock)
    keeper = TokenKeeper(cloud.credentials, clock, settings.credential_cache_seconds)
    app.extensions[DOORS] = Doors(keeper, settings.user_credential, settings.worker_credential)
    register_problems(app)
    app.register_blueprint(routes)
    app.register_blueprint(pages)
    return app
