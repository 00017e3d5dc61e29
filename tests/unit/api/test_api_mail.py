"""The mail is sent once, says little, and fails no job."""

from __future__ import annotations

from typing import Any

import pytest
from api_world import CONTROL, World
from results_world import Json, with_results

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.mail import send_once
from gems_api.services.reaping.reaper import reap
from gems_api.services.storage.job_store import JobStore
from gems_core import layout
from gems_core.endings import Cause
from gems_core.errors import CloudRefused
from gems_core.prices import InstancePrice
from gems_core.protocol.answer import MailState
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.statuses import JobStatus


def test_the_mail_is_sent_once_however_often_the_report_is_announced(world: World) -> None:
    session_key = world.start(1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    worker.work()
    first = worker.merge().mail
    again = worker.say("status", "REPORT_WRITTEN").mail
    assert first == again
    assert first is not None
    assert first.state is MailState.SENT
    assert len(world.mailer.sent) == 1


def test_the_mail_names_no_sample(world: World) -> None:
    session_key = world.start(3, workers=1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    (mail,) = world.mailer.sent
    assert mail.recipient == "lab@example.org"
    assert "K001" not in mail.text + mail.subject
    assert "Samples typed:  3" in mail.text
    assert f"https://api.example.org/v1/job/{session_key}/report.csv" in mail.text
    assert f"https://api.example.org/v1/jobs/{session_key}/run" in mail.text
    assert "Instances: 1 launched, 0 ended" in mail.text


def test_the_mail_tells_verdict_flags_and_new_alleles_in_words(world: World) -> None:
    def fits(document: Json) -> None:
        document["unexplained"], document["flags"] = [], []
        document["reads"]["used_pairs"] = document["reads"]["pairs"]
        for locus in document["loci"]:
            locus["flags"] = []

    def change(document: Json) -> None:
        fits(document)
        flags = [("possible_new_allele", "67 pairs match A*02:01 except for exon3 95T>G"), ("low_depth", "few")]
        document["loci"][0]["flags"] = [{"code": code, "message": text, "evidence": {}} for code, text in flags]

    world.set_prices({"c5.xlarge": InstancePrice(0.2, 0.08)})
    key = with_results(world, {0: change, 1: fits}, mailed_to="lab@example.org")
    (mail,) = world.mailer.sent
    assert mail.subject == f"GeMS: job {key} is complete, REVIEW"
    assert "Verdict:        REVIEW (" in mail.text
    assert "1 x Too few reads show this place to see both alleles." in mail.text
    assert "  A: 67 pairs match A*02:01 except for exon3 95T>G" in mail.text
    assert "USD so far" in mail.text
    assert "K001" not in mail.text + mail.subject


def test_without_a_summary_that_can_be_read_the_mail_still_goes(world: World) -> None:
    with_results(world, mailed_to="lab@example.org", damaged=True)
    (mail,) = world.mailer.sent
    assert "Samples typed:  2" in mail.text
    assert "Verdict" not in mail.text


def test_a_mail_that_is_refused_fails_no_job_and_is_told(world: World) -> None:
    world.mailer.refusal = "SES SendEmail was refused (MessageRejected): not verified: lab@example.org"
    session_key = world.start(1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    worker.work()
    mail = worker.merge().mail
    assert mail is not None
    assert mail.state is MailState.FAILED
    assert "not verified" in mail.reason
    job = world.job(session_key)
    assert job.overall_status is JobStatus.COMPLETE
    assert job.mail is not None
    assert job.mail.reason.endswith("not verified: (an address)"), "anybody may read it"


def test_without_an_address_no_mail_is_asked_for(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    worker.work()
    mail = worker.merge().mail
    assert mail is not None
    assert mail.state is MailState.NOT_ASKED


def test_a_mail_begun_by_one_who_died_is_not_sent_again(world: World) -> None:
    session_key = world.start(1, email="lab@example.org")
    snapshot = world.job(session_key)
    send_once(world.context, snapshot)
    world.mailer.sent.clear()
    key = layout.mail_key(session_key)
    begun = world.store.buckets[CONTROL][key]
    assert send_once(world.context, snapshot).state is MailState.SENT
    assert world.store.buckets[CONTROL][key] == begun
    assert world.mailer.sent == []


def test_who_waits_for_a_report_that_will_not_be_is_told_by_mail_once(world: World) -> None:
    session_key = world.start(3, workers=1, email="lab@example.org", time_limit_seconds=600)
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    worker.do_share(share)
    world.clock.pass_seconds(700)
    for _ in range(3):
        reap(world.context)
        world.clock.pass_seconds(60)
    assert world.job(session_key).overall_status is JobStatus.FAILED
    (mail,) = world.mailer.sent
    assert mail.subject == f"GeMS: job {session_key} failed, and has no report"
    assert "Samples typed:     1\nSamples not typed: 2\n" in mail.text
    assert f"gems job show '{session_key}'" in mail.text
    assert "report.csv" not in mail.text
    recorded = world.job(session_key).mail
    assert recorded is not None
    assert recorded.state is MailState.SENT


def test_the_mail_of_a_failed_job_says_why_and_what_its_workers_died_of_and_names_no_sample(world: World) -> None:
    session_key = world.start(1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    reason = "the typer ran out of memory: Out of memory: Killed process 7 (java) at K001_S1_L001_R1_001.fastq.gz"
    failure = Failure("type", reason, ("a line about K001",), Cause.OUT_OF_MEMORY, 137, ("K001",))
    worker.say("failed", "TYPING", worker.claim().share, failure)
    world.clock.pass_seconds(world.settings.job_limit_seconds + 1)
    reap(world.context)
    reap(world.context)
    (mail,) = world.mailer.sent
    assert "the job's time limit of 21600 seconds is over" in mail.text
    assert f"worker 0 ({worker.instance_id}) in type: the typer ran out of memory: Out of memory: Killed" in mail.text
    assert "K001" not in mail.text + mail.subject


def test_who_cancels_a_job_gets_no_mail(world: World) -> None:
    session_key = world.start(1, email="lab@example.org")
    cancel(world.context, session_key)
    reap(world.context)
    assert world.mailer.sent == []


def test_a_mail_that_cannot_be_begun_keeps_no_failed_job_from_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_key = world.start(1, email="lab@example.org", time_limit_seconds=600)
    world.clock.pass_seconds(700)
    honest = JobStore.write

    def write(store: JobStore, key: str, record: Any, etag: str | None) -> str | None:
        if key == layout.mail_key(session_key):
            raise CloudRefused("S3 is not itself")
        return honest(store, key, record, etag)

    monkeypatch.setattr(JobStore, "write", write)
    reap(world.context)
    world.clock.pass_seconds(200)
    reap(world.context)
    assert world.fleet.living() == []
    monkeypatch.undo()
    reap(world.context)
    assert len(world.mailer.sent) == 1


def test_the_mail_of_a_job_without_any_typed_sample_says_failed(world: World) -> None:
    session_key = world.start(1, email="lab@example.org")
    (worker,) = world.crew(session_key)
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share, SampleOutcome.FAILED)
    worker.say("finished", "UPLOADING", share)
    worker.merge()
    (mail,) = world.mailer.sent
    assert mail.subject.startswith(f"GeMS: job {session_key} failed: no sample was typed")
    assert "complete" not in mail.subject + mail.text.partition("Report:")[0]
    assert "report.csv" in mail.text, "it has the reasons"


def test_the_mail_of_a_cancelled_job_promises_no_report(world: World) -> None:
    session_key = world.start(1, email="lab@example.org")
    cancel(world.context, session_key)
    send_once(world.context, world.job(session_key))  # whoever was about to send it when the job was cancelled
    (mail,) = world.mailer.sent
    assert mail.subject == f"GeMS: job {session_key} was cancelled"
    assert "report.csv" not in mail.text
    assert "gems job retry" in mail.text
