"""What a worker's machine knows of itself: by the instance metadata service, version 2 only, or by AWS Batch's variables."""

from __future__ import annotations

from typing import Protocol

import requests
import stamina

from gems_core.batch_ids import worker_of
from gems_core.digits import is_digits
from gems_core.errors import CloudRefused

_TOKEN_SECONDS = 21600
_TIMEOUT_SECONDS = 5
_ATTEMPTS = 6


class _Unanswered(CloudRefused):
    """The service did not answer in time, or with an error; it may answer yet."""


class Metadata(Protocol):
    """What a worker asks its machine."""

    def instance_id(self) -> str:
        """Who the worker is."""
        ...

    def launch_index(self) -> int:
        """Its place in its launch, from 0."""
        ...

    def spot_notice(self) -> str | None:
        """The notice that the machine is taken back, or None."""
        ...

    def rebalance_notice(self) -> str | None:
        """The notice that it is likely to be, or None."""
        ...


class ContainerMetadata:
    """What AWS Batch tells a container. Notices come as SIGTERM: a container has no metadata of its machine.

    Args:
        job_id: ``AWS_BATCH_JOB_ID``, of an array's child ``job:index``.
    """

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id

    def instance_id(self) -> str:
        """E.g. ``b-0e1f...-3``, as the API calls this child."""
        return worker_of(self._job_id)

    def launch_index(self) -> int:
        """The child's index in its array."""
        index = self._job_id.partition(":")[2]
        return int(index) if is_digits(index) else 0

    def spot_notice(self) -> None:
        """None: see above."""

    def rebalance_notice(self) -> None:
        """None: see above."""


class InstanceMetadata:
    """Reads the metadata of the machine it runs on.

    Args:
        url: the service's base URL.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        # The service is on the machine's own link; a proxy would ask for another machine's facts.
        self._session.trust_env = False
        self._token: str | None = None

    def instance_id(self) -> str:
        """E.g. ``i-0f2a``.

        Raises:
            CloudRefused: the service does not answer.
        """
        return self._required("instance-id")

    def launch_index(self) -> int:
        """The instance's place in its launch, from 0."""
        text = self._required("ami-launch-index")
        if not is_digits(text):
            raise CloudRefused(f"{self._url}: expected ami-launch-index as a number, found {text[:40]!r}")
        return int(text)

    def spot_notice(self) -> str | None:
        """The notice that EC2 takes this spot instance back (about two minutes ahead), or None."""
        return self._read("spot/instance-action")

    def rebalance_notice(self) -> str | None:
        """The notice that this spot instance is likely to be taken back, which may come before the one above; or None."""
        return self._read("events/recommendations/rebalance")

    def _required(self, path: str) -> str:
        """A fact that every instance has; an answer that is slow or fails is asked for again, for half a minute."""
        for attempt in stamina.retry_context(on=_Unanswered, attempts=_ATTEMPTS, timeout=None):
            with attempt:
                text = self._read(path)
        if text is None:
            raise CloudRefused(
                f"{self._url}: expected the instance's {path}, found none. Run the worker on an instance."
            )
        return text

    def _read(self, path: str) -> str | None:
        try:
            answer = self._get(path)
            if answer.status_code == requests.codes.unauthorized:
                self._token = None
                answer = self._get(path)
            if answer.status_code == requests.codes.not_found:
                return None
            answer.raise_for_status()
        except requests.RequestException as error:
            raise _Unanswered(f"instance metadata at {self._url}, {path}: {error}. Enable IMDSv2.") from error
        return answer.text.strip()

    def _get(self, path: str) -> requests.Response:
        if self._token is None:
            self._token = self._new_token()
        headers = {"X-aws-ec2-metadata-token": self._token}
        return self._session.get(f"{self._url}/latest/meta-data/{path}", headers=headers, timeout=_TIMEOUT_SECONDS)

    def _new_token(self) -> str:
        headers = {"X-aws-ec2-metadata-token-ttl-seconds": str(_TOKEN_SECONDS)}
        answer = self._session.put(f"{self._url}/latest/api/token", headers=headers, timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.text.strip()
