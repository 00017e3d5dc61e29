"""What the use cases need from a cloud, as small protocols; ``gems_api.aws`` and the tests' fakes keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gems_api.services.remote_ports import Remote, Sealer
from gems_api.services.sign_on_ports import IdentityProvider
from gems_core.errors import CloudRefused, GemsError, NotAllowed
from gems_core.identity import IdentityProof
from gems_core.job_credentials import JobCredentials
from gems_core.manifest import Manifest
from gems_core.prices import ON_DEMAND
from gems_core.review.lock import Hold
from userdata import Bootstrap

Clock = Callable[[], datetime]


class BucketUnreadable(GemsError):
    """A bucket does not exist, or GeMS may not read it; the message says which."""


@dataclass(frozen=True)
class Entry:
    """One object of a listing; its entity tag changes whenever its content does.

    ``modified_at`` is S3's own clock, in whole seconds. Both clocks are kept by NTP (S3 refuses requests signed by one
    that is 15 minutes off), so it may be compared with ours where minutes matter, and nowhere else.
    """

    key: str
    size_bytes: int
    etag: str
    modified_at: datetime


@dataclass(frozen=True)
class Shelf:
    """What a listing shows directly under a prefix.

    Attributes:
        folders: prefixes that end in a slash.
        files: the objects beside them.
        is_cut: whether there is more.
    """

    folders: tuple[str, ...]
    files: tuple[Entry, ...]
    is_cut: bool


@dataclass(frozen=True)
class Stored:
    """An object's content, and the entity tag that a conditional write needs."""

    body: bytes
    etag: str


class TooLarge(ValueError):
    """An object is longer than any that GeMS writes under its key; it was not read.

    Attributes:
        etag: its entity tag.
    """

    def __init__(self, size_bytes: int, most_bytes: int, etag: str) -> None:
        self.etag = etag
        super().__init__(f"expected at most {most_bytes} bytes, found {size_bytes}")


