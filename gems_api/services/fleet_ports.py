"""What the use cases need from what runs workers; EC2 and AWS Batch in ``gems_api.aws``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gems_core.errors import CloudRefused
from gems_core.prices import ON_DEMAND
from userdata import Bootstrap


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
