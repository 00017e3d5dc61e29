"""The worker's way to the API (docs/contracts.md, section 4)."""

from __future__ import annotations

import logging
from urllib.parse import quote

import requests
import stamina
from requests.auth import AuthBase

from gems_core.credentials import bearer_header
from gems_core.digits import is_digits
from gems_core.errors import CloudRefused, InvalidInput
from gems_core.file_links import FileLink, LinkRequest
from gems_core.identity import HEADER
from gems_core.job_credentials import JobCredentials
from gems_core.protocol.answer import Answer
from gems_core.protocol.status_report import StatusReport
from gems_core.protocol.worker_requests import CredentialsRequest, StopRequest
from gems_core.session_key import SessionKey
from worker.errors import ApiRefused, ApiUnavailable
from worker.identity import Identity

_log = logging.getLogger(__name__)
_TIMEOUT_SECONDS = (10, 35)
"""To connect, and to wait for an answer: API Gateway gives up after 29 s."""

_LONGEST_WAIT_SECONDS = 30.0
_FIRST_SERVER_ERROR = 500
_IDENTITY_REFUSED = "identity_refused"


class _Bearer(AuthBase):
    """Sets the credential on each request, so that no .netrc of the machine replaces it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(bearer_header(self._token))
        return request


class ApiClient:
    """Speaks for one job. Not thread-safe: each thread takes its own.

    Args:
        api_url: base URL without a closing slash.
        token: the worker credential.
        identity: proves which instance this is.
        session: this client's own.
    """

    def __init__(
        self, api_url: str, session_key: SessionKey, token: str, identity: Identity, session: requests.Session
    ) -> None:
        self._api_url = api_url
        self._session_key = session_key
        self._identity = identity
        self._session = session
        self._session.auth = _Bearer(token)

    def report(self, report: StatusReport, *, patience_seconds: float) -> Answer:
        """Send one message.

        Args:
            report: the message.
            patience_seconds: for how long to try again; 0 means one attempt.

        Raises:
            ApiUnavailable: it could not be delivered in that time.
            ApiRefused: the API refused it, or answered what no API of ours answers.
        """
        path = self._path("status")
        answer = self._post_patiently(path, report.as_json(), patience_seconds)
        try:
            return Answer.from_json(answer.json())
        except (InvalidInput, ValueError, KeyError, TypeError) as error:
            raise ApiRefused(
                f"{path}: expected an answer of the GeMS API, found {answer.text[:200]!r} ({error})"
            ) from error

    def credentials(self, instance_id: str, *, patience_seconds: float) -> JobCredentials:
        """Ask for AWS credentials that open this job's folders; errors as of ``report``."""
        path = self._path("credentials")
        answer = self._post_patiently(path, CredentialsRequest(instance_id).as_json(), patience_seconds)
        try:
            return JobCredentials.from_json(answer.json())
        except (InvalidInput, ValueError):  # neither they nor the answer are quoted: it may hold a secret
            raise ApiRefused(f"{path}: expected credentials of the GeMS API, found an answer without them") from None

    def link(self, instance_id: str, key: str, *, patience_seconds: float) -> FileLink:
        """Ask where a file that is not in S3 yet can be read; errors as of ``report``."""
        path = self._path("link")
        answer = self._post_patiently(path, LinkRequest(instance_id, key).as_json(), patience_seconds)
        try:
            return FileLink.from_json(answer.json())
        except (InvalidInput, ValueError):  # the link is as good as a credential, and is not quoted
            raise ApiRefused(f"{path}: expected a link of the GeMS API, found an answer without one") from None

    def stop_instances(self, instance_id: str, *, patience_seconds: float) -> None:
        """Have the job's instances terminated; errors as of ``report``."""
        request = StopRequest(str(self._session_key), instance_id)
        self._post_patiently("/stop_instances", request.as_json(), patience_seconds)

    def _path(self, what: str) -> str:
        return f"/job/{quote(str(self._session_key), safe='')}/{what}"

    def _post_patiently(self, path: str, body: dict[str, object], patience_seconds: float) -> requests.Response:
        if not patience_seconds:
            return self._post(path, body)
        for attempt in stamina.retry_context(
            on=_advice,
            attempts=None,
            timeout=patience_seconds,
            wait_initial=0.5,
            wait_max=_LONGEST_WAIT_SECONDS,
        ):
            with attempt:
                return self._post(path, body)
        raise AssertionError("stamina's last attempt raises its error")

    def _post(self, path: str, body: dict[str, object]) -> requests.Response:
        answer = self._post_as_this_instance(path, body)
        if answer.status_code in (requests.codes.ok, requests.codes.accepted, requests.codes.no_content):
            return answer
        message = f"{path}: expected an answer, found {answer.status_code}: {_detail(answer)}"
        if _may_be_tried_again(answer):
            raise ApiUnavailable(message, _retry_after_seconds(answer))
        raise ApiRefused(message)

    def _post_as_this_instance(self, path: str, body: dict[str, object]) -> requests.Response:
        """Post with the proof of identity; one that was refused is replaced, once."""
        try:
            proof = self._identity.header()
            answer = self._send(path, body, proof)
            if answer.status_code == requests.codes.forbidden and _problem(answer).get("code") == _IDENTITY_REFUSED:
                _log.warning("the proof of identity was refused, signing a new one: %s", _detail(answer))
                answer = self._send(path, body, self._identity.renew(proof))
        except CloudRefused as error:  # the metadata service, which has the role's credentials, may be back soon
            raise ApiUnavailable(f"{path}: no proof of identity: {error}") from error
        except requests.RequestException as error:
            raise ApiUnavailable(f"{self._api_url}{path}: {error}") from error
        return answer

    def _send(self, path: str, body: dict[str, object], proof: str) -> requests.Response:
        return self._session.post(
            self._api_url + path, json=body, headers={HEADER: proof}, timeout=_TIMEOUT_SECONDS, allow_redirects=False
        )


def _advice(error: Exception) -> bool | float:
    """Stamina's question: whether to try again, and after how long where the API said so."""
    if not isinstance(error, ApiUnavailable):
        return False
    _log.warning("the API is not available, trying again: %s", error)
    if error.retry_after_seconds is None:
        return True
    return min(error.retry_after_seconds, _LONGEST_WAIT_SECONDS)


def _may_be_tried_again(answer: requests.Response) -> bool:
    # 401 with Retry-After: the credential may be newer than what the API last looked at.
    if answer.status_code in (requests.codes.conflict, requests.codes.unauthorized):
        return _retry_after_seconds(answer) is not None
    return answer.status_code == requests.codes.too_many_requests or answer.status_code >= _FIRST_SERVER_ERROR


def _retry_after_seconds(answer: requests.Response) -> float | None:
    """From the header, or from the problem document's ``retry_after_seconds``."""
    header = answer.headers.get("Retry-After", "")
    if is_digits(header):
        return float(header)
    value = _problem(answer).get("retry_after_seconds")
    return float(value) if isinstance(value, int | float) and value >= 0 else None


def _detail(answer: requests.Response) -> str:
    problem = _problem(answer)
    return str(problem.get("detail") or problem.get("title") or answer.text)[:500]


def _problem(answer: requests.Response) -> dict[str, object]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
