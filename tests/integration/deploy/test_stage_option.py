"""``--stage`` of the other commands: the stack tells where prices and tokens lie."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import pytest
from click.testing import CliRunner
from cloud_account import REGION, client
from deployment import Deployment

from gems_api.aws.pricing import PriceSource
from gems_cli.credentials import credentials
from gems_cli.prices import prices
from gems_core.prices import InstancePrice, PriceTable
from gems_deploy.tokens import vault_of

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


class Source:
    """Every type costs the same."""

    def read(self, instance_types: Iterable[str], now: datetime) -> PriceTable:
        return PriceTable(REGION, now, {name: InstancePrice(0.2, 0.07) for name in instance_types})


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GEMS_CONTROL_BUCKET", "GEMS_REGION", "GEMS_CREDENTIAL_TABLE", "GEMS_CREDENTIAL_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GEMS_INSTANCE_TYPES", "z9.large")


def test_prices_of_a_stages_types_are_written_to_its_control_bucket(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PriceSource, "of", lambda *_: Source())
    done = CliRunner().invoke(prices, ["--stage", "dev"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    outputs = deployed.outputs()
    body = client("s3").get_object(Bucket=outputs["ControlBucket"], Key="settings/prices.json")["Body"].read()
    assert set(json.loads(body)["instance_types"]) == set(outputs["InstanceTypes"].split(","))


def test_a_stages_token_is_rotated_and_retired_with_the_options_that_are_told(deployed: Deployment) -> None:
    vault = vault_of(deployed.site(), deployed.outputs())
    done = CliRunner().invoke(credentials, ["rotate", "--worker", "--stage", "dev"], catch_exceptions=False)
    told = f"gems credentials retire --worker --stage dev --region {REGION}"
    assert told in done.output
    assert [version.number for version in vault.versions("gems.worker.token")] == [2, 1]
    options = told.removeprefix("gems credentials ").split()
    CliRunner().invoke(credentials, options, catch_exceptions=False)
    assert [version.number for version in vault.versions("gems.worker.token")] == [2]


def test_what_basespace_knows_us_by_is_stored_rotated_and_retired_and_never_shown(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = {**deployed.outputs(), "BaseSpaceCredential": "gems.basespace.client"}
    vault = vault_of(deployed.site(), outputs)
    monkeypatch.setattr("gems_cli.credentials.basespace_name", lambda _outputs: "gems.basespace.client")

    def run(*arguments: str, typed: str = "") -> str:
        done = CliRunner().invoke(credentials, [*arguments, "--stage", "dev"], input=typed)
        return done.output + str(done.exception or "")

    assert "with a colon between" in run("basespace", typed="no-colon\n")
    assert "stored as version 1" in run("basespace", typed="key:first-secret\n")
    assert "first-secret" not in run("basespace", typed="key:second-secret\n") + run("show-versions")
    assert [version.number for version in vault.versions("gems.basespace.client")] == [2, 1]
    assert "Retire the older one first" in run("basespace", typed="key:third\n")
    assert "retired 1" in run("retire", "--basespace")
    assert "gems.basespace.client 2 accepted" in run("show-versions")


def test_a_stage_without_basespace_takes_no_client_key(deployed: Deployment) -> None:
    done = CliRunner().invoke(credentials, ["basespace", "--stage", "dev"], input="key:secret\n")
    assert "takes no jobs from BaseSpace" in str(done.exception)
