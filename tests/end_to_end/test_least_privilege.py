"""The whole way of a job, real workers and all, while every call is judged by the policies of infra/gems.yaml."""

from __future__ import annotations

import json
import re
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from cloud_site import JobRecord, Site, job_files
from tiny_run import TinyRun

sys.path[:0] = [str(Path(__file__).parents[1] / "integration" / house) for house in ("infra", "strict")]

from aws_shapes import findings  # noqa: E402 - after the path is set
from iam_guard import Guard  # noqa: E402
from second_judge import judge  # noqa: E402
from stack_site import DATA_BUCKETS, REGION, SENDER, Stack, make_stack, moto_account  # noqa: E402

from gems_api.aws.s3 import S3Store  # noqa: E402
from gems_api.compose import app_from_environment  # noqa: E402
from gems_api.services.access.passwords import hashed  # noqa: E402
from gems_api.services.state.person import Person  # noqa: E402
from gems_api.services.storage.people import People  # noqa: E402
from gems_artefacts.publish import collect_artefacts  # noqa: E402
from gems_core.layout import person_key, review_entry_key  # noqa: E402
from gems_core.people import Role  # noqa: E402
from gems_local import stack as local_stack  # noqa: E402
from gems_local.aws_gaps import CAPACITY_PATH  # noqa: E402
from gems_local.settings import (  # noqa: E402
    ACCESS_KEY,
    CONTROL_BUCKET,
    CREDENTIAL_KEY,
    CREDENTIAL_TABLE,
    DATA_BUCKET,
    INSTANCE_TYPE,
    JOB_ROLE,
    JOB_ROLE_ARN,
    LAUNCH_TEMPLATE,
    SECRET_KEY,
    WORKER_ROLE,
    WORKER_ROLE_ARN,
)
from gems_local.settings import SENDER as LOCAL_SENDER  # noqa: E402
from gems_local.stack import CloudPlan, LocalCloud  # noqa: E402

PASSWORD = "a long word for tests"
WORKERS = 2
STOP_SECONDS = 30.0
DENIED, NOT_ALLOWED = "AccessDenied", "UnauthorizedOperation"
TERMINATE = ("api", "ec2:TerminateInstances")


@dataclass
class Guarded:
    """A local cloud behind the guard."""

    site: Site
    guard: Guard

    def as_worker(self, service: str) -> Any:
        """A client with the credentials that the metadata service gives a worker."""
        sts = self.site.cloud.aws.sts()
        role = sts.assume_role(RoleArn=WORKER_ROLE_ARN, RoleSessionName="i-0123456789abcdef0")["Credentials"]
        return self._client(service, role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])

    def as_job(self, service: str) -> Any:
        """A client with the credentials that the API gave one of the job's workers."""
        given = next(iter(self.guard.sessions.values())).credentials
        return self._client(service, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def as_api(self, service: str) -> Any:
        """A client with the API's credentials."""
        return self._client(service, ACCESS_KEY, SECRET_KEY)

    def _client(self, service: str, key: str, secret: str, token: str | None = None) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.guard.endpoint,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )


def rendered() -> Stack:
    """The stack's policies as CloudFormation renders them."""
    with pytest.MonkeyPatch.context() as environment, warnings.catch_warnings(), moto_account():
        warnings.filterwarnings("ignore", "Tried to parse AWS")
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        environment.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        return make_stack(InstanceTypes=INSTANCE_TYPE)


def for_local_cloud(stack: Stack, cloud: LocalCloud) -> dict[str, list[dict[str, Any]]]:
    """The same policies, with the local cloud's names and ids where the stack's stand."""
    ec2 = cloud.aws.ec2()
    versions = ec2.describe_launch_template_versions(LaunchTemplateName=LAUNCH_TEMPLATE)["LaunchTemplateVersions"]
    aliases = {item["AliasName"]: item["TargetKeyId"] for item in cloud.aws.kms().list_aliases()["Aliases"] if "TargetKeyId" in item}  # fmt: skip
    names = {
        stack.outputs["ControlBucket"]: CONTROL_BUCKET,
        f":::{DATA_BUCKETS[0]}": f":::{DATA_BUCKET}",
        stack.outputs["CredentialTable"]: CREDENTIAL_TABLE,
        stack.ids["CredentialKey"]: aliases[CREDENTIAL_KEY],
        stack.ids["WorkerLaunchTemplate"]: versions[0]["LaunchTemplateId"],
        stack.ids["WorkerSecurityGroup"]: versions[0]["LaunchTemplateData"]["SecurityGroupIds"][0],
        stack.subnets[0]: cloud.api_variables["GEMS_SUBNETS"],
        "role/gems-dev-worker": f"role/{WORKER_ROLE}",
        "role/gems-dev-job": f"role/{JOB_ROLE}",
        SENDER: LOCAL_SENDER,
    }
    text = json.dumps(stack.policies)
    for theirs, ours in names.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    policies: dict[str, list[dict[str, Any]]] = json.loads(text)
    return policies


