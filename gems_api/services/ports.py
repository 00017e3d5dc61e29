"""What the use cases need from a cloud, as small protocols; ``gems_api.aws`` and the tests' fakes keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gems_api.services.fleet_ports import Fleet
from gems_api.services.remote_ports import Remote, Sealer
from gems_api.services.sign_on_ports import IdentityProvider
from gems_api.services.store_ports import Store
from gems_core.errors import CloudRefused, NotAllowed
from gems_core.identity import IdentityProof
from gems_core.job_credentials import JobCredentials
from gems_core.manifest import Manifest

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Message:
    """A plain-text mail; the service gives its tags back with all that it tells of it."""

    recipient: str
    subject: str
    text: str
    tags: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """SES."""

    def send(self, message: Message) -> None:
        """Send a mail.

        Raises:
            CloudRefused: with the service's reason.
        """
        ...


class Poster(Protocol):
    """HTTPS to an address that an administrator has set."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a body.

        Raises:
            CloudRefused: the address is not public, nobody answers, or the answer is not a success.
        """
        ...


class Credentials(Protocol):
    """CredStash."""

    def secrets(self, name: str) -> tuple[str, ...]:
        """The versions of a secret that are in force: the newest, and the one before it if there is one.

        Raises:
            CloudRefused: there is none of this name, or it may not be read.
        """
        ...


class IdentityRefused(NotAllowed):
    """A worker has not proven to be the instance that it speaks for."""


class JobRoleRefused(NotAllowed):
    """AWS does not let the API take the job's role, and will not until somebody repairs the deployment."""


class IdentityUnchecked(CloudRefused):
    """A proof of identity can be neither accepted nor refused now.

    Attributes:
        retry_after_seconds: how soon to send the message again.
    """

    retry_after_seconds = 5


class Identifier(Protocol):
    """STS, and what maps the credentials that it knows to a worker."""

    def instance_id(self, proof: IdentityProof, claimed: str) -> str:
        """The instance, one of this deployment's workers, that signed a proof.

        Args:
            proof: what was signed.
            claimed: the instance that the sender says it is; whether it is, is for this to find out.

        Raises:
            IdentityRefused: nobody did, or somebody else, or too long ago.
            IdentityUnchecked: STS does not answer, or is asked too much.
        """
        ...


class Issuer(Protocol):
    """STS, as the giver of a job's credentials."""

    def issue(self, manifest: Manifest, instance_id: str) -> JobCredentials:
        """Credentials that read and write this job in S3 and nothing else, for one instance.

        Raises:
            JobRoleRefused: with the service's reason; asking again is of no use.
            CloudRefused: with the service's reason; it may pass.
        """
        ...


@dataclass(frozen=True)
class Cloud:
    """All that the control plane reaches outside itself.

    Attributes:
        remote: BaseSpace; None where the deployment takes no jobs from there.
        sealer: what seals people's tokens there.
        provider: what speaks to identity providers; None where nothing does.
        poster: what webhooks go out by; None where there are none.
    """

    store: Store
    fleet: Fleet
    mailer: Mailer
    credentials: Credentials
    identifier: Identifier
    issuer: Issuer
    remote: Remote | None = None
    sealer: Sealer | None = None
    provider: IdentityProvider | None = None
    poster: Poster | None = None
