"""Exit codes and messages of the `gems` command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, ProfileNotFound, ProxyConnectionError
from click.testing import CliRunner

from gems_cli.exits import ApiRefused, ExitCode, JobFailed
from gems_cli.main import gems, run_command
from gems_core.errors import CloudRefused, CloudUnreachable, InvalidInput, Problem, UsageProblem

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
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


def test_what_a_command_leaves_with_is_what_the_shell_sees() -> None:
    @click.command()
    @click.pass_context
    def check(context: click.Context) -> None:
        context.exit(3)

    assert run_command(lambda: check([], standalone_mode=False)) == 3


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FileNotFoundError(2, "No such file or directory", "panel.tsv"), 3, "gems: panel.tsv: No such file or directory"),
        (ProfileNotFound(profile="lab"), 4, "AWS_PROFILE"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject"), 4, "AccessDenied"),
        (ProxyConnectionError(proxy_url="http://127.0.0.1:9"), 4, "the proxy"),
        (S3UploadFailedError("Failed to upload it."), 4, "gems: AWS: Failed to upload it. Check"),
        (CloudRefused("reading it was refused (AccessDenied): no"), 4, "(AccessDenied): no. Check the credentials, their rights"),
        (KeyError("JobRoleArn"), 70, "a fault of GeMS itself: KeyError: 'JobRoleArn' (test_exits.py, line"),
    ],
)  # fmt: skip
def test_what_nobody_foresaw_is_told_in_a_line(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEMS_TRACEBACK", raising=False)
    assert run_command(raising(error)) == code
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(("error", "code"), [(KeyError("x"), 70), (ProfileNotFound(profile="lab"), 4)])
def test_the_whole_trace_is_shown_to_who_asks_for_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    monkeypatch.setenv("GEMS_TRACEBACK", "1")
    assert run_command(raising(error)) == code
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_has_had_enough_is_no_fault() -> None:
    program = "from gems_cli.main import run_command; import sys; sys.exit(run_command(lambda: print('x' * 10**6)))"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.read(10)
        writer.stdout.close()
        assert writer.stderr is not None
        assert writer.stderr.read() == b""
        assert writer.wait(60) == 1


def test_a_command_that_ends_well_exits_with_zero() -> None:
    assert run_command(lambda: None) == 0


def test_every_exit_code_is_in_the_help_and_in_the_docs() -> None:
    listed = CliRunner().invoke(gems, ["--help"]).output
    page = (DOCS / "cli.md").read_text()
    for code in ExitCode:
        assert f"{code.value} " in listed
        assert f"| {code.value} |" in page


@pytest.mark.parametrize("part", ["type", "run", "job", "local", "reference", "example"])
def test_every_command_is_in_the_help_and_in_the_docs(part: str) -> None:
    assert part in CliRunner().invoke(gems, ["--help"]).output
    assert f"gems {part}" in (DOCS / "cli.md").read_text()
    assert CliRunner().invoke(gems, [part, "--help"]).exit_code == 0


@pytest.mark.parametrize(
    "command", [["type"], ["run"], ["job", "start"], ["job", "list"], ["local", "up"], ["reference", "build"]]
)
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
