"""``gems credentials``: the tokens of users and workers, from their making to their retirement."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import boto3
import click
import keyring
from keyring.errors import KeyringError

from gems_cli.credentials.vault import Vault
from gems_cli.exits import UsageProblem
from gems_cli.jobs.credentials import KEYRING_SERVICE, URL_VARIABLE

USER, WORKER = "user", "worker"
NAMES = {USER: ("GEMS_USER_CREDENTIAL", "gems.user.token"), WORKER: ("GEMS_WORKER_CREDENTIAL", "gems.worker.token")}
Command = Callable[..., Any]
_which = click.option(
    "--user",
    "which",
    flag_value=USER,
    help="The users' token.",
)
_or_which = click.option("--worker", "which", flag_value=WORKER, help="The workers' token.")
_keyring = click.option(
    "--keyring",
    "into_keyring",
    is_flag=True,
    help="Store the user token in the keyring for GEMS_API_URL; do not print it.",
)


def _vault_options(command: Command) -> Command:
    for option in (
        click.option("--region", envvar=("GEMS_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"), help="AWS region."),
        click.option("--table", envvar="GEMS_CREDENTIAL_TABLE", default="credential-store", show_default=True),
        click.option("--key", envvar="GEMS_CREDENTIAL_KEY", default="alias/credstash", show_default=True),
    ):
        command = option(command)
    return command


@click.group()
def credentials() -> None:
    """Make, rotate and retire the tokens of a deployment, which are kept in CredStash.

    The API accepts the newest version of a token and the one before it, so that a rotation disturbs nobody. AWS credentials are
    found as every AWS tool finds them. The worker token is never shown.
    """


@credentials.command()
@_vault_options
@_keyring
def init(*, region: str | None, table: str, key: str, into_keyring: bool) -> None:
    """Make the tokens that there are not yet; prints a new user token, once."""
    vault = open_vault(region, table, key)
    for which in (WORKER, USER):
        token = vault.make(name_of(which))
        click.echo(f"{name_of(which)}: {'exists already' if token is None else 'made'}", err=True)
        if token is not None and which == USER:
            hand_over(token, into_keyring=into_keyring)


@credentials.command()
@_vault_options
@_which
@_or_which
@_keyring
def rotate(*, region: str | None, table: str, key: str, which: str | None, into_keyring: bool) -> None:
    """Make a new version of a token; the one before it stays in force until it is retired."""
    name = name_of(_chosen(which))
    token = open_vault(region, table, key).rotate(name)
    click.echo(
        f"{name}: rotated; the version before it is accepted until `gems credentials retire --{which}`", err=True
    )
    if which == USER:
        hand_over(token, into_keyring=into_keyring)


@credentials.command()
@_vault_options
@_which
@_or_which
def retire(*, region: str | None, table: str, key: str, which: str | None) -> None:
    """Remove every version of a token but the newest.

    Workers hold the version that was the newest when their instance started: retire the older one when the jobs that were
    started before the rotation have ended.
    """
    name = name_of(_chosen(which))
    retired = open_vault(region, table, key).retire(name)
    told = f"retired {', '.join(map(str, retired))}" if retired else "there is no older version"
    click.echo(f"{name}: {told}", err=True)


@credentials.command("show-versions")
@_vault_options
def show_versions(*, region: str | None, table: str, key: str) -> None:
    """List the versions of both tokens, never the tokens."""
    vault = open_vault(region, table, key)
    for which in (USER, WORKER):
        versions = vault.versions(name_of(which))
        for version in versions:
            state = "accepted" if version.accepted else "not accepted"
            click.echo(f"{name_of(which)} {version.number} {state} {version.made_at}".rstrip())
        if not versions:
            click.echo(f"{name_of(which)} none")


def name_of(which: str) -> str:
    """The name in CredStash of the users' or the workers' token."""
    variable, default = NAMES[which]
    return os.environ.get(variable) or default


def open_vault(region: str | None, table: str, key: str) -> Vault:
    """The vault of a region, with the AWS credentials of the environment."""
    if not region:
        raise UsageProblem("expected an AWS region, found none. Give --region or set GEMS_REGION.")
    session = boto3.Session(region_name=region)
    return Vault(session.resource("dynamodb"), session.client("kms"), table, key)


def hand_over(token: str, *, into_keyring: bool) -> None:
    """Give the new user token to the person at the terminal: into the keyring, or else printed, this once."""
    if into_keyring and _stored(token):
        return
    click.echo(token)


def _stored(token: str) -> bool:
    url = os.environ.get(URL_VARIABLE, "").rstrip("/")
    if not url:
        click.echo(
            f"{URL_VARIABLE} is not set, so that the keyring has no name for the token; it is printed:", err=True
        )
        return False
    try:
        keyring.set_password(KEYRING_SERVICE, url, token)
    except KeyringError as error:
        click.echo(f"the keyring did not take the token ({type(error).__name__}); it is printed:", err=True)
        return False
    click.echo(f"stored in the keyring for {url}", err=True)
    return True


def _chosen(which: str | None) -> str:
    if which is None:
        raise UsageProblem("expected --user or --worker, found neither.")
    return which
