"""The control plane's settings: one frozen object, read once from the environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from gems_core.digits import is_digits
from gems_core.engines import Engine
from gems_core.errors import InvalidInput, Problem
from gems_core.instance_sizes import vcpus_of
from gems_core.review.lock import EXPECTED as EXPECTED_LOCK
from gems_core.review.lock import Lock

VARIABLE = "variable"


_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/([\w+=,.@-]+/)*[\w+=,.@-]+", re.ASCII)
_READ = "read"
_EXPECTED = "expected"
# "A maximum of 300 items is allowed across all launch templates" (EC2 API reference, FleetLaunchTemplateConfigRequest).
MOST_POOLS = 300
_DOLLARS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]{1,250}/?|http://127\.0\.0\.1:[0-9]{1,5}/?", re.ASCII)
_WEBHOOK = re.compile(r"https://[A-Za-z0-9.-]{1,250}(:[0-9]{1,5})?(/[!-~]{0,1000})?", re.ASCII)
_MAIL = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII)
_EXPECTED_ADDRESS = "an https address without a path, such as https://api.basespace.illumina.com"
EXPECTED_DOLLARS = "an amount in US dollars, such as 12.50"


# Those of the other engine may stay, for whoever moves back.
_NEEDED = {
    Engine.EC2: {"launch_template": "GEMS_LAUNCH_TEMPLATE", "subnets": "GEMS_SUBNETS"},
    Engine.BATCH: {"batch_queue": "GEMS_BATCH_QUEUE", "batch_job_definition": "GEMS_BATCH_JOB_DEFINITION"},
}


def _whole_number(text: str) -> int:
    if not is_digits(text) or int(text) < 1:
        raise ValueError(text)
    return int(text)


def _list(text: str) -> tuple[str, ...]:
    items = tuple(item.strip() for item in text.split(","))
    if not all(items) or len(set(items)) != len(items):
        raise ValueError(text)
    return items


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def parse_dollars(text: str) -> float:
    """An amount in US dollars, above 0.

    Raises:
        ValueError: it is not one.
    """
    if not _DOLLARS.fullmatch(text) or not float(text):
        raise ValueError(text)
    return float(text)


def _role(text: str) -> str:
    if not _ROLE.fullmatch(text):
        raise ValueError(text)
    return text


def _address(text: str) -> str:
    """HTTPS, but for what runs on this machine."""
    if not _ADDRESS.fullmatch(text):
        raise ValueError(text)
    return text.rstrip("/")


def _generation(text: str) -> str:
    return {"v1pre3": "v1pre3", "v2": "v2"}[text]


def _mails(text: str) -> tuple[str, ...]:
    addresses = _list(text)
    if not all(_MAIL.fullmatch(address) for address in addresses):
        raise ValueError(text)
    return addresses


def _webhook(text: str) -> str:
    if not _WEBHOOK.fullmatch(text):
        raise ValueError(text)
    return text


def _setting(
    variable: str,
    default: object = MISSING,
    read: Callable[[str], object] = str,
    expected: str = "a value",
) -> Any:  # noqa: ANN401 - each field of the class says its type
    metadata = {VARIABLE: variable, _READ: read, _EXPECTED: expected}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def _names(variable: str, default: object = MISSING) -> Any:  # noqa: ANN401 - as _setting
    return _setting(variable, default, _list, "names with commas between, each once")


def _buckets(text: str) -> tuple[str, ...]:
    return _list(",".join(item.rpartition(":")[2] for item in text.split(",")))


def _count(variable: str, default: int) -> Any:  # noqa: ANN401 - as _setting
    return _setting(variable, default, _whole_number, "a whole number of at least 1")


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two deployments; docs/api.md says what each is for.

    The time limits of workers hang together: a heartbeat every ``heartbeat_seconds``; a worker silent for
    ``heartbeat_limit_seconds`` is LOST; claims and the merge lease last a little longer than that.
    """

    control_bucket: str = _setting("GEMS_CONTROL_BUCKET")
    region: str = _setting("GEMS_REGION")
    api_url: str = _setting("GEMS_API_URL")
    worker_role: str = _setting(
        "GEMS_WORKER_ROLE", read=_role, expected="a role's ARN such as arn:aws:iam::123456789012:role/gems-worker"
    )
    job_role: str = _setting(
        "GEMS_JOB_ROLE", read=_role, expected="a role's ARN such as arn:aws:iam::123456789012:role/gems-job"
    )
    instance_types: tuple[str, ...] = _names("GEMS_INSTANCE_TYPES")
    mail_sender: str = _setting("GEMS_MAIL_SENDER")

    engine: Engine = _setting(  # noqa: RUF009 - an enumeration is immutable
        "GEMS_ENGINE", Engine.EC2, Engine, "ec2 or batch"
    )
    launch_template: str = _setting("GEMS_LAUNCH_TEMPLATE", "")
    subnets: tuple[str, ...] = _names("GEMS_SUBNETS", ())
    batch_queue: str = _setting("GEMS_BATCH_QUEUE", "")
    batch_job_definition: str = _setting("GEMS_BATCH_JOB_DEFINITION", "")

    data_buckets: tuple[str, ...] = _setting(
        "GEMS_DATA_BUCKETS", (), _buckets, "names or ARNs of buckets with commas between, each once"
    )
    public_status: bool = _setting("GEMS_PUBLIC_STATUS", True, _truth, "true or false")
    spot: bool = _setting("GEMS_SPOT", False, _truth, "true or false")
    user_credential: str = _setting("GEMS_USER_CREDENTIAL", "gems.user.token")
    shared_user: bool = _setting("GEMS_SHARED_USER", True, _truth, "true or false")
    worker_credential: str = _setting("GEMS_WORKER_CREDENTIAL", "gems.worker.token")
    credential_table: str = _setting("GEMS_CREDENTIAL_TABLE", "credential-store")

    stage: str = _setting("GEMS_STAGE", "local")
    mail_events: str = _setting("GEMS_MAIL_EVENTS", "")
    worker_logs: str = _setting("GEMS_WORKER_LOGS", "")

    review_lock: Lock | None = _setting(  # noqa: RUF009 - a Lock is immutable
        "GEMS_REVIEW_LOCK", None, Lock.parse, EXPECTED_LOCK
    )
    review_mail: tuple[str, ...] = _setting(
        "GEMS_REVIEW_MAIL", (), _mails, "mail addresses with commas between, each once"
    )
    webhook_url: str = _setting(
        "GEMS_WEBHOOK_URL", "", _webhook, "an https address, such as https://lis.example.org/gems"
    )
    notice_samples: bool = _setting("GEMS_NOTICE_SAMPLES", False, _truth, "true or false")
    mask_samples: bool = _setting("GEMS_MASK_SAMPLES", False, _truth, "true or false")

    job_budget_usd: float | None = _setting("GEMS_JOB_BUDGET_USD", None, parse_dollars, EXPECTED_DOLLARS)
    bytes_per_second: int = _count("GEMS_BYTES_PER_SECOND", 2_000_000)
    start_seconds: int = _count("GEMS_START_SECONDS", 180)

    samples_per_worker: int = _count("GEMS_SAMPLES_PER_WORKER", 3)
    max_workers: int = _count("GEMS_MAX_WORKERS", 1000)
    most_vcpus: int | None = _setting("GEMS_MOST_VCPUS", None, _whole_number, "a whole number of at least 1")
    most_job_vcpus: int | None = _setting("GEMS_MOST_JOB_VCPUS", None, _whole_number, "a whole number of at least 1")
    max_samples: int = _count("GEMS_MAX_SAMPLES", 3000)
    max_attempts: int = _count("GEMS_MAX_ATTEMPTS", 3)
    max_launches: int = _count("GEMS_MAX_LAUNCHES", 8)

    heartbeat_limit_seconds: int = _count("GEMS_HEARTBEAT_LIMIT_SECONDS", 180)
    claim_seconds: int = _count("GEMS_CLAIM_SECONDS", 240)
    lease_seconds: int = _count("GEMS_LEASE_SECONDS", 300)
    launch_grace_seconds: int = _count("GEMS_LAUNCH_GRACE_SECONDS", 180)
    launch_limit_seconds: int = _count("GEMS_LAUNCH_LIMIT_SECONDS", 900)
    end_grace_seconds: int = _count("GEMS_END_GRACE_SECONDS", 60)
    job_limit_seconds: int = _count("GEMS_JOB_LIMIT_SECONDS", 6 * 3600)

    basespace_url: str = _setting("GEMS_BASESPACE_URL", "", _address, _EXPECTED_ADDRESS)
    basespace_site_url: str = _setting("GEMS_BASESPACE_SITE_URL", "", _address, _EXPECTED_ADDRESS)
    basespace_api: str = _setting("GEMS_BASESPACE_API", "v1pre3", _generation, "v1pre3 or v2")
    basespace_credential: str = _setting("GEMS_BASESPACE_CREDENTIAL", "gems.basespace.client")
    basespace_key: str = _setting("GEMS_BASESPACE_KEY", "alias/credstash")

    preflight_seconds: int = _count("GEMS_PREFLIGHT_SECONDS", 5)
    whole_file_bytes: int = _count("GEMS_WHOLE_FILE_BYTES", 32 * 1024 * 1024)
    report_link_seconds: int = _count("GEMS_REPORT_LINK_SECONDS", 300)
    status_cache_seconds: int = _count("GEMS_STATUS_CACHE_SECONDS", 1)
    credential_cache_seconds: int = _count("GEMS_CREDENTIAL_CACHE_SECONDS", 60)

    def __post_init__(self) -> None:
        pools = len(self.instance_types) * len(self.subnets)
        if pools > MOST_POOLS:
            expected, found = f"at most {MOST_POOLS} pairs of type and subnet", f"{pools}"
            raise InvalidInput([_problem("invalid_setting", "GEMS_INSTANCE_TYPES, GEMS_SUBNETS", expected, found)])
        self._check_vcpus()
        if self.control_bucket in self.data_buckets:
            expected = "buckets with reads, and not that of GEMS_CONTROL_BUCKET"
            raise InvalidInput([_problem("invalid_setting", "GEMS_DATA_BUCKETS", expected, self.control_bucket)])
        if self.basespace_url and not self.data_buckets:
            expected = "a bucket that reads from BaseSpace are copied to"
            raise InvalidInput([_problem("missing_setting", "GEMS_DATA_BUCKETS", expected, "nothing")])

    def _check_vcpus(self) -> None:
        """A cap must let at least one worker through, of a size that is known."""
        caps = {"GEMS_MOST_VCPUS": self.most_vcpus, "GEMS_MOST_JOB_VCPUS": self.most_job_vcpus}
        caps = {variable: cap for variable, cap in caps.items() if cap is not None}
        try:
            least = self.worker_vcpus if caps else 0
        except ValueError as error:
            expected = f"instance types whose names tell their vCPUs, for {' and '.join(caps)} to be kept"
            raise InvalidInput([_problem("invalid_setting", "GEMS_INSTANCE_TYPES", expected, str(error))]) from error
        problems = [
            _problem("invalid_setting", variable, f"at least the {least} vCPUs of one worker", f"{cap}")
            for variable, cap in caps.items()
            if cap is not None and cap < least
        ]
        if problems:
            raise InvalidInput(problems)

    @property
    def worker_vcpus(self) -> int:
        """The virtual processors of a worker, of the largest instance type.

        Raises:
            ValueError: a type's name does not tell; not where a cap is set.
        """
        return max(vcpus_of(instance_type) for instance_type in self.instance_types)

    @property
    def most_workers(self) -> int:
        """How many workers a job may have at once."""
        caps = [cap for cap in (self.most_vcpus, self.most_job_vcpus) if cap is not None]
        return min([self.max_workers, *(cap // self.worker_vcpus for cap in caps)])

    @property
    def single_pool(self) -> bool:
        """Whether all instances come from one pool, which needs no EC2 Fleet."""
        return len(self.instance_types) == len(self.subnets) == 1 and not self.spot

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read every setting.

        Raises:
            InvalidInput: naming all variables that are missing or are not what they must be.
        """
        problems: list[Problem] = []
        values = {item.name: _read(item, environment, problems) for item in fields(cls)}
        problems += _missing_of_engine(values)
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
    try:
        found: object = item.metadata[_READ](text)
    except (ValueError, KeyError):
        problems.append(_problem("invalid_setting", variable, item.metadata[_EXPECTED], repr(text)))
        return item.default
    return found


def _missing_of_engine(values: Mapping[str, object]) -> list[Problem]:
    engine = Engine(str(values["engine"]))
    expected = f"a value, for GEMS_ENGINE is {engine}"
    missing = [variable for name, variable in _NEEDED[engine].items() if not values[name]]
    return [_problem("missing_setting", variable, expected, "nothing") for variable in missing]


def _problem(code: str, variable: str, expected: str, found: str) -> Problem:
    return Problem(code, f"environment variable {variable}", expected, found, "Set it; docs/api.md lists all settings.")
