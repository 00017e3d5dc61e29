"""Where everything lies in S3. Keys only; the bucket is the caller's."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gems_core.digits import is_digits
from gems_core.session_key import SessionKey

CURRENT_ARTEFACTS_KEY = "artefacts/current.json"
PRICES_KEY = "settings/prices.json"
ARTEFACT_KINDS = ("worker", "hla-typer", "reference", "panel")
# What a site may publish beside these.
OPTIONAL_ARTEFACT_KINDS = ("cross_match",)
JOBS_PREFIX = "jobs/"
ACTIVE_PREFIX = "active/"
CLOSED_PREFIX = "closed/"
PEOPLE_PREFIX = "people/users/"
SSO_SETTINGS_KEY = "people/sso.json"
"""How people sign in with accounts of an identity provider. Only administrators write it."""
REVIEW_PREFIX = "review/log/"
SEEN_PREFIX = "seen/"
WORK_OPEN_PREFIX = "worklist/open/"
OWED_NOTICES_PREFIX = "worklist/owed/"
WORK_DONE_PREFIX = "worklist/done/"
_NEWEST_FIRST = 10**10
# Launches from BaseSpace. In the data bucket, the copied reads lie under it too.
BASESPACE_PREFIX = "basespace/"
BASESPACE_OWED_PREFIX = f"{BASESPACE_PREFIX}owed/"
_ORDER_DIGITS = 16
# Of a machine's logs in its job's folder: the bootstrap script's, and the worker's in parts.
BOOT_LOG = "bootstrap.log"
LOG_PARTS_FOLDER = "worker/"
# What the final worker writes, by file extension, with its content type; the order is that of every list of them.
REPORT_CONTENT_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xml.gz": "application/gzip",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "hml": "application/xml",
    "gl.txt": "text/plain; charset=utf-8",
    "stats_mqc.json": "application/json",
    "calls_mqc.json": "application/json",
}
REPORT_FORMATS = tuple(REPORT_CONTENT_TYPES)
# What it writes for pages.
RUN_PAGE = "run.json.gz"
SAMPLE_PAGE = "page.json.gz"


def job_prefix(session_key: SessionKey) -> str:
    """The folder of a job in the control bucket, with its closing slash."""
    return f"{JOBS_PREFIX}{session_key.day:%Y-%m-%d}/{session_key}/"


def active_key(session_key: SessionKey) -> str:
    """The note that a job may have something running; the job is looked after as long as it is there."""
    return f"{ACTIVE_PREFIX}{session_key}"


def place_in_list(session_key: SessionKey, created_at: datetime) -> str:
    """A job's place in a list of jobs, as text that sorts the newest first."""
    newer = 10**_ORDER_DIGITS - int(created_at.timestamp() * 1_000_000)
    return f"{newer:0{_ORDER_DIGITS}d}-{session_key}"


def place_parts(place: str) -> tuple[SessionKey, datetime]:
    """The inverse of ``place_in_list``.

    Raises:
        ValueError, InvalidInput: it is not a place.
    """
    digits, _, text = place.partition("-")
    if len(digits) != _ORDER_DIGITS or not is_digits(digits):
        raise ValueError(f"expected {_ORDER_DIGITS} digits, a hyphen and a session key, found {place[:300]!r}")
    return SessionKey.parse(text), datetime.fromtimestamp((10**_ORDER_DIGITS - int(digits)) / 1_000_000, UTC)


def closed_key(session_key: SessionKey, created_at: datetime) -> str:
    """The note that a job has ended and runs nothing; listed, such notes are in order, the newest job first."""
    return f"{CLOSED_PREFIX}{place_in_list(session_key, created_at)}"


def summary_key(session_key: SessionKey) -> str:
    """What a closed job is shown as."""
    return f"{job_prefix(session_key)}summary.json"


def view_key(session_key: SessionKey) -> str:
    """What a large job that goes on was last shown as, for all processes."""
    return f"{job_prefix(session_key)}view/job.gz"


def checkpoint_key(session_key: SessionKey) -> str:
    """A large job's records in one object."""
    return f"{job_prefix(session_key)}view/records.json.gz"


def view_turn_key(session_key: SessionKey) -> str:
    """When that view is due to be made again; who writes this makes it."""
    return f"{job_prefix(session_key)}view/due"


def manifest_key(session_key: SessionKey) -> str:
    """The immutable manifest, written once."""
    return f"{job_prefix(session_key)}job.json"


