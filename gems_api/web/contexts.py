"""The collaborators of the app that serves a request."""

from __future__ import annotations

from flask import current_app

from gems_api.services.context import Context

CONTEXT = "gems"
"""Name of the context in the app's ``extensions``."""


def context() -> Context:
    """The collaborators of the app that serves this request."""
    found: Context = current_app.extensions[CONTEXT]
    return found
