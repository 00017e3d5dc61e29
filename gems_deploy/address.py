"""The API's public address: what workers, links and mails are told."""

from __future__ import annotations

import re

from gems_deploy.function import read_function
from gems_deploy.gateway import gateway_url
from gems_deploy.settings import NO_ADDRESS
from gems_deploy.site import Site

# For --api-url: the gateway's own address again.
GATEWAYS_OWN = "default"
_OF_A_GATEWAY = re.compile(r"https://[^/.]+\.execute-api\.[^/]+\.amazonaws\.com(\.cn)?(/.*)?")


def public_url(site: Site) -> str:
    """The address that was asked for, else a domain of somebody's own that the function has, else the gateway's; '' if none is known."""
    if site.api_url and site.api_url != GATEWAYS_OWN:
        return site.api_url
    function = None if site.api_url else read_function(site)
    held = function.environment.get("GEMS_API_URL", "") if function else ""
    # A gateway that was made again has another address than the function was told.
    chosen = held not in ("", NO_ADDRESS) and not _OF_A_GATEWAY.fullmatch(held)
    return held if chosen else gateway_url(site)
