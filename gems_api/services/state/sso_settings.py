"""How people sign in with accounts of an identity provider: what administrators have set. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import reduce

from gems_core.json_input import parse_json
from gems_core.people import EXPECTED_ISSUER, Role, is_issuer, narrower

FORMAT = 1
LONGEST_NAME = 40
LONGEST_WORD = 200
MOST_GROUPS = 200
# Short enough that a group that was taken away is soon gone, long enough for a run's review.
DEFAULT_MINUTES, LEAST_MINUTES, MOST_MINUTES = 240, 5, 720
EMAIL = "email"


@dataclass(frozen=True)
class SsoSettings:
    """Single sign-on of a deployment.

    Attributes:
        name: of the provider, for the button.
        client_id: what the provider knows GeMS by.
        has_secret: whether GeMS shows the provider a client secret, which CredStash keeps; without one PKCE alone protects.
        subject_claim: the claim of the ID token that names the account for ever.
        groups_claim: the claim with the account's groups.
        groups: the role that each group gives; empty: the role in a person's record is enough.
        session_minutes: how long a session lasts, and so a role that a group gave.
        scopes: that are asked for.

    Raises:
        ValueError: naming the first that is wrong.
    """

    name: str
    issuer: str
    client_id: str
    has_secret: bool = True
    subject_claim: str = "sub"
    groups_claim: str = "groups"
    groups: Mapping[str, Role] = field(default_factory=dict)
    session_minutes: int = DEFAULT_MINUTES
    scopes: tuple[str, ...] = ("openid",)

    def __post_init__(self) -> None:
        words = {"client_id": self.client_id, "subject_claim": self.subject_claim, "groups_claim": self.groups_claim}
        for what, word in words.items():
            _check(_is_word(word), what, f"1 to {LONGEST_WORD} printable ASCII characters without a space", word)
        _check(all(map(_is_word, self.scopes)), "scopes", "words", " ".join(self.scopes))
        _check("openid" in self.scopes, "scopes", "`openid` among them", " ".join(self.scopes))
        fits = 1 <= len(self.name) <= LONGEST_NAME and self.name.isprintable() and self.name == self.name.strip()
        _check(fits, "name", f"1 to {LONGEST_NAME} printable characters", self.name)
        _check(is_issuer(self.issuer), "issuer", EXPECTED_ISSUER, self.issuer)
        _check(len(self.groups) <= MOST_GROUPS, "groups", f"at most {MOST_GROUPS}", str(len(self.groups)))
        for group in self.groups:
            fits = 1 <= len(group) <= LONGEST_WORD and group.isprintable()
            _check(fits, "group", f"1 to {LONGEST_WORD} printable characters", group)
        fits = LEAST_MINUTES <= self.session_minutes <= MOST_MINUTES
        _check(fits, "session_minutes", f"{LEAST_MINUTES} to {MOST_MINUTES}", str(self.session_minutes))

    def role_of(self, groups: Iterable[str]) -> Role | None:
        """The role with the most rights that these groups give; None: none of them gives one."""
        given = [self.groups[group] for group in groups if group in self.groups]
        return reduce(lambda one, other: other if narrower(one, other) is one else one, given) if given else None

    def to_bytes(self) -> bytes:
        """The object."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True, indent=1).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> SsoSettings:
        """Of an object.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: GeMS did not write it.
        """
        document = parse_json(body)
        if document["format"] != FORMAT:
            raise ValueError(f"expected format {FORMAT}, found {str(document['format'])[:20]}")
        return cls(
            str(document["name"]),
            str(document["issuer"]),
            str(document["client_id"]),
            document["has_secret"] is not False,
            str(document["subject_claim"]),
            str(document["groups_claim"]),
            {str(group): Role(role) for group, role in document["groups"].items()},
            int(document["session_minutes"]),
            tuple(map(str, document["scopes"])),
        )


def _is_word(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_WORD and text.isascii() and text.isprintable() and " " not in text


def _check(fits: bool, what: str, expected: str, found: str) -> None:
    if not fits:
        raise ValueError(f"{what}: expected {expected}, found {found[:100]!r}")
