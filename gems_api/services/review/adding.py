"""Adding to a job's review: decided by the rules, written under one number by one of those who race for it."""

from __future__ import annotations

from gems_api.services.context import Context
from gems_api.services.review.asked import Asked
from gems_api.services.review.reading import job_review
from gems_api.services.review.refusals import ReviewChanged, ReviewConflict
from gems_api.services.review.work_notes import prepare_work, update_work
from gems_api.services.shown.result_pages import sample_page
from gems_core.errors import Conflict, NotAllowed, one_problem
from gems_core.people import Caller, Right
from gems_core.review.events import EVENT, Event, Kind
from gems_core.review.job import JobReview
from gems_core.review.rules import Ground, Refusal, refusal
from gems_core.session_key import SessionKey
from gems_report.pages import SamplePage
from gems_report.result_digest import call_of, digest_of_page

_TURNS = 8
_SEALED = frozenset({Kind.APPROVE, Kind.REOPEN})


def add_event(context: Context, caller: Caller, session_key: SessionKey, asked: Asked) -> JobReview:
    """Write down what a person says of a sample, if the rules allow it.

    Returns:
        the review with it.

    Raises:
        NotAllowed: the caller's role may not, or the caller has no name.
        ReviewChanged: others were faster, with the same sample.
        ReviewConflict: the review does not allow it, or the results are not those that were seen.
        InvalidInput: something is missing or too much.
        JobNotFound, ReportMissing, UnreadableDocument, ReviewUnreadable, CloudRefused: as ``reading``.
    """
    if caller.role is None:
        raise NotAllowed("the shared user may not review: sign in, or send a token, as a person (docs/review.md)")
    page = sample_page(context, session_key, asked.sample)
    results = digest_of_page(page)
    if asked.results and asked.results != results:
        raise ReviewConflict("the results are not those that were looked at; look at them again")
    _check_assignee(context, asked)
    prepare_work(context, session_key)
    for _ in range(_TURNS):
        job = job_review(context, session_key)
        _check_seen(job, asked)
        event = Event(
            asked.kind,
            caller.name,
            caller.role,
            context.clock(),
            asked.sample,
            results,
            asked.locus,
            asked.call,
            _original(page, asked),
            asked.reason,
            asked.words,
            asked.assignee,
            caller.account.issuer if caller.account else "",
            caller.account.subject if caller.account else "",
        )
        _raise(refusal(job.of_sample(asked.sample), event))
        entry = context.review_log.append(str(session_key), job.end, EVENT.write(event))
        if entry is not None:
            if event.kind in _SEALED or entry.number == 1:
                context.review_log.seal(entry)
            review = job_review(context, session_key)
            update_work(context, review)
            return review
    raise Conflict("other people are writing to this job's review now; send it again")


def _check_seen(job: JobReview, asked: Asked) -> None:
    if asked.seen > job.last:
        expected, repair = f"at most {job.last}, the log's last number", "Look at the review again."
        raise one_problem("invalid_field", "review, field seen", expected, str(asked.seen), repair)
    changes = job.said_of(asked.sample, after=asked.seen)
    if changes:
        raise ReviewChanged(job.last, changes)


def _check_assignee(context: Context, asked: Asked) -> None:
    if not asked.assignee:
        return
    person = context.persons.fitting(asked.assignee, lambda known: Right.REVIEW in known.role.rights)
    if person is None:
        expected = "the name of a reviewer or an approver"
        repair = "An administrator sees all with `gems users list`."
        raise one_problem("invalid_field", "review, field assignee", expected, asked.assignee, repair)


def _original(page: SamplePage, asked: Asked) -> str:
    """What the typer called where a call is overridden."""
    if asked.kind not in (Kind.OVERRIDE, Kind.WITHDRAW):
        return ""
    found = [call_of(locus) for locus in page.loci if locus.locus == asked.locus]
    if not found:
        expected = f"one of {', '.join(locus.locus for locus in page.loci)}"
        repair = "Name a locus of the results."
        raise one_problem("invalid_field", "review, field locus", expected, repr(asked.locus), repair)
    return found[0] if asked.kind is Kind.OVERRIDE else ""


def _raise(refused: Refusal | None) -> None:
    if refused is None:
        return
    if refused.ground is Ground.NOT_ALLOWED:
        raise NotAllowed(refused.told)
    if refused.ground is Ground.CONFLICT:
        raise ReviewConflict(refused.told)
    where = f"review, field {refused.field}"
    raise one_problem(
        "invalid_field", where, "what the kind of event wants", refused.told, "Correct it and send it again."
    )
