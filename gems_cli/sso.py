"""``gems sso``: single sign-on by OpenID Connect, with Keycloak, Entra, Google, Cognito and others.

The settings lie in the stage's control bucket beside the people, and only administrators write them. The client secret is in
CredStash: `gems credentials sso` stores it.
"""

from __future__ import annotations

import click
from rich.table import Table

from gems_api.services.state.sso_settings import (
    DEFAULT_MINUTES,
    LEAST_MINUTES,
    MOST_MINUTES,
    SsoSettings,
)
from gems_api.services.storage.sso import SsoRecords
from gems_cli.deployment import Deployment, of_a_deployment
from gems_cli.terminal import open_console
from gems_core.errors import UsageProblem
from gems_core.people import Role

BACK = "/sign-in/sso/back"
OUT = "/sign-in"


@click.group()
def sso() -> None:
    """Have people sign in with accounts of an identity provider; docs/operations.md tells how to set it up.

    A change is known to the API within a minute. People still need a record: `gems users add NAME --role ROLE --sso SUBJECT`.
    """


@sso.command("set")
@click.option("--name", required=True, help="What the button says: Sign in with NAME.")
@click.option("--issuer", required=True, help="The provider's address, exactly as it calls itself.")
@click.option("--client-id", required=True, help="What the provider knows GeMS by.")
@click.option("--no-secret", is_flag=True, help="The provider has made a public client, without a secret.")
@click.option("--subject-claim", default="sub", show_default=True, help="Claim that names the account for ever.")
@click.option("--groups-claim", default="groups", show_default=True, help="Claim with the account's groups.")
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="GROUP=ROLE",
    help="A role that a group gives. Once for each; all of them.",
)
@click.option("--scope", "scopes", multiple=True, help="Asked for beside openid. Once for each.")
@click.option(
    "--session-minutes",
    type=click.IntRange(LEAST_MINUTES, MOST_MINUTES),
    default=DEFAULT_MINUTES,
    show_default=True,
    help="How long a session lasts, and so a group that was taken away.",
)
@of_a_deployment
def set_sso(
    *,
    deployment: Deployment,
    name: str,
    issuer: str,
    client_id: str,
    no_secret: bool,
    subject_claim: str,
    groups_claim: str,
    groups: tuple[str, ...],
    scopes: tuple[str, ...],
    session_minutes: int,
) -> None:
    """Turn it on, or set it anew. Options that are not given have their defaults again."""
    asked = tuple(dict.fromkeys(("openid", *scopes)))
    roles = dict(map(_pair, groups))
    try:
        wanted = SsoSettings(
            name, issuer, client_id, not no_secret, subject_claim, groups_claim, roles, session_minutes, asked
        )
    except ValueError as error:
        raise UsageProblem(f"{error}.") from error
    sso_of(deployment).set(wanted)
    click.echo(f"people may sign in with {name}", err=True)
    click.echo(f"register at {name}: redirect URI <API>{BACK}, and <API>{OUT} for after signing out", err=True)
    if wanted.has_secret:
        click.echo("store the client secret: gems credentials sso, with the same options", err=True)


@sso.command()
@of_a_deployment
def show(*, deployment: Deployment) -> None:
    """Show the settings; the client secret is not among them."""
    settings = sso_of(deployment).settings()
    if settings is None:
        click.echo("off")
        return
    table = Table.grid(padding=(0, 2))
    groups = ", ".join(f"{group}={role}" for group, role in sorted(settings.groups.items()))
    rows = {
        "name": settings.name,
        "issuer": settings.issuer,
        "client id": settings.client_id,
        "client secret": "in CredStash" if settings.has_secret else "none",
        "subject claim": settings.subject_claim,
        "groups claim": settings.groups_claim,
        "groups": groups or "not asked for: the role in each record is enough",
        "scopes": " ".join(settings.scopes),
        "session": f"{settings.session_minutes} minutes",
    }
    for what, told in rows.items():
        table.add_row(what, told)
    open_console().print(table, markup=False)


@sso.command()
@of_a_deployment
def off(*, deployment: Deployment) -> None:
    """Turn it off. Sessions go on to their end: `gems users revoke` ends those of a person."""
    sso_of(deployment).set(None)
    click.echo("single sign-on is off; the API knows within a minute", err=True)


def sso_of(deployment: Deployment) -> SsoRecords:
    """What a deployment knows of single sign-on."""
    return SsoRecords(deployment.store, deployment.bucket)


def _pair(text: str) -> tuple[str, Role]:
    group, sign, role = text.rpartition("=")
    if not group or not sign or role not in list(Role):
        raise UsageProblem(f"--group: expected GROUP=ROLE with one of {', '.join(Role)}, found {text[:100]!r}.")
    return group, Role(role)
