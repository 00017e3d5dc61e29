"""A worker proves which instance it is; STS is asked once for each proof."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from gems_api.services.ports import Clock, Identifier, IdentityRefused
from gems_core.identity import HEADER, LIFE_SECONDS, IdentityProof
from gems_core.session_key import SessionKey

# A thousand workers renew every ten minutes; a proof in memory is a hash, an instance id and a time.
MOST_REMEMBERED = 4096


class Identities:
    """Checks proofs, and remembers those that STS accepted until they expire."""

    def __init__(self, identifier: Identifier, clock: Clock) -> None:
        self._identifier = identifier
        self._clock = clock
        self._accepted: OrderedDict[bytes, tuple[str, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, header: str | None, session_key: SessionKey, instance_id: str) -> None:
        """Refuse a message whose sender has not proven to be the instance it names.

        Args:
            header: the value of ``GeMS-Identity``; None when there is none.
            session_key: the job that the message is about.
            instance_id: as the message says.

        Raises:
            IdentityRefused: there is no proof, or not one of this job or this instance.
            IdentityUnchecked: STS cannot be asked now.
        """
        proof = _parse(header)
        if proof.session_key != session_key:
            raise IdentityRefused(f"header {HEADER}: expected a proof for job {session_key}, found another job's")
        proven = self._instance_id(header or "", proof, instance_id)
        if proven != instance_id:
            raise IdentityRefused(
                f"the message speaks for instance {instance_id}, but {HEADER} was signed by instance {proven}; "
                "a worker speaks for its own instance"
            )

    def _instance_id(self, header: str, proof: IdentityProof, claimed: str) -> str:
        digest = hashlib.sha256(header.encode()).digest()
        now = self._clock()
        with self._lock:
            instance_id, expires_at = self._accepted.get(digest, ("", now))
        if expires_at > now:
            return instance_id
        instance_id = self._identifier.instance_id(proof, claimed)
        # A worker's clock may be ahead; its proof lives no longer for that.
        self._remember(digest, instance_id, min(proof.signed_at, now) + timedelta(seconds=LIFE_SECONDS))
        return instance_id

    def _remember(self, digest: bytes, instance_id: str, expires_at: datetime) -> None:
        with self._lock:
            self._accepted[digest] = (instance_id, expires_at)
            while len(self._accepted) > MOST_REMEMBERED:
                self._accepted.popitem(last=False)


def _parse(header: str | None) -> IdentityProof:
    if not header:
        raise IdentityRefused(f"header {HEADER}: expected the proof of the worker's identity, found none")
    try:
        return IdentityProof.parse(header)
    except ValueError as error:
        raise IdentityRefused(f"header {HEADER}: {error}") from None
