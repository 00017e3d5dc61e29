"""Sending JSON to an address that an administrator has set: over HTTPS, to public addresses alone.

The name is resolved once, each of its addresses is judged, and the connection goes to the one that was judged: a name that
resolves otherwise a moment later reaches nothing inside. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from gems_core.errors import CloudRefused

SECONDS = 5.0
_SUCCESS = range(200, 300)


def addresses_of(host: str, port: int) -> list[str]:
    """All addresses of a name.

    Raises:
        OSError: it has none.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address can be reached by all: not private, local, reserved, or one that carries such a one inside."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inside is not None or found in _NAT64:
            return False
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class _Pinned(http.client.HTTPSConnection):
    """Goes to one address, and demands the certificate of the name."""

    def __init__(self, host: str, port: int, address: str, trust: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=SECONDS, context=trust)
        self._address, self._trust = address, trust

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), SECONDS)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


@dataclass(frozen=True)
class HttpsPoster:
    """Sends; see ``services.ports.Poster``.

    Attributes:
        resolve: gives the addresses of a name.
        allowed: whether an address may be reached.
        trust: whose certificates are believed; the system's by default.
    """

    resolve: Callable[[str, int], Sequence[str]] = addresses_of
    allowed: Callable[[str], bool] = is_public
    trust: ssl.SSLContext | None = None

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """See Poster."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        if parts.scheme != "https" or not host:
            raise CloudRefused("the webhook's address must begin with https://")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection = _Pinned(host, port, self._address(host, port), self.trust or ssl.create_default_context())
            try:
                connection.request("POST", path, body, {"User-Agent": "GeMS", **headers})
                status = connection.getresponse().status
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CloudRefused(f"the webhook at {host} does not answer ({type(error).__name__})") from error
        if status not in _SUCCESS:
            raise CloudRefused(f"the webhook at {host} answered {status}; expected 200 to 299, without a redirect")

    def _address(self, host: str, port: int) -> str:
        """The address to go to; every one of the name's must be allowed."""
        found = self.resolve(host, port)
        if not found or not all(map(self.allowed, found)):
            raise CloudRefused(
                f"the webhook's name {host} leads to an address that is not public; GeMS sends nothing there"
            )
        return found[0]
