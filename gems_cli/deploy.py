"""``gems deploy``, ``gems doctor``, ``gems undeploy``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import boto3
import click

from gems_core.engines import ENGINES
from gems_core.errors import DeploymentFailed
from gems_deploy import checks_api, checks_batch, checks_before, checks_stack, checks_workers
from gems_deploy.artefacts import Named
from gems_deploy.facts import Facts
from gems_deploy.findings import Finding, Level, examine
from gems_deploy.function import package
from gems_deploy.parameters import Wishes
from gems_deploy.removal import demand_rest, remove
from gems_deploy.run import Run
from gems_deploy.site import Site, Stage
from gems_deploy.stack import read_stack
from gems_deploy.steps import deploy as walk
from gems_deploy.under_way import under_way

CHECKS = (
    *checks_before.CHECKS,
    *checks_stack.CHECKS,
    *checks_workers.CHECKS,
    *checks_batch.CHECKS,
    *checks_api.CHECKS,
)
WATCH_SECONDS = 60.0
_PATH = click.Path(path_type=Path)
_stage = click.option("--stage", default="dev", show_default=True, help="Name of the deployment.")
_region = click.option("--region", help="AWS region. [default: the one that AWS's configuration names]")
_url = click.option(
    "--api-url",
    default="",
    help="The API's public URL, where a domain of your own leads to it; the word default: the gateway's. [default: what it has]",
)


def _site(stage: str, region: str | None, api_url: str) -> Site:
    site = Site(Stage(stage), boto3.Session(region_name=region), api_url.rstrip("/"))
    _ = site.region  # told once, and not by each check, when there is none
    return site


@click.command()
@_stage
@_region
@_url
@click.option(
    "--data-bucket",
    "data_buckets",
    multiple=True,
    help="Bucket with reads; give the option for each, and name all of them.",
)
@click.option("--mail-sender", default="", help="Address that report mails come from.")
@click.option(
    "--subnet", "subnets", multiple=True, help="Where workers run, preferred first. [default: the default VPC's]"
)
@click.option("--instance-type", "instance_types", multiple=True, help="What workers may be, preferred first.")
@click.option("--spot/--on-demand", default=None, help="Whether spot capacity is asked for first.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=None,
    help="Who launches workers. [default: what it has, at first ec2]",
)
@click.option("--worker-image", default="", metavar="URI", help="With batch: the image of the workers' containers.")
@click.option(
    "--most-vcpus",
    type=click.IntRange(min=1),
    help="With batch: vCPUs at once, on spot and on demand each. [default: what it has, at first 1024]",
)
@click.option("--monthly-budget", type=click.IntRange(min=1), help="In USD; a mail warns before it is spent.")
@click.option(
    "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Any parameter of infra/gems.yaml."
)
@click.option("--library", type=_PATH, help="Reference library, or default. [default: the published one]")
@click.option("--panel", type=_PATH, help="Amplicon panel (TSV), none, or default. [default: the published one]")
@click.option("--typer-jar", type=_PATH, help="The typer. [default: the one of this installation]")
@click.option("--despite-jobs", is_flag=True, help="Change the stack although jobs are at work, which may then fail.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
def deploy(
    *,
    stage: str,
    region: str | None,
    api_url: str,
    data_buckets: tuple[str, ...],
    mail_sender: str,
    subnets: tuple[str, ...],
    instance_types: tuple[str, ...],
    spot: bool | None,
    engine: str | None,
    worker_image: str,
    most_vcpus: int | None,
    monthly_budget: int | None,
    parameters: tuple[str, ...],
    library: Path | None,
    panel: Path | None,
    typer_jar: Path | None,
    despite_jobs: bool,
    dry_run: bool,
) -> None:
    """Deploy a stage of GeMS, or bring it up to date. What is not asked for stays as it is."""
    site = _site(stage, region, api_url)
    wishes = Wishes(
        data_buckets,
        mail_sender,
        subnets,
        instance_types,
        spot,
        monthly_budget,
        engine or "",
        worker_image,
        most_vcpus,
        dict(map(_pair, parameters)),
    )
    _demand(examine(Facts(site), checks_before.CHECKS))
    named = Named(library, panel, typer_jar)
    run = Run(site, wishes, named.collect, lambda: package(site.stage), named.kinds, despite_jobs)
    walk(run, click.echo, dry_run=dry_run)
    if not dry_run:
        click.echo(f"GeMS is at {run.api_url}")
        click.echo(f"export GEMS_API_URL={run.api_url}")


@click.command()
@_stage
@_region
@_url
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option("--watch", is_flag=True, help="Look again each minute, and tell what has changed; until interrupted.")
def doctor(stage: str, region: str | None, api_url: str, *, as_json: bool, watch: bool) -> None:
    """Look at everything that a stage needs; a line each, with its repair. Exit code 1 when something fails."""
    if watch:
        watch_findings(lambda: examine(Facts(_site(stage, region, api_url)), CHECKS), _told_so(as_json=as_json))
        return
    findings = examine(Facts(_site(stage, region, api_url)), CHECKS)
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in findings], indent=1))
    else:
        _print(findings)
    if any(finding.level is Level.FAIL for finding in findings):
        raise click.exceptions.Exit(1)


@click.command()
@_stage
@_region
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--terminate", is_flag=True, help="End the jobs and instances that are at work.")
def undeploy(stage: str, region: str | None, *, yes: bool, terminate: bool) -> None:
    """Remove a stage. The control bucket, the tokens and their key stay, and so do all data buckets."""
    site = _site(stage, region, "")
    if read_stack(site) is None:
        raise DeploymentFailed(f"expected the stack {site.stage.stack} in {site.region}, found none. See --region.")
    if not terminate:
        demand_rest(site)
    elif found := under_way(site):
        click.echo(f"at work, and ended with the stage: {found}")
    if not yes:
        click.confirm(f"Remove the stage {stage} in {site.region}?", abort=True)
    remove(site, click.echo, terminate=terminate)


def watch_findings(
    look: Callable[[], Sequence[Finding]],
    tell: Callable[[Sequence[Finding]], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Look again and again, and tell what is not as it was: at first all that is not in order, later whatever has changed."""
    known: dict[str, Finding] = {}
    while True:
        findings = look()
        news = [item for item in findings if known.get(item.check, _in_order(item)) != item]
        known = {item.check: item for item in findings}
        if news:
            tell(news)
        sleep(WATCH_SECONDS)


