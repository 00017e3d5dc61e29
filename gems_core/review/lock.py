"""How long S3 lets nobody remove or replace an entry of the review's log: S3 Object Lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gems_core.digits import is_digits

MOST_DAYS = 36_500  # S3 keeps nothing for longer
EXPECTED = f"governance or compliance, a colon and 1 to {MOST_DAYS} days, such as governance:3653"


class LockMode(StrEnum):
    """Who may remove what is locked, by S3's names."""

    GOVERNANCE = "GOVERNANCE"  # whoever has the right s3:BypassGovernanceRetention
    COMPLIANCE = "COMPLIANCE"  # nobody, the owner of the account included


@dataclass(frozen=True)
class Hold:
    """Until when one object is locked."""

    mode: LockMode
    until: datetime


@dataclass(frozen=True)
class Lock:
    """For how many days each new entry is locked."""

    mode: LockMode
    days: int

    @classmethod
    def parse(cls, text: str) -> Lock:
        """Read a setting such as ``governance:3653``.

        Raises:
            ValueError: it is not one.
        """
        mode, _, days = text.partition(":")
        if not is_digits(days) or not 1 <= int(days) <= MOST_DAYS:
            raise ValueError(text)
        return cls(LockMode(mode.upper()), int(days))

    def hold(self, now: datetime) -> Hold:
        """The lock of an entry that is written at this time."""
        return Hold(self.mode, (now + timedelta(days=self.days)).replace(microsecond=0))

    def __str__(self) -> str:
        return f"{self.mode.lower()}:{self.days}"


def no_hold() -> None:
    """Entries are not locked."""


def holding(lock: Lock | None, clock: Callable[[], datetime]) -> Callable[[], Hold | None]:
    """What gives each new entry its lock, by a setting that may be absent."""
    return no_hold if lock is None else lambda: lock.hold(clock())
