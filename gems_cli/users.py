"""``gems users``: the people of a deployment, their roles, passwords and tokens.

The records lie in the stage's control bucket. The API only reads them, so whoever adds or changes people needs the
deployer's credentials in AWS. No password is ever an argument, and none is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from gems_api.services.access.passwords import LEAST_CHARACTERS, hashed, password_problem
from gems_api.services.state.person import Person
from gems_api.services.storage.people import People
from gems_cli.deployment import Deployment, of_a_deployment
from gems_cli.sso import sso_of
from gems_cli.terminal import open_console
from gems_core.errors import UsageProblem
from gems_core.people import EXPECTED_NAME, Account, Role, is_name

Command = Callable[..., Any]
_ROLES = click.Choice([role.value for role in Role])
_issuer_option = click.option("--issuer", help="The identity provider. [default: that of `gems sso set`]")
_HELP = (
    f"Passwords have {LEAST_CHARACTERS} characters or more. They are asked for, or read as a line of standard input."
)


def _account_options(command: Command) -> Command:
    told = "The person signs in by single sign-on, and this is what the provider calls the account."
    return click.option("--sso", "subject", metavar="SUBJECT", help=told)(_issuer_option(command))


@click.group(epilog=_HELP)
def users() -> None:
    """Add people, give them roles, passwords and tokens, and shut them out.

    AWS credentials are found as every AWS tool finds them; they need to read and write people/users/ in the control bucket.
    A change is known to the API within five seconds.
    """


@users.command()
@click.argument("name")
@click.option("--role", type=_ROLES, required=True, help="What the person may do; docs/review.md tells.")
@_account_options
@of_a_deployment
def add(*, deployment: Deployment, name: str, role: str, subject: str | None, issuer: str | None) -> None:
    """Add a person; asks for a first password, unless the person signs in with an account of an identity provider."""
    if not is_name(name):
        raise UsageProblem(f"NAME: expected {EXPECTED_NAME}, found {name[:100]!r}.")
    account = _account(deployment, subject, issuer) if subject is not None else None
    if account is None:
        _people(deployment).add(Person.new(name, Role(role), _password(name), _now()))
    else:
        _demand_free(deployment, account, name)
        _people(deployment).add(Person.new(name, Role(role), "", _now(), account))
        sso_of(deployment).give(account, name)
    _told(f"{name}: added as {role}")


@users.command("list")
@click.option("--tokens", is_flag=True, help="List the tokens of each person too, by their labels.")
@of_a_deployment
def list_users(*, deployment: Deployment, tokens: bool) -> None:
    """List people, never their passwords or tokens."""
    listed = Table("name", "role", "state", "signs in", "changed", "tokens", box=None, pad_edge=False)
    for person in _people(deployment).all():
        named = ", ".join(f"{token.label} ({token.made_at:%Y-%m-%d})" for token in person.tokens)
        state = "disabled" if person.disabled else "enabled"
        changed = f"{person.changed_at:%Y-%m-%d %H:%M}"
        cells = (person.name, person.role, state, _signs_in(person), changed)
        listed.add_row(*map(Text, cells), Text(named if tokens else str(len(person.tokens))))
    open_console().print(listed)


@users.command()
@click.argument("name")
@of_a_deployment
def disable(*, deployment: Deployment, name: str) -> None:
    """Shut a person out: all sessions end, and no token is accepted any more."""
    _change(deployment, name, lambda person: person.with_state(_now(), disabled=True), "disabled")


@users.command()
@click.argument("name")
@of_a_deployment
def enable(*, deployment: Deployment, name: str) -> None:
    """Let a person in again, with the same password and tokens."""
    _change(deployment, name, lambda person: person.with_state(_now(), disabled=False), "enabled")


@users.command()
@click.argument("name")
@click.argument("role", type=_ROLES)
@of_a_deployment
def role(*, deployment: Deployment, name: str, role: str) -> None:
    """Give a person another role; open sessions get it too."""
    _change(deployment, name, lambda person: person.with_role(Role(role), _now()), f"now {role}")


@users.command()
@click.argument("name")
@of_a_deployment
def password(*, deployment: Deployment, name: str) -> None:
    """Set another password; all sessions end, tokens stay valid. An account no longer signs in."""
    _known(deployment, name)
    kept = _password(name)
    _change(deployment, name, lambda person: person.with_password(kept, _now()), "has another password")


@users.command("sso")
@click.argument("name")
@click.argument("subject")
@_issuer_option
@of_a_deployment
def account(*, deployment: Deployment, name: str, subject: str, issuer: str | None) -> None:
    """Have a person sign in with an account of an identity provider from now on; the password is good no more."""
    _known(deployment, name)
    found = _account(deployment, subject, issuer)
    _demand_free(deployment, found, name)
    _change(deployment, name, lambda person: person.with_account(found, _now()), f"signs in as {found.subject}")
    sso_of(deployment).give(found, name)


@users.command()
@click.argument("name")
@of_a_deployment
def revoke(*, deployment: Deployment, name: str) -> None:
    """End all sessions of a person; who knows the password may sign in again."""
    _change(deployment, name, lambda person: person.revoked(_now()), "all sessions are ended")


@users.group()
def token() -> None:
    """Tokens for the programs of a person; they have that person's rights."""


