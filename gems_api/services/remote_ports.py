"""What the use cases need of a place elsewhere that starts jobs and holds their reads; ``gems_api.basespace`` keeps it.

Nothing there ever stands in the way of a job: what is refused or away is told, and tried again or left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gems_core.errors import CloudRefused, GemsError


class RemoteUnavailable(CloudRefused):
    """BaseSpace does not answer, or not now; trying again may help."""


class RemoteRefused(GemsError):
    """BaseSpace refuses what was asked, and will refuse it again."""


class RemoteTokenRefused(RemoteRefused):
    """The token, or the code for one, has expired, or belongs to nobody."""


class RemoteChanged(RemoteRefused):
    """BaseSpace answers in another shape than GeMS knows; the message names the field."""


@dataclass(frozen=True)
class AppSession:
    """A launch of our app.

    Attributes:
        status: BaseSpace's word.
        user_id: who launched it.
        user_name: for people.
    """

    session_id: str
    name: str
    status: str
    user_id: str
    user_name: str

    @property
    def is_over(self) -> bool:
        """Whether nothing can be told of it any more."""
        return self.status.lower() in {"complete", "aborted"}


@dataclass(frozen=True)
class Choices:
    """What was chosen in the app's form; '' and () for what was not.

    Attributes:
        project_id: where results go.
        sample_ids: of samples, or of biosamples.
        panel: a version, if the form asks for one.
        reference: a version, if the form asks for one.
    """

    project_id: str
    sample_ids: tuple[str, ...]
    hla_class: str
    email: str = ""
    panel: str = ""
    reference: str = ""


@dataclass(frozen=True)
class RemoteFile:
    """A read file elsewhere: whose it is, its name, and its size."""

    file_id: str
    sample_id: str
    name: str
    size_bytes: int


@dataclass(frozen=True)
class RemoteLink:
    """Where a file's bytes can be read for a while, without credentials.

    Attributes:
        etag: without quotes; '' where none is told.
    """

    url: str
    etag: str


class Remote(Protocol):
    """BaseSpace. Everything may raise RemoteUnavailable, and RemoteRefused or a kind of it."""

    def consent_url(self, state: str, redirect_uri: str) -> str:
        """Where a browser is sent so that its person lets us in."""
        ...

    def session(self, session_id: str) -> AppSession:
        """A launch, by our own key."""
        ...

    def token(self, code: str, redirect_uri: str) -> str:
        """The token that a code is good for, once."""
        ...

    def user_id(self, token: str) -> str:
        """Whose token it is."""
        ...

    def choices(self, session_id: str, token: str) -> Choices:
        """What was chosen at the launch."""
        ...

    def reads(self, choices: Choices, token: str, most: int) -> list[RemoteFile]:
        """The FASTQ files of the chosen samples; more than ``most`` are refused."""
        ...

    def link(self, file_id: str, token: str) -> RemoteLink:
        """Where a file can be read."""
        ...

    def tell(self, session_id: str, status: str, summary: str, token: str) -> None:
        """Say how a launch stands."""
        ...

    def make_result(self, session_id: str, project_id: str, name: str, token: str) -> str:
        """The id of a new, empty result of a launch."""
        ...

    def add_file(self, result_id: str, directory: str, name: str, body: bytes, token: str) -> None:
        """Add a file to a result; one of that name is replaced."""
        ...


class Sealer(Protocol):
    """KMS: keeps a secret that only this deployment can open, for what it was sealed for."""

    def seal(self, secret: str, purpose: str) -> str:
        """The secret as text that tells nothing.

        Raises:
            CloudRefused: with the service's reason.
        """
        ...

    def open(self, sealed: str, purpose: str) -> str:
        """The secret; ``purpose`` must be what it was sealed for.

        Raises:
            CloudRefused: with the service's reason.
        """
        ...
