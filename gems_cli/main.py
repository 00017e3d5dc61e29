"""The `gems` command. Each part is imported when it is asked for, so that `gems --help` answers at once."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import click

from gems_cli.exits import EXIT_CODES_HELP, ExitCode, exit_code_for, sentence
from gems_cli.lazy import LazyGroup
from gems_core import __version__
from gems_core.errors import CloudRefused, GemsError, InvalidInput

# Name, where its click command is, and the line that `gems --help` shows without importing it.
_PARTS = {
    "demo": ("gems_cli.demo:demo", "Type the bundled example and show the calls beside the truth."),
    "type": ("gems_cli.offline.commands:type_reads", "Type reads on this machine, without a cloud; for pipelines."),
    "run": ("gems_cli.run.commands:run", "Type a folder of reads in the whole cloud, in small, on this machine."),
    "report": ("gems_cli.report.commands:report", "Make reports of results, convert them, compare typings."),
    "job": ("gems_cli.jobs.commands:job", "Start and follow jobs of a deployed GeMS."),
    "credentials": ("gems_cli.credentials:credentials", "Rotate the tokens of a deployment."),
    "users": ("gems_cli.users:users", "Add people, give them roles, passwords and tokens."),
    "sso": ("gems_cli.sso:sso", "Have people sign in with accounts of an identity provider."),
    "review": ("gems_cli.review.commands:review", "Show who reviewed and approved what; prove the log of it."),
    "forget": ("gems_cli.forget:forget", "Remove a person's results of a job."),
    "prices": ("gems_cli.prices:prices", "Ask AWS for the instances' prices, for estimates and budgets."),
    "deploy": ("gems_cli.deploy:deploy", "Deploy a stage to AWS, or bring it up to date."),
    "doctor": ("gems_cli.deploy:doctor", "Check everything that a deployed stage needs."),
    "undeploy": ("gems_cli.deploy:undeploy", "Remove a stage; its data and tokens stay."),
    "artefacts": ("gems_cli.artefacts.commands:artefacts", "Publish, promote, roll back and prune what workers fetch."),
    "local": ("gems_cli.local:local", "Keep the local cloud up, for development."),
    "reference": ("gems_cli.reference.commands:reference", "Build and inspect the reference library."),
    "example": ("gems_cli.example:example", "Make example reads."),
}


# What of the parts above is not there where the client alone is installed, by the extra that brings it.
_EXTRA_OF = {
    "run": "local",
    "local": "local",
    "credentials": "deploy",
    "users": "deploy",
    "sso": "deploy",
    "review": "deploy",
    "forget": "deploy",
    "prices": "deploy",
    "deploy": "deploy",
    "doctor": "deploy",
    "undeploy": "deploy",
    "artefacts": "deploy",
}
_PACKAGES_OF_EXTRAS = (
    "authlib",
    "boto3",
    "botocore",
    "credstash",
    "cryptography",
    "flask",
    "joserfc",
    "moto",
    "waitress",
    "watchtower",
    "yaml",
    "zappa",
)
TRACEBACK_VARIABLE = "GEMS_TRACEBACK"
_AWS_REPAIR = "Check the credentials, their rights, the profile (AWS_PROFILE), the region and the proxy."


@click.group(cls=LazyGroup, parts=_PARTS, epilog=EXIT_CODES_HELP)
@click.version_option(__version__, prog_name="gems")
def gems() -> None:
    """GeMS types HLA genes from Illumina MiSeq reads."""


def main() -> None:
    """The console entry: runs `gems`, and turns what goes wrong into a message and an exit code."""
    sys.exit(run_command(lambda: gems(standalone_mode=False)))


def run_command(command: Callable[[], object]) -> int:
    """Run a command.

    Returns:
        its exit code (``gems_cli.exits.ExitCode``).
    """
    try:
        # click gives what a command's Context.exit() was called with as a result, and raises nothing.
        left_with = command()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except Exception as error:
        return _tell(error)
    return left_with if isinstance(left_with, int) else ExitCode.DONE


def _tell(error: Exception) -> int:
    """Say in a line or two what went wrong; returns the exit code."""
    code: int
    match error:
        case click.ClickException():
            error.show()
            code = error.exit_code
        case ModuleNotFoundError() if (error.name or "").partition(".")[0] in _PACKAGES_OF_EXTRAS:
            click.echo(f"gems: {_extra_told(sys.argv[1:2])}", err=True)
            code = ExitCode.USAGE
        case GemsError():
            click.echo(f"gems: {_message(error)}", err=True)
            code = exit_code_for(error)
        case BrokenPipeError():
            # Who read our output has had enough, as `head` does; Python must not try to write the rest of it at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = ExitCode.FAILED
        case _ if _of_aws(error):  # some of these are OSErrors as well
            _trace(error)
            click.echo(f"gems: AWS: {sentence(error)} {_AWS_REPAIR}", err=True)
            code = ExitCode.UNREACHABLE
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"gems: {where}{error.strerror or error}", err=True)
            code = ExitCode.BAD_INPUT
        case _:
            code = _tell_unforeseen(error)
    return code


def _extra_told(named: list[str]) -> str:
    """What is missing for a command, and the line that brings it."""
    part = named[0] if named else ""
    extra = _EXTRA_OF.get(part, "local")
    return (
        f"gems {part}: expected the packages of the extra [{extra}], found the client alone. Install it with what this "
        f"command needs: pip install 'gems-hla[{extra}]'; with pipx: pipx install --force 'gems-hla[{extra}]' (or the wheel's "
        f"path with [{extra}] behind it)."
    )


def _of_aws(error: Exception) -> bool:
    # They take long to import, and most commands do without them.
    return any(base.__module__ in ("botocore.exceptions", "boto3.exceptions") for base in type(error).__mro__)


def _trace(error: Exception) -> None:
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error)


def _tell_unforeseen(error: Exception) -> ExitCode:
    _trace(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    click.echo(
        f"gems: a fault of GeMS itself: {type(error).__name__}: {error} ({Path(frame.filename).name}, line {frame.lineno}). "
        f"Please report it, with what {TRACEBACK_VARIABLE}=1 shows.",
        err=True,
    )
    return ExitCode.FAULT


def _message(error: GemsError) -> str:
    if isinstance(error, CloudRefused):
        return f"{sentence(error)} {_AWS_REPAIR}"
    if not isinstance(error, InvalidInput):
        return str(error)
    listed = "\n".join(f"  - {problem}" for problem in error.problems)
    return listed.strip(" -") if len(error.problems) == 1 else f"{len(error.problems)} problems:\n{listed}"
