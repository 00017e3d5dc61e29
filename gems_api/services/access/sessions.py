"""Browsers' sessions: signed under the user's token, so that they end when it is taken out of force; nothing is stored.

Those of named people are in ``named_sessions``.

A session that nobody has signed in to yet (``name`` is '') carries the sign-in form's token against forged requests.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from gems_api.services.access.tokens import TokenKeeper, Verdict, sealing_key
from gems_api.services.ports import Clock
from gems_core.people import SHARED_USER, Account, Caller, Role

LIFETIME = timedelta(hours=12)
# Until a person has typed the credential; a sign-in page that was left open for longer is asked for again.
UNSIGNED_LIFETIME = timedelta(hours=1)
# Two processes' clocks; a session may come to one that is behind the one that began it.
CLOCKS_APART = timedelta(minutes=1)
LONGEST_COOKIE = 500


@dataclass(frozen=True)
class Visitor:
    """Who sits before a browser.

    Attributes:
        name: of the user; '' for somebody who has not signed in.
        number: of the session, random.
        since: when it began.
        cookie: the signed text that the browser keeps.
        form_token: what each form must carry, so that no other page's form passes for one of ours.
        role: of a named person, as the person's record has it now; None for all others.
        account: with which a named person has signed in; None where it was a password.
        more: what else the cookie says; of named people alone.
        life: how long the session lasts, where that is not as for all.
    """

    name: str
    number: str
    since: datetime
    cookie: str
    form_token: str
    role: Role | None = None
    account: Account | None = None
    more: tuple[object, ...] = ()
    life: timedelta | None = None

    @property
    def caller(self) -> Caller:
        """Who has signed in, as one who asks."""
        return Caller(self.name, self.role, self.account)

    @property
    def signed_in(self) -> bool:
        """Whether the visitor has shown a credential."""
        return bool(self.name)

    @property
    def ends_at(self) -> datetime:
        """When the session is over."""
        return self.since + (self.life or (LIFETIME if self.signed_in else UNSIGNED_LIFETIME))

    def sent(self, form_token: str) -> bool:
        """Whether a form's token is this session's."""
        return hmac.compare_digest(self.form_token.encode(), form_token.encode())


@dataclass(frozen=True)
class Sessions:
    """Begins sessions, and knows them again.

    Attributes:
        keeper: of the tokens.
        credential: the name of the users' token.
        clock: tells the time.
    """

    keeper: TokenKeeper
    credential: str
    clock: Clock

    def sign_in(self, offered: str) -> Visitor | None:
        """A session of the one who shows the user credential; None: it is not the one.

        Raises:
            CloudRefused: the credential cannot be read now.
        """
        if not offered or self.keeper.judge(self.credential, offered) is not Verdict.RIGHT:
            return None
        return begun(SHARED_USER, sealing_key(offered), self.clock())

    def unsigned(self) -> Visitor:
        """A session of somebody who has not signed in.

        Raises:
            CloudRefused: the credential cannot be read now.
        """
        return begun("", self.keeper.newest_sealing_key(self.credential), self.clock())

    def find(self, cookie: str) -> Visitor | None:
        """The session that a cookie names; None if it is over, forged, or of a token that is out of force.

        Raises:
            CloudRefused: the credential cannot be read now.
        """
        found: list[Visitor] = []

        def opens(key: bytes) -> bool:
            visitor = opened(cookie, key)
            found.extend([visitor] if visitor is not None else [])
            return visitor is not None

        if len(cookie) > LONGEST_COOKIE or self.keeper.judge_seal(self.credential, opens) is not Verdict.RIGHT:
            return None
        visitor = found[-1]
        # Holders of the shared token can make what is signed under it, so no other name is believed.
        if visitor.name not in ("", SHARED_USER):
            return None
        return visitor if visitor.since - CLOCKS_APART <= self.clock() < visitor.ends_at else None


def begun(name: str, key: bytes, now: datetime, *more: object) -> Visitor:
    """A new session under a key; ``name`` is '' for somebody who has not signed in, ``more`` is JSON that the cookie says too."""
    number, since = secrets.token_urlsafe(16), now.replace(microsecond=0)
    cookie = _sealer(key).dumps([name, number, int(since.timestamp()), *more])
    assert isinstance(cookie, str)
    return Visitor(name, number, since, cookie, _form_token(key, number), more=more)


def opened(cookie: str, key: bytes) -> Visitor | None:
    """The session that was begun under a key, over or not; None if the cookie is of another."""
    try:
        name, number, since, *more = _sealer(key).loads(cookie)
    except BadData:
        return None
    moment = datetime.fromtimestamp(since, UTC)
    return Visitor(name, number, moment, cookie, _form_token(key, number), more=tuple(more))


def _sealer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=b"session", signer_kwargs={"digest_method": hashlib.sha256})


def _form_token(key: bytes, number: str) -> str:
    return hmac.new(key, b"form " + number.encode(), "sha256").hexdigest()
