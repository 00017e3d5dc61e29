"""The whole way of a job, real workers and all, while every call is judged by the policies of infra/; with both engines."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import requests
from cloud_site import JobRecord, Site, job_files, processes_below
from forbidden_calls import CODES, forbidden
from guarded_cloud import Guarded, guarded_cloud
from tiny_run import SAMPLES, TinyRun

# isort: split
from aws_shapes import findings
from iam_guard import Guard
from second_judge import judge
from waiting import eventually

from gems_api.aws.s3 import S3Store
from gems_api.compose import app_from_environment
from gems_api.services.access.passwords import hashed
from gems_api.services.state.person import Person
from gems_api.services.storage.people import People
from gems_artefacts.publish import collect_artefacts
from gems_core.batch_ids import child_of
from gems_core.engines import BATCH, EC2
from gems_core.layout import SSO_SETTINGS_KEY, account_key, person_key, review_entry_key
from gems_core.people import Role
from gems_local.aws_gaps import CAPACITY_PATH
from gems_local.settings import ACCESS_KEY, CONTROL_BUCKET, DATA_BUCKET, INSTANCE_TYPE, JOB_ROLE_ARN, SECRET_KEY
from gems_local.stack import CloudPlan

PASSWORD = "a long word for tests"
WORKERS = 2
# One worker alone types so many runs for longer than a silent one is borne, however fast the machine.
COPIES = 12
STOP_SECONDS = 30.0
DENIED = "AccessDenied"
TERMINATE = {EC2: ("api", "ec2:TerminateInstances"), BATCH: ("api", "batch:TerminateJob")}
# What is asked for with either engine.
ASKED = {
    ("api", "s3:ListBucket"), ("api", "s3:GetObject"), ("api", "s3:PutObject"), ("api", "s3:DeleteObject"),
    ("api", "dynamodb:Query"), ("api", "kms:Decrypt"), ("api", "ses:SendEmail"), ("api", "sts:AssumeRole"),
    ("worker", "s3:GetObject"), ("worker", "dynamodb:Query"), ("worker", "kms:Decrypt"),
    ("worker", "s3:PutObject"), ("worker", "logs:CreateLogStream"), ("worker", "logs:PutLogEvents"),
    ("job", "s3:GetObject"), ("job", "s3:PutObject"),
}  # fmt: skip
ASKED_OF_ENGINE = {
    EC2: {"ec2:RunInstances", "ec2:CreateTags", "ec2:DescribeInstances", "iam:PassRole"},
    BATCH: {
        "batch:SubmitJob", "batch:TagResource", "batch:ListJobs", "batch:DescribeJobs", "batch:DescribeComputeEnvironments",
        "ecs:DescribeContainerInstances",
    },
}  # fmt: skip
# What the policies allow and no job here asks for, with the reason, whatever the engine: "role statement action".
UNASKED = {
    "api LetTheGatewayCallTheFunction lambda:InvokeFunction": "there is no API Gateway here",
    "api LockTheReviewLog s3:PutObjectRetention": "a setting, off by default",
    "api OpenReadsAndReports kms:Decrypt": "S3 asks for it, where a bucket is sealed by a key of the account's own",
    "api ReadOurClientSealed dynamodb:GetItem": "CredStash queries for the newest version; it gets one that is named",
    "api ReadTokensSealed dynamodb:GetItem": "the same",
    "api SeeInstances ec2:DescribeLaunchTemplateVersions": "the reaper looks for what launches by fleets left, where a stage has spot or several types",
    "api WriteItsLog logs:CreateLogStream": "Lambda asks for it",
    "api WriteItsLog logs:PutLogEvents": "Lambda asks for it",
    "job OpenReadsAndSealResults kms:Decrypt": "S3 asks for it, as above",
    "job OpenReadsAndSealResults kms:GenerateDataKey": "S3 asks for it, as above",
    "job TellAMissingObject s3:ListBucket": "S3 asks for it, to answer 404 for an object that is not there",
    "worker ReadItsOwnTokenSealed dynamodb:GetItem": "CredStash, as above",
}
_OF_THE_OTHER_ENGINE = "infra/gems.yaml gives it to every stage, for the other engine"
UNASKED_OF_ENGINE = {
    EC2: {},
    BATCH: dict.fromkeys(
        (
            "api EndOurInstances ec2:TerminateInstances",
            "api GiveAFleetItsUserData ec2:DeleteLaunchTemplateVersions",
            "api SeeInstances ec2:DescribeInstances",
            "api TagWhatIsBeingLaunched ec2:CreateTags",
            "api TellAWorkersStatusInItsTags ec2:CreateTags",
        ),
        _OF_THE_OTHER_ENGINE,
    ),
}


@pytest.fixture(scope="module")
def guarded(
    request: pytest.FixtureRequest,
    typer_jar: Path,
    tiny_run: TinyRun,
    cache: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Guarded]:
    """A cloud whose engine is the parameter."""
    guard = Guard()
    artefacts = collect_artefacts(typer_jar, tiny_run.library, tiny_run.panel, cache / "artefacts")
    plan = CloudPlan(
        tmp_path_factory.mktemp("guarded"),
        artefacts,
        WORKERS,
        api_settings={"AWS_ENDPOINT_URL": guard.endpoint},
        basespace=tiny_run.reads,
        engine=request.param,
    )
    with guarded_cloud(plan, guard) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def record(guarded: Guarded, tiny_run: TinyRun) -> JobRecord:
    """A job of three samples was typed, reported and mailed."""
    guarded.site.upload("guarded/run", job_files(tiny_run.reads, 3))
    record = guarded.site.start("guarded/run", email="lab@example.org", samples_per_worker=1)
    guarded.site.follow(record)
    assert record.last["overall_status"] == "COMPLETE", json.dumps(record.last, indent=1)
    assert record.last["mail"]["state"] == "sent"
    # The final worker has those that are left stopped after the job's end.
    eventually(lambda: set(guarded.site.states(record).values()) == {"terminated"}, "all are off", STOP_SECONDS)
    return record


@pytest.fixture(scope="module")
def finished(guarded: Guarded, record: JobRecord) -> Guarded:
    """The cloud after that job."""
    return guarded


@pytest.fixture(scope="module")
def halved(finished: Guarded, tiny_run: TinyRun) -> tuple[JobRecord, str]:
    """A long job of two workers, one of which fell silent and was ended while the other typed; that one's id, too."""
    site = finished.site
    reads = job_files(tiny_run.reads, SAMPLES)
    copies = {name.replace("TINY-", f"COPY-{copy}"): read for copy in range(COPIES) for name, read in reads.items()}
    site.upload("halved/run", copies)
    record = site.start("halved/run", samples_per_worker=1, workers=2)
    eventually(lambda: "TYPING" in {worker["status"] for worker in site.look(record)["workers"]}, "one types")
    silent = next(worker["instance_id"] for worker in record.last["workers"] if worker["status"] == "TYPING")
    for process in processes_below(site.cloud.instances_folder / silent):
        os.kill(process, signal.SIGSTOP)
    # The reaper looks at the job whole then, and asks what its workers run on.
    eventually(lambda: site.states(record)[silent] == "terminated", "the silent one is off")
    assert site.post(f"/job/{record.session_key}/cancel").status_code == 200, "the other was still typing"
    return record, silent