def state_key(session_key: SessionKey) -> str:
    """The job's end (or its being cancelled), which outlives the instances and their tags."""
    return f"{job_prefix(session_key)}state.json"


def claim_key(session_key: SessionKey, share: int) -> str:
    """Who works on a share."""
    return f"{job_prefix(session_key)}claims/{share:05d}.json"


def worker_key(session_key: SessionKey, instance_index: int) -> str:
    """A worker's last known status."""
    return f"{job_prefix(session_key)}workers/{instance_index:05d}.json"


def heartbeat_key(session_key: SessionKey, instance_index: int) -> str:
    """A worker's last sign of life."""
    return f"{job_prefix(session_key)}heartbeat/{instance_index:05d}.json"


def done_prefix(session_key: SessionKey) -> str:
    """The folder of the done-markers."""
    return f"{job_prefix(session_key)}done/"


def done_key(session_key: SessionKey, sample: str) -> str:
    """The done-marker of one sample."""
    return f"{done_prefix(session_key)}{sample}.json"


def merge_lease_key(session_key: SessionKey) -> str:
    """The right to merge, held by one worker at a time."""
    return f"{job_prefix(session_key)}merge.lease"


def mail_key(session_key: SessionKey) -> str:
    """Whether the report was mailed."""
    return f"{job_prefix(session_key)}mail.json"


def logs_prefix(session_key: SessionKey, instance_id: str = "") -> str:
    """The folder of a machine's logs, with its closing slash; without an instance, that of all machines' folders."""
    folder = f"{job_prefix(session_key)}logs/"
    return f"{folder}{instance_id}/" if instance_id else folder


def log_key(session_key: SessionKey, instance_id: str, name: str) -> str:
    """One file of a worker's logs."""
    return f"{logs_prefix(session_key, instance_id)}{name}"


def log_part_name(moment: datetime) -> str:
    """The name, below a worker's logs, of what its log had that was new at a moment."""
    return f"{LOG_PARTS_FOLDER}{moment.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.jsonl"


def retyped_prefix(session_key: SessionKey) -> str:
    """The folder of the notes that a job's reads were typed again, with its closing slash."""
    return f"{job_prefix(session_key)}retyped/"


def retyped_key(session_key: SessionKey, later: SessionKey) -> str:
    """The note that a later job types this job's reads again; empty."""
    return f"{retyped_prefix(session_key)}{later}"


def event_key(session_key: SessionKey, moment: datetime, random: str) -> str:
    """One line of the job's history."""
    return f"{job_prefix(session_key)}events/{moment:%Y%m%dT%H%M%S.%fZ}-{random}.json"


def history_key(session_key: SessionKey, run: int, name: str) -> str:
    """What an earlier run left in the job's folder under ``name``, kept when the job was opened again."""
    return f"{job_prefix(session_key)}events/run-{run}/{name}"


def artefact_key(kind: str, version: str, file_name: str) -> str:
    """A worker bundle, typer jar, reference library or panel, by version."""
    return f"artefacts/{kind}/{version}/{file_name}"


def results_prefix(prefix: str, session_key: SessionKey) -> str:
    """The job's results in the data bucket, beside the reads, with its closing slash."""
    folder = prefix.strip("/")
    return f"{folder}/gems/{session_key}/" if folder else f"gems/{session_key}/"


def sample_result_key(prefix: str, session_key: SessionKey, sample: str, file_name: str) -> str:
    """One result file of one sample."""
    return f"{results_prefix(prefix, session_key)}samples/{sample}/{file_name}"


def report_key(prefix: str, session_key: SessionKey, extension: str) -> str:
    """The report in one of its formats (``json``, ``csv``, ``xml.gz`` ...)."""
    return f"{results_prefix(prefix, session_key)}report.{extension}"


def run_page_key(prefix: str, session_key: SessionKey) -> str:
    """What the page of a run reads: the run's summary, gzipped."""
    return f"{results_prefix(prefix, session_key)}{RUN_PAGE}"


def sample_page_key(prefix: str, session_key: SessionKey, sample: str) -> str:
    """What the page of a sample reads, gzipped."""
    return sample_result_key(prefix, session_key, sample, SAMPLE_PAGE)


def remote_files_key(session_key: SessionKey) -> str:
    """Which file elsewhere each read file of a job is copied from; written once."""
    return f"{job_prefix(session_key)}remote/files.json"


