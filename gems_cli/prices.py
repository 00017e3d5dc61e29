"""``gems prices``: the price table that estimates, costs and budgets are reckoned with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
import click
from click.core import ParameterSource
from rich.table import Table

from gems_api.aws.pricing import PriceSource
from gems_api.aws.s3 import S3Store
from gems_cli.terminal import open_console
from gems_core.errors import UsageProblem
from gems_core.layout import PRICES_KEY
from gems_core.prices import InstancePrice, PriceTable
from gems_deploy.facts import facts_of


@dataclass(frozen=True)
class _Deployment:
    """Whose prices they are."""

    bucket: str
    region: str
    session: boto3.Session

    def read(self) -> PriceTable | None:
        """The table, if somebody has written one. Raises CloudRefused, InvalidInput."""
        stored = self._store().read(self.bucket, PRICES_KEY)
        return None if stored is None else PriceTable.from_bytes(stored.body)

    def write(self, table: PriceTable) -> None:
        """Replace the table. Raises CloudRefused."""
        self._store().put(self.bucket, PRICES_KEY, table.to_bytes())

    def _store(self) -> S3Store:
        return S3Store(self.session.client("s3", self.region), time.sleep)


@click.group(invoke_without_command=True)
@click.option("--stage", help="The stage that `gems deploy` made; its region, bucket and types are looked up.")
@click.option(
    "--control-bucket", envvar="GEMS_CONTROL_BUCKET", help="The deployment's control bucket. [$GEMS_CONTROL_BUCKET]"
)
@click.option("--region", envvar="GEMS_REGION", help="The deployment's region. [$GEMS_REGION]")
@click.option(
    "--instance-types",
    envvar="GEMS_INSTANCE_TYPES",
    default="",
    help="Instance types to ask prices for, with commas between. [the stage's, $GEMS_INSTANCE_TYPES, else those of the table]",
)
@click.pass_context
def prices(
    context: click.Context, *, stage: str | None, control_bucket: str | None, region: str | None, instance_types: str
) -> None:
    """Ask AWS for the instances' prices, and write them where the API reads them.

    AWS credentials are found as every AWS tool finds them; they need pricing:GetProducts, ec2:DescribeSpotPriceHistory, and to read and
    write settings/prices.json in the control bucket.
    """
    if stage:
        outputs = facts_of(stage, region).stack.outputs
        control_bucket, region = outputs["ControlBucket"], outputs["Region"]
        if context.get_parameter_source("instance_types") is not ParameterSource.COMMANDLINE:
            instance_types = outputs["InstanceTypes"]
    if not control_bucket or not region:
        raise UsageProblem("expected a deployment, found none. Give --stage, or --control-bucket and --region.")
    deployment = _Deployment(control_bucket, region, boto3.Session())
    context.obj = deployment
    if context.invoked_subcommand is None:
        refresh(deployment, [name.strip() for name in instance_types.split(",") if name.strip()])


def refresh(deployment: _Deployment, instance_types: list[str]) -> None:
    """Write the prices of now; those of types that were not asked for stay."""
    before, now = deployment.read(), datetime.now(UTC)
    names = instance_types or sorted(before.instance_types if before else ())
    if not names:
        raise UsageProblem("expected instance types, found none. Set GEMS_INSTANCE_TYPES, or give --instance-types.")
    table = before or PriceTable(deployment.region, now)
    for name, price in PriceSource.of(deployment.session, deployment.region).read(names, now).instance_types.items():
        table = table.with_price(name, price, now)
    deployment.write(table)
    _show(table)


@prices.command("set")
@click.argument("instance_type")
@click.option("--on-demand", type=click.FloatRange(min=0, min_open=True), help="US dollars an hour.")
@click.option("--spot", type=click.FloatRange(min=0, min_open=True), help="US dollars an hour.")
@click.pass_obj
def set_price(deployment: _Deployment, instance_type: str, on_demand: float | None, spot: float | None) -> None:
    """Set a price by hand, e.g. one that was negotiated; the other market's stays."""
    if on_demand is None and spot is None:
        raise UsageProblem("expected a price, found none. Give --on-demand, --spot or both.")
    now = datetime.now(UTC)
    table = deployment.read() or PriceTable(deployment.region, now)
    table = table.with_price(instance_type, InstancePrice(on_demand, spot), now)
    deployment.write(table)
    _show(table)


@prices.command()
@click.pass_obj
def show(deployment: _Deployment) -> None:
    """Show the prices that the API computes with."""
    table = deployment.read()
    if table is None:
        raise UsageProblem(
            f"expected s3://{deployment.bucket}/{PRICES_KEY}, found no such object. Write it with `gems prices`."
        )
    _show(table)


def _show(table: PriceTable) -> None:
    listed = Table("instance type", "on demand", "spot", box=None, pad_edge=False)
    for name, price in sorted(table.instance_types.items()):
        listed.add_row(name, _dollars(price.on_demand), _dollars(price.spot))
    console = open_console()
    console.print(listed)
    console.print(f"US dollars an hour in {table.region}, as of {table.as_of:%Y-%m-%d %H:%M} UTC", highlight=False)


def _dollars(price: float | None) -> str:
    return "-" if price is None else f"{price:.4f}"
