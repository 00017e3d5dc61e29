"""What the surroundings tell a worker, read once."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gems_core.digits import is_digits
from gems_core.errors import InvalidInput, Problem
from gems_core.layout import ARTEFACT_KINDS
from gems_core.manifest import Artefact, artefacts_from_json
from gems_core.session_key import SessionKey
from worker.cross_match.programs import USUAL_NAME

_REQUIRED = (
    "GEMS_SESSION_KEY",
    "GEMS_API_URL",
    "GEMS_CONTROL_BUCKET",
    "GEMS_ARTEFACTS",
    "GEMS_WORKER_CREDENTIAL",
    "GEMS_CREDENTIAL_TABLE",
    "AWS_REGION",
)
_DEFAULT_METADATA_URL = "http://169.254.169.254"
# A MiSeq sample takes seconds; an hour-long job must still notice a typer that hangs.
_DEFAULT_TYPER_SECONDS_PER_SAMPLE = 600
_DEFAULT_CROSS_MATCH_SECONDS = 120
# The API frees a claim after several missed heartbeats; one in half a minute costs two S3 writes a minute.
_DEFAULT_HEARTBEAT_SECONDS = 30
# What a killed machine may take with it of its log.
_DEFAULT_LOG_COPY_SECONDS = 60
_HEAP_SHARE_OF_MEMORY = 0.75


@dataclass(frozen=True)
class Settings:
    """The facts of one worker.

    Attributes:
        api_url: base URL of the API, without a closing slash.
        artefacts: by kind; their keys are in the control bucket.
        worker_credential: the credential's name in CredStash.
        root: the folder that holds artefacts, work and the log.
        java: command or path of the Java runtime.
        cross_match: command or path of the site's cross_match; where there is none, its artefact or GeMS's own runs.
        typer_memory_mb: the typer's largest heap, in MiB.
        log_copy_seconds: between two copies of the log in S3.
        log_group: of CloudWatch Logs; '' where the log goes to S3 alone.
        step_limit_seconds: how long any step may stand still; 0 for each step's own limit.
        batch_job: AWS Batch's id of the container that this is; '' on an instance.
        ends_at: when the machine ends whatever happens, in seconds since 1970; 0 where nobody says.
    """

    session_key: SessionKey
    api_url: str
    control_bucket: str
    region: str
    artefacts: Mapping[str, Artefact]
    worker_credential: str
    credential_table: str
    root: Path
    metadata_url: str
    java: str
    cross_match: str
    typer_memory_mb: int
    typer_threads: int
    typer_seconds_per_sample: int
    cross_match_seconds: int
    heartbeat_seconds: int
    log_copy_seconds: int = _DEFAULT_LOG_COPY_SECONDS
    log_group: str = ""
    step_limit_seconds: int = 0
    ends_at: int = 0
    batch_job: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises:
            InvalidInput: with every name that is missing or wrong.
        """
        problems = [_missing(name) for name in _REQUIRED if not environment.get(name)]
        numbers = _Numbers(environment, problems)
        memory_mb = numbers.read("GEMS_TYPER_MEMORY_MB", int(usable_memory_mb() * _HEAP_SHARE_OF_MEMORY))
        threads = numbers.read("GEMS_TYPER_THREADS", os.cpu_count() or 1)
        typer_seconds = numbers.read("GEMS_TYPER_SECONDS_PER_SAMPLE", _DEFAULT_TYPER_SECONDS_PER_SAMPLE)
        cross_match_seconds = numbers.read("GEMS_CROSS_MATCH_SECONDS", _DEFAULT_CROSS_MATCH_SECONDS)
        heartbeat_seconds = numbers.read("GEMS_HEARTBEAT_SECONDS", _DEFAULT_HEARTBEAT_SECONDS)
        log_copy_seconds = numbers.read("GEMS_LOG_COPY_SECONDS", _DEFAULT_LOG_COPY_SECONDS)
        step_limit_seconds = numbers.read("GEMS_STEP_LIMIT_SECONDS", 0)
        ends_at = numbers.read("GEMS_ENDS_AT", 0)
        if problems:
            raise InvalidInput(problems)
        return cls(
            session_key=SessionKey.parse(environment["GEMS_SESSION_KEY"]),
            api_url=environment["GEMS_API_URL"].rstrip("/"),
            control_bucket=environment["GEMS_CONTROL_BUCKET"],
            region=environment["AWS_REGION"],
            artefacts=_artefacts(environment["GEMS_ARTEFACTS"]),
            worker_credential=environment["GEMS_WORKER_CREDENTIAL"],
            credential_table=environment["GEMS_CREDENTIAL_TABLE"],
            root=Path(environment.get("GEMS_ROOT") or "/opt/gems"),
            metadata_url=environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or _DEFAULT_METADATA_URL,
            java=environment.get("GEMS_JAVA") or "java",
            cross_match=environment.get("GEMS_CROSS_MATCH") or USUAL_NAME,
            typer_memory_mb=memory_mb,
            typer_threads=threads,
            typer_seconds_per_sample=typer_seconds,
            cross_match_seconds=cross_match_seconds,
            heartbeat_seconds=heartbeat_seconds,
            log_copy_seconds=log_copy_seconds,
            log_group=environment.get("GEMS_LOG_GROUP", ""),
            step_limit_seconds=step_limit_seconds,
            ends_at=ends_at,
            batch_job=environment.get("AWS_BATCH_JOB_ID", ""),
        )


class _Numbers:
    """Reads whole numbers of at least one and gathers what is wrong with them."""

    def __init__(self, environment: Mapping[str, str], problems: list[Problem]) -> None:
        self._environment = environment
        self._problems = problems

    def read(self, name: str, default: int) -> int:
        text = self._environment.get(name)
        if not text:
            return default
        if not is_digits(text) or int(text) < 1:
            self._problems.append(
                Problem("invalid_setting", name, "a whole number of at least 1", repr(text), "Correct it or unset it.")
            )
            return default
        return int(text)


def _missing(name: str) -> Problem:
    return Problem("missing_setting", name, "a value in the environment", "none", "The user-data script sets it.")


def _artefacts(text: str) -> dict[str, Artefact]:
    try:
        return artefacts_from_json(json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        problem = Problem(
            "invalid_setting",
            "GEMS_ARTEFACTS",
            f"a JSON object with version, key and sha256 of {', '.join(ARTEFACT_KINDS)}",
            f"{text[:120]!r} ({error!r})",
            "Start the job again; the user-data script sets it.",
        )
        raise InvalidInput([problem]) from error


def usable_memory_mb(groups: Path = Path("/sys/fs/cgroup")) -> float:
    """The memory that this worker may use, in MiB: the machine's, or less where its container has a limit.

    Args:
        groups: where the kernel shows control groups, of version 2 or 1.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [_number(groups / name) for name in ("memory.max", "memory/memory.limit_in_bytes")]
    return min([machine, *(limit for limit in limits if limit)]) / 2**20


def _number(path: Path) -> int:
    """The number in a file of the kernel's; 0 where there is none, as where it says ``max``."""
    try:
        text = path.read_text().strip()
    except OSError:
        return 0
    return int(text) if is_digits(text) else 0