@pytest.fixture(scope="module")
def guarded(
    typer_jar: Path, tiny_run: TinyRun, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guarded]:
    stack, guard = rendered(), Guard()
    environment = local_stack.instance_environment
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            local_stack,
            "instance_environment",
            lambda endpoint, workers: {**environment(endpoint, workers), "AWS_ENDPOINT_URL": guard.endpoint},
        )
        artefacts = collect_artefacts(typer_jar, tiny_run.library, tiny_run.panel, cache / "artefacts")
        plan = CloudPlan(
            tmp_path_factory.mktemp("guarded"),
            artefacts,
            WORKERS,
            api_settings={"AWS_ENDPOINT_URL": guard.endpoint},
            basespace=tiny_run.reads,
        )
        # Nobody asks before the cloud is up but the reaper, which finds no jobs: it is let in when the policies stand.
        with LocalCloud(plan) as cloud:
            guard.stand_before(cloud.aws, for_local_cloud(stack, cloud))
            guard.refused.clear()
            yield Guarded(Site(cloud), guard)
    guard.stop()


@pytest.fixture(scope="module")
def record(guarded: Guarded, tiny_run: TinyRun) -> JobRecord:
    """A job of three samples was typed, reported and mailed."""
    guarded.site.upload("guarded/run", job_files(tiny_run.reads, 3))
    record = guarded.site.start("guarded/run", email="lab@example.org", samples_per_worker=1)
    guarded.site.follow(record)
    assert record.last["overall_status"] == "COMPLETE", json.dumps(record.last, indent=1)
    assert record.last["mail"]["state"] == "sent"
    # The final worker has the instances stopped after the job's end.
    deadline = time.monotonic() + STOP_SECONDS
    while TERMINATE not in guarded.guard.judged and time.monotonic() < deadline:
        time.sleep(0.2)
    return record


@pytest.fixture(scope="module")
def finished(guarded: Guarded, record: JobRecord) -> Guarded:
    """The cloud after that job."""
    return guarded


@pytest.fixture(scope="module")
def by_fleet(finished: Guarded, tiny_run: TinyRun) -> JobRecord:
    """A job of two samples, launched by an API of the same deployment that asks for spot first, and gets one instance there."""
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
    requests.put(url, json={**pool, "instances": instances}, timeout=10).raise_for_status()


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


def test_everything_that_the_roles_may_do_was_judged(finished: Guarded) -> None:
    assert finished.guard.judged >= {
        ("api", "ec2:RunInstances"), ("api", "ec2:CreateTags"), ("api", "ec2:TerminateInstances"), ("api", "iam:PassRole"),
        ("api", "s3:ListBucket"), ("api", "s3:GetObject"), ("api", "s3:PutObject"), ("api", "s3:DeleteObject"),
        ("api", "dynamodb:Query"), ("api", "kms:Decrypt"), ("api", "ses:SendEmail"), ("api", "sts:AssumeRole"),
        ("worker", "s3:GetObject"), ("worker", "dynamodb:Query"), ("worker", "kms:Decrypt"),
        ("worker", "s3:PutObject"), ("worker", "logs:CreateLogStream"), ("worker", "logs:PutLogEvents"),
        ("job", "s3:GetObject"), ("job", "s3:PutObject"),
    }  # fmt: skip


