"""The record of a person, one object each. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from gems_api.services.state.own_password import OwnPassword
from gems_core.fields import parse_moment
from gems_core.json_input import parse_json
from gems_core.people import Account, Caller, Role, is_name, parse_name

FORMAT = 1
TOKEN_MARK = "gems-user."  # noqa: S105 - how such tokens begin, so that nobody takes the shared one for one of these
MOST_TOKENS = 50
LONGEST_LABEL = 60
_SEAL_BYTES = 32


@dataclass(frozen=True)
class UserToken:
    """A token with which a program of a person's asks the API.

    Attributes:
        label: the person's word for it; one token has it at a time.
        sha256: of the token, in hexadecimal. A token has 256 random bits, so nobody finds it by guessing.
    """

    label: str
    sha256: str
    made_at: datetime


@dataclass(frozen=True)
class Person:
    """A named user.

    Attributes:
        password: as ``access.passwords`` writes it; '' while there is none, and then nobody signs in with one.
        version: counts what ends the person's sessions: another password, disabling, revoking.
        seal: random, in hexadecimal; what the person's sessions are signed under, together with the version.
        account: with which the person signs in at an identity provider; None where a password is for that. Then ``role`` is the
            most that the person's groups there can give.
        own: the password that the person has set since, in an object of its own; None while it is the administrator's.
    """

    name: str
    role: Role
    changed_at: datetime
    password: str = ""
    disabled: bool = False
    version: int = 1
    seal: str = ""
    tokens: tuple[UserToken, ...] = ()
    account: Account | None = None
    own: OwnPassword | None = None

    def __repr__(self) -> str:
        """Nothing secret, wherever it is logged."""
        return f"Person({self.name!r}, {self.role.value}, version={self.version}, disabled={self.disabled})"

    @classmethod
    def new(cls, name: str, role: Role, password: str, now: datetime, account: Account | None = None) -> Person:
        """Somebody who is added, with a password or with an account.

        Raises:
            ValueError: the name is none.
        """
        return cls(parse_name(name), role, now, password, seal=secrets.token_hex(_SEAL_BYTES), account=account)

    @property
    def caller(self) -> Caller:
        """The person as one who asks."""
        return Caller(self.name, self.role, self.account)

    @property
    def password_in_force(self) -> str:
        """The hash that a password is compared with; '' where none is."""
        return self.own.password if self.own else self.password

    def proof_of(self, own: str) -> str:
        """What proves that whoever set a password (its hash) knew the seal of this record.

        It is of the record's version and password. So an administrator who changes one of them takes the person's password out of
        force.
        """
        words = f"gems own password of {self.name}, {self.version}, {self.password}, {own}"
        return hmac.new(bytes.fromhex(self.seal), words.encode(), "sha256").hexdigest()

    @property
    def session_key(self) -> bytes:
        """What the sessions of now are signed under; it tells nothing of the seal."""
        words = f"gems sessions of {self.name}, {self.version}" + (f", {self.own.password}" if self.own else "")
        return hmac.digest(bytes.fromhex(self.seal), words.encode(), "sha256")

    def with_role(self, role: Role, now: datetime) -> Person:
        """The same with another role; sessions go on, with the new role's rights."""
        return replace(self, role=role, changed_at=now)

    def with_password(self, password: str, now: datetime) -> Person:
        """The same with another password; all sessions end, and an account is good no more."""
        return replace(self, password=password, account=None, own=None, version=self.version + 1, changed_at=now)

    def with_account(self, account: Account, now: datetime) -> Person:
        """The same who signs in with an account; all sessions end, and the password is good no more."""
        return replace(self, password="", account=account, own=None, version=self.version + 1, changed_at=now)

    def with_own(self, own: OwnPassword | None) -> Person:
        """The same with the password that the person has set, if it is of this record as it is now."""
        is_good = own is not None and bool(self.password) and own.is_proven(self.proof_of(own.password))
        return replace(self, own=own if is_good else None)

    def with_state(self, now: datetime, *, disabled: bool) -> Person:
        """Disabled or enabled; all sessions end, and while disabled no token is good."""
        return replace(self, disabled=disabled, version=self.version + 1, changed_at=now)

    def revoked(self, now: datetime) -> Person:
        """The same without a session."""
        return replace(self, version=self.version + 1, changed_at=now)

    def with_token(self, label: str, now: datetime) -> tuple[Person, str]:
        """The same with one token more, and the token, which is kept nowhere.

        Raises:
            ValueError: the label is taken or none, or there are too many tokens.
        """
        if not 1 <= len(label) <= LONGEST_LABEL or not label.isprintable():
            raise ValueError(f"expected a label of 1 to {LONGEST_LABEL} characters, found {label[:100]!r}")
        if any(token.label == label for token in self.tokens):
            raise ValueError(f"expected a label that is not in use, found {label!r}, which is")
        if len(self.tokens) >= MOST_TOKENS:
            raise ValueError(f"expected at most {MOST_TOKENS} tokens, found as many already; revoke one first")
        text = f"{TOKEN_MARK}{self.name}.{secrets.token_urlsafe(32)}"
        made = UserToken(label, token_sha256(text), now)
        return replace(self, tokens=(*self.tokens, made), changed_at=now), text

    def without_token(self, label: str, now: datetime) -> Person:
        """The same without a token.

        Raises:
            ValueError: there is none of this label.
        """
        left = tuple(token for token in self.tokens if token.label != label)
        if len(left) == len(self.tokens):
            raise ValueError(f"expected the label of a token, found {label[:100]!r}")
        return replace(self, tokens=left, changed_at=now)

    def owns(self, token: str) -> bool:
        """Whether a token is one of the person's, in time that does not depend on where it differs."""
        offered = token_sha256(token)
        return sum(hmac.compare_digest(offered, known.sha256) for known in self.tokens) > 0

    def to_bytes(self) -> bytes:
        """The object."""
        document = {"format": FORMAT, **asdict(self)}
        del document["own"]
        return json.dumps(document, sort_keys=True, default=datetime.isoformat).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Person:
        """The person of an object.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: GeMS did not write it.
        """
        document = parse_json(body)
        if document["format"] != FORMAT:
            raise ValueError(f"expected format {FORMAT}, found {str(document['format'])[:20]}")
        tokens = tuple(
            UserToken(str(item["label"]), str(item["sha256"]), parse_moment(item["made_at"]))
            for item in document["tokens"]
        )
        account = document.get("account")  # records that were written before there were accounts have none
        disabled, version, seal = document["disabled"], document["version"], str(document["seal"])
        if not isinstance(disabled, bool) or not isinstance(version, int) or len(bytes.fromhex(seal)) != _SEAL_BYTES:
            raise ValueError("the state, the version or the seal is not as GeMS writes it")
        return cls(
            parse_name(document["name"]),
            Role(document["role"]),
            parse_moment(document["changed_at"]),
            str(document["password"]),
            disabled,
            version,
            seal,
            tokens,
            None if account is None else Account(str(account["issuer"]), str(account["subject"])),
        )


def token_sha256(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def name_in_token(token: str) -> str | None:
    """Whose a token says it is; None if it is not a person's."""
    if not token.startswith(TOKEN_MARK):
        return None
    name = token.removeprefix(TOKEN_MARK).partition(".")[0]
    return name if is_name(name) else None
