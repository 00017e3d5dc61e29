"""The control plane's settings: one frozen object, read once from the environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields

from gems_core.errors import InvalidInput, Problem

VARIABLE = "variable"
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/([\w+=,.@-]+/)*[\w+=,.@-]+", re.ASCII)
_PRICE = re.compile(r"\d{1,4}(\.\d{1,6})?")


def _setting(variable: str) -> str:
    found: str = field(metadata={VARIABLE: variable})
    return found


def _text(variable: str, default: str) -> str:
    found: str = field(default=default, metadata={VARIABLE: variable})
    return found


def _count(variable: str, default: int) -> int:
    found: int = field(default=default, metadata={VARIABLE: variable})
    return found


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two deployments; docs/api.md says what each is for.

    The time limits of workers hang together: a heartbeat every ``heartbeat_seconds``; a worker silent for
    ``heartbeat_limit_seconds`` is LOST; claims and the merge lease last a little longer than that.
    """

    control_bucket: str = _setting("GEMS_CONTROL_BUCKET")
    region: str = _setting("GEMS_REGION")
    api_url: str = _setting("GEMS_API_URL")
    ami_id: str = _setting("GEMS_AMI_ID")
    instance_type: str = _setting("GEMS_INSTANCE_TYPE")
    instance_profile: str = _setting("GEMS_INSTANCE_PROFILE")
    security_group: str = _setting("GEMS_SECURITY_GROUP")
    subnet: str = _setting("GEMS_SUBNET")
    worker_role: str = _setting("GEMS_WORKER_ROLE")
    mail_sender: str = _setting("GEMS_MAIL_SENDER")

    user_credential: str = _text("GEMS_USER_CREDENTIAL", "gems.user.token")
    worker_credential: str = _text("GEMS_WORKER_CREDENTIAL", "gems.worker.token")
    credential_table: str = _text("GEMS_CREDENTIAL_TABLE", "credential-store")
    instance_usd_per_hour: str = _text("GEMS_INSTANCE_USD_PER_HOUR", "")

    samples_per_worker: int = _count("GEMS_SAMPLES_PER_WORKER", 3)
    max_workers: int = _count("GEMS_MAX_WORKERS", 100)
    max_samples: int = _count("GEMS_MAX_SAMPLES", 1000)
    max_attempts: int = _count("GEMS_MAX_ATTEMPTS", 3)
    max_launches: int = _count("GEMS_MAX_LAUNCHES", 8)

    heartbeat_limit_seconds: int = _count("GEMS_HEARTBEAT_LIMIT_SECONDS", 180)
    claim_seconds: int = _count("GEMS_CLAIM_SECONDS", 240)
    lease_seconds: int = _count("GEMS_LEASE_SECONDS", 300)
    launch_grace_seconds: int = _count("GEMS_LAUNCH_GRACE_SECONDS", 180)
    launch_limit_seconds: int = _count("GEMS_LAUNCH_LIMIT_SECONDS", 900)
    end_grace_seconds: int = _count("GEMS_END_GRACE_SECONDS", 60)
    job_limit_seconds: int = _count("GEMS_JOB_LIMIT_SECONDS", 6 * 3600)

    preflight_seconds: int = _count("GEMS_PREFLIGHT_SECONDS", 15)
    whole_file_bytes: int = _count("GEMS_WHOLE_FILE_BYTES", 32 * 1024 * 1024)
    report_link_seconds: int = _count("GEMS_REPORT_LINK_SECONDS", 300)
    credential_cache_seconds: int = _count("GEMS_CREDENTIAL_CACHE_SECONDS", 60)

    def __post_init__(self) -> None:
        if not _ROLE.fullmatch(self.worker_role):
            expected = "a role's ARN such as arn:aws:iam::123456789012:role/gems-worker"
            raise InvalidInput([_problem("invalid_setting", "GEMS_WORKER_ROLE", expected, repr(self.worker_role))])
        if self.instance_usd_per_hour and not _PRICE.fullmatch(self.instance_usd_per_hour):
            price = _problem(
                "invalid_setting",
                "GEMS_INSTANCE_USD_PER_HOUR",
                "a price such as 0.17",
                repr(self.instance_usd_per_hour),
            )
            raise InvalidInput([price])

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read every setting.

        Raises:
            InvalidInput: naming all variables that are missing or are not what they must be.
        """
        problems: list[Problem] = []
        values = {item.name: _read(item, environment, problems) for item in fields(cls)}
        if problems:
            raise InvalidInput(problems)
        make: Callable[..., Settings] = cls
        return make(**values)


def _read(item: Field[object], environment: Mapping[str, str], problems: list[Problem]) -> object:
    variable: str = item.metadata[VARIABLE]
    text = environment.get(variable, "").strip()
    if not text:
        if item.default is MISSING:
            problems.append(_problem("missing_setting", variable, "a value", "nothing"))
        return item.default
    if not isinstance(item.default, int):
        return text
    if not text.isdecimal() or int(text) < 1:
        problems.append(_problem("invalid_setting", variable, "a whole number of at least 1", repr(text)))
        return item.default
    return int(text)


def _problem(code: str, variable: str, expected: str, found: str) -> Problem:
    return Problem(code, f"environment variable {variable}", expected, found, "Set it; docs/api.md lists all settings.")
