"""What the app that serves a request works with: its collaborators, and its credentials."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from gems_api.services.access.tokens import TokenKeeper
from gems_api.services.context import Context

CONTEXT = "gems"
"""Name of the context in the app's ``extensions``."""
DOORS = "gems_doors"
"""Name of the doors there."""


@dataclass(frozen=True)
class Doors:
    """Which credential opens which routes."""

    keeper: TokenKeeper
    user_credential: str
    worker_credential: str


def context() -> Context:
    """The collaborators of the app that serves this request."""
    found: Context = current_app.extensions[CONTEXT]
    return found
