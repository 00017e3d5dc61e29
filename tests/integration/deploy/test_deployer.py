"""A renewal of the stage asks AWS for nothing that the deployer's role may not do."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cloud_account import REGION, Account, client
from deployment import Deployment

from gems_cli.deploy import CHECKS
from gems_deploy.findings import examine
from gems_deploy.parameters import Wishes

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


GATEWAYS = f"arn:aws:apigateway:{REGION}::"


def granted(action: str, resource: str = "") -> bool:
    """Whether a statement of the role allows the action on the resource; without one, on anything (test_policies.py judges on what)."""
    iam, role = client("iam"), "gems-dev-deployer"
    held: list[Any] = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    # moto keeps the document's Python text
    statements = [one for document in held for one in ast.literal_eval(str(document))["Statement"]]
    return any(
        any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _list(statement["Action"]))
        and (not resource or any(fnmatchcase(resource, pattern) for pattern in _list(statement["Resource"])))
        for statement in statements
    )


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_deployers_role_may_do_what_a_renewal_and_the_doctor_ask(deployed: Deployment, account: Account) -> None:
    rows = deployed.site().table().Table(deployed.outputs()["CredentialTable"])
    rows.delete_item(Key={"name": "gems.worker.token", "version": "0" * 18 + "1"})
    client("s3").delete_object(Bucket=deployed.outputs()["ControlBucket"], Key="artefacts/panel/1/panel")
    account.calls.clear()
    account.gateways.clear()
    wishes = Wishes(others={"VolumeGigabytes": "50"})
    deployed.deploy(deployed.run(wishes, code="by the deployer"))
    examine(deployed.facts(), CHECKS)
    asked = set(account.calls)
    assert {"lambda:UpdateFunctionCode", "events:PutRule", "cloudformation:ExecuteChangeSet"} <= asked
    assert sorted(action for action in asked if not granted(action)) == []
    assert sorted((action, path) for action, path in account.gateways if not granted(action, f"{GATEWAYS}{path}")) == []
