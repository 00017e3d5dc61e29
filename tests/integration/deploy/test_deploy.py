"""``gems deploy`` into an empty account, and again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import credstash
import pytest
import yaml
from cloud_account import DATA_BUCKET, SENDER, Account, Loader, client
from deployment import Deployment, unlimited

from gems_api.settings import Settings
from gems_artefacts.architecture import ARM64, X86_64, Architecture
from gems_core.credentials import encryption_context
from gems_core.errors import DeploymentFailed, InvalidInput, UsageProblem
from gems_deploy import mail_events
from gems_deploy.artefacts import published
from gems_deploy.function import read_function
from gems_deploy.gateway import WANTED, gateway_id, gateway_url, read_throttle
from gems_deploy.parameters import Wishes, stack_parameters, template_defaults
from gems_deploy.python_runtime import RUNTIMES, runtime_to_build
from gems_deploy.settings import NO_ADDRESS, zappa_stage
from gems_deploy.site import STAGE, TEMPLATE, Stage
from gems_deploy.stack import LARGEST_TEMPLATE_BYTES, Stack, read_stack

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


def test_a_new_stage_wants_to_know_what_nobody_can_guess(account: Account, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="--data-bucket and --mail-sender"):
        Deployment(tmp_path).deploy()


def test_a_dry_run_in_an_empty_account_tells_the_steps_and_makes_nothing(account: Account, tmp_path: Path) -> None:
    empty = Deployment(tmp_path)
    before = read_stack(empty.site())
    told = empty.deploy(empty.run(Wishes(data_buckets=(DATA_BUCKET,), mail_sender=SENDER)), dry_run=True)
    assert told[0].startswith("1/9 stack: ")
    assert (read_stack(empty.site()) is None) == (before is None)


def test_one_command_makes_everything(deployed: Deployment) -> None:
    told = "\n".join(deployed.told)
    assert "create gems-dev-infra" in told
    assert "make gems.user.token; make gems.worker.token" in told
    assert "make the function gems-dev" in told
    stack = read_stack(deployed.site())
    assert stack is not None
    assert stack.status == "UPDATE_COMPLETE"  # made, and told of its gateway


def test_the_function_gets_settings_that_the_api_starts_with(deployed: Deployment) -> None:
    function = read_function(deployed.site())
    assert function is not None
    settings = Settings.from_environment(function.environment)
    assert settings.control_bucket == deployed.outputs()["ControlBucket"]
    assert settings.worker_role.endswith(":role/gems-dev-worker")
    assert (function.role, function.runtime, function.timeout_seconds) == ("gems-dev-api", runtime_to_build().name, 30)


@pytest.mark.parametrize("architecture", [X86_64, ARM64], ids=lambda each: each.name)
@pytest.mark.parametrize("held", ["12/latest/amd64", "13/latest/amd64", "13/latest/arm64"])
def test_debians_image_follows_the_python_that_deploys_and_the_instance_types(
    deployed: Deployment, held: str, architecture: Architecture
) -> None:
    current = _stack(Image=f"/aws/service/debian/release/{held}")
    wishes = Wishes(instance_types={X86_64: ("c7i.xlarge", "c6a.xlarge"), ARM64: ("c7g.xlarge",)}[architecture])
    found = stack_parameters(deployed.site(), current, wishes)
    assert found["Image"] == runtime_to_build().image(architecture)


@pytest.mark.parametrize(
    ("types", "told"),
    [
        (("c7i.xlarge", "c7g.xlarge"), "found c7g.xlarge (arm64), c7i.xlarge (x86_64)"),
        (("mac1.metal",), "one architecture, x86_64 or arm64, found mac1.metal (x86_64_mac)"),
        (("c7i.nosuch",), "expected types that EC2 has in"),
    ],
)
def test_types_that_no_one_image_fits_are_refused_before_anything_is_made(
    deployed: Deployment, types: tuple[str, ...], told: str
) -> None:
    with pytest.raises(UsageProblem, match=re.escape(told)):
        stack_parameters(deployed.site(), None, Wishes((DATA_BUCKET,), SENDER, instance_types=types))


def test_a_stage_moves_to_arm_and_back(deployed: Deployment) -> None:
    def told(*types: str) -> str:
        return "\n".join(deployed.deploy(deployed.run(Wishes(instance_types=types)), dry_run=True))

    assert "worker" not in told("c7i.xlarge").split("5/9 artefacts: ")[1].splitlines()[0]
    assert re.search(r"5/9 artefacts: worker 0\S+ -> [0-9.]+-arm64-[0-9a-f]{12}", told("c7g.xlarge"))


def test_a_laboratorys_own_image_stays(deployed: Deployment) -> None:
    held = {"Image": "/gems/dev/worker-image"}
    found = stack_parameters(deployed.site(), _stack(**held), Wishes())
    assert found["Image"] is None  # as it is


def test_an_image_that_is_asked_for_is_taken(deployed: Deployment) -> None:
    asked = RUNTIMES[min(RUNTIMES)].image(X86_64)
    assert stack_parameters(deployed.site(), _stack(), Wishes(others={"Image": asked}))["Image"] == asked


def _stack(**parameters: str) -> Stack:
    all_parameters = dict.fromkeys(template_defaults(), "x") | parameters
    return Stack("CREATE_COMPLETE", {"InstanceTypes": "c7i.xlarge"}, all_parameters)


def test_the_api_is_told_the_address_that_the_gateway_gave_it(deployed: Deployment) -> None:
    function = read_function(deployed.site())
    assert function is not None
    assert function.environment["GEMS_API_URL"] == gateway_url(deployed.site()) != NO_ADDRESS
    assert deployed.asked[0] == f"{gateway_url(deployed.site())}/healthz"


def test_a_new_gateway_is_limited_and_is_the_one_that_the_deployer_may_change(deployed: Deployment) -> None:
    assert read_throttle(deployed.site()) == WANTED
    stack = read_stack(deployed.site())
    assert stack is not None
    assert stack.parameters["RestApiId"] == gateway_id(deployed.site()) != ""
    told = "\n".join(deployed.told)
    assert "8/9 gateway: let through 200 requests a second, 1000 at once; let the deployer's role" in told


def test_a_limit_that_somebody_lifted_is_set_again(deployed: Deployment) -> None:
    with unlimited(deployed):
        assert "8/9 gateway: let through 200 requests a second, 1000 at once" in deployed.deploy()
        assert read_throttle(deployed.site()) == WANTED


def test_the_reaper_is_on_a_schedule(deployed: Deployment) -> None:
    (rule,) = client("events").list_rules(NamePrefix="gems-dev-reap")["Rules"]
    assert (rule["State"], rule["ScheduleExpression"]) == ("ENABLED", "rate(1 minute)")


def test_tokens_are_random_and_sealed_with_their_name(deployed: Deployment) -> None:
    outputs = deployed.outputs()
    store = {"table": outputs["CredentialTable"], "dynamodb": deployed.site().table(), "kms": client("kms")}
    names = ("gems.user.token", "gems.worker.token")
    user, worker = (credstash.getSecret(name, context=encryption_context(name), **store) for name in names)
    assert user != worker
    assert min(len(user), len(worker)) >= 43  # 32 bytes in base64
    assert user not in "\n".join(deployed.told)


def test_artefacts_are_named_in_one_document(deployed: Deployment) -> None:
    body = client("s3").get_object(Bucket=deployed.outputs()["ControlBucket"], Key="artefacts/current.json")["Body"]
    assert set(json.loads(body.read())) == {"worker", "hla-typer", "reference", "panel", "move"}


def test_a_repeat_finds_nothing_to_do(deployed: Deployment) -> None:
    assert all(line.split(": ", 1)[1].startswith("nothing to do") for line in deployed.deploy()[:6])


def test_a_repeat_makes_again_what_was_lost_and_keeps_the_tokens_that_are_there(deployed: Deployment) -> None:
    bucket, table = deployed.outputs()["ControlBucket"], deployed.outputs()["CredentialTable"]
    rows = deployed.site().table().Table(table)
    before = rows.get_item(Key={"name": "gems.user.token", "version": "0" * 18 + "1"})["Item"]
    rows.delete_item(Key={"name": "gems.worker.token", "version": "0" * 18 + "1"})
    client("s3").delete_object(Bucket=bucket, Key="artefacts/panel/1/panel")
    told = deployed.deploy()
    assert "4/9 tokens: make gems.worker.token" in told
    assert "5/9 artefacts: panel 1 -> 1 (stays: reference 3.51.0)" in told
    assert rows.get_item(Key={"name": "gems.user.token", "version": "0" * 18 + "1"})["Item"] == before


def published_panel(deployed: Deployment) -> str:
    return published(deployed.site(), deployed.outputs()["ControlBucket"])["panel"].version


def test_an_update_keeps_the_laboratorys_panel_and_says_which_until_another_is_named(deployed: Deployment) -> None:
    told = deployed.deploy(deployed.run(panel="of the laboratory"))
    assert "5/9 artefacts: panel 1 -> of the laboratory (stays: reference 3.51.0)" in told
    told = deployed.deploy()
    assert "5/9 artefacts: nothing to do (stays: reference 3.51.0, panel of the laboratory)" in told
    assert published_panel(deployed) == "of the laboratory"
    told = deployed.deploy(deployed.run(panel="1"))
    assert "5/9 artefacts: panel of the laboratory -> 1 (stays: reference 3.51.0)" in told
    assert published_panel(deployed) == "1"


def test_a_panel_that_is_gone_is_not_replaced_by_another(deployed: Deployment) -> None:
    bucket = deployed.outputs()["ControlBucket"]
    deployed.deploy(deployed.run(panel="of the laboratory"))
    client("s3").delete_object(Bucket=bucket, Key="artefacts/panel/of the laboratory/panel")
    with pytest.raises(DeploymentFailed, match="Name it again with --panel; this machine's would be another one"):
        deployed.deploy()
    assert published_panel(deployed) == "of the laboratory"
    deployed.deploy(deployed.run(panel="1"))


def test_an_unreadable_list_of_artefacts_is_told_and_not_replaced(deployed: Deployment) -> None:
    bucket, s3 = deployed.outputs()["ControlBucket"], client("s3")
    held = s3.get_object(Bucket=bucket, Key="artefacts/current.json")["Body"].read()
    s3.put_object(Bucket=bucket, Key="artefacts/current.json", Body=b'{"worker": {}}')
    with pytest.raises(DeploymentFailed, match="The stage's library and panel are not known"):
        deployed.deploy()
    s3.put_object(Bucket=bucket, Key="artefacts/current.json", Body=held)


def test_a_wish_changes_the_stack_and_what_was_not_asked_for_stays(deployed: Deployment) -> None:
    wishes = Wishes(instance_types=("c7i.xlarge", "c6i.xlarge"), others={"VolumeGigabytes": "40"})
    subnets = deployed.outputs()["Subnets"]
    planned = deployed.deploy(deployed.run(wishes), dry_run=True)
    assert planned[0].startswith("1/9 stack: update gems-dev-infra")
    stack = read_stack(deployed.site())
    assert stack is not None
    assert stack.parameters["VolumeGigabytes"] == "30"
    deployed.deploy(deployed.run(wishes))
    after = read_stack(deployed.site())
    assert after is not None
    assert after.parameters["VolumeGigabytes"] == "40"
    assert after.parameters["MailSender"] == SENDER
    assert after.outputs["Subnets"] == subnets
    (default,) = client("ec2").describe_launch_template_versions(
        LaunchTemplateName="gems-dev-worker", Versions=["$Default"]
    )["LaunchTemplateVersions"]
    assert default["LaunchTemplateData"]["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"] == 40


@contextmanager
def told(address: str) -> Iterator[None]:
    """The function while it has this address of the API."""
    functions = client("lambda")
    held = functions.get_function_configuration(FunctionName="gems-dev")["Environment"]
    changed = {"Variables": {**held["Variables"], "GEMS_API_URL": address}}
    functions.update_function_configuration(FunctionName="gems-dev", Environment=changed)
    yield
    functions.update_function_configuration(FunctionName="gems-dev", Environment=held)


def test_a_domain_of_ones_own_stays_until_another_is_named(deployed: Deployment) -> None:
    asked = deployed.deploy(deployed.run(api_url="https://hla.example.org"), dry_run=True)
    assert "6/9 function: update GEMS_API_URL" in asked
    with told("https://hla.example.org"):
        repeated = deployed.deploy(dry_run=True)
        assert deployed.facts().api_url == "https://hla.example.org"
        back = deployed.deploy(deployed.run(api_url="default"), dry_run=True)
    assert "6/9 function: nothing to do" in repeated
    assert "9/9 smoke test: GET https://hla.example.org/healthz" in repeated
    assert "6/9 function: update GEMS_API_URL" in back
    assert f"9/9 smoke test: GET {gateway_url(deployed.site())}/healthz" in back


def test_the_address_of_a_gateway_that_was_made_anew_takes_the_old_ones_place(deployed: Deployment) -> None:
    with told("https://0ldgateway.execute-api.eu-central-1.amazonaws.com/dev"):
        assert "6/9 function: update GEMS_API_URL" in deployed.deploy(dry_run=True)
        assert deployed.facts().api_url == gateway_url(deployed.site())


def test_a_data_bucket_that_is_not_there_is_told_before_anything_changes(deployed: Deployment) -> None:
    with pytest.raises(DeploymentFailed, match=r"--data-bucket no-such-reads: expected a bucket .* make it"):
        deployed.deploy(deployed.run(Wishes(data_buckets=("no-such-reads",))))
    assert deployed.outputs()["DataBucketArns"].endswith(DATA_BUCKET)


def test_new_code_is_an_update_and_not_a_new_function(deployed: Deployment) -> None:
    told = deployed.deploy(deployed.run(code="second"))
    assert "6/9 function: update code" in told
    versions = client("lambda").list_versions_by_function(FunctionName="gems-dev")["Versions"]
    assert len(versions) >= 2


def test_an_unknown_parameter_is_told_with_those_that_there_are(deployed: Deployment) -> None:
    with pytest.raises(UsageProblem, match="has no parameter VolumeGigabyte; it has Stage, "):
        deployed.deploy(deployed.run(Wishes(others={"VolumeGigabyte": "40"})), dry_run=True)


def test_a_stage_that_zappa_does_not_know_is_told_with_the_line_that_adds_it() -> None:
    with pytest.raises(InvalidInput, match=re.escape('add "lab2": {"extends": "base"} to the file')):
        zappa_stage(Stage("lab2"))


def test_the_template_fits_into_a_request() -> None:
    assert len(STAGE.text().encode()) < LARGEST_TEMPLATE_BYTES
    assert yaml.load(STAGE.text(), Loader) == yaml.load(TEMPLATE.read_text(), Loader)


def test_the_rule_of_the_mails_events_may_call_the_function_and_no_other_rule(deployed: Deployment) -> None:
    site = deployed.site()
    policy = json.loads(site.client("lambda").get_policy(FunctionName=site.stage.function)["Policy"])
    (statement,) = [item for item in policy["Statement"] if item["Sid"] == mail_events.STATEMENT]
    rule = site.client("events").describe_rule(Name=mail_events.rule_name(site))
    assert statement["Condition"]["ArnLike"]["AWS:SourceArn"] == rule["Arn"]
    assert json.loads(rule["EventPattern"])["detail"]["mail"]["tags"] == {"ses:configuration-set": ["gems-dev"]}
