"""The life of a deployment by Zappa's own commands, with the project's own settings, against the local AWS."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from gems_artefacts.bundle import SOURCE_ROOT
from gems_artefacts.cache import cache_folder
from gems_deploy.lambda_package.build import SETTINGS_NAME, LambdaBuild
from gems_local.lambda_runtime.code import runtime_folder, unpack
from gems_local.lambda_runtime.environment import Code
from gems_local.lambda_runtime.events import scheduled_event
from gems_local.lambda_runtime.function import Function
from gems_local.lambda_runtime.limits import Limits
from gems_local.settings import ACCESS_KEY, REGION, SECRET_KEY
from gems_local.stack import CloudPlan, LocalCloud

NAME = "gems-dev"
SETTINGS: dict[str, Any] = json.loads((SOURCE_ROOT / SETTINGS_NAME).read_text())["base"]


class Deployment:
    """Zappa and an account of AWS."""

    def __init__(self, build: LambdaBuild, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._build = build
        self._environment = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": cloud.aws.endpoint,
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def zappa(self, *arguments: str) -> str:
        return self._build.zappa(*arguments, environment=self._environment)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=REGION,
            endpoint_url=self.cloud.aws.endpoint,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )

    def function(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client("lambda").get_function_configuration(FunctionName=NAME)
        return found

    def rules(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client("events").list_rules()["Rules"]
        return found


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("zappa")
    shutil.copy(SOURCE_ROOT / SETTINGS_NAME, folder)
    with LocalCloud(CloudPlan(folder / "cloud", [], 1)) as cloud:
        # It is given zips, which `zappa package` has made: the virtualenv is not looked into.
        deployment = Deployment(LambdaBuild(folder, Path(sys.prefix)), cloud)
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}
        deployment.client("iam").create_role(RoleName=SETTINGS["role_name"], AssumeRolePolicyDocument=json.dumps(trust))
        yield deployment


def test_a_deployment_is_made_served_renewed_and_removed(
    deployment: Deployment, lambda_zip: Path, tmp_path: Path
) -> None:
    deployment.zappa("deploy", "dev", "--zip", str(lambda_zip), "--disable_progress")
    first = deployment.function()
    assert first["CodeSha256"] == sha256_of(lambda_zip)
    assert (first["Runtime"], first["Handler"]) == (SETTINGS["runtime"], "handler.lambda_handler")
    assert (first["MemorySize"], first["Timeout"]) == (SETTINGS["memory_size"], SETTINGS["timeout_seconds"])
    assert first["Environment"]["Variables"]["GEMS_STAGE"] == "dev"
    assert first["Role"].endswith(f"role/{SETTINGS['role_name']}")
    (api,) = deployment.client("apigateway").get_rest_apis()["items"]
    assert [
        stage["stageName"] for stage in deployment.client("apigateway").get_stages(restApiId=api["id"])["item"]
    ] == ["dev"]

    assert NAME in deployment.zappa("status", "dev")
    deployment.zappa("schedule", "dev")
    (rule,) = deployment.rules()
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    reaped_by(deployment, lambda_zip, first, rule["Name"], tmp_path)

    newer = Path(shutil.copy(lambda_zip, tmp_path / "newer.zip"))
    with zipfile.ZipFile(newer, "a") as archive:
        archive.writestr("news.txt", "new")
    deployment.zappa("update", "dev", "--zip", str(newer), "--disable_progress")
    second = deployment.function()
    assert second["CodeSha256"] == sha256_of(newer)
    assert len(deployment.rules()) == 1

    deployment.zappa("unschedule", "dev")
    assert deployment.rules() == []
    deployment.zappa("undeploy", "dev", "--yes")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        deployment.function()
    with pytest.raises(ClientError, match="does not exist"):
        deployment.client("cloudformation").describe_stacks(StackName=NAME)


def reaped_by(deployment: Deployment, package: Path, deployed: dict[str, Any], rule: str, folder: Path) -> None:
    """The rule's event runs the reaper, in the handler that Lambda was told, with the memory that it was given."""
    variables = {
        **deployed["Environment"]["Variables"],
        **deployment.cloud.api_variables,
        "GEMS_API_URL": "https://gems.example.org/dev",
    }
    root = unpack(package, folder / "task")
    code = Code(root, runtime_folder(cache_folder() / "lambda"), deployed["Handler"], variables, NAME, REGION)
    role = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    with (folder / "log").open("a") as log:
        function = Function(code, role, Limits(memory_mb=deployed["MemorySize"]), log)
        invocation = function.invoke(scheduled_event(REGION, rule))
        function.close()
    assert invocation.error == ""
    assert json.loads(invocation.answer)["jobs"] == {}


def sha256_of(path: Path) -> str:
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
