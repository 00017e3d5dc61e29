"""``gems users``: the people of a deployment, their roles, passwords and tokens.

The records lie in the stage's control bucket. The API only reads them, so whoever adds or changes people needs the
deployer's credentials in AWS. No password is ever an argument, and none is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click
from rich.table import Table

from gems_api.services.access.passwords import LEAST_CHARACTERS, hashed, password_problem
from gems_api.services.state.person import Person
from gems_api.services.storage.people import People
from gems_cli.deployment import Deployment, of_a_deployment
from gems_cli.terminal import open_console
from gems_core.errors import UsageProblem
from gems_core.people import EXPECTED_NAME, Role, is_name

_ROLES = click.Choice([role.value for role in Role])
_HELP = (
    f"Passwords have {LEAST_CHARACTERS} characters or more. They are asked for, or read as a line of standard input."
)


@click.group(epilog=_HELP)
def users() -> None:
    """Add people, give them roles, passwords and tokens, and shut them out.

    AWS credentials are found as every AWS tool finds them; they need to read and write people/users/ in the control bucket.
    A change is known to the API within five seconds.
    """


@users.command()
@click.argument("name")
@click.option("--role", type=_ROLES, required=True, help="What the person may do; docs/review.md tells.")
@of_a_deployment
def add(*, deployment: Deployment, name: str, role: str) -> None:
    """Add a person; asks for a first password."""
    if not is_name(name):
        raise UsageProblem(f"NAME: expected {EXPECTED_NAME}, found {name[:100]!r}.")
    _people(deployment).add(Person.new(name, Role(role), _password(name), _now()))
    _told(f"{name}: added as {role}")


@users.command("list")
@click.option("--tokens", is_flag=True, help="List the tokens of each person too, by their labels.")
@of_a_deployment
def list_users(*, deployment: Deployment, tokens: bool) -> None:
    """List people, never their passwords or tokens."""
    listed = Table("name", "role", "state", "changed", "tokens", box=None, pad_edge=False)
    for person in _people(deployment).all():
        named = ", ".join(f"{token.label} ({token.made_at:%Y-%m-%d})" for token in person.tokens)
        state = "disabled" if person.disabled else "enabled"
        changed = f"{person.changed_at:%Y-%m-%d %H:%M}"
        listed.add_row(person.name, person.role, state, changed, named if tokens else str(len(person.tokens)))
    open_console().print(listed)


@users.command()
@click.argument("name")
@of_a_deployment
def disable(*, deployment: Deployment, name: str) -> None:
    """Shut a person out: all sessions end, and no token is good any more."""
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
    """Give a person another role; sessions go on with it."""
    _change(deployment, name, lambda person: person.with_role(Role(role), _now()), f"now {role}")


@users.command()
@click.argument("name")
@of_a_deployment
def password(*, deployment: Deployment, name: str) -> None:
    """Set another password; all sessions end, tokens go on."""
    _known(deployment, name)
    kept = _password(name)
    _change(deployment, name, lambda person: person.with_password(kept, _now()), "has another password")


@users.command()
@click.argument("name")
@of_a_deployment
def revoke(*, deployment: Deployment, name: str) -> None:
    """End all sessions of a person; who knows the password may sign in again."""
    _change(deployment, name, lambda person: person.revoked(_now()), "all sessions are ended")


@users.group()
def token() -> None:
    """Tokens with which programs of a person's ask the API, with that person's rights."""


@token.command("add")
@click.argument("name")
@click.argument("label")
@of_a_deployment
def add_token(*, deployment: Deployment, name: str, label: str) -> None:
    """Make a token and print it, this once."""
    made: list[str] = []

    def with_token(person: Person) -> Person:
        changed, text = person.with_token(label, _now())
        made.append(text)
        return changed

    _change(deployment, name, with_token, f"token {label!r} made; it is shown this once")
    click.echo(made[-1])


@token.command("revoke")
@click.argument("name")
@click.argument("label")
@of_a_deployment
def revoke_token(*, deployment: Deployment, name: str, label: str) -> None:
    """Take a token out of force."""
    _change(deployment, name, lambda person: person.without_token(label, _now()), f"token {label!r} revoked")


def _people(deployment: Deployment) -> People:
    return People(deployment.store, deployment.bucket)


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