@token.command("add")
@click.argument("name")
@click.argument("label")
@of_a_deployment
def add_token(*, deployment: Deployment, name: str, label: str) -> None:
    """Make a token and print it, only this once."""
    made: list[str] = []

    def with_token(person: Person) -> Person:
        changed, text = person.with_token(label, _now())
        made.append(text)
        return changed

    _change(deployment, name, with_token, f"token {label!r} made; it is shown only this once")
    click.echo(made[-1])


@token.command("revoke")
@click.argument("name")
@click.argument("label")
@of_a_deployment
def revoke_token(*, deployment: Deployment, name: str, label: str) -> None:
    """Make a token invalid."""
    _change(deployment, name, lambda person: person.without_token(label, _now()), f"token {label!r} revoked")


def _people(deployment: Deployment) -> People:
    return People(deployment.store, deployment.bucket)


def _account(deployment: Deployment, subject: str, issuer: str | None) -> Account:
    """The account of a subject at the provider that is set, or that is named."""
    if issuer is None:
        settings = sso_of(deployment).settings()
        if settings is None:
            raise UsageProblem("--sso: expected an identity provider, found none. Set one with `gems sso set`.")
        issuer = settings.issuer
    try:
        return Account(issuer, subject)
    except ValueError as error:
        raise UsageProblem(f"{error}.") from error


def _demand_free(deployment: Deployment, account: Account, name: str) -> None:
    """Refuse an account that is somebody else's: no two people may be one."""
    owner = sso_of(deployment).owner(account)
    person = _people(deployment).find(owner) if owner else None
    if person is not None and person.name != name and person.account == account:
        raise UsageProblem(
            f"expected an account without a user, found that of {person.name}. Give {person.name} another account, or a password, first."
        )


def _signs_in(person: Person) -> str:
    if person.account is not None:
        return f"as {person.account.subject} at {person.account.issuer}"
    if person.own is not None:
        return f"with a password that they set on {person.own.changed_at:%Y-%m-%d}"
    return "with a password" if person.password else "not at all"


def _known(deployment: Deployment, name: str) -> Person:
    person = _people(deployment).find(name) if is_name(name) else None
    if person is None:
        raise UsageProblem(f"NAME: expected a user, found {name[:100]!r}. `gems users list` shows all.")
    return person


def _change(deployment: Deployment, name: str, change: Callable[[Person], Person], told: str) -> None:
    _known(deployment, name)
    try:
        _people(deployment).change(name, change)
    except ValueError as error:
        raise UsageProblem(f"LABEL: {error}. `gems users list --tokens` shows all.") from error
    _told(f"{name}: {told}")


def _password(name: str) -> str:
    return hashed(_checked(name, _asked()))


def _asked() -> str:
    """A password, from a person at a terminal twice, or else as one line of standard input."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _checked(name: str, password: str) -> str:
    problem = password_problem(password, name)
    if problem:
        raise UsageProblem(f"password: {problem}. Choose another one.")
    return password


def _told(line: str) -> None:
    click.echo(line, err=True)


def _now() -> datetime:
    return datetime.now(UTC)
