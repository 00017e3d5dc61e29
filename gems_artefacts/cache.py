"""The folder in which `gems` keeps what it can make again: libraries and packed artefacts."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

CACHE_VARIABLE = "GEMS_CACHE"


def cache_folder() -> Path:
    """``$GEMS_CACHE``, or the user's cache folder for `gems`; made when it is not there."""
    named = os.environ.get(CACHE_VARIABLE)
    folder = Path(named) if named else user_cache_path("gems")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
