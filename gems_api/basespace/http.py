"""Requests to BaseSpace's API: timeouts, retries, paging, and its errors as ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import stamina
from requests.auth import AuthBase, HTTPBasicAuth

from gems_api.basespace.answers import Node
from gems_api.services.remote_ports import RemoteChanged, RemoteRefused, RemoteTokenRefused, RemoteUnavailable
from gems_core.credentials import bearer_header
from gems_core.digits import is_digits

LOG = logging.getLogger(__name__)
# To connect, and between two bytes of an answer. API Gateway gives a request 29 s, and the reaper has as much for all.
TIMEOUT_SECONDS = (3.0, 6.0)
# For how long one call is tried again. What is still refused then is told to the person, or left for the reaper.
PATIENCE_SECONDS = 6.0
LONGEST_WAIT_SECONDS = 5.0
ATTEMPTS = 4
# BaseSpace's own most (developer portal, "Pagination").
PAGE_ITEMS = 1024
LARGEST_ANSWER_BYTES = 8 * 1024 * 1024
_PIECE_BYTES = 65_536
_SERVER_ERRORS = 500


class _Busy(RemoteUnavailable):
    """It asked to be asked later.

    Attributes:
        retry_after_seconds: when; None where it does not say.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class Bearer(AuthBase):
    """A person's token; set on each request, so that no .netrc replaces it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the header."""
        request.headers.update(bearer_header(self._token))
        return request


@dataclass(frozen=True)
class Paging:
    """How a generation of the API tells its pages.

    Attributes:
        limit: the argument for how many items a page has.
        offset: the argument for how many were seen.
        most_items: of a page.
        body: takes the page out of an answer.
        counts: takes what holds ``TotalCount`` out of the page.
    """

    limit: str
    offset: str
    most_items: int
    body: Callable[[Node], Node]
    counts: Callable[[Node], Node]


V1_PAGES = Paging("Limit", "Offset", PAGE_ITEMS, lambda answer: answer.at("Response"), lambda page: page)
V2_PAGES = Paging("limit", "offset", 1000, lambda answer: answer, lambda page: page.at("Paging"))


@dataclass(frozen=True)
class Http:
    """Speaks to one BaseSpace.

    Attributes:
        base_url: without a closing slash.
        patience_seconds: for how long a call is tried again.
    """

    base_url: str
    patience_seconds: float = PATIENCE_SECONDS

    def get(self, path: str, auth: AuthBase, **query: str | int) -> Node:
        """What stands at a path; tried again while that may help."""
        return self._patiently("GET", path, auth, params=query)

    def pages(self, path: str, auth: AuthBase, most: int, of: Paging = V1_PAGES, **query: str | int) -> Iterator[Node]:
        """All items of a list, page by page.

        Args:
            path: of the list.
            auth: whose right.
            most: items that are taken.
            of: how this generation of the API tells its pages.
            query: beside what the pages ask for.

        Raises:
            RemoteRefused: there are more than ``most``.
            RemoteChanged: the pages do not add up to what the first one tells.
        """
        seen = 0
        while True:
            page = of.body(self.get(path, auth, **query, **{of.limit: of.most_items, of.offset: seen}))
            total, items = of.counts(page).at("TotalCount").whole(), page.at("Items").items()
            if total > most:
                raise RemoteRefused(
                    f"BaseSpace {path}: expected at most {most} items, found {total}. Choose fewer samples."
                )
            yield from items
            seen += len(items)
            if seen >= total:
                return
            if not items:
                raise RemoteChanged(f"BaseSpace {path}: expected {total} items, found {seen} and an empty page.")

    def put(self, path: str, auth: AuthBase, *, again: bool, **parts: Any) -> Node:  # noqa: ANN401 - requests' own
        """Post something.

        Args:
            path: where.
            auth: whose right.
            again: whether doing it twice does no harm, so that it may be tried again.
            parts: of the request, as ``requests`` names them.
        """
        return self._patiently("POST", path, auth, **parts) if again else self._once("POST", path, auth, **parts)

    def _patiently(self, method: str, path: str, auth: AuthBase, **parts: Any) -> Node:  # noqa: ANN401
        for attempt in stamina.retry_context(
            on=_advice,
            attempts=ATTEMPTS,
            timeout=self.patience_seconds,
            wait_initial=0.2,
            wait_max=LONGEST_WAIT_SECONDS,
        ):
            with attempt:
                return self._once(method, path, auth, **parts)
        raise AssertionError("stamina's last attempt raises its error")

    def _once(self, method: str, path: str, auth: AuthBase, **parts: Any) -> Node:  # noqa: ANN401
        try:
            # A redirect would take our key or a person's token wherever it points to.
            with requests.request(
                method,
                self.base_url + path,
                auth=auth,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
                **parts,
            ) as answer:
                body = _body(answer, path)
        except requests.RequestException as error:
            raise _Busy(f"BaseSpace {path} does not answer ({type(error).__name__})") from error
        if answer.status_code in (requests.codes.ok, requests.codes.created, requests.codes.accepted):
            return Node.parse(body, path)
        raise _refusal(answer, path, body)


def client_auth(secret: str) -> AuthBase:
    """Our own key, as ``key:secret``."""
    key, _, word = secret.partition(":")
    return HTTPBasicAuth(key, word)


def _advice(error: Exception) -> bool | float:
    """Stamina's question: whether to try again, and after how long where BaseSpace said so."""
    if not isinstance(error, _Busy):
        return False
    LOG.warning("%s; trying again", error)
    return True if error.retry_after_seconds is None else min(error.retry_after_seconds, LONGEST_WAIT_SECONDS)


def _body(answer: requests.Response, path: str) -> bytes:
    pieces, size_bytes = [], 0
    for piece in answer.iter_content(_PIECE_BYTES):
        size_bytes += len(piece)
        if size_bytes > LARGEST_ANSWER_BYTES:
            raise RemoteChanged(f"BaseSpace {path}: expected at most {LARGEST_ANSWER_BYTES} bytes, found more.")
        pieces.append(piece)
    return b"".join(pieces)


def _refusal(answer: requests.Response, path: str, body: bytes) -> RemoteRefused | RemoteUnavailable:
    status = answer.status_code
    message = f"BaseSpace {path} answered {status}{_reason(body, path)}"
    if status == requests.codes.too_many_requests or status >= _SERVER_ERRORS:
        told = answer.headers.get("Retry-After", "")
        return _Busy(message, float(told) if is_digits(told) and len(told) < 6 else None)  # noqa: PLR2004
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        return RemoteTokenRefused(message)
    return RemoteRefused(message)


def _reason(body: bytes, path: str) -> str:
    """BaseSpace's own words for people, where it says any that can be read."""
    try:
        status = Node.parse(body, path)
        told: Mapping[str, Any] = status.value.get("ResponseStatus") or status.value
        words = " ".join(str(told[name]) for name in ("ErrorCode", "Message", "error_description") if told.get(name))
    except (RemoteChanged, AttributeError):
        return ""
    return f": {''.join(sign for sign in words if sign.isprintable())[:200]}" if words else ""
