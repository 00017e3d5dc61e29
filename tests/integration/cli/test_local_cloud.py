"""The local AWS and the fleet agent, as processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import credstash
import pytest
import requests
from botocore.exceptions import ClientError
from waiting import eventually

from gems_core.credentials import encryption_context
from gems_core.errors import CloudUnreachable
from gems_local.aws import LocalAws
from gems_local.aws_gaps import CALLS_PATH, CAPACITY_PATH, LAUNCHES_PATH, MAIL_PATH
from gems_local.machine import instance_environment
from gems_local.processes import Service
from gems_local.settings import CREDENTIAL_TABLE, DATA_BUCKET, SENDER, WORKER_TOKEN_NAME

CAPACITY = 3
SCRIPT = """#!/bin/bash
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "${AWS_EC2_METADATA_SERVICE_ENDPOINT}latest/api/token")
read_metadata() { curl -sf -H "X-aws-ec2-metadata-token: $token" "${AWS_EC2_METADATA_SERVICE_ENDPOINT}latest/meta-data/$1"; }
echo "I am $(read_metadata instance-id), number $(read_metadata ami-launch-index)"
curl -s -o /dev/null -w 'without a token: %{http_code}\\n' "${AWS_EC2_METADATA_SERVICE_ENDPOINT}latest/meta-data/"
env | grep ^AWS_
mkdir -p "$GEMS_ROOT" && echo kept > "$GEMS_ROOT/worker.log"
(setsid sleep 600 &)
[[ "$(read_metadata ami-launch-index)" == 0 ]] || sleep 600
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    log = tmp_path_factory.mktemp("aws") / "aws.log"
    # Not throttled: the tests launch as quickly as they can, and botocore repeats what is refused.
    settings = {
        "secrets": {WORKER_TOKEN_NAME: "the-worker-token"},
        "capacity": CAPACITY,
        "strictness": {"throttled": False},
    }
    service = Service.start("the local AWS", "gems_local.aws_server", settings, log)
    yield LocalAws(service.wait_until_ready(60)["endpoint"])
    service.stop()


def image(aws: LocalAws) -> str:
    return aws.ec2().describe_images(Owners=["self"])["Images"][0]["ImageId"]


@pytest.fixture
def fleet(aws: LocalAws, tmp_path: Path) -> Iterator[Service]:
    settings = {
        "endpoint": aws.endpoint,
        "folder": str(tmp_path),
        "environment": instance_environment(aws.endpoint, 1),
        "boot": ["bash"],
    }
    service = Service.start("the fleet agent", "gems_local.fleet_agent", settings, tmp_path / "fleet.log")
    service.wait_until_ready(30)
    yield service
    service.stop()


def launch(aws: LocalAws, most: int, script: str = SCRIPT, token: str = "", **more: Any) -> list[str]:
    answer = aws.ec2().run_instances(
        ImageId=image(aws),
        MinCount=1,
        MaxCount=most,
        UserData=script,
        **more,
        **({"ClientToken": token} if token else {}),
    )
    return [instance["InstanceId"] for instance in answer["Instances"]]


def states(aws: LocalAws, instance_ids: list[str]) -> list[str]:
    found = aws.ec2().describe_instances(InstanceIds=instance_ids)["Reservations"]
    by_id = {one["InstanceId"]: one["State"]["Name"] for reservation in found for one in reservation["Instances"]}
    return [by_id[instance_id] for instance_id in instance_ids]


def sleepers(folder: Path) -> int:
    """Processes of the instances in a folder that are still there."""
    found = 0
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            found += f"HOME={folder}".encode() in environment.read_bytes()
        except OSError:
            continue
    return found


def test_a_service_that_never_gets_its_settings_ends_without_a_word(tmp_path: Path) -> None:
    service = Service.load("the fleet agent", "gems_local.fleet_agent", tmp_path / "fleet.log")
    assert service.running
    service.stop()
    assert (service.running, (tmp_path / "fleet.log").read_text()) == (False, "")


def test_a_service_that_ends_before_its_settings_come_is_told_with_its_log(tmp_path: Path) -> None:
    service = Service.load("the fleet agent", "gems_local.nothing", tmp_path / "fleet.log")
    eventually(lambda: not service.running, "it has ended")
    service.begin({"endpoint": "http://127.0.0.1:9"})
    with pytest.raises(CloudUnreachable, match=r"(?s)the fleet agent .* but ended\. .*gems_local\.nothing"):
        service.wait_until_ready(5)


def test_an_empty_object_is_stored_as_quickly_as_any(aws: LocalAws) -> None:
    aws.s3().put_object(Bucket=DATA_BUCKET, Key="empty", Body=b"")
    assert aws.s3().get_object(Bucket=DATA_BUCKET, Key="empty")["Body"].read() == b""


