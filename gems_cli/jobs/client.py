"""The API of GeMS, seen from a client.

Its three waits are written out, without stamina: two are as long as the API's ``Retry-After`` says, the longest is told
to the person who waits, and stamina would log each one as a warning.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import requests

from gems_cli.exits import ApiRefused, sentence
from gems_core.credentials import bearer_header
from gems_core.digits import is_digits
from gems_core.errors import CloudUnreachable, GemsError, JobNotFound

TIMEOUT_SECONDS = (5.0, 60.0)
LONGEST_WAIT_SECONDS = 10
# EC2 takes from seconds to some minutes to turn a machine off.
RETRY_PATIENCE_SECONDS = 300
LONGEST_RETRY_WAIT_SECONDS = 60
# Before a request is repeated that was not answered.
PAUSE_SECONDS = 2.0
LARGEST_PAGE = 200  # what the API gives at once
LOOPBACK = ("127.0.0.1", "::1", "localhost")


_LONGEST_NUMBER = 9  # digits of a Retry-After in seconds; it may be a date, too, which nobody sends us


class NotYet(ApiRefused):
    """The API says when to ask again.

    Attributes:
        detail: its reason.
        retry_after_seconds: how soon.
    """

    def __init__(self, status: int, message: str, detail: str, retry_after_seconds: int) -> None:
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        super().__init__(status, message)


@dataclass(frozen=True)
class JobRequest:
    """A job to ask for; what is '' or None is left to the service.

    Attributes:
        reference, typer, panel: names of published versions.
        retype_of: session key of the job whose reads are typed again.
    """

    bucket: str
    prefix: str
    hla_class: str
    email: str = ""
    workers: int | None = None
    samples_per_worker: int | None = None
    budget_usd: float | None = None
    time_limit_seconds: int | None = None
    reference: str = ""
    typer: str = ""
    panel: str = ""
    retype_of: str = ""

    def as_json(self) -> dict[str, Any]:
        """The body of ``POST /job``."""
        asked = asdict(self)
        left_out = {name for name in ("email", "reference", "typer", "panel", "retype_of") if not asked[name]}
        return {name: value for name, value in asked.items() if value is not None and name not in left_out}


class _Bearer(requests.auth.AuthBase):
    """Sends the token; given as ``auth``, it also keeps `.netrc` from replacing it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(bearer_header(self._token))
        return request


def _session_to(url: str) -> requests.Session:
    """A session that asks no proxy for this machine itself: none leads there."""
    session = requests.Session()
    session.trust_env = urlsplit(url).hostname not in LOOPBACK
    return session


