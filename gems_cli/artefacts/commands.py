"""``gems artefacts``: list, publish, promote, rollback, log and prune."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import click

from gems_artefacts import prune as pruning
from gems_artefacts.architecture import ARCHITECTURES, X86_64, Architecture, architecture_of_bundle
from gems_artefacts.pointer import Move, move_pointer, moves, read_pointer, roll_back
from gems_artefacts.provenance import clone_source, demand_commit, source_of
from gems_artefacts.releases import Publication, publish_all, read_version, versions
from gems_artefacts.usage import used_by_jobs
from gems_cli.artefacts.deployment import Deployment, find_deployment
from gems_cli.artefacts.views import moves_table, plan_as_json, plan_lines, rows, rows_table
from gems_cli.terminal import open_console
from gems_core.errors import UsageProblem, one_problem
from gems_core.layout import ARTEFACT_KINDS, OPTIONAL_ARTEFACT_KINDS
from gems_core.manifest import Artefact
from gems_core.published import NoSuchVersion, choose
from gems_deploy.artefacts import Named

KINDS = (*ARTEFACT_KINDS, *OPTIONAL_ARTEFACT_KINDS)
_PATH = click.Path(path_type=Path)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group()
@click.option("--stage", help="The stage that `gems deploy` made; its region and bucket are looked up.")
@click.option(
    "--control-bucket", envvar="GEMS_CONTROL_BUCKET", help="The deployment's control bucket. [$GEMS_CONTROL_BUCKET]"
)
@click.option("--region", envvar="GEMS_REGION", help="The deployment's region. [$GEMS_REGION]")
@click.pass_context
def artefacts(context: click.Context, *, stage: str | None, control_bucket: str | None, region: str | None) -> None:
    """See and change what workers fetch: worker bundle, typer, reference library and panel.

    A version is named by its content, says from which commits it comes, and is never overwritten. One document,
    artefacts/current.json, names the current versions: jobs that choose nothing get those. A job keeps the versions that it
    was made with, whatever is promoted later. docs/releases.md goes through all of it.

    A NAME of a version is the whole version (3.58.0-0a1b2c3d4e5f), or its part before the content: a release such as
    3.58.0, or a panel's name. At least seven digits of a commit name it too. If several versions fit, the current one is meant.
    """
    context.obj = lambda: find_deployment(stage, control_bucket, region)


@artefacts.command("list")
@click.option("--kind", type=click.Choice(KINDS), help="Only these.")
@_json
@click.pass_context
def list_versions(context: click.Context, *, kind: str | None, as_json: bool) -> None:
    """List the published versions: from which commits they come, which are current, and which jobs use them.

    Reads the manifest of every job that has a record. Jobs are in the order of their days.
    """
    shelf = _deployment(context).shelf
    current = read_pointer(shelf).artefacts
    shown = [row for row in rows(versions(shelf), current, used_by_jobs(shelf)) if kind in (None, row.version.kind)]
    if as_json:
        click.echo(json.dumps([row.as_json() for row in shown], indent=1))
    else:
        open_console().print(rows_table(shown), soft_wrap=True)


@artefacts.command()
@click.option("--typer-jar", type=_PATH, help="The typer. [default: the one of this installation]")
@click.option("--library", type=_PATH, help="A reference library's folder, to publish as well; or default.")
@click.option(
    "--panel", type=_PATH, help="A panel (TSV), to publish as well; or none, or default. Its file name is its name."
)
@click.option(
    "--architecture",
    type=click.Choice(list(ARCHITECTURES)),
    help="Processor of the machines that run the worker. [default: that of the current worker, else x86_64]",
)
@click.option("--promote", "then_promote", is_flag=True, help="Then make what was published current, in one step.")
@click.option("--dirty", is_flag=True, help="Also publish what was not built from a commit; it is marked as such.")
@_json
@click.pass_context
def publish(
    context: click.Context,
    *,
    typer_jar: Path | None,
    library: Path | None,
    panel: Path | None,
    architecture: str | None,
    then_promote: bool,
    dirty: bool,
    as_json: bool,
) -> None:
    """Publish the worker and the typer of this clone, and a library or a panel if named. This does not make them current.

    Each version lies in a folder of its own with its SHA-256, its bill of materials (sbom.cdx.json) and a note for each commit that
    made it (provenance/). What is published already stays as it is, so the command can be repeated at any time.
    """
    deployment = _deployment(context)
    named = Named(library, panel, typer_jar)
    wanted = ARCHITECTURES[architecture] if architecture else _current_architecture(deployment)
    local, clone = named.collect(named.kinds, wanted), clone_source()
    if not dirty:
        for artefact in local:
            demand_commit(artefact.kind, source_of(artefact.kind, artefact.path, clone))
    done: list[Publication] = []
    found = publish_all(deployment.shelf, local, clone, deployment.maker(), done.append)
    move = _promote(deployment, found, "publish") if then_promote else None
    if as_json:
        told = [{"kind": one.kind, **one.artefact.as_json(), "commit": one.commit, "new": one.is_new} for one in done]
        click.echo(json.dumps({"published": told, "move": move.as_json() if move else None}, indent=1))
        return
    for one in done:
        click.echo(f"{one.kind} {one.artefact.version} of {one.commit}: {'published' if one.is_new else 'was there'}")
    if then_promote:
        _tell_move(move)


def _current_architecture(deployment: Deployment) -> Architecture:
    """That of the worker that jobs get now; the commoner one where there is none yet."""
    held = read_pointer(deployment.shelf).artefacts.get("worker")
    return architecture_of_bundle(held.version) if held else X86_64


@artefacts.command()
@click.argument("choices", nargs=-1, metavar="[KIND=NAME]...")
@click.option("--commit", help="The worker and the typer of this commit.")
@_json
@click.pass_context
def promote(context: click.Context, *, choices: tuple[str, ...], commit: str | None, as_json: bool) -> None:
    """Make published versions current, all in one step: `gems artefacts promote reference=3.58.0 panel=our-kit`.

    Kinds that are not named stay. If somebody else makes a change at the same time, one of the two is refused and nothing is lost.
    Jobs that were submitted before keep their versions.
    """
    wanted = dict(_pair(choice) for choice in choices)
    if commit:
        wanted = {"worker": commit, "hla-typer": commit} | wanted
    if not wanted:
        raise UsageProblem("expected KIND=NAME or --commit, found neither. `gems artefacts list` shows what there is.")
    deployment = _deployment(context)
    move = _promote(deployment, _chosen(deployment, wanted), "promote")
    _show_move(move, as_json=as_json)


@artefacts.command()
@_json
@click.pass_context
def rollback(context: click.Context, *, as_json: bool) -> None:
    """Make current again what was current before the last change; run twice, what was current before that.

    Jobs keep the versions that they were made with. To choose a state freely, promote its versions by name: `gems artefacts log` has
    them.
    """
    deployment = _deployment(context)
    _show_move(roll_back(deployment.shelf, deployment.maker()), as_json=as_json)


@artefacts.command()
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many to show, the newest first."
)
@_json
@click.pass_context
def log(context: click.Context, *, limit: int, as_json: bool) -> None:
    """Show who moved the current versions, when, and from what to what; newest first."""
    shelf = _deployment(context).shelf
    found = list(islice(moves(shelf, read_pointer(shelf).move), limit))
    if as_json:
        click.echo(json.dumps([move.as_json() for move in found], indent=1))
    else:
        open_console().print(moves_table(found), soft_wrap=True)


@artefacts.command()
@click.option(
    "--days",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="Keep what was published in so many days up to now.",
)
@click.option(
    "--states", type=click.IntRange(min=1), default=5, show_default=True, help="How many of the last states to keep."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed, and why the rest stays.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
@click.pass_context
def prune(context: click.Context, *, days: int, states: int, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove versions that no job needs. Takes a minute, because it waits for jobs that are just being submitted.

    What a job's manifest names stays, and what is current; so do the last states of current.json and what is new. If one
    manifest cannot be read, nothing is removed. Removed versions can be brought back for 30 days: the bucket keeps old versions.
    """
    shelf, rules = _deployment(context).shelf, pruning.Rules(states, timedelta(days=days))
    plan = pruning.plan(shelf, rules, datetime.now(UTC))
    done = False
    if plan.goes and not dry_run:
        if not yes:
            for line in plan_lines(plan, done=False):
                click.echo(line, err=True)
            click.confirm(f"Remove {len(plan.goes)} versions?", abort=True, err=True)
        carried = pruning.carry_out(shelf, plan.goes, rules)
        plan, done = pruning.Plan(carried.goes, (*plan.stays, *carried.stays)), True
    if as_json:
        click.echo(json.dumps(plan_as_json(plan, done=done), indent=1))
    else:
        click.echo("\n".join(plan_lines(plan, done=done)))