class Store(Protocol):
    """S3: strongly consistent, with conditional writes."""

    def read(self, bucket: str, key: str) -> Stored | None:
        """The object, or None when there is none.

        Raises:
            TooLarge: it has more bytes than ``object_sizes`` gives its key.
        """
        ...

    def read_range(self, bucket: str, key: str, start: int, length_bytes: int) -> bytes:
        """At most ``length_bytes`` from offset ``start`` (0-based) of an object that exists."""
        ...

    def create(self, bucket: str, key: str, body: bytes, hold: Hold | None = None) -> str | None:
        """Write only if the key is free; the new entity tag, or None when it was taken.

        Args:
            bucket: the bucket; with a ``hold`` one of which Object Lock is turned on.
            key: of the object.
            body: its content.
            hold: until when nobody may remove it.
        """
        ...

    def replace(self, bucket: str, key: str, body: bytes, etag: str) -> str | None:
        """Write only over the content named by ``etag``; the new entity tag, or None when it has changed."""
        ...

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write, whatever was there."""
        ...

    def delete(self, bucket: str, key: str) -> None:
        """Remove the object if there is one."""
        ...

    def entries(
        self, bucket: str, prefix: str, after: str = "", until: str = "", most: int | None = None
    ) -> list[Entry]:
        """All objects under a prefix, in key order.

        Args:
            bucket: the bucket.
            prefix: of the keys.
            after: only keys after this one.
            until: no key after this one; '' means no limit.
            most: only the first so many; S3 is asked for no more.

        Raises:
            BucketUnreadable: no such bucket, or no permission.
        """
        ...

    def shelf(self, bucket: str, prefix: str) -> Shelf:
        """Folders and objects directly under a prefix, as many as one call of S3 tells.

        Raises:
            BucketUnreadable: no such bucket, or no permission.
        """
        ...

    def exists(self, bucket: str, key: str) -> bool:
        """Whether the object is there."""
        ...

    def presigned_url(self, bucket: str, key: str, seconds: int) -> str:
        """A URL that reads the object for ``seconds`` without credentials."""
        ...


@dataclass(frozen=True)
class Launch:
    """From one to ``count`` instances, all with the same tags and values, from whatever pools the deployment has.

    Attributes:
        client_token: repeating the launch with it launches nothing new.
        bootstrap: what each of them is told before it can ask anybody.
    """

    count: int
    client_token: str
    tags: Mapping[str, str]
    bootstrap: Bootstrap


@dataclass(frozen=True)
class Launched:
    """An instance that a launch was answered with.

    Attributes:
        launch_index: counts from 0 within one call of EC2; instances of an EC2 Fleet may all have 0.
        instance_type: what it is, such as ``c7i.xlarge``; '' until AWS Batch has placed it.
        market: ``on-demand`` or ``spot``; '' until AWS Batch has placed it.
    """

    instance_id: str
    launch_index: int
    instance_type: str = ""
    market: str = ON_DEMAND


@dataclass(frozen=True)
class Refusal:
    """What a launch did not get, and why.

    Attributes:
        code: EC2's error code.
        message: EC2's words.
        instance_type: of the pool that refused; '' when the whole call was refused.
        subnet: as ``instance_type``.
        market: ``on-demand`` or ``spot``; '' when the whole call was refused.
    """

    code: str
    message: str
    instance_type: str = ""
    subnet: str = ""
    market: str = ""


@dataclass(frozen=True)
class LaunchOutcome:
    """What a launch came to: instances, refusals, or some of both."""

    launched: tuple[Launched, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class LaunchUnanswered(CloudRefused):
    """EC2 did not answer: it may have launched. The same launch (with its client token) is to be made again."""


LIVING_STATES = frozenset({"pending", "running", "stopping", "stopped"})


@dataclass(frozen=True)
class Host:
    """What a worker runs on.

    Attributes:
        instance_type: such as ``c7i.xlarge``.
        market: ``on-demand`` or ``spot``.
    """

    instance_type: str
    market: str


@dataclass(frozen=True)
class Instance:
    """What EC2, or AWS Batch in its place, says of an instance.

    Attributes:
        state: EC2's word.
        launched_at: when it began, as far as it has; of one that waits in a queue, when it was put there.
        instance_type: '' where the engine tells it apart (see ``Fleet.hosts``).
        state_reason: the code of its last change of state, such as ``Server.SpotInstanceTermination``, or AWS Batch's words;
            '' when there is none.
        queued: whether it has not begun to run: it waits for a place, or has ended without one. Only AWS Batch lets it wait.
    """

    instance_id: str
    state: str
    launched_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    instance_type: str = ""
    market: str = ON_DEMAND
    state_reason: str = ""
    queued: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether EC2 says outright that it is over (absence from one answer never says so)."""
        return self.state not in LIVING_STATES


class Fleet(Protocol):
    """What runs workers, EC2 or AWS Batch: eventually consistent, throttled. A worker of either is an instance here."""

    def launch(self, launch: Launch) -> LaunchOutcome:
        """Launch instances; what is refused (capacity, quota, permission, a wrong setting) is told, not raised.

        Raises:
            LaunchUnanswered: nobody knows what was launched.
            CloudRefused: the launch breaks a limit of the engine's, and was not tried.
        """
        ...

    def sweep(self, now: datetime) -> list[str]:
        """Remove what launches that died half-way left behind beside instances; names of what was removed."""
        ...

    def instances(self, session_key: str | None = None) -> list[Instance]:
        """This deployment's instances of a job, or of all jobs, by their tags; recently terminated ones may be among them."""
        ...

    def instance(self, instance_id: str) -> Instance | None:
        """One instance, or None when the engine does not know it (yet)."""
        ...

    def hosts(self, instance_ids: Sequence[str]) -> Mapping[str, Host]:
        """What some of a job's instances run on, of those that the engine has placed by now and says so apart."""
        ...

    def tag(self, instance_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        """Set the same tags of up to a thousand instances, with one call that is not repeated.

        Raises:
            CloudRefused: throttled, not allowed, or one of the instances is unknown; then none is tagged.
        """
        ...

    def terminate(self, instance_ids: Sequence[str]) -> None:
        """Terminate instances; those already gone do no harm.

        Raises:
            CloudRefused: one or more could not be terminated now; all others are, as far as EC2 lets itself be asked.
        """
        ...


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
