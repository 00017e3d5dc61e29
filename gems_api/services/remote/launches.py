"""From a person's consent to a job: the code, the token, the choices, and the start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from gems_api.services.access.launch_tickets import LIFETIMES, Stage
from gems_api.services.context import Context
from gems_api.services.intake.remote_reads import RemoteReads
from gems_api.services.lifecycle.start_job import DryRun, Started, start_job
from gems_api.services.remote.sessions import open_session, remote_of, sealer_of
from gems_api.services.remote_ports import Choices, RemoteFile, RemoteRefused
from gems_api.services.state.remote import Bond, Pending
from gems_core.fastq_names import StoredFile
from gems_core.hla import HLA_CLASSES
from gems_core.layout import basespace_reads_prefix
from gems_core.manifest import BASESPACE, Manifest
from gems_core.session_key import SessionKey

# Of read files: eight lanes of both reads.
_FILES_PER_SAMPLE = 16
# What else a form may offer for a class.
_CLASSES = {name: name for name in HLA_CLASSES} | {"classAll": "all", "": "all"}


class LaunchRefused(RemoteRefused):
    """This browser or this person may not go on with the launch."""


@dataclass(frozen=True)
class Look:
    """A launch as its person sees it before the start."""

    choices: Choices
    samples: int
    dry: DryRun


def admit(context: Context, session_id: str, state: str, code: str, new_number: str) -> None:
    """Take the code that BaseSpace sent a person back with, and keep their token for the start, if it is still to come.

    Args:
        context: the collaborators.
        session_id: of the ticket, never of the address.
        state: the ticket's number; it is used up.
        code: of the address.
        new_number: of the ticket for the start, under which the launch waits.

    Raises:
        LaunchRefused: the ticket was used before, or the launch is another person's.
        RemoteRefused, RemoteUnavailable: as of BaseSpace.
    """
    if not context.remote_records.use_up(state):
        raise LaunchRefused("This answer of BaseSpace was used before. Launch the app again in BaseSpace.")
    remote = remote_of(context)
    session = open_session(context, session_id)
    token = remote.token(code, redirect_uri(context))
    user_id = remote.user_id(token)
    if user_id != session.user_id:
        raise LaunchRefused("The launch is another person's. Launch the app with your own account in BaseSpace.")
    if job_made(context, session_id) is not None:
        return
    sealed = sealer_of(context).seal(token, session_id)
    context.remote_records.keep_pending(new_number, Pending(session_id, user_id, sealed, context.clock()))


def look(context: Context, session_id: str, number: str) -> Look:
    """What the launch would start; BaseSpace is asked once, and answers from then on come from what it told.

    Raises:
        LaunchRefused: nothing waits under this number any more.
        RemoteRefused, RemoteUnavailable: as of BaseSpace.
    """
    pending = _pending(context, session_id, number)
    if pending.choices is None:
        token = sealer_of(context).open(pending.sealed_token, session_id)
        choices = remote_of(context).choices(session_id, token)
        most = _FILES_PER_SAMPLE * context.settings.max_samples
        reads = remote_of(context).reads(choices, token, most)
        pending = replace(pending, choices=choices, reads=tuple(reads))
        context.remote_records.keep_pending(number, pending)
    assert pending.choices is not None
    body = _body(context, pending.session_id, pending.choices) | {"dry_run": True}
    outcome = start_job(context, body, None, _reads(context, pending))
    assert isinstance(outcome, DryRun)
    return Look(pending.choices, len(pending.choices.sample_ids), outcome)


def start(context: Context, session_id: str, number: str) -> SessionKey:
    """Start the launch's job; a launch makes one job, however often this is asked for.

    Raises:
        LaunchRefused: nothing waits under this number.
        InvalidInput: with every problem of the choices and their files.
    """
    made = job_made(context, session_id)
    if made is not None:
        return made
    pending = _pending(context, session_id, number)
    if pending.choices is None:
        raise LaunchRefused("Look at the launch before you start it.")
    body = _body(context, session_id, pending.choices)
    outcome = start_job(context, body, f"basespace {session_id}", _reads(context, pending))
    assert isinstance(outcome, Started)
    context.remote_records.drop_pending(number)
    return outcome.session_key


def job_made(context: Context, session_id: str) -> SessionKey | None:
    """The job that a launch has made; whoever was making it may have died before there was one."""
    found = context.remote_records.job_of(session_id)
    return found if found is not None and context.jobs.is_made(found) else None


def redirect_uri(context: Context) -> str:
    """Where BaseSpace sends people back to; the app's registration there names the same address."""
    return f"{context.settings.api_url.rstrip('/')}/basespace/oauth"


def _pending(context: Context, session_id: str, number: str) -> Pending:
    pending = context.remote_records.pending(number)
    oldest = context.clock() - LIFETIMES[Stage.START] - timedelta(minutes=1)
    if pending is None or pending.session_id != session_id or pending.made_at < oldest:
        raise LaunchRefused("This launch is not waiting any more. Launch the app again in BaseSpace.")
    return pending


def _body(context: Context, session_id: str, choices: Choices) -> dict[str, object]:
    """The body of ``POST /job`` that the choices stand for."""
    return {
        "bucket": context.settings.data_buckets[0],
        "prefix": basespace_reads_prefix(session_id),
        "hla_class": _CLASSES.get(choices.hla_class, choices.hla_class),
        "email": choices.email,
        "panel": choices.panel,
        "reference": choices.reference,
    }


def _reads(context: Context, pending: Pending) -> RemoteReads:
    folder = basespace_reads_prefix(pending.session_id)
    keys = {_key(folder, read): read for read in pending.reads}
    files = tuple(StoredFile(key, read.size_bytes) for key, read in keys.items())

    def keep(manifest: Manifest) -> None:
        assert pending.choices is not None
        bond = Bond(pending.session_id, pending.choices.project_id, pending.sealed_token, context.clock())
        ids = {key: read.file_id for key, read in keys.items()}
        context.remote_records.tie(manifest.session_key, bond, ids)

    return RemoteReads(BASESPACE, files, keep)


def _key(folder: str, read: RemoteFile) -> str:
    """Where a file is copied to; two samples' files of one name do not meet."""
    return f"{folder}/{read.sample_id}/{read.name}"
