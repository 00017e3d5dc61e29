"""A renewal of the stage asks AWS for nothing that the deployer's role may not do."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cloud_account import DATA_BUCKET, Account, client
from deployment import Deployment

from gems_cli.deploy.commands import CHECKS
from gems_cli.deploy.findings import examine
from gems_cli.deploy.parameters import Wishes

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


def granted(action: str) -> bool:
    """Whether a statement of the role allows the action on anything; test_policies.py judges on what."""
    held: Any = client("iam").get_role_policy(RoleName="gems-dev-deployer", PolicyName="deployer")["PolicyDocument"]
    statements = ast.literal_eval(str(held))["Statement"]  # moto keeps the document's Python text
    patterns = [one for statement in statements for one in _list(statement["Action"])]
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_deployers_role_may_do_what_a_renewal_and_the_doctor_ask(deployed: Deployment, account: Account) -> None:
    subnets = tuple(deployed.outputs()["Subnets"].split(","))
    types = tuple(deployed.outputs()["InstanceTypes"].split(","))
    rows = deployed.site().table().Table(deployed.outputs()["CredentialTable"])
    rows.delete_item(Key={"name": "gems.worker.token", "version": "0" * 18 + "1"})
    client("s3").delete_object(Bucket=deployed.outputs()["ControlBucket"], Key="artefacts/panel/1/panel")
    account.calls.clear()
    wishes = Wishes((DATA_BUCKET,), "", subnets, types, others={"VolumeGigabytes": "50"})
    deployed.deploy(deployed.run(wishes, code="by the deployer"))
    examine(deployed.facts(), CHECKS)
    asked = set(account.calls)
    assert {"lambda:UpdateFunctionCode", "events:PutRule", "cloudformation:ExecuteChangeSet"} <= asked
    assert sorted(action for action in asked if not granted(action)) == []