class ApiClient:
    """Speaks to one GeMS.

    Args:
        url: base URL of the API.
        token: the user token; '' for what needs none.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._session = _session_to(url)
        self._session.auth = _Bearer(token)

    def start(self, request: JobRequest, *, dry_run: bool = False, idempotency_key: str = "") -> dict[str, Any]:
        """Ask for a job, or with ``dry_run`` for its plan, price and problems.

        Raises:
            ApiRefused: with every problem of the preflight.
            CloudUnreachable: the API does not answer.
        """
        body = request.as_json() | ({"dry_run": True} if dry_run else {})
        ask = self._ask if dry_run else self._insist
        return _document(self.url, ask("POST", "/job", json=body, headers=_idempotent(idempotency_key)))

    def jobs(self, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Jobs, newest first, as many as ``limit`` says (default: the API's own); pages are followed.

        A page may be short, or empty, and yet lead on.
        """
        asked = dict(filters)
        wanted = int(asked.get("limit", 0))
        listed: list[dict[str, Any]] = []
        while True:
            if wanted:
                asked["limit"] = str(min(wanted - len(listed), LARGEST_PAGE))
            answer = self._ask("GET", "/job", params=asked)
            listed += _jobs(self.url, answer)
            before = _next_before(answer)
            if before is None or not wanted or len(listed) >= wanted:
                return listed
            asked["before"] = before

    def job(self, session_key: str) -> dict[str, Any]:
        """One job.

        Raises:
            JobNotFound: there is none of this name.
        """
        found = self.jobs({"session_key": session_key})
        if not found:
            raise JobNotFound(session_key)
        return found[0]

    def cancel(self, session_key: str) -> dict[str, Any]:
        """Stop a job; tells what was terminated and what is kept."""
        return _document(self.url, self._ask("POST", f"/job/{quote(session_key, safe='')}/cancel"))

    def retry(
        self, session_key: str, *, idempotency_key: str = "", waiting: Callable[[str], object] | None = None
    ) -> dict[str, Any]:
        """Have what failed of an ended job run again, as soon as its machines are off.

        Args:
            session_key: the job.
            idempotency_key: a repeat with the same one opens no further run.
            waiting: is told why, before each pause.

        Raises:
            ApiRefused: the job has not ended, nothing of it failed, or it still cannot be opened after some minutes.
        """
        path, headers = f"/job/{quote(session_key, safe='')}/retry", _idempotent(idempotency_key)
        patience_ends = time.monotonic() + RETRY_PATIENCE_SECONDS
        while True:
            try:
                return _document(self.url, self._insist("POST", path, headers=headers))
            except NotYet as refused:
                if time.monotonic() > patience_ends:
                    raise
                if waiting is not None:
                    waiting(refused.detail)
                time.sleep(min(refused.retry_after_seconds, LONGEST_RETRY_WAIT_SECONDS))

    def report(self, session_key: str, extension: str) -> bytes:
        """A report, fetched from where the API points to.

        Raises:
            ApiRefused: there is no report (yet), or not in this format.
            CloudUnreachable: the API or the report's storage does not answer.
        """
        path = f"/job/{quote(session_key, safe='')}/report.{extension}"
        answer = self._ask("GET", path, allow_redirects=False)
        if "Location" not in answer.headers:
            raise _not_ours(self.url, answer)
        return _stored(answer.headers["Location"])

    def reviewed_report(self, session_key: str, extension: str) -> bytes:
        """A report with its review as it stands now.

        Raises:
            ApiRefused: there is no report (yet); with code ``made_elsewhere`` where the API leaves this one to its clients.
            CloudUnreachable: the API does not answer.
        """
        return self._ask("GET", f"/job/{quote(session_key, safe='')}/reviewed.{extension}").content

    def review(self, session_key: str) -> dict[str, Any]:
        """The whole log of a job's review, as one document (docs/api.md, "Review and approve"); its parts are followed.

        Raises:
            ApiRefused: no such job.
            CloudUnreachable: the API does not answer.
        """
        path = f"/job/{quote(session_key, safe='')}/review.json"
        entries: list[Any] = []
        after = 0
        while True:
            part = _document(self.url, self._ask("GET", path, params={"after": str(after)}))
            try:
                entries += part["entries"]
                following = None if part["next"] is None else int(part["next"])
            except (KeyError, TypeError, ValueError):
                raise _not_ours_at(self.url, "another document") from None
            if following is None or following <= after:
                return {**part, "entries": entries}
            after = following

    def logs(
        self, session_key: str, *, worker: int | None = None, since: datetime | None = None, after: str = ""
    ) -> dict[str, Any]:
        """A page of what a job's machines logged.

        Args:
            session_key: the job.
            worker: its index; None for all.
            since: only what S3 was given then or later.
            after: the ``next`` of the page before.

        Raises:
            ApiRefused: no such job or worker.
        """
        asked = {"worker": worker, "since": since.isoformat() if since else None, "after": after or None}
        params = {name: str(value) for name, value in asked.items() if value is not None}
        path = f"/job/{quote(session_key, safe='')}/logs"
        return _document(self.url, self._ask("GET", path, params=params))

    def _insist(self, method: str, path: str, **arguments: Any) -> requests.Response:  # noqa: ANN401 - those of requests
        """Ask once more where no answer came: the request may have done its work, and its Idempotency-Key keeps it at that."""
        try:
            return self._ask(method, path, **arguments)
        except CloudUnreachable:
            time.sleep(PAUSE_SECONDS)
            return self._ask(method, path, **arguments)

    def _ask(self, method: str, path: str, **arguments: Any) -> requests.Response:  # noqa: ANN401 - those of requests
        url = self.url + path

        def ask() -> requests.Response:
            return self._session.request(method, url, timeout=TIMEOUT_SECONDS, **arguments)

        def ask_patiently() -> requests.Response:
            answer = ask()
            seconds = answer.headers.get("Retry-After", "")
            # The API may not have seen a token yet that was made just now.
            if answer.status_code == HTTPStatus.UNAUTHORIZED and is_digits(seconds):
                time.sleep(min(int(seconds), LONGEST_WAIT_SECONDS))
                answer = ask()
            return answer

        return self._answered(ask_patiently)

    def _answered(self, ask: Callable[[], requests.Response]) -> requests.Response:
        try:
            answer = ask()
        except requests.RequestException as error:
            raise CloudUnreachable(
                f"GeMS at {self.url} does not answer: {error}. Check the URL and the network."
            ) from error
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise refusal(self.url, answer)
        return answer


