"""``gems credentials``: the tokens of users and workers, from their making to their retirement."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import click
import keyring
from keyring.errors import KeyringError

from gems_api.services.access.single_sign_on import CREDENTIAL
from gems_cli.jobs.credentials import KEYRING_SERVICE, URL_VARIABLE
from gems_core.credentials import WEBHOOK_CREDENTIAL
from gems_core.errors import UsageProblem
from gems_deploy.facts import facts_of
from gems_deploy.tokens import basespace_name, token_names, vault_of
from gems_deploy.vault import Vault

USER, WORKER, BASESPACE, SSO, WEBHOOK = "user", "worker", "basespace", "sso", "webhook"
NAMES = {
    USER: ("GEMS_USER_CREDENTIAL", "gems.user.token"),
    WORKER: ("GEMS_WORKER_CREDENTIAL", "gems.worker.token"),
    WEBHOOK: ("", WEBHOOK_CREDENTIAL),
    BASESPACE: ("GEMS_BASESPACE_CREDENTIAL", "gems.basespace.client"),
}
_SECRET = re.compile(r"[!-~]{1,500}")
_CLIENT = re.compile(r"[!-9;-~]{1,200}:[!-~]{1,200}")
Command = Callable[..., Any]
_which = click.option(
    "--user",
    "which",
    flag_value=USER,
    help="The users' token.",
)
_or_which = click.option("--worker", "which", flag_value=WORKER, help="The workers' token.")
_or_basespace = click.option(
    "--basespace", "which", flag_value=BASESPACE, help="The app's client key and secret at BaseSpace."
)
_or_sso = click.option("--sso", "which", flag_value=SSO, help="The client secret at the identity provider.")
_or_webhook = click.option("--webhook", "which", flag_value=WEBHOOK, help="The secret that webhooks are signed with.")
_keyring = click.option(
    "--keyring",
    "into_keyring",
    is_flag=True,
    help="Store the user token in the keyring for GEMS_API_URL; do not print it.",
)


@dataclass(frozen=True)
class Tokens:
    """The tokens of a deployment.

    Attributes:
        names: in CredStash, of the users' and the workers' token, of the client secret at the identity provider, and of what
            BaseSpace knows us by, if it does.
        where: the options that name the deployment to `gems credentials` again.
    """

    vault: Vault
    names: Mapping[str, str]
    where: str


def _of_a_deployment(command: Command) -> Command:
    @functools.wraps(command)
    def call(*, stage: str | None, region: str | None, table: str, key: str, **others: object) -> object:
        return command(tokens=open_stage(stage, region) if stage else open_tokens(region, table, key), **others)

    for option in (
        click.option("--stage", help="The stage that `gems deploy` made; its region, table and key are looked up."),
        click.option("--region", envvar=("GEMS_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"), help="AWS region."),
        click.option("--table", envvar="GEMS_CREDENTIAL_TABLE", default="credential-store", show_default=True),
        click.option("--key", envvar="GEMS_CREDENTIAL_KEY", default="alias/credstash", show_default=True),
    ):
        call = option(call)
    return call


@click.group()
def credentials() -> None:
    """Make, rotate and retire the tokens of a deployment, which are kept in CredStash.

    The API accepts the newest version of a token and the one before it, so a rotation shuts nobody out. AWS credentials are
    found as every AWS tool finds them. The worker token is never shown.
    """


@credentials.command()
@_of_a_deployment
@_keyring
def init(*, tokens: Tokens, into_keyring: bool) -> None:
    """Make the tokens that do not exist yet; prints a new user token, once."""
    for which in (WORKER, USER):
        token = tokens.vault.make(tokens.names[which])
        click.echo(f"{tokens.names[which]}: {'exists already' if token is None else 'made'}", err=True)
        if token is not None and which == USER:
            hand_over(token, into_keyring=into_keyring)


@credentials.command()
@_of_a_deployment
@_which
@_or_which
@_or_webhook
@_keyring
def rotate(*, tokens: Tokens, which: str | None, into_keyring: bool) -> None:
    """Make a new version of a token; the one before it stays valid until it is retired."""
    name = tokens.names[_chosen(which)]
    token = tokens.vault.rotate(name)
    retire = f"gems credentials retire --{which} {tokens.where}"
    click.echo(f"{name}: rotated; the version before it is accepted until `{retire}`", err=True)
    if which == USER:
        hand_over(token, into_keyring=into_keyring)
    if which == WEBHOOK:
        hand_over(token, into_keyring=False)


@credentials.command()
@_of_a_deployment
def webhook(*, tokens: Tokens) -> None:
    """Make the secret that webhooks are signed with, and print it, once: the receiver checks signatures with it."""
    token = tokens.vault.make(tokens.names[WEBHOOK])
    if token is None:
        raise UsageProblem("there is a secret already. Make another one with `gems credentials rotate --webhook`.")
    hand_over(token, into_keyring=False)


@credentials.command()
@_of_a_deployment
def basespace(*, tokens: Tokens) -> None:
    """Store the client key and secret of your app at BaseSpace, or a new pair after Illumina has made one.

    Asks for them, or reads a line `key:secret` from standard input. The earlier pair is tried too until it is retired.
    """
    name = tokens.names.get(BASESPACE, "")
    if not name:
        raise UsageProblem(
            "this stage takes no jobs from BaseSpace. Deploy it with --parameter BaseSpaceUrl=... first."
        )
    secret = click.prompt("Client key and secret (key:secret)", hide_input=True, err=True).strip()
    if not _CLIENT.fullmatch(secret):
        raise UsageProblem("expected a client key and a client secret with a colon between, found something else.")
    number = tokens.vault.store(name, secret)
    click.echo(f"{name}: stored as version {number}", err=True)


@credentials.command()
@_of_a_deployment
def sso(*, tokens: Tokens) -> None:
    """Store the client secret that your identity provider has made for GeMS, or a new one (see `gems sso`).

    Asks for it, or reads a line of standard input. The one before it is tried too until it is retired.
    """
    at_terminal = sys.stdin.isatty()
    typed = click.prompt("Client secret", hide_input=True, err=True) if at_terminal else sys.stdin.readline()
    secret = str(typed).strip()
    if not _SECRET.fullmatch(secret):
        raise UsageProblem("expected a client secret of 1 to 500 ASCII characters, found something else.")
    number = tokens.vault.store(tokens.names[SSO], secret)
    click.echo(f"{tokens.names[SSO]}: stored as version {number}", err=True)


@credentials.command()
@_of_a_deployment
@_which
@_or_which
@_or_basespace
@_or_sso
@_or_webhook
def retire(*, tokens: Tokens, which: str | None) -> None:
    """Remove every version of a token but the newest.

    Workers hold the version that was the newest when their instance started: retire the older one when the jobs that were
    started before the rotation have ended.
    """
    name = tokens.names.get(_chosen(which), "")
    if not name:
        raise UsageProblem("this stage takes no jobs from BaseSpace.")
    retired = tokens.vault.retire(name)
    told = f"retired {', '.join(map(str, retired))}" if retired else "there is no older version"
    click.echo(f"{name}: {told}", err=True)


@credentials.command("show-versions")
@_of_a_deployment
def show_versions(*, tokens: Tokens) -> None:
    """List the versions of the tokens, never the tokens."""
    for which in tokens.names:
        versions = tokens.vault.versions(tokens.names[which])
        if which in (BASESPACE, SSO, WEBHOOK) and not versions:
            continue
        for version in versions:
            state = "accepted" if version.accepted else "not accepted"
            click.echo(f"{tokens.names[which]} {version.number} {state} {version.made_at}".rstrip())
        if not versions:
            click.echo(f"{tokens.names[which]} none")


def open_tokens(region: str | None, table: str, key: str) -> Tokens:
    """The tokens of a table, with the AWS credentials of the environment."""
    if not region:
        raise UsageProblem("expected an AWS region, found none. Give --region or --stage, or set GEMS_REGION.")
    session = boto3.Session(region_name=region)
    names = {which: os.environ.get(variable, "") or default for which, (variable, default) in NAMES.items()}
    names[SSO] = CREDENTIAL
    vault = Vault(session.resource("dynamodb"), session.client("kms"), table, key)
    return Tokens(vault, names, f"--region {region} --table {table} --key {key}")


def open_stage(stage: str, region: str | None) -> Tokens:
    """The tokens of a stage, as its stack names them."""
    facts = facts_of(stage, region)
    user, worker = token_names(facts.stack.outputs)
    where = f"--stage {stage} --region {facts.site.region}"
    names = {USER: user, WORKER: worker, SSO: CREDENTIAL, WEBHOOK: WEBHOOK_CREDENTIAL}
    if client := basespace_name(facts.stack.outputs):
        names[BASESPACE] = client
    return Tokens(vault_of(facts.site, facts.stack.outputs), names, where)


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
