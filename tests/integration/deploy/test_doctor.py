"""``gems doctor``: every check in order on a stage that is, and failing when its thing is broken."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
import requests
from botocore.exceptions import ClientError
from click.testing import CliRunner
from cloud_account import DATA_BUCKET, REGION, SENDER, Account, client, tls_only, verify_sender
from deployment import Deployment, unlimited
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.ec2.models import ec2_backends

from gems_api.aws.s3 import S3Store
from gems_api.services.state.sso_settings import SsoSettings
from gems_api.services.storage.sso import SsoRecords
from gems_artefacts.architecture import ARM64
from gems_artefacts.bundle import bundle_version
from gems_cli import deploy as commands
from gems_core.errors import DeploymentFailed
from gems_deploy import checks_before
from gems_deploy.facts import Facts
from gems_deploy.findings import Check, Finding, Level, Verdict, examine
from gems_deploy.mail_events import set_up
from gems_deploy.python_runtime import NEWEST, RUNTIMES, runtime_to_build
from gems_deploy.site import Site, Stage
from gems_deploy.tokens import vault_of

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")
CHECKS = {check.name: check for check in commands.CHECKS}
# What moto cannot answer, and what its default VPC and account are like.
WARNED = {"quota", "mail recipients"}


# They read objects, which the stand-in's bucket refuses to give without TLS while its policy is in force.
OF_THE_BUCKET = ("architecture", "artefacts", "single sign-on")


def look(deployed: Deployment, name: str, site: Site | None = None) -> Finding:
    (finding,) = examine(Facts(site or deployed.site()), [CHECKS[name]])
    return finding


@pytest.fixture
def whole(deployed: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Deployment]:
    """The stage with everything in order, as far as the stand-in goes."""
    jar = tmp_path / "hla-typer.jar"
    jar.touch()
    monkeypatch.setattr(checks_before, "BUILT_JAR", jar)
    with tls_only(deployed.outputs()["ControlBucket"]):
        yield deployed


def test_a_stage_in_order_fails_no_check(deployed: Deployment, whole: Deployment) -> None:
    findings = [look(whole, name) for name in CHECKS if name not in OF_THE_BUCKET]
    ageing = {"runtime"} if runtime_to_build() != NEWEST else set()
    assert [finding for finding in findings if finding.level is Level.FAIL] == []
    assert {finding.check for finding in findings if finding.level is Level.WARN} - WARNED == ageing


@pytest.mark.parametrize("name", OF_THE_BUCKET)
def test_published_artefacts_are_in_order(deployed: Deployment, name: str) -> None:
    assert look(deployed, name).level is Level.OK


@contextmanager
def stack_gone(_deployed: Deployment) -> Iterator[Site]:
    yield Site(Stage("other"))


@contextmanager
def wrong_clock(deployed: Deployment) -> Iterator[Site]:
    site = deployed.site()
    yield Site(site.stage, site.session, clock=lambda: site.clock() + timedelta(minutes=6))


@contextmanager
def unversioned(deployed: Deployment) -> Iterator[None]:
    bucket, s3 = deployed.outputs()["ControlBucket"], client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    yield
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


@contextmanager
def open_to_the_public(deployed: Deployment) -> Iterator[None]:
    bucket, s3 = deployed.outputs()["ControlBucket"], client("s3")
    held = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={**held, "BlockPublicPolicy": False})
    yield
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=held)


@contextmanager
def data_bucket_gone(_deployed: Deployment) -> Iterator[None]:
    client("s3").delete_bucket(Bucket=DATA_BUCKET)
    yield
    client("s3").create_bucket(Bucket=DATA_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


@contextmanager
def token_gone(deployed: Deployment) -> Iterator[None]:
    rows = deployed.site().table().Table(deployed.outputs()["CredentialTable"])
    key = {"name": "gems.worker.token", "version": "0" * 18 + "1"}
    held = rows.get_item(Key=key)["Item"]
    rows.delete_item(Key=key)
    yield
    rows.put_item(Item=held)


@contextmanager
def token_sealed_otherwise(deployed: Deployment) -> Iterator[None]:
    rows = deployed.site().table().Table(deployed.outputs()["CredentialTable"])
    keys = [{"name": name, "version": "0" * 18 + "1"} for name in ("gems.user.token", "gems.worker.token")]
    user, worker = (rows.get_item(Key=key)["Item"] for key in keys)
    rows.put_item(Item={**user, "key": worker["key"]})
    yield
    rows.put_item(Item=user)


@contextmanager
def artefact_gone(deployed: Deployment) -> Iterator[None]:
    s3, bucket = client("s3"), deployed.outputs()["ControlBucket"]
    s3.delete_object(Bucket=bucket, Key="artefacts/hla-typer/1/hla-typer")
    yield
    s3.put_object(Bucket=bucket, Key="artefacts/hla-typer/1/hla-typer", Body=b"the hla-typer 1")


@contextmanager
def new_version(changes: dict[str, Any], *, default: bool) -> Iterator[None]:
    ec2, name = client("ec2"), "gems-dev-worker"
    (held,) = ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Default"])[
        "LaunchTemplateVersions"
    ]
    kept = {key: value for key, value in held["LaunchTemplateData"].items() if key != "TagSpecifications"}
    data = {**kept, **changes}
    made = ec2.create_launch_template_version(
        LaunchTemplateName=name, VersionDescription="of the stack", LaunchTemplateData=data
    )["LaunchTemplateVersion"]["VersionNumber"]
    if default:
        ec2.modify_launch_template(LaunchTemplateName=name, DefaultVersion=str(made))
    yield
    ec2.modify_launch_template(LaunchTemplateName=name, DefaultVersion=str(held["VersionNumber"]))
    ec2_backends[ACCOUNT][REGION].get_launch_template_by_name(name).versions.pop()  # moto's API cannot delete one


@contextmanager
def image_of_arm(_deployed: Deployment) -> Iterator[None]:
    (image,) = client("ec2").describe_images(Owners=["self"], Filters=[{"Name": "architecture", "Values": ["arm64"]}])[
        "Images"
    ]
    with new_version({"ImageId": image["ImageId"]}, default=True):
        yield


@contextmanager
def bundle_of_arm(deployed: Deployment) -> Iterator[None]:
    s3, where = client("s3"), {"Bucket": deployed.outputs()["ControlBucket"], "Key": "artefacts/current.json"}
    held = s3.get_object(**where)["Body"].read()
    named = json.loads(held)
    named["worker"]["version"] = bundle_version(architecture=ARM64)
    s3.put_object(**where, Body=json.dumps(named).encode())
    yield
    s3.put_object(**where, Body=held)


@contextmanager
def security_group_open(deployed: Deployment) -> Iterator[None]:
    ec2 = client("ec2")
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateName="gems-dev-worker", Versions=["$Default"])[
        "LaunchTemplateVersions"
    ]
    (group,) = version["LaunchTemplateData"]["SecurityGroupIds"]
    rule = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    ec2.authorize_security_group_ingress(**rule)
    yield
    ec2.revoke_security_group_ingress(**rule)


@contextmanager
def function_changed(_deployed: Deployment) -> Iterator[None]:
    functions = client("lambda")
    held = functions.get_function_configuration(FunctionName="gems-dev")["Environment"]
    changed = {"Variables": {**held["Variables"], "GEMS_MAX_WORKERS": "7"}}
    functions.update_function_configuration(FunctionName="gems-dev", Environment=changed)
    yield
    functions.update_function_configuration(FunctionName="gems-dev", Environment=held)


@contextmanager
def schedule_off(_deployed: Deployment) -> Iterator[None]:
    (rule,) = client("events").list_rules(NamePrefix="gems-dev-reap")["Rules"]
    client("events").disable_rule(Name=rule["Name"])
    yield
    client("events").enable_rule(Name=rule["Name"])


@contextmanager
def api_silent(deployed: Deployment) -> Iterator[Site]:
    site = deployed.site()

    def get(_url: str) -> Any:
        raise requests.ConnectionError("refused")

    yield Site(site.stage, site.session, get=get)


@contextmanager
def sender_unverified(_deployed: Deployment) -> Iterator[None]:
    client("sesv2").delete_email_identity(EmailIdentity=SENDER)
    yield
    verify_sender()


def test_a_gateway_that_lets_through_too_much_is_told(deployed: Deployment) -> None:
    with unlimited(deployed):
        finding = look(deployed, "gateway")
    assert finding.level is Level.WARN
    assert "2000 requests a second" in finding.found
    assert look(deployed, "gateway").level is Level.OK


def test_an_account_that_runs_few_functions_at_once_is_told(deployed: Deployment, account: Account) -> None:
    account.concurrency = 10  # a new account's
    finding = look(deployed, "concurrency")
    account.concurrency = 1000
    assert finding.level is Level.WARN
    assert finding.found.startswith("10 executions at once")
    assert "Concurrent executions" in finding.repair
    assert look(deployed, "concurrency").level is Level.OK


def test_single_sign_on_is_off_or_looked_for_with_its_secret(deployed: Deployment) -> None:
    assert look(deployed, "single sign-on").found == "off: people sign in with passwords"
    facts = Facts(deployed.site())
    records = SsoRecords(S3Store(deployed.site().client("s3"), time.sleep), facts.output("ControlBucket"))
    settings = SsoSettings("Keycloak", "https://login.example.org", "gems")
    records.set(settings)
    finding = look(deployed, "single sign-on")
    assert (finding.level, "gems credentials sso --stage dev" in finding.repair) == (Level.WARN, True)
    vault = vault_of(deployed.site(), facts.stack.outputs)
    vault.store("gems.sso.client", "a-secret")
    assert look(deployed, "single sign-on").found == "Keycloak, https://login.example.org"
    vault.store("gems.sso.client", "another-secret")
    assert "retire --sso" in look(deployed, "single sign-on").repair
    records.set(replace(settings, has_secret=False))
    assert look(deployed, "single sign-on").level is Level.OK
    records.set(None)


def test_basespace_is_off_unless_a_stage_has_its_address(deployed: Deployment) -> None:
    finding = look(deployed, "BaseSpace")
    assert (finding.level, finding.found) == (Level.OK, "off: no jobs are started from there")


def test_where_basespace_is_on_its_client_key_is_looked_for(deployed: Deployment) -> None:
    def found() -> Finding:
        facts = Facts(deployed.site())
        on = {"BaseSpaceUrl": "https://api.basespace.illumina.com", "BaseSpaceCredential": "gems.basespace.of-doctor"}
        facts.__dict__["stack"] = replace(facts.stack, outputs=type(facts.stack.outputs)({**facts.stack.outputs, **on}))
        (finding,) = examine(facts, [CHECKS["BaseSpace"]])
        return finding

    assert found().level is Level.WARN
    assert "gems credentials basespace --stage dev" in found().repair
    vault = vault_of(deployed.site(), deployed.outputs())
    vault.store("gems.basespace.of-doctor", "key:secret")
    assert found().level is Level.OK
    vault.store("gems.basespace.of-doctor", "key:another")
    assert "retire --basespace" in found().repair


BROKEN = [
    ("stack", stack_gone, "no stack gems-other-infra"),
    ("clock", wrong_clock, "s from AWS's"),
    ("control bucket", unversioned, "not versioned"),
    ("control bucket", open_to_the_public, "not closed to the public"),
    ("data buckets", data_bucket_gone, "direct.typing (404)"),
    ("tokens", token_gone, "gems.worker.token (ItemNotFound)"),
    ("tokens", token_sealed_otherwise, "gems.user.token (KmsError)"),
    ("artefacts", artefact_gone, "hla-typer"),
    ("launch template", lambda _d: new_version({"InstanceType": "c6i.xlarge"}, default=False), "not the default one"),
    ("launch template", lambda _d: new_version({"MetadataOptions": {"HttpTokens": "optional"}}, default=True), "IMDSv1 is open"),
    ("image", lambda _d: new_version({"ImageId": "ami-0123456789abcdef0"}, default=True), "is gone"),
    ("architecture", image_of_arm, "are x86_64, the image ami-"),
    ("architecture", bundle_of_arm, "are x86_64, the worker bundle is arm64"),
    ("security group", security_group_open, "lets something in"),
    ("function", function_changed, "GEMS_MAX_WORKERS"),
    ("schedule", schedule_off, "disabled"),
    ("API", api_silent, "no answer: refused"),
    ("mail sender", sender_unverified, "not verified"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "breaks", "told"), BROKEN, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_check_fails_when_its_thing_is_broken(deployed: Deployment, name: str, breaks: Any, told: str) -> None:
    with ExitStack() as stack:
        if name == "control bucket":
            stack.enter_context(tls_only(deployed.outputs()["ControlBucket"]))
        site = stack.enter_context(breaks(deployed))
        finding = look(deployed, name, site)
    assert finding.level is Level.FAIL
    assert told in finding.found
    assert finding.repair


def test_a_bucket_that_speaks_without_tls_is_told(deployed: Deployment) -> None:
    assert "not TLS only" in look(deployed, "control bucket").found


@contextmanager
def sealed_data(key_id: str) -> Iterator[None]:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_id}}
    client("s3").put_bucket_encryption(Bucket=DATA_BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    yield
    client("s3").delete_bucket_encryption(Bucket=DATA_BUCKET)


def test_a_data_bucket_sealed_with_a_key_that_no_role_may_use_is_told_with_the_parameter(deployed: Deployment) -> None:
    key = client("kms").create_key(Description="of the laboratory")["KeyMetadata"]
    with sealed_data(key["KeyId"]):
        (refused,) = examine(deployed.facts(), [CHECKS["data buckets"]])
        granting = with_output(deployed, "DataKeyArns", f"{key['Arn']},arn:other")
        (granted,) = examine(granting, [CHECKS["data buckets"]])
    assert refused.level is Level.FAIL
    assert key["Arn"] in refused.found
    assert f"--parameter DataKeyArns={key['Arn']}" in refused.repair
    assert granted.level is Level.OK


def test_a_data_bucket_sealed_with_s3s_key_or_awss_own_is_in_order(deployed: Deployment) -> None:
    with sealed_data("alias/aws/s3"):
        assert look(deployed, "data buckets").level is Level.OK
    assert look(deployed, "data buckets").level is Level.OK


def with_output(deployed: Deployment, name: str, value: str) -> Facts:
    facts = deployed.facts()
    outputs = {**facts.stack.outputs, name: value}
    facts.__dict__["stack"] = replace(facts.stack, outputs=outputs)  # where the cached property keeps it
    return facts


def test_a_fleet_on_demand_needs_no_role_of_ec2s(deployed: Deployment) -> None:
    assert len(deployed.facts().listed("Subnets")) > 1
    assert look(deployed, "role of spot").level is Level.OK


def test_a_missing_role_of_spot_is_told_with_the_command_that_makes_it(deployed: Deployment) -> None:
    (finding,) = examine(with_output(deployed, "Spot", "true"), [CHECKS["role of spot"]])
    assert finding.level is Level.WARN
    assert "on demand" in finding.found
    assert "create-service-linked-role --aws-service-name spot.amazonaws.com" in finding.repair


def test_a_role_of_spot_that_is_there_is_in_order(deployed: Deployment) -> None:
    # As `aws iam create-service-linked-role` names it; moto's own names it otherwise.
    client("iam").create_role(RoleName="AWSServiceRoleForEC2Spot", AssumeRolePolicyDocument="{}")
    (finding,) = examine(with_output(deployed, "Spot", "true"), [CHECKS["role of spot"]])
    client("iam").delete_role(RoleName="AWSServiceRoleForEC2Spot")
    assert finding.level is Level.OK


def test_a_rotation_that_was_never_finished_is_told(deployed: Deployment) -> None:
    vault = vault_of(deployed.site(), deployed.outputs())
    vault.rotate("gems.user.token")
    finding = look(deployed, "tokens")
    newest = {"name": "gems.user.token", "version": "0" * 18 + "2"}
    deployed.site().table().Table(deployed.outputs()["CredentialTable"]).delete_item(Key=newest)
    assert finding.level is Level.WARN
    assert "gems.user.token" in finding.found
    assert "gems credentials retire --user --stage dev" in finding.repair


def test_a_function_of_an_ageing_python_is_told_with_the_day(
    deployed: Deployment,
) -> None:
    facts, old = Facts(deployed.site()), RUNTIMES[min(RUNTIMES)]
    vars(facts)["function"] = replace(facts.function, runtime=old.name)
    (finding,) = examine(facts, [CHECKS["runtime"]])
    assert finding.level is Level.WARN
    assert f"{old.name}; Lambda takes no update of it from {old.last_update}" in finding.found
    assert f"virtualenv of Python {NEWEST.version}" in finding.repair


def test_a_python_that_lambda_does_not_run_is_told(deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_before, "zappa_stage", lambda _stage: {"runtime": "python3.12"})
    assert look(deployed, "Python").level is Level.FAIL


def test_a_missing_jar_is_told_with_the_way_to_make_one(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks_before, "BUILT_JAR", tmp_path / "none.jar")
    finding = look(deployed, "tools")
    assert finding.level is Level.FAIL
    assert "make jar" in finding.repair


def test_without_credentials_one_check_fails_and_one_line_tells_of_those_behind_it(account: Account) -> None:
    session = botocore.session.Session()
    session.get_component("credential_provider").providers.clear()
    nobody = boto3.Session(botocore_session=session, region_name=REGION)
    credentials, rest = examine(
        Facts(Site(Stage("dev"), nobody)), [CHECKS["credentials"], CHECKS["stack"], CHECKS["image"]]
    )
    assert (credentials.level, rest.level) == (Level.FAIL, Level.FAIL)
    assert "AWS does not know you" in credentials.found
    assert "2 more checks were not made" in rest.found


def test_before_the_first_deployment_the_missing_stack_is_told_once(account: Account) -> None:
    nowhere = Site(Stage("production"), boto3.Session(region_name=REGION))
    findings = examine(Facts(nowhere), commands.CHECKS)
    told = {finding.check: finding for finding in findings}
    assert "there is no stack gems-production-infra" in told["stack"].found
    assert "gems deploy" in told["stack"].repair
    assert findings[-2:] == [told["stack"], told["the rest"]]
    assert sum("no stack" in finding.found for finding in findings) == 1


def test_a_stage_that_the_settings_do_not_name_is_told_with_those_that_they_do(account: Account) -> None:
    (finding,) = examine(Facts(Site(Stage("lab2"), boto3.Session(region_name=REGION))), [CHECKS["Python"]])
    assert finding.level is Level.FAIL
    assert "expected the stage lab2, found the stages dev, production" in finding.found
    assert (finding.found.count("could not"), finding.repair) == (0, "")


@pytest.mark.parametrize("name", ["quota", "subnets"])
def test_a_check_that_aws_refuses_to_answer_fails_no_worse_than_it_can(deployed: Deployment, name: str) -> None:
    def refused(_facts: Facts) -> Verdict:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeIt")

    (finding,) = examine(deployed.facts(), [replace(CHECKS[name], look=refused)])
    assert finding.level is (Level.WARN if name == "quota" else Level.FAIL)
    assert finding.found.startswith("could not be looked at: ")
    assert "deployer's role" in finding.repair


def test_without_a_region_the_doctor_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    done = CliRunner().invoke(commands.doctor, ["--stage", "dev"])
    assert isinstance(done.exception, DeploymentFailed)
    assert "AWS_DEFAULT_REGION" in str(done.exception)


def test_the_command_ends_with_1_and_tells_json(deployed: Deployment) -> None:
    done = CliRunner().invoke(commands.doctor, ["--stage", "dev", "--json"])
    findings = json.loads(done.output)
    assert [finding["check"] for finding in findings] == list(CHECKS)
    assert {"check", "level", "found", "repair"} == set(findings[0])
    assert done.exit_code == 1  # the API behind moto's gateway does not answer


def test_every_check_has_a_name_of_its_own() -> None:
    assert len(CHECKS) == len(commands.CHECKS)
    assert all(isinstance(check, Check) for check in commands.CHECKS)


def test_the_doctor_that_watches_tells_what_is_not_in_order_and_then_what_changes() -> None:
    def finding(name: str, level: Level) -> Finding:
        return Finding(name, level, level.value)

    looks = iter(
        [
            [finding("a", Level.OK), finding("b", Level.FAIL)],
            [finding("a", Level.OK), finding("b", Level.FAIL)],
            [finding("a", Level.WARN), finding("b", Level.OK)],
        ]
    )
    told: list[list[tuple[str, Level]]] = []
    with pytest.raises(StopIteration):
        commands.watch_findings(
            lambda: next(looks), lambda news: told.append([(item.check, item.level) for item in news]), lambda _: None
        )
    assert told == [[("b", Level.FAIL)], [("a", Level.WARN), ("b", Level.OK)]]


def test_a_rule_of_the_mails_events_that_is_gone_is_told(deployed: Deployment) -> None:
    assert look(deployed, "mail events", deployed.site()).level is Level.OK
    client("events").remove_targets(Rule="gems-dev-mail-events", Ids=["function"])
    assert look(deployed, "mail events", deployed.site()).level is Level.WARN
    set_up(deployed.site(), deployed.outputs()["MailEvents"])
    assert look(deployed, "mail events", deployed.site()).level is Level.OK
