"""``gems reference check``: what it asks of the typer, and what it answers."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gems_cli.reference import check_command
from gems_cli.reference.commands import reference
from gems_reference.panel import open_panel_path


class Typer:
    """Notes how it was called and ends with a code."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.command: list[str] = []

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.command = command
        return subprocess.CompletedProcess(command, self.code)


def ended(typer: Typer, monkeypatch: pytest.MonkeyPatch, folder: Path, *more: str) -> int:
    jar = folder / "typer.jar"
    jar.touch()
    monkeypatch.setattr(check_command, "check_jar", lambda _: None)
    monkeypatch.setattr(check_command, "find_java", lambda: "java")
    monkeypatch.setattr("subprocess.run", typer.run)
    return CliRunner().invoke(reference, ["check", str(folder), "--typer-jar", str(jar), *more]).exit_code


def value(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


def test_all_alleles_of_the_open_panels_genes_are_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typer = Typer(0)
    assert ended(typer, monkeypatch, tmp_path) == 0
    assert value(typer.command, "--panel") == str(open_panel_path())
    assert value(typer.command, "--sample") == "0"
    assert "--locus" not in typer.command


def test_genes_and_a_sample_of_their_alleles_can_be_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typer = Typer(0)
    more = ("--locus", "A", "--locus", "DRB1", "--sample", "20", "--seed", "7", "--threads", "2")
    assert ended(typer, monkeypatch, tmp_path, *more) == 0
    asked = {option: value(typer.command, option) for option in ("--locus", "--sample", "--seed", "--threads")}
    assert asked == {"--locus": "A,DRB1", "--sample": "20", "--seed": "7", "--threads": "2"}


@pytest.mark.parametrize(("code", "exit_code"), [(1, 1), (2, 2), (3, 3), (70, 1), (-9, 1)])
def test_the_typers_end_is_the_commands(
    code: int, exit_code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert ended(Typer(code), monkeypatch, tmp_path) == exit_code
