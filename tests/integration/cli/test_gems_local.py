"""`gems local up` where it cannot start."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from gems_cli.local import KEPT_LOGS
from gems_cli.main import gems, run_command
from gems_core.errors import CloudUnreachable
from gems_local.processes import Service
from gems_local.stack import CloudPlan


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_in_use_is_told_before_anything_is_looked_for(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["local", "up", "--port", str(taken), "--typer-jar", "no-such.jar"]
    assert run_command(lambda: gems(command, standalone_mode=False)) == 2
    said = capsys.readouterr().err
    assert f"port {taken} cannot be used (Address already in use); choose another with --port" in said


def test_the_logs_of_a_local_cloud_outlive_it_and_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Cloud:
        def __init__(self, plan: CloudPlan) -> None:
            self.plan = plan
            self.user_token = self.api_url = self.data_bucket = self.basespace_url = ""
            self.aws = SimpleNamespace(endpoint="")

        def __enter__(self) -> Cloud:
            return self

        def __exit__(self, *_error: object) -> None:
            (self.plan.folder / "api.log").write_text("the last word")

        def check(self) -> None:
            raise CloudUnreachable("the API ended")

    monkeypatch.setattr("gems_cli.local.LocalCloud", Cloud)
    monkeypatch.setattr("gems_cli.local.cache_folder", lambda: tmp_path)
    monkeypatch.setattr("gems_cli.local.find_tools", lambda *_: SimpleNamespace(jar=None, library=None, panel=None))
    monkeypatch.setattr("gems_cli.local.collect_artefacts", lambda *_: {})
    for _ in range(KEPT_LOGS + 2):
        assert run_command(lambda: gems(["local", "up"], standalone_mode=False)) != 0
    said = capsys.readouterr()
    kept = sorted((tmp_path / "local-logs").iterdir())
    assert len(kept) == KEPT_LOGS
    named = said.err.strip().splitlines()[-2:]
    assert any(f"logs are kept in {folder}" in named for folder in kept)
    assert f"at the end kept in {kept[-1]}" in said.out or f"at the end kept in {kept[0]}" in said.out
    assert {(folder / "api.log").read_text() for folder in kept} == {"the last word"}


@pytest.mark.parametrize(("flags", "engine"), [([], "ec2"), (["--engine", "batch"], "batch")])
def test_the_engine_is_the_api_unless_batch_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: list[str], engine: str
) -> None:
    plans: list[CloudPlan] = []

    def refuse(plan: CloudPlan) -> None:
        plans.append(plan)
        raise CloudUnreachable("enough")

    monkeypatch.setattr("gems_cli.local.LocalCloud", refuse)
    monkeypatch.setattr("gems_cli.local.cache_folder", lambda: tmp_path)
    monkeypatch.setattr("gems_cli.local.find_tools", lambda *_: SimpleNamespace(jar=None, library=None, panel=None))
    monkeypatch.setattr("gems_cli.local.collect_artefacts", lambda *_: {})
    assert run_command(lambda: gems(["local", "up", *flags], standalone_mode=False)) != 0
    assert [plan.engine for plan in plans] == [engine]


def test_a_part_that_cannot_start_says_why_and_ends_as_programs_do(taken: int, tmp_path: Path) -> None:
    settings = {"port": taken, "environment": {}, "reap_seconds": 1}
    api = Service.start("the API", "gems_local.api_server", settings, tmp_path / "api.log")
    with pytest.raises(CloudUnreachable) as told:
        api.wait_until_ready(30)
    assert "Address already in use" in str(told.value)
    assert "Fatal Python error" not in str(told.value)