def _stored(signed: str) -> bytes:
    """What a signed address leads to. Who sees it may read the report, so that no error tells more of it than its host."""
    storage = f"the report's storage ({urlsplit(signed).hostname})"
    trouble = ""
    try:
        # The address is S3's: it must not see our token.
        answer = _session_to(signed).get(signed, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        trouble = type(error).__name__  # its text, and so its chain, holds the address
    if trouble:
        raise CloudUnreachable(f"{storage} does not answer: {trouble}. Check the network and the proxy.")
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        raise CloudUnreachable(
            f"{storage} refused the report ({answer.status_code} {answer.reason}). Ask for it again: its address expires soon."
        )
    return answer.content


def _idempotent(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid4().hex}


def _document(url: str, answer: requests.Response) -> dict[str, Any]:
    found = _json_of(answer)
    if not isinstance(found, dict):
        raise _not_ours(url, answer)
    return found


def _jobs(url: str, answer: requests.Response) -> list[dict[str, Any]]:
    found = _json_of(answer)
    if not isinstance(found, list) or not all(isinstance(job, dict) for job in found):
        raise _not_ours(url, answer)
    return found


def _json_of(answer: requests.Response) -> object:
    """What an answer says in JSON; None where it is not one."""
    try:
        return answer.json()
    except requests.JSONDecodeError:
        return None


def _not_ours(url: str, answer: requests.Response) -> CloudUnreachable:
    return _not_ours_at(url, answer.headers.get("Content-Type", "an answer without a content type"))


def _not_ours_at(url: str, found: str) -> CloudUnreachable:
    return CloudUnreachable(
        f"{url}: expected GeMS to answer, found {found}. Is it the address of the API, with its stage (such as /dev)?"
    )


def _next_before(answer: requests.Response) -> str | None:
    """The next page's cursor. The page is asked for at the address that we know, not where the answer points to."""
    link = answer.links.get("next", {}).get("url", "")
    return next(iter(parse_qs(urlsplit(link).query).get("before", ())), None)


def refusal(url: str, answer: requests.Response) -> GemsError:
    """The error that an answer of 4xx or 5xx stands for."""
    document = _problem_document(answer)
    detail = str(document.get("detail") or document.get("title") or answer.reason)
    status, after = answer.status_code, answer.headers.get("Retry-After", "")
    later = int(after) if is_digits(after) and len(after) <= _LONGEST_NUMBER else None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return CloudUnreachable(f"GeMS at {url} gets too many requests ({status}): {detail}. Try again later.", later)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        said = f"GeMS at {url} failed with {status}: {detail}. Try again; if it persists, see its log."
        return CloudUnreachable(said, later)
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED) and "type" not in document:
        # Each refusal of GeMS has a type. API Gateway answers so to a path without the stage, other servers to ours.
        return ApiRefused(
            status,
            f"{url} answered {status} ({detail}) and does not seem to be GeMS. Check GEMS_API_URL: is its stage (such as /dev) missing?",
        )
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        repair = f"Set GEMS_API_TOKEN, or store the token with `keyring set gems {url}`."
        return ApiRefused(status, f"GeMS at {url} refused the token ({status}): {sentence(detail)} {repair}")
    if status == HTTPStatus.CONFLICT and later is not None:
        return NotYet(status, f"GeMS at {url} refused the request ({status}): {detail}", detail, later)
    problems = _problem_texts(document)
    # The detail of an answer that lists its problems repeats the first of them in one line.
    headline = f"{document.get('problems_total', len(problems))} to repair" if problems else detail
    code = str(document.get("code", ""))
    return ApiRefused(status, f"GeMS at {url} refused the request ({status}): {headline}", problems, code)


def _problem_document(answer: requests.Response) -> dict[str, Any]:
    document = _json_of(answer)
    return document if isinstance(document, dict) else {}


def _problem_texts(document: dict[str, Any]) -> tuple[str, ...]:
    problems = document.get("problems") or document.get("errors") or []
    return tuple(
        str(problem.get("message") or problem) if isinstance(problem, dict) else str(problem) for problem in problems
    )