def _deployment(context: click.Context) -> Deployment:
    """Looked up only now, so that `--help` of a command asks nobody."""
    found: Deployment = context.obj()
    return found


def _pair(choice: str) -> tuple[str, str]:
    kind, sign, name = choice.partition("=")
    if kind not in KINDS or not sign or not name:
        raise click.BadParameter(f"expected KIND=NAME with one of {', '.join(KINDS)}, found {choice!r}")
    return kind, name


def _chosen(deployment: Deployment, wanted: dict[str, str]) -> dict[str, Artefact]:
    shelf = deployment.shelf
    published, current = versions(shelf), read_pointer(shelf).artefacts
    found = {}
    for kind, name in wanted.items():
        among = [version for version in published if version.kind == kind]
        try:
            version = choose(name, among, current[kind].version if kind in current else "").version
        except NoSuchVersion as error:
            repair = "Publish it, or choose one of these."
            raise one_problem("unknown_artefact", kind, error.expected, repr(name), repair) from error
        found[kind] = read_version(shelf, kind, version)
    return found


def _promote(deployment: Deployment, found: dict[str, Artefact], action: str) -> Move | None:
    """Make versions current; None where they are."""
    seen = read_pointer(deployment.shelf)
    after = {**seen.artefacts, **found}
    missing = [kind for kind in ARTEFACT_KINDS if kind not in after]
    if missing:
        raise UsageProblem(
            f"expected all of {', '.join(ARTEFACT_KINDS)} to be named at the first promotion, found no {', '.join(missing)}. "
            "Name a version of each."
        )
    if after == dict(seen.artefacts):
        return None
    return move_pointer(deployment.shelf, seen, after, action, deployment.maker())


def _show_move(move: Move | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(move.as_json() if move else None, indent=1))
    else:
        _tell_move(move)


def _tell_move(move: Move | None) -> None:
    for line in move.changes if move else ["nothing to do: they are current"]:
        click.echo(line)
