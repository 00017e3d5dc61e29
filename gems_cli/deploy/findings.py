"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from gems_cli.deploy.facts import Facts
from gems_core.errors import GemsError


class Level(StrEnum):
    """How bad it is: ``fail`` keeps jobs from running, ``warn`` does not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of ``gems doctor``.

    Attributes:
        repair: what to do; '' when it is in order.
    """

    check: str
    level: Level
    found: str
    repair: str = ""

    def as_json(self) -> dict[str, str]:
        """The attributes by name."""
        return {"check": self.check, "level": self.level.value, "found": self.found, "repair": self.repair}


Verdict = tuple[Level, str, str]


@dataclass(frozen=True)
class Check:
    """A precondition and how it is looked at.

    Attributes:
        look: level, what was found, and the repair.
        before: whether it can be looked at before anything is deployed.
    """

    name: str
    look: Callable[[Facts], Verdict]
    before: bool = False


def ok(found: str) -> Verdict:
    """In order."""
    return Level.OK, found, ""


def warn(found: str, repair: str) -> Verdict:
    """Jobs run, but somebody should look."""
    return Level.WARN, found, repair


def fail(found: str, repair: str) -> Verdict:
    """Jobs do not run."""
    return Level.FAIL, found, repair


def examine(facts: Facts, checks: Sequence[Check]) -> list[Finding]:
    """All checks, each by itself: what one cannot find out does not keep the others from looking."""
    return [_examine(facts, check) for check in checks]


def _examine(facts: Facts, check: Check) -> Finding:
    try:
        level, found, repair = check.look(facts)
    except (ClientError, BotoCoreError, GemsError) as error:
        return Finding(check.name, Level.FAIL, f"could not be looked at: {error}", "Use the deployer's role.")
    return Finding(check.name, level, found, repair)