def _in_order(finding: Finding) -> Finding:
    """The finding as if it were in order, so that one that is not is news at the first look."""
    return finding if finding.level is Level.OK else replace(finding, level=Level.OK)


def _told_so(*, as_json: bool) -> Callable[[Sequence[Finding]], None]:
    def tell(findings: Sequence[Finding]) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        if as_json:
            for finding in findings:
                click.echo(json.dumps({"at": at, **finding.as_json()}))
        else:
            click.echo(at)
            _print(findings)

    return tell


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise click.BadParameter(f"expected NAME=VALUE, found {text!r}", param_hint="--parameter")
    return name, value


def _demand(findings: Sequence[Finding]) -> None:
    """Show what is not in order, and go no further when something fails."""
    _print([finding for finding in findings if finding.level is not Level.OK])
    failed = [finding for finding in findings if finding.level is Level.FAIL]
    if failed:
        raise DeploymentFailed(f"nothing was deployed: {len(failed)} of {len(findings)} checks failed")


def _print(findings: Sequence[Finding]) -> None:
    width = max((len(finding.check) for finding in findings), default=0)
    for finding in findings:
        click.echo(f"{finding.level.value:4}  {finding.check:{width}}  {finding.found}")
        if finding.repair:
            click.echo(f"{'':4}  {'':{width}}  -> {finding.repair}")
