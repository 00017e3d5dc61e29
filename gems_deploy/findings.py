"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from gems_core.errors import GemsError
from gems_deploy.facts import Facts
from gems_deploy.stack import MissingOutput


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


# Where AWS refuses to answer: the role lacks a right, or AWS is out of reach.
REPAIR = "Use the deployer's role, or try again when AWS answers."
Verdict = tuple[Level, str, str]


@dataclass(frozen=True)
class Check:
    """A precondition and how it is looked at.

    Attributes:
        look: level, what was found, and the repair.
        gate: whether nothing after it can be looked at when it fails.
        worst: how bad it is when it cannot be looked at; WARN where jobs run whatever it finds.
    """

    name: str
    look: Callable[[Facts], Verdict]
    gate: bool = False
    worst: Level = Level.FAIL


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
    """All checks, each by itself; after a gate that fails there is one line for all that is behind it."""
    findings = []
    for position, check in enumerate(checks, start=1):
        findings.append(_examine(facts, check))
        if check.gate and findings[-1].level is Level.FAIL:
            return findings + _behind(check, len(checks) - position)
    return findings


def _behind(gate: Check, hidden: int) -> list[Finding]:
    found = f"{hidden} more checks were not made: they need what failed above"
    return [Finding("the rest", Level.FAIL, found, f"Repair {gate.name} and look again.")] if hidden else []


def _examine(facts: Facts, check: Check) -> Finding:
    try:
        level, found, repair = check.look(facts)
    except MissingOutput as error:
        return Finding(check.name, check.worst, str(error), "Run `gems deploy` as an administrator.")
    except GemsError as error:  # it tells its own repair
        return Finding(check.name, check.worst, str(error))
    except (ClientError, BotoCoreError) as error:
        return Finding(check.name, check.worst, f"could not be looked at: {error}", REPAIR)
    return Finding(check.name, level, found, repair)
