"""BaseSpace as ``services.remote_ports.Remote`` asks for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from urllib.parse import quote, urlencode

from gems_api.basespace.answers import Node
from gems_api.basespace.http import Bearer, Http, client_auth
from gems_api.basespace.samples import V1, Listing, listing_of
from gems_api.services.remote_ports import (
    AppSession,
    Choices,
    RemoteChanged,
    RemoteFile,
    RemoteLink,
    RemoteRefused,
    RemoteTokenRefused,
)

# Reading the chosen samples, writing results into the chosen project, and nothing else of the account.
SCOPE = "browse global, create global"
_MOST_PROPERTIES = 1000
_MOST_SAMPLES = 3000
_LONGEST_TOKEN = 2000
READERS = 16
_T = TypeVar("_T")


@dataclass(frozen=True)
class BaseSpace:
    """A client of one BaseSpace, for one app.

    Attributes:
        site_url: where people consent; without a closing slash.
        generation: which API lists reads, ``v1pre3`` or ``v2``. Launches and results are v1pre3's in both.
        secrets: the versions in force of our key and secret, newest first, each as ``key:secret``.
    """

    http: Http
    site_url: str
    generation: str
    secrets: Callable[[], tuple[str, ...]]

    @cached_property
    def _listing(self) -> Listing:
        return listing_of(self.http, self.generation)

    def consent_url(self, state: str, redirect_uri: str) -> str:
        """See Remote."""
        asked = {
            "client_id": self.secrets()[0].partition(":")[0],
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": SCOPE,
            "state": state,
        }
        return f"{self.site_url}/oauth/authorize?{urlencode(asked)}"

    def session(self, session_id: str) -> AppSession:
        """See Remote. After a rotation BaseSpace may still know the key before."""
        found = self._with_our_key(lambda secret: self._session(session_id, secret))
        if found.session_id != session_id:
            raise RemoteChanged(f"BaseSpace: expected the app session {session_id}, found {found.session_id}.")
        return found

    def token(self, code: str, redirect_uri: str) -> str:
        """See Remote."""
        return self._with_our_key(lambda secret: self._exchange(code, redirect_uri, secret))

    def user_id(self, token: str) -> str:
        """See Remote."""
        return self.http.get(f"/{V1}/users/current", Bearer(token)).at("Response").at("Id").identifier()

    def choices(self, session_id: str, token: str) -> Choices:
        """See Remote."""
        path = f"/{V1}/appsessions/{session_id}/properties"
        chosen = {item.at("Name").text(): item for item in self.http.pages(path, Bearer(token), _MOST_PROPERTIES)}
        samples = chosen.get(self._listing.choice)
        if samples is None:
            raise RemoteChanged(f"BaseSpace {path}: expected the choice {self._listing.choice}, found none.")
        found = _ids(samples)
        if len(found) > _MOST_SAMPLES:
            raise RemoteRefused(f"BaseSpace {path}: expected at most {_MOST_SAMPLES} samples, found {len(found)}.")
        project = chosen.get("Input.project-id")
        return Choices(
            _ids(project)[0] if project else "",
            tuple(found),
            _word(chosen.get("Input.hla-class")),
            _word(chosen.get("Input.email")),
            _word(chosen.get("Input.panel-id")),
            _word(chosen.get("Input.reference-id")),
        )

    def reads(self, choices: Choices, token: str, most: int) -> list[RemoteFile]:
        """See Remote."""

        def files_of(sample_id: str) -> list[RemoteFile]:
            return list(self._listing.files(sample_id, Bearer(token), most))

        found: list[RemoteFile] = []
        # One after the other, hundreds of samples would take longer than a Lambda may.
        with ThreadPoolExecutor(READERS) as readers:
            for files in readers.map(files_of, choices.sample_ids):
                found += files
        if len(found) > most:
            raise RemoteRefused(f"the chosen samples: expected at most {most} files, found more. Choose fewer samples.")
        return found

    def link(self, file_id: str, token: str) -> RemoteLink:
        """See Remote."""
        answer = self.http.get(self._listing.content(file_id), Bearer(token), redirect="meta").at("Response")
        etag = answer.at("ETag").text().strip('"') if answer.has("ETag") else ""
        return RemoteLink(answer.at("HrefContent").file_url(self.http.base_url), etag)

    def tell(self, session_id: str, status: str, summary: str, token: str) -> None:
        """See Remote."""
        told = {"status": status, "statussummary": summary}
        self.http.put(f"/{V1}/appsessions/{session_id}", Bearer(token), again=True, json=told)

    def make_result(self, session_id: str, project_id: str, name: str, token: str) -> str:
        """See Remote."""
        path = f"/{V1}/projects/{project_id}/appresults"
        asked = {"params": {"appsessionid": session_id}, "json": {"Name": name, "Description": "HLA typing by GeMS"}}
        made = self.http.put(path, Bearer(token), again=False, **asked)
        return made.at("Response").at("Id").identifier()

    def add_file(self, result_id: str, directory: str, name: str, body: bytes, token: str) -> None:
        """See Remote."""
        asked = {"name": name, **({"directory": directory} if directory else {}), "multipart": "false"}
        path = f"/{V1}/appresults/{quote(result_id, safe='')}/files?{urlencode(asked)}"
        headers = {"Content-Type": "application/octet-stream"}
        self.http.put(path, Bearer(token), again=True, data=body, headers=headers)

    def _session(self, session_id: str, secret: str) -> AppSession:
        found = self.http.get(f"/{V1}/appsessions/{session_id}", client_auth(secret)).at("Response")
        user = found.at("UserCreatedBy")
        return AppSession(
            found.at("Id").identifier(),
            found.at("Name").text(),
            found.at("Status").text(),
            user.at("Id").identifier(),
            user.at("Name").text() if user.has("Name") else "",
        )

    def _exchange(self, code: str, redirect_uri: str, secret: str) -> str:
        key, _, word = secret.partition(":")
        form = {
            "client_id": key,
            "client_secret": word,
            "code": code,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
        }
        token = self.http.put(f"/{V1}/oauthv2/token", client_auth(secret), again=False, data=form).at("access_token")
        if not 1 <= len(token.text()) <= _LONGEST_TOKEN or not token.text().isascii():
            raise RemoteChanged("BaseSpace /oauthv2/token: expected a token, found something else.")
        return token.text()

    def _with_our_key(self, ask: Callable[[str], _T]) -> _T:
        """Ask with the newest key, and where it is refused with the one before."""
        *others, oldest = self.secrets()
        for secret in others:
            try:
                return ask(secret)
            except RemoteTokenRefused:
                continue
        return ask(oldest)


def _ids(choice: Node) -> list[str]:
    """The ids of a choice of one thing (``Content``) or of several (``Items``)."""
    things = choice.at("Items").items() if choice.has("Items") else [choice.at("Content")]
    return list(dict.fromkeys(thing.at("Id").identifier() for thing in things))


def _word(choice: Node | None) -> str:
    return choice.at("Content").text() if choice is not None and choice.has("Content") else ""
