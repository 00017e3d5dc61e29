"""`gems local up` where it cannot start."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gems_cli.main import gems, run_command
from gems_core.errors import CloudUnreachable
from gems_local.processes import Service


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_in_use_is_told_before_anything_is_looked_for(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["local", "up", "--port", str(taken), "--typer-jar", "no-such.jar"]
    assert run_command(lambda: gems(command, standalone_mode=False)) == 2
    said = capsys.readouterr().err
    assert f"port {taken} cannot be listened on (Address already in use); choose another with --port" in said


def test_a_part_that_cannot_start_says_why_and_ends_as_programs_do(taken: int, tmp_path: Path) -> None:
    settings = {"port": taken, "environment": {}, "reap_seconds": 1}
    api = Service.start("the API", "gems_local.api_server", settings, tmp_path / "api.log")
    with pytest.raises(CloudUnreachable) as told:
        api.wait_until_ready(30)
    assert "Address already in use" in str(told.value)
    assert "Fatal Python error" not in str(told.value)
