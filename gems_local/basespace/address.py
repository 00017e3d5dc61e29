"""Telling the stand-in where our app listens, once that is known."""

from __future__ import annotations

import requests

_TIMEOUT_SECONDS = 10


def tell_address(stand_in_url: str, api_url: str) -> None:
    """Have launches go to the API at this address."""
    answer = requests.put(f"{stand_in_url}/stand-in/app", json={"url": api_url}, timeout=_TIMEOUT_SECONDS)
    answer.raise_for_status()