def remote_bond_key(session_key: SessionKey) -> str:
    """What ties a job to the launch elsewhere that it came from; it holds a sealed token, so its earlier versions go after a day."""
    return f"{BASESPACE_PREFIX}bonds/{session_key}.json"


def basespace_owed_key(session_key: SessionKey) -> str:
    """The note that BaseSpace has not been told everything of a job yet."""
    return f"{BASESPACE_OWED_PREFIX}{session_key}"


def basespace_pending_key(ticket: str) -> str:
    """A launch that waits for its person's word, by the SHA-256 (hexadecimal) of the ticket's number."""
    return f"{BASESPACE_PREFIX}pending/{ticket}.json"


def basespace_used_key(ticket: str) -> str:
    """The note that a ticket was used, by the SHA-256 (hexadecimal) of its number."""
    return f"{BASESPACE_PREFIX}used/{ticket}"


def basespace_session_key(session_id: str) -> str:
    """Which job a launch has made."""
    return f"{BASESPACE_PREFIX}sessions/{session_id}.json"


def basespace_reads_prefix(session_id: str) -> str:
    """Where a launch's reads are copied to, in the data bucket."""
    return f"{BASESPACE_PREFIX}{session_id}"


def idempotency_key(digest: str) -> str:
    """What a user's ``Idempotency-Key`` made, by the key's SHA-256 (hexadecimal); in the control bucket."""
    return f"idempotency/{digest}.json"


def person_key(name: str) -> str:
    """A named user, in the control bucket. Only administrators write it: the API's role cannot."""
    return f"{PEOPLE_PREFIX}{name}.json"


def own_password_key(name: str) -> str:
    """The password that a person has set; the API writes it, and it holds nothing else of the person."""
    return f"people/own/{name}.json"


def account_key(digest: str) -> str:
    """Whose an account at an identity provider is, by the SHA-256 (hexadecimal) of its names. Only administrators write it."""
    return f"people/accounts/{digest}.json"


def tries_key(place: str) -> str:
    """The failed tries to sign in under the names of a place."""
    return f"people/failed/{place}.json"


def review_chain_prefix(chain: str) -> str:
    """The folder of a chain of the review's log, with its closing slash."""
    return f"{REVIEW_PREFIX}{chain}/"


def review_entry_key(chain: str, number: int) -> str:
    """An entry of the review's log. Listed, the newest entry comes first."""
    return f"{review_chain_prefix(chain)}{_NEWEST_FIRST - number:010d}-{number}.json"


def seen_prefix(day: date, name: str = "") -> str:
    """The folder of the access log's entries of a day, or of one person on that day, with its closing slash."""
    folder = f"{SEEN_PREFIX}{day:%Y-%m-%d}/"
    return f"{folder}{name}/" if name else folder


def seen_key(name: str, moment: datetime, random: str) -> str:
    """An entry of the access log."""
    at = moment.astimezone(UTC)
    return f"{seen_prefix(at.date(), name)}{at:%H%M%S.%f}-{random}.json"


def owed_notice_key(notice_id: str) -> str:
    """A notice that people or programs have not been told of yet."""
    return f"{OWED_NOTICES_PREFIX}{notice_id}"


def notice_key(notice_id: str) -> str:
    """How far the sending of a notice is; it stays when it is sent."""
    return f"worklist/notices/{notice_id}.json"


def work_open_key(session_key: SessionKey, created_at: datetime) -> str:
    """The note that results of a job wait for somebody. Listed, the oldest job comes first."""
    return f"{WORK_OPEN_PREFIX}{int(created_at.timestamp() * 1_000_000):0{_ORDER_DIGITS}d}-{session_key}.json"


def work_done_key(session_key: SessionKey, created_at: datetime) -> str:
    """The note of a job whose results are all approved. Listed, the newest job comes first."""
    return f"{WORK_DONE_PREFIX}{place_in_list(session_key, created_at)}.json"


def review_entry_place(key: str) -> tuple[str, int]:
    """The inverse of ``review_entry_key``: the chain, and the number; 0 of an object that is not part of the log."""
    chain, _, name = key.removeprefix(REVIEW_PREFIX).rpartition("/")
    text = name.removesuffix(".json").partition("-")[2]
    number = int(text) if is_digits(text) and len(text) <= _ORDER_DIGITS else 0
    return chain, number if review_entry_key(chain, number) == key else 0