@pytest.fixture(scope="module")
def cancelled(finished: Guarded, tiny_run: TinyRun) -> JobRecord:
    """A job that somebody cancelled while it was typed; its machines are gone."""
    site = finished.site
    site.upload("cancelled/run", job_files(tiny_run.reads, SAMPLES))
    record = site.start("cancelled/run", samples_per_worker=1)
    eventually(lambda: "TYPING" in {worker["status"] for worker in site.look(record)["workers"]}, "one types")
    finished.guard.judged.discard(TERMINATE[finished.engine])
    assert site.post(f"/job/{record.session_key}/cancel").status_code == 200
    site.look(record)
    eventually(lambda: set(site.states(record).values()) == {"terminated"}, "all are off")
    return record


@pytest.fixture(scope="module")
def by_fleet(finished: Guarded, tiny_run: TinyRun) -> JobRecord:
    """A job of two samples, launched by an API of the same deployment that asks for spot first, and gets one instance there."""
    if finished.engine != EC2:
        pytest.skip("of EC2 alone")
    cloud = finished.site.cloud
    finished.site.upload("fleet/run", job_files(tiny_run.reads, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", finished.guard.endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
        app = app_from_environment({**cloud.api_variables, "GEMS_API_URL": cloud.api_url, "GEMS_SPOT": "true"})
        set_spot_capacity(finished.site, 1)
        job = {"bucket": DATA_BUCKET, "prefix": "fleet/run", "hla_class": "all", "samples_per_worker": 1}
        headers = {"Authorization": f"Bearer {cloud.user_token}"}
        answer = app.test_client().post("/job", json=job, headers=headers)
    assert answer.status_code == 202, answer.text
    return finished.site.follow(JobRecord(answer.json["session_key"], "fleet/run"))


def set_spot_capacity(site: Site, instances: int) -> None:
    """So many spot instances there are; the others come on demand."""
    pool = {"instance_type": INSTANCE_TYPE, "subnet": site.cloud.api_variables["GEMS_SUBNETS"], "market": "spot"}
    url = site.cloud.aws.endpoint + CAPACITY_PATH
    requests.put(url, json={**pool, "instances": instances}, timeout=60).raise_for_status()


@dataclass(frozen=True)
class Keys:
    """Where that job's records and results are."""

    report: str
    marker: str
    state: str

    @classmethod
    def of(cls, site: Site, record: JobRecord) -> Keys:
        """Found in S3."""
        folder = site.control_folder(record)
        marker = site.keys(CONTROL_BUCKET, f"{folder}done/")[0]
        (report,) = site.keys(DATA_BUCKET, f"{record.prefix}/gems/{record.session_key}/report.json")
        return cls(report, marker, f"{folder}state.json")


@pytest.fixture(scope="module")
def keys(finished: Guarded, record: JobRecord) -> Keys:
    return Keys.of(finished.site, record)


def test_the_whole_job_passes_and_nothing_of_it_was_refused(finished: Guarded) -> None:
    assert finished.guard.refused == []


def test_a_silent_worker_is_ended_alone_and_nothing_of_it_was_refused(
    finished: Guarded, halved: tuple[JobRecord, str]
) -> None:
    _, silent = halved
    action = TERMINATE[finished.engine][1]
    ended = {one.asked.resource.rpartition("/")[2] for one in finished.guard.questions if one.asked.action == action}
    assert (child_of(silent) or silent) in ended
    assert finished.guard.refused == []


def test_a_cancelled_job_is_ended_and_nothing_of_it_was_refused(finished: Guarded, cancelled: JobRecord) -> None:
    assert cancelled.last["overall_status"] == "CANCELLED"
    assert TERMINATE[finished.engine] in finished.guard.judged
    assert finished.guard.refused == []


def test_what_jobs_need_was_judged(finished: Guarded, halved: tuple[JobRecord, str], cancelled: JobRecord) -> None:
    asked = ASKED | {("api", action) for action in ASKED_OF_ENGINE[finished.engine]}
    assert asked - finished.guard.judged == set()


def test_each_worker_had_credentials_of_its_own_for_the_job(finished: Guarded, record: JobRecord) -> None:
    typed = {one["instance_id"] for view in record.views for one in view["workers"] if one["status"] == "TYPING"}
    named = {
        session.name for session in finished.guard.sessions.values() if record.session_key in json.dumps(session.policy)
    }
    # A worker that still waits for a machine when the job is done never asks.
    assert typed <= named <= record.instance_ids


def test_a_workers_own_role_reaches_no_job(finished: Guarded, keys: Keys) -> None:
    for bucket, key in ((DATA_BUCKET, keys.report), (CONTROL_BUCKET, keys.marker)):
        assert finished.refusal("worker", "s3", "get_object", Bucket=bucket, Key=key) == DENIED
        assert finished.refusal("worker", "s3", "put_object", Bucket=bucket, Key=key, Body=b"{}") == DENIED
    taken = {"RoleArn": JOB_ROLE_ARN, "RoleSessionName": "i-1", "Policy": "{}"}
    assert finished.refusal("worker", "sts", "assume_role", **taken) == DENIED


def test_a_workers_credentials_open_its_own_job_and_no_other(finished: Guarded, record: JobRecord, keys: Keys) -> None:
    s3 = finished.client("job", "s3")
    other = record.session_key[:-1] + str((int(record.session_key[-1]) + 1) % 10)
    for bucket, own in ((DATA_BUCKET, keys.report), (CONTROL_BUCKET, keys.marker)):
        s3.put_object(Bucket=bucket, Key=own, Body=s3.get_object(Bucket=bucket, Key=own)["Body"].read())
        foreign = own.replace(record.session_key, other)
        assert finished.refusal("job", "s3", "get_object", Bucket=bucket, Key=foreign) == DENIED
        assert finished.refusal("job", "s3", "put_object", Bucket=bucket, Key=foreign, Body=b"{}") == DENIED


@pytest.mark.parametrize(
    ("role", "bucket", "key"),
    [
        pytest.param("job", CONTROL_BUCKET, "{keys.state}", id="a worker a job's state"),
        pytest.param("job", DATA_BUCKET, "guarded/run/reads.fastq.gz", id="a worker reads"),
        pytest.param("api", DATA_BUCKET, "guarded/run/gems/k/report.json", id="the API a report"),
        pytest.param("api", CONTROL_BUCKET, "artefacts/current.json", id="the API artefacts"),
    ],
)
def test_nobody_writes_what_is_anothers(finished: Guarded, keys: Keys, role: str, bucket: str, key: str) -> None:
    assert finished.refusal(role, "s3", "put_object", Bucket=bucket, Key=key.format(keys=keys), Body=b"") == DENIED


def test_a_workers_credentials_neither_leave_the_buckets_nor_remove_results(finished: Guarded, keys: Keys) -> None:
    assert finished.refusal("job", "s3", "get_object", Bucket="somebody.elses", Key="a") == DENIED
    assert finished.refusal("job", "s3", "delete_object", Bucket=DATA_BUCKET, Key=keys.report) == DENIED


def test_no_role_launches_or_ends_what_is_not_for_it_to(finished: Guarded) -> None:
    for call in forbidden(finished):
        code = finished.refusal(call.role, call.service, call.operation, **call.arguments)
        assert code == CODES[call.service], call


@pytest.fixture(scope="module")
def reviewed(finished: Guarded, record: JobRecord) -> str:
    """Anna signed in, commented on a result, saw it in the record, and changed her password; returns her name."""
    api, store = finished.site.cloud.api_url, S3Store(finished.site.s3, time.sleep)
    people = People(store, CONTROL_BUCKET)
    anna, token = Person.new("anna", Role.APPROVER, hashed(PASSWORD), datetime.now(UTC)).with_token(
        "t", datetime.now(UTC)
    )
    people.add(anna)
    for password, status in (("wrong", 422), (PASSWORD, 303)):
        browser = requests.Session()
        page = browser.get(f"{api}/sign-in", headers={"Accept": "text/html"}).text
        (form_token,) = set(re.findall(r'name="form_token" value="([^"]*)"', page))
        form = {"form_token": form_token, "name": "anna", "password": password}
        assert browser.post(f"{api}/sign-in", data=form, allow_redirects=False).status_code == status
    said = {"kind": "comment", "sample": "TINY-01", "seen": 0, "words": "looks well"}
    url = f"{api}/job/{quote(record.session_key, safe=':')}/review"
    assert requests.post(url, json=said, headers={"Authorization": f"Bearer {token}"}).status_code == 201
    reviewed = requests.get(f"{url}ed.hml", headers={"Authorization": f"Bearer {token}"})
    assert reviewed.status_code == 200
    for told_of in ("looks well", "<consensus-sequence-block "):
        assert told_of in reviewed.text
    page = browser.get(f"{api}/password", headers={"Accept": "text/html"}).text
    (form_token,) = set(re.findall(r'name="form_token" value="([^"]*)"', page))
    typed = {"form_token": form_token, "old": PASSWORD, "new": f"{PASSWORD} again", "again": f"{PASSWORD} again"}
    for status in (303, 422):
        assert browser.post(f"{api}/password", data=typed, allow_redirects=False).status_code == status
        typed["form_token"] = re.findall(r'name="form_token" value="([^"]*)"', browser.get(f"{api}/password").text)[0]
    return anna.name


def test_the_apis_role_lets_people_in_and_adds_to_a_review_and_changes_neither(
    finished: Guarded, record: JobRecord, reviewed: str
) -> None:
    assert finished.guard.refused == []
    entry, person = review_entry_key(record.session_key, 1), person_key(reviewed)
    for key in (SSO_SETTINGS_KEY, account_key("0" * 64), person_key("bert")):
        made = {"Bucket": CONTROL_BUCKET, "Key": key, "Body": b"{}", "IfNoneMatch": "*"}
        assert finished.refusal("api", "s3", "put_object", **made) == DENIED
    for key in (entry, person):
        assert finished.refusal("api", "s3", "put_object", Bucket=CONTROL_BUCKET, Key=key, Body=b"{}") == DENIED
        assert finished.refusal("api", "s3", "delete_object", Bucket=CONTROL_BUCKET, Key=key) == DENIED
        for role in ("worker", "job"):
            assert finished.refusal(role, "s3", "get_object", Bucket=CONTROL_BUCKET, Key=key) == DENIED


def test_a_job_that_fleets_launch_passes_and_nothing_of_it_was_refused(finished: Guarded, by_fleet: JobRecord) -> None:
    assert by_fleet.last["overall_status"] == "COMPLETE", json.dumps(by_fleet.last, indent=1)
    launches = [one.request for one in finished.site.launches(by_fleet)]
    markets = [one["TargetCapacitySpecification.DefaultTargetCapacityType"] for one in launches]
    assert markets == ["spot", "on-demand"]
    assert finished.guard.refused == []
    fleet = {
        f"ec2:{action}" for action in ("CreateLaunchTemplateVersion", "CreateFleet", "DeleteLaunchTemplateVersions")
    }
    assert {("api", action) for action in fleet} <= finished.guard.judged


def launched_in_basespace(site: Site) -> str:
    """The session key of a job that somebody started there, without a browser: of its first sample."""
    person, stand_in = requests.Session(), site.cloud.basespace_url
    sample = re.findall(r'name="sample" value="([0-9]+)"', person.get(stand_in).text)[0]
    consent = person.post(f"{stand_in}/launch", data={"sample": sample, "hla-class": "all"}).text
    asked = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', consent))
    page = person.post(f"{stand_in}/oauth/authorize", data={**asked, "user": "1001", "answer": "yes"})
    (token,) = re.findall(r'name="form_token" value="([^"]*)"', page.text)
    started = person.post(f"{site.cloud.api_url}/basespace/launch", data={"form_token": token}, allow_redirects=False)
    assert started.status_code == 303, started.text
    return unquote(started.headers["Location"].rpartition("/")[2])


@pytest.fixture(scope="module")
def from_basespace(finished: Guarded) -> JobRecord:
    """A job that was started there, and whose results are there."""
    site = finished.site
    session_key = launched_in_basespace(site)
    record = site.follow(JobRecord(session_key, session_key))
    eventually(lambda: not site.keys(CONTROL_BUCKET, "basespace/owed/"), "nothing is owed", STOP_SECONDS)
    return record


def test_a_job_from_basespace_passes_with_what_its_policies_add_and_no_more(
    finished: Guarded, from_basespace: JobRecord
) -> None:
    assert from_basespace.last["overall_status"] == "COMPLETE", json.dumps(from_basespace.last, indent=1)
    assert finished.guard.refused == []
    assert finished.guard.judged >= {("api", "kms:Encrypt"), ("api", "kms:Decrypt"), ("job", "s3:PutObject")}


@pytest.mark.usefixtures("halved", "cancelled", "reviewed", "from_basespace")
def test_what_the_policies_allow_and_nobody_asked_for_is_explained(
    request: pytest.FixtureRequest, finished: Guarded
) -> None:
    if finished.engine == EC2:
        request.getfixturevalue("by_fleet")
    assert finished.unasked() == set(UNASKED | UNASKED_OF_ENGINE[finished.engine])


def test_another_judge_decides_all_of_it_alike(guarded: Guarded) -> None:
    questions = list(guarded.guard.questions)
    verdicts = judge(questions)
    differ = [
        one.asked for one, verdict in zip(questions, verdicts, strict=True) if verdict.allowed != one.allowed_by_us()
    ]
    assert differ == []


def test_what_went_over_the_wire_is_what_botocores_models_say(guarded: Guarded) -> None:
    exchanges = list(guarded.guard.exchanges)
    assert {found for exchange in exchanges for found in findings(exchange)} == set()