def test_a_proxy_of_the_environment_is_not_asked_for_the_local_aws(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", ".example.org")
    assert LocalAws(aws.endpoint).s3().list_buckets()["Buckets"]


def test_the_users_profile_and_files_are_not_those_of_the_local_aws(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("no section\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "nosuch")
    assert LocalAws(aws.endpoint).s3().list_buckets()["Buckets"]


def test_credstash_gives_out_what_was_seeded_to_who_names_it_in_the_encryption_context(aws: LocalAws) -> None:
    store = {"table": CREDENTIAL_TABLE, "dynamodb": aws.dynamodb(), "kms": aws.kms()}
    context = encryption_context(WORKER_TOKEN_NAME)
    assert credstash.getSecret(WORKER_TOKEN_NAME, context=context, **store) == "the-worker-token"
    with pytest.raises(credstash.KmsError):
        credstash.getSecret(WORKER_TOKEN_NAME, context=encryption_context("gems.user.token"), **store)


def test_sent_mail_can_be_read(aws: LocalAws) -> None:
    message = {"Subject": {"Data": "Report"}, "Body": {"Text": {"Data": "Typed."}}}
    aws.ses().send_email(Source=SENDER, Destination={"ToAddresses": ["a@example.org"]}, Message=message)  # type: ignore[arg-type]
    (mail,) = requests.get(aws.endpoint + MAIL_PATH, timeout=60).json()
    assert mail == {"from": SENDER, "to": ["a@example.org"], "subject": "Report", "body": "Typed."}


def test_a_launch_gets_what_capacity_there_is_and_its_token_launches_once(aws: LocalAws) -> None:
    first = launch(aws, 50, token="same")
    assert len(first) == CAPACITY
    assert launch(aws, 50, token="same") == first
    assert [request["MaxCount"] for request in requests.get(aws.endpoint + LAUNCHES_PATH, timeout=60).json()] == [
        "50"
    ] * 2
    aws.ec2().terminate_instances(InstanceIds=first)


def test_a_pool_can_be_emptied_and_calls_are_counted(aws: LocalAws) -> None:
    pool = {"instance_type": "c5.large", "subnet": "", "market": "on-demand"}
    for instances in (0, 1):
        requests.put(aws.endpoint + CAPACITY_PATH, json={**pool, "instances": instances}, timeout=60)
        if not instances:
            with pytest.raises(ClientError, match="InsufficientInstanceCapacity"):
                launch(aws, 1, InstanceType="c5.large")
        else:
            aws.ec2().terminate_instances(InstanceIds=launch(aws, 1, InstanceType="c5.large"))
    counted = {item["action"]: item for item in requests.get(aws.endpoint + CALLS_PATH, timeout=60).json()}
    assert counted["TerminateInstances"]["calls"] > 0
    assert counted["RunInstances"]["refused"] > 0


def test_instances_are_booted_run_their_user_data_and_are_switched_off(
    aws: LocalAws, fleet: Service, tmp_path: Path
) -> None:
    ended, killed, left = launch(aws, 3)
    eventually(
        lambda: states(aws, [ended, killed, left]) == ["terminated", "running", "running"], "the first has ended"
    )
    console = (tmp_path / ended / "console.log").read_text()
    assert f"I am {ended}, number 0" in console
    assert "without a token: 401" in console
    assert "AWS_ENDPOINT_URL=" in console
    assert "AWS_ACCESS_KEY_ID" not in console
    assert (tmp_path / ended / "worker.log").read_text() == "kept\n"
    assert not (tmp_path / ended / "root").exists()
    eventually(lambda: sleepers(tmp_path / ended) == 0, "what it left behind is gone")
    eventually(lambda: sleepers(tmp_path / killed) > 0, "the second runs")
    aws.ec2().terminate_instances(InstanceIds=[killed])
    eventually(lambda: sleepers(tmp_path / killed) == 0, "a terminated instance is off")
    assert sleepers(tmp_path / left) > 0
    fleet.stop()
    eventually(lambda: sleepers(tmp_path) == 0, "without the agent nothing runs")


def test_a_killed_agent_takes_its_instances_with_it(aws: LocalAws, fleet: Service, tmp_path: Path) -> None:
    launch(aws, 2, "#!/bin/bash\n(setsid sleep 600 &)\nsleep 600\n")
    eventually(lambda: sleepers(tmp_path) >= 4, "both run")
    fleet.kill()
    eventually(lambda: sleepers(tmp_path) == 0, "nothing runs")