def refusal(act: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        act(**arguments)
    return str(caught.value.response["Error"]["Code"])


def test_each_worker_had_credentials_of_its_own_for_the_job(finished: Guarded, record: JobRecord) -> None:
    sessions = finished.guard.sessions.values()
    assert {session.name for session in sessions} == set(record.instance_ids)
    assert all(record.session_key in json.dumps(session.policy) for session in sessions)


def test_an_instances_own_role_reaches_no_job(finished: Guarded, keys: Keys) -> None:
    s3, ec2, sts = (finished.as_worker(service) for service in ("s3", "ec2", "sts"))
    for bucket, key in ((DATA_BUCKET, keys.report), (CONTROL_BUCKET, keys.marker)):
        assert refusal(s3.get_object, Bucket=bucket, Key=key) == DENIED
        assert refusal(s3.put_object, Bucket=bucket, Key=key, Body=b"{}") == DENIED
    assert refusal(sts.assume_role, RoleArn=JOB_ROLE_ARN, RoleSessionName="i-1", Policy="{}") == DENIED
    assert refusal(ec2.terminate_instances, InstanceIds=[foreign_instance(finished)]) == NOT_ALLOWED
    assert refusal(ec2.run_instances, **launch_of(finished)) == NOT_ALLOWED
    assert told(finished, "worker ec2:TerminateInstances", "worker ec2:RunInstances", "worker sts:AssumeRole")


def test_a_workers_credentials_open_its_own_job_and_no_other(finished: Guarded, record: JobRecord, keys: Keys) -> None:
    s3 = finished.as_job("s3")
    other = record.session_key[:-1] + str((int(record.session_key[-1]) + 1) % 10)
    for bucket, own in ((DATA_BUCKET, keys.report), (CONTROL_BUCKET, keys.marker)):
        s3.put_object(Bucket=bucket, Key=own, Body=s3.get_object(Bucket=bucket, Key=own)["Body"].read())
        foreign = own.replace(record.session_key, other)
        assert refusal(s3.get_object, Bucket=bucket, Key=foreign) == DENIED
        assert refusal(s3.put_object, Bucket=bucket, Key=foreign, Body=b"{}") == DENIED
    assert told(finished, "job s3:GetObject", "job s3:PutObject")


def test_a_workers_credentials_are_refused_what_is_not_a_workers(finished: Guarded, keys: Keys) -> None:
    s3, ec2 = finished.as_job("s3"), finished.as_job("ec2")
    assert refusal(s3.put_object, Bucket=CONTROL_BUCKET, Key=keys.state, Body=b"{}") == DENIED
    assert refusal(s3.put_object, Bucket=DATA_BUCKET, Key="guarded/run/reads.fastq.gz", Body=b"") == DENIED
    assert refusal(s3.get_object, Bucket="somebody.elses", Key="a") == DENIED
    assert refusal(s3.delete_object, Bucket=DATA_BUCKET, Key=keys.report) == DENIED
    assert refusal(ec2.terminate_instances, InstanceIds=[foreign_instance(finished)]) == NOT_ALLOWED
    assert told(finished, "job s3:PutObject", "job s3:DeleteObject", "job ec2:TerminateInstances")


def test_the_apis_credentials_are_refused_what_is_not_the_apis(finished: Guarded) -> None:
    s3, ec2 = finished.as_api("s3"), finished.as_api("ec2")
    foreign = foreign_instance(finished)
    ours = [{"Key": "gems:control_bucket", "Value": CONTROL_BUCKET}]
    assert refusal(ec2.terminate_instances, InstanceIds=[foreign]) == NOT_ALLOWED
    assert refusal(ec2.create_tags, Resources=[foreign], Tags=ours) == NOT_ALLOWED
    assert refusal(ec2.run_instances, **launch_of(finished)) == NOT_ALLOWED
    assert refusal(ec2.run_instances, **launch_of(finished), IamInstanceProfile={"Name": "admin"}) == NOT_ALLOWED
    assert refusal(s3.put_object, Bucket=DATA_BUCKET, Key="guarded/run/gems/k/report.json", Body=b"") == DENIED
    assert refusal(s3.put_object, Bucket=CONTROL_BUCKET, Key="artefacts/current.json", Body=b"") == DENIED
    assert told(finished, "api ec2:TerminateInstances", "api ec2:CreateTags", "api ec2:RunInstances")


def test_the_apis_role_lets_people_in_and_adds_to_a_review_and_changes_neither(
    finished: Guarded, record: JobRecord
) -> None:
    api, store = finished.site.cloud.api_url, S3Store(finished.site.s3, time.sleep)
    people = People(store, CONTROL_BUCKET)
    anna, token = Person.new("anna", Role.APPROVER, hashed(PASSWORD), datetime.now(UTC)).with_token(
        "t", datetime.now(UTC)
    )
    people.add(anna)
    finished.guard.refused.clear()
    for password, status in (("wrong", 422), (PASSWORD, 303)):
        browser = requests.Session()
        page = browser.get(f"{api}/sign-in", headers={"Accept": "text/html"}).text
        (form_token,) = set(re.findall(r'name="form_token" value="([^"]*)"', page))
        form = {"form_token": form_token, "name": "anna", "password": password}
        assert browser.post(f"{api}/sign-in", data=form, allow_redirects=False).status_code == status
    said = {"kind": "comment", "sample": "TINY-01", "seen": 0, "words": "looks well"}
    url = f"{api}/job/{quote(record.session_key, safe=':')}/review"
    assert requests.post(url, json=said, headers={"Authorization": f"Bearer {token}"}).status_code == 201
    assert finished.guard.refused == []

    s3 = finished.as_api("s3")
    entry, person = review_entry_key(record.session_key, 1), person_key("anna")
    for key in (entry, person):
        assert refusal(s3.put_object, Bucket=CONTROL_BUCKET, Key=key, Body=b"{}") == DENIED
        assert refusal(s3.delete_object, Bucket=CONTROL_BUCKET, Key=key) == DENIED
    assert refusal(s3.put_object, Bucket=CONTROL_BUCKET, Key=person_key("bert"), Body=b"{}", IfNoneMatch="*") == DENIED
    for client in (finished.as_worker("s3"), finished.as_job("s3")):
        assert refusal(client.get_object, Bucket=CONTROL_BUCKET, Key=person) == DENIED
        assert refusal(client.get_object, Bucket=CONTROL_BUCKET, Key=entry) == DENIED
    assert told(finished, "api s3:PutObject", "api s3:DeleteObject", "worker s3:GetObject", "job s3:GetObject")


def test_a_job_that_fleets_launch_passes_and_nothing_of_it_was_refused(finished: Guarded, by_fleet: JobRecord) -> None:
    assert by_fleet.last["overall_status"] == "COMPLETE", json.dumps(by_fleet.last, indent=1)
    fleets = [one["TargetCapacitySpecification.DefaultTargetCapacityType"] for one in finished.site.launches(by_fleet)]
    assert fleets == ["spot", "on-demand"]
    assert finished.guard.refused == []
    fleet = {
        f"ec2:{action}" for action in ("CreateLaunchTemplateVersion", "CreateFleet", "DeleteLaunchTemplateVersions")
    }
    assert {("api", action) for action in fleet} <= finished.guard.judged


def foreign_instance(guarded: Guarded) -> str:
    """An instance in the account that is not one of GeMS's."""
    image = guarded.site.ec2.describe_images(Owners=["self"])["Images"][0]["ImageId"]
    made = guarded.site.ec2.run_instances(MinCount=1, MaxCount=1, ImageId=image)["Instances"][0]["InstanceId"]
    guarded.site.ec2.terminate_instances(InstanceIds=[made])
    return str(made)


def launch_of(guarded: Guarded) -> dict[str, Any]:
    """GeMS's launch without its tags."""
    return {
        "MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateName": LAUNCH_TEMPLATE}, "InstanceType": INSTANCE_TYPE,
        "SubnetId": guarded.site.cloud.api_variables["GEMS_SUBNETS"],
    }  # fmt: skip


def told(guarded: Guarded, *beginnings: str) -> bool:
    """Whether the guard refused requests that begin so; they are forgotten then."""
    refused = list(guarded.guard.refused)
    guarded.guard.refused.clear()
    return all(any(line.startswith(beginning) for line in refused) for beginning in beginnings)


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


def test_a_job_from_basespace_passes_with_what_its_policies_add_and_no_more(finished: Guarded) -> None:
    site, before = finished.site, list(finished.guard.refused)
    session_key = launched_in_basespace(site)
    record = site.follow(JobRecord(session_key, session_key))
    assert record.last["overall_status"] == "COMPLETE", json.dumps(record.last, indent=1)
    until = time.monotonic() + STOP_SECONDS
    while site.keys(CONTROL_BUCKET, "basespace/owed/") and time.monotonic() < until:
        time.sleep(0.2)
    assert site.keys(CONTROL_BUCKET, "basespace/owed/") == []
    assert finished.guard.refused == before
    assert finished.guard.judged >= {("api", "kms:Encrypt"), ("api", "kms:Decrypt"), ("job", "s3:PutObject")}


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
