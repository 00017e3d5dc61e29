"""Exit codes and messages of the `gems` command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gems_cli.exits import CloudUnreachable, ExitCode, JobFailed, UsageProblem
from gems_cli.jobs.client import ApiRefused
from gems_cli.main import gems, run_command
from gems_core.errors import InvalidInput, Problem

DOCS = Path(__file__).resolve().parents[3] / "docs"
PROBLEMS = [Problem("a", "x.gz", "reads", "none", "Upload it."), Problem("b", "y.gz", "a mate", "none", "Upload it.")]


def raising(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (JobFailed("one sample failed"), 1),
        (UsageProblem("set it"), 2),
        (click.UsageError("no such option"), 2),
        (InvalidInput(PROBLEMS), 3),
        (ApiRefused(422, "refused"), 3),
        (CloudUnreachable("no answer"), 4),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_has_its_exit_code_and_no_traceback(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(raising(error)) == code
    said = capsys.readouterr().err
    assert said
    assert "Traceback" not in said


def test_all_problems_of_bad_input_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run_command(raising(InvalidInput(PROBLEMS)))
    said = capsys.readouterr().err
    assert "2 problems" in said
    assert "  - x.gz: expected reads, found none. Upload it." in said
    assert "  - y.gz" in said


def test_a_command_that_ends_well_exits_with_zero() -> None:
    assert run_command(lambda: None) == 0


def test_every_exit_code_is_in_the_help_and_in_the_docs() -> None:
    listed = CliRunner().invoke(gems, ["--help"]).output
    page = (DOCS / "cli.md").read_text()
    for code in ExitCode:
        assert f"{code.value} " in listed
        assert f"| {code.value} |" in page


@pytest.mark.parametrize("part", ["run", "job", "local", "reference", "example"])
def test_every_command_is_in_the_help_and_in_the_docs(part: str) -> None:
    assert part in CliRunner().invoke(gems, ["--help"]).output
    assert f"gems {part}" in (DOCS / "cli.md").read_text()
    assert CliRunner().invoke(gems, [part, "--help"]).exit_code == 0


@pytest.mark.parametrize("command", [["run"], ["job", "start"], ["job", "list"], ["local", "up"]])
def test_every_option_is_in_the_docs(command: list[str]) -> None:
    found: click.Command = gems
    for name in command:
        assert isinstance(found, click.Group)
        below = found.get_command(click.Context(found), name)
        assert below is not None
        found = below
    page = (DOCS / "cli.md").read_text()
    for parameter in found.params:
        if isinstance(parameter, click.Option):
            assert f"`{parameter.opts[-1]}" in page or f"`{parameter.opts[0]}" in page
