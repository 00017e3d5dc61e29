"""Tickets of launches from elsewhere: a browser keeps one while it goes to BaseSpace and comes back, and while its person reads.

A ticket is a signed text in a cookie. It binds a launch to the browser that brought it, so that no link or form that somebody
else made can go on with it. The key is made from the users' token, as of sessions; nothing is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer

from gems_api.services.access.sessions import CLOCKS_APART
from gems_api.services.access.tokens import TokenKeeper, Verdict
from gems_api.services.ports import Clock

_LONGEST = 500


class Stage(StrEnum):
    """What a ticket is good for, and no other."""

    CONSENT = "consent"
    START = "start"


# People read and decide; what is older is launched again.
LIFETIMES = {Stage.CONSENT: timedelta(minutes=10), Stage.START: timedelta(hours=1)}


@dataclass(frozen=True)
class Ticket:
    """A launch in a browser.

    Attributes:
        session_id: BaseSpace's of the launch.
        number: random. BaseSpace hands a ``CONSENT`` ticket's back as ``state``; another one's is known to the cookie alone.
        text: the cookie.
        form_token: what a form of this ticket's page carries.
    """

    stage: Stage
    session_id: str
    number: str
    since: datetime
    text: str
    form_token: str

    def is_number(self, offered: str) -> bool:
        """Whether a number is this ticket's."""
        return hmac.compare_digest(self.number.encode(), offered.encode(errors="surrogatepass"))

    def sent(self, form_token: str) -> bool:
        """Whether a form is of this ticket's page."""
        return hmac.compare_digest(self.form_token.encode(), form_token.encode(errors="surrogatepass"))


@dataclass(frozen=True)
class Tickets:
    """Gives tickets out, and knows them again."""

    keeper: TokenKeeper
    credential: str
    clock: Clock

    def give(self, stage: Stage, session_id: str) -> Ticket:
        """A new ticket.

        Raises:
            CloudRefused: the credential cannot be read now.
        """
        key = self.keeper.newest_sealing_key(self.credential)
        number, since = secrets.token_urlsafe(24), self.clock().replace(microsecond=0)
        text = _sealer(key).dumps([stage.value, session_id, number, int(since.timestamp())])
        assert isinstance(text, str)
        return Ticket(stage, session_id, number, since, text, _form_token(key, number))

    def find(self, stage: Stage, text: str) -> Ticket | None:
        """The ticket of a cookie; None if it is forged, over, or of another stage.

        Raises:
            CloudRefused: the credential cannot be read now.
        """
        found: list[Ticket] = []

        def opens(key: bytes) -> bool:
            ticket = _opened(text, key)
            found.extend([ticket] if ticket is not None else [])
            return ticket is not None

        if not text or len(text) > _LONGEST or self.keeper.judge_seal(self.credential, opens) is not Verdict.RIGHT:
            return None
        ticket, now = found[-1], self.clock()
        is_good = ticket.stage is stage and ticket.since - CLOCKS_APART <= now < ticket.since + LIFETIMES[stage]
        return ticket if is_good else None


def _opened(text: str, key: bytes) -> Ticket | None:
    try:
        stage, session_id, number, since = _sealer(key).loads(text)
    except BadData:
        return None
    moment = datetime.fromtimestamp(since, UTC)
    return Ticket(Stage(stage), session_id, number, moment, text, _form_token(key, number))


def _sealer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=b"launch", signer_kwargs={"digest_method": hashlib.sha256})


def _form_token(key: bytes, number: str) -> str:
    return hmac.new(key, b"launch form " + number.encode(), "sha256").hexdigest()
