"""How pages say times, amounts and states: short, and the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime

from gems_core.statuses import FINAL_JOB_STATUSES, JobStatus, WorkerStatus

_JOB_STATUSES = {
    JobStatus.LAUNCHING: ("Starting", "moving"),
    JobStatus.RUNNING: ("Running", "moving"),
    JobStatus.MERGING: ("Writing report", "moving"),
    JobStatus.COMPLETE: ("Complete", "good"),
    JobStatus.COMPLETE_WITH_FAILURES: ("Some failed", "warn"),
    JobStatus.FAILED: ("Failed", "bad"),
    JobStatus.CANCELLED: ("Cancelled", "quiet"),
}
_WORKER_STATUSES = {
    WorkerStatus.LAUNCHED: "starting",
    WorkerStatus.BOOTSTRAPPING: "setting up",
    WorkerStatus.COPYING: "copying reads",
    WorkerStatus.DOWNLOADING: "downloading",
    WorkerStatus.TYPING: "typing",
    WorkerStatus.CROSS_MATCHING: "cross matching",
    WorkerStatus.UPLOADING: "uploading",
    WorkerStatus.MERGING: "merging",
    WorkerStatus.REPORT_WRITTEN: "report written",
    WorkerStatus.EMAIL_SENT: "mail sent",
    WorkerStatus.COMPLETE: "finished",
    WorkerStatus.FAILED: "failed",
    WorkerStatus.LOST: "lost",
}
HLA_CLASSES = {"1": "Class I", "2": "Class II", "all": "Class I and II"}
HLA_GENES = {"1": "A, B, C", "2": "DRB1, DRB3/4/5, DQA1, DQB1, DPA1, DPB1", "all": "all genes"}
_MAIL_STATES = {"sent": "accepted by SES", "not_asked": "not asked for"}
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1000


def job_status(value: str) -> str:
    """A job's status, for people."""
    return _JOB_STATUSES[JobStatus(value)][0]


def job_tone(value: str) -> str:
    """How a job's status looks: a class of the style sheet."""
    return _JOB_STATUSES[JobStatus(value)][1]


def turn(behind: int) -> str:
    """The place of a job that waits for its turn to launch."""
    return f"behind {behind} job{'s' if behind > 1 else ''}" if behind else "next"


def worker_status(value: str) -> str:
    """A worker's status, for people."""
    return _WORKER_STATUSES[WorkerStatus(value)]


def mail_state(value: str) -> str:
    """What became of a mail; one that SES has merely accepted is not called delivered."""
    return _MAIL_STATES.get(value, value)


def has_ended(value: str) -> bool:
    """Whether a job of this status has ended."""
    return JobStatus(value) in FINAL_JOB_STATUSES


def hla_class(value: str) -> str:
    """A class of genes, for people."""
    return HLA_CLASSES.get(value, value)


def moment(value: str | datetime) -> str:
    """A time to the minute."""
    return _utc(value).strftime("%Y-%m-%d %H:%M")


def clock_time(value: str | datetime) -> str:
    """A time of day to the second."""
    return _utc(value).strftime("%H:%M:%S")


def iso(value: str | datetime) -> str:
    """A time for programs."""
    return _utc(value).isoformat(timespec="seconds")


def since(begins: str | datetime, ends: str | datetime) -> str:
    """How long from one time to another."""
    return duration((_utc(ends) - _utc(begins)).total_seconds())


def duration(seconds: float) -> str:
    """A length of time, in the two largest units that it has."""
    minutes, rest = divmod(round(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def dollars(amount: float) -> str:
    """An amount of US dollars; what is under a cent is told as such."""
    return f"${amount:,.2f}" if amount >= 0.01 or not amount else "< $0.01"  # noqa: PLR2004


def size(count_bytes: float) -> str:
    """An amount of data."""
    for unit in _UNITS[:-1]:
        if count_bytes < _THOUSAND:
            return f"{count_bytes:.0f} {unit}" if unit in _UNITS[:2] else f"{count_bytes:.1f} {unit}"
        count_bytes /= _THOUSAND
    return f"{count_bytes:.1f} {_UNITS[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _utc(value: str | datetime) -> datetime:
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)
