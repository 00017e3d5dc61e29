"""A browser's way to the identity provider and back: a signed text in a cookie, and nothing stored.

The cookie binds the provider's answer to the browser that asked, so that nobody is signed in by a link that somebody else made.
The key is made from the users' token, as of sessions that nobody has signed in to. Whoever holds that token could make the
cookie for the own browser, and would gain nothing: who comes back is for the provider to say.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from gems_api.services.access.sessions import CLOCKS_APART
from gems_api.services.access.tokens import TokenKeeper, Verdict
from gems_api.services.ports import Clock
from gems_api.services.sign_on_ports import Trip

# People may have to find a second factor at the provider.
LIFETIME = timedelta(minutes=10)
# An address to come back to has 2,000 characters at most; browsers keep 4,096 of a cookie.
LONGEST_COOKIE = 3500


@dataclass(frozen=True)
class OpenTrip:
    """A sign-in that is under way in a browser.

    Attributes:
        back: the address below ours to go to afterwards, or ''.
        cookie: the signed text.
    """

    trip: Trip
    back: str
    cookie: str

    def is_state(self, offered: str) -> bool:
        """Whether an answer's state is this one's."""
        return hmac.compare_digest(self.trip.state.encode(), offered.encode(errors="surrogatepass"))


@dataclass(frozen=True)
class Trips:
    """Begins them, and knows them again."""

    keeper: TokenKeeper
    credential: str
    clock: Clock

    def begin(self, back: str) -> OpenTrip:
        """A new one.

        Raises:
            CloudRefused: the credential cannot be read now.
        """
        key = self.keeper.newest_sealing_key(self.credential)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        cookie = _sealer(key).dumps([state, nonce, verifier, back, int(self.clock().timestamp())])
        assert isinstance(cookie, str)
        return OpenTrip(Trip(state, nonce, verifier), back, cookie)

    def find(self, cookie: str) -> OpenTrip | None:
        """The one of a cookie; None if it is forged or took too long.

        Raises:
            CloudRefused: the credential cannot be read now.
        """
        found: list[list[str | int]] = []

        def opens(key: bytes) -> bool:
            try:
                found.append(_sealer(key).loads(cookie))
            except BadData:
                return False
            return True

        if not cookie or len(cookie) > LONGEST_COOKIE:
            return None
        if self.keeper.judge_seal(self.credential, opens) is not Verdict.RIGHT:
            return None
        state, nonce, verifier, back, began = found[-1]
        since = datetime.fromtimestamp(int(began), UTC)
        if not since - CLOCKS_APART <= self.clock() < since + LIFETIME:
            return None
        return OpenTrip(Trip(str(state), str(nonce), str(verifier)), str(back), cookie)


def _sealer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=b"single sign-on", signer_kwargs={"digest_method": hashlib.sha256})
