"""What `gems run` says and keeps when something outside of the job goes wrong."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ConnectionClosedError
from rich.console import Console

from gems_artefacts.inputs import Tools
from gems_cli.run import session, space
from gems_cli.run.output import incoming
from gems_cli.run.reads import UploadPlan
from gems_cli.run.session import RunPlan, type_folder
from gems_cli.run.space import DiskFull, full_disk_told, space_lines
from gems_core.errors import CloudUnreachable

FULL = OSError(errno.ENOSPC, "No space left on device")
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def plan(tmp_path: Path) -> RunPlan:
    tools = Tools(tmp_path / "library", tmp_path / "panel.tsv", tmp_path / "typer.jar")
    return RunPlan(folder=tmp_path / "reads", reads=UploadPlan((), ()), tools=tools, output=tmp_path / "out")


def fail_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception) -> None:
    """Let the run fail after its cloud has written a log."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    def collect(*_: object) -> None:
        (cloud,) = (tmp_path / "temporary").iterdir()
        (cloud / "aws.log").write_text("why")
        raise error

    monkeypatch.setattr(session, "collect_artefacts", collect)


@pytest.mark.parametrize(
    "error", [ConnectionClosedError(endpoint_url="http://127.0.0.1:1"), S3UploadFailedError("Failed to upload x")]
)
def test_a_local_cloud_that_breaks_off_is_not_taken_for_aws_and_its_logs_are_kept(
    monkeypatch: pytest.MonkeyPatch, plan: RunPlan, tmp_path: Path, error: Exception
) -> None:
    fail_with(monkeypatch, tmp_path, error)
    with pytest.raises(CloudUnreachable, match=r"the local cloud does not answer: .*[^.]\. Its logs"):
        type_folder(plan, Console())
    assert (plan.output / "logs" / "aws.log").read_text() == "why"
    assert json.loads((plan.output / "gems-run.json").read_bytes())["state"] == "failed"


def test_a_full_disk_is_told_with_the_places_that_a_run_writes_to(
    monkeypatch: pytest.MonkeyPatch, plan: RunPlan, tmp_path: Path
) -> None:
    fail_with(monkeypatch, tmp_path, FULL)
    with pytest.raises(DiskFull, match="--output, TMPDIR and GEMS_CACHE") as failure:
        type_folder(plan, Console())
    assert str(plan.output) in str(failure.value)
    assert str(tmp_path / "temporary") in str(failure.value)
    assert (plan.output / "logs" / "aws.log").exists()


def test_a_place_that_is_all_but_full_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, plan: RunPlan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(monkeypatch, tmp_path, CloudUnreachable("it broke off"))
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: Usage(0, 0, 10**8))
    with pytest.raises(CloudUnreachable):
        type_folder(plan, Console(width=1000))
    said = capsys.readouterr().out
    assert "has 100 MB left. Make room there, or let TMPDIR name a folder with more" in said
    assert "--output" not in said


def test_a_disk_with_room_is_not_spoken_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: Usage(0, 0, 10**9))
    assert space_lines(tmp_path, tmp_path / "cloud") == []


def test_results_that_do_not_fit_are_told_with_the_folder_and_leave_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text("earlier")

    def fetch() -> None:
        with incoming(tmp_path) as folder:
            (folder / "report.csv").symlink_to("/dev/full")
            (folder / "report.csv").write_bytes(b"x")

    with pytest.raises(DiskFull, match=f"the results in {tmp_path}: expected room, found: No space left") as failure:
        fetch()
    assert "--output" in str(failure.value)
    assert [path.name for path in tmp_path.iterdir()] == ["report.csv"]


def test_other_errors_of_the_system_stay_as_they_are() -> None:
    with pytest.raises(PermissionError), full_disk_told("the results", "Make room."):
        raise PermissionError(errno.EACCES, "Permission denied", "x")


def test_a_temporary_folder_that_cannot_be_emptied_does_not_hide_how_the_run_went(
    monkeypatch: pytest.MonkeyPatch, plan: RunPlan, tmp_path: Path
) -> None:
    fail_with(monkeypatch, tmp_path, CloudUnreachable("it broke off"))
    real = os.rmdir

    def written_to_meanwhile(path: str, **options: int) -> None:
        if "gems-run-" in str(path):
            raise OSError(errno.ENOTEMPTY, "Directory not empty", path)
        real(path, **options)

    monkeypatch.setattr(os, "rmdir", written_to_meanwhile)
    with pytest.raises(CloudUnreachable, match="it broke off"):
        type_folder(plan, Console())


def test_a_kept_cloud_tells_how_to_sign_in_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    class Cloud(SimpleNamespace):
        def check(self) -> None:
            raise KeyboardInterrupt

    aws = SimpleNamespace(endpoint="http://127.0.0.1:2")
    cloud = Cloud(plan=SimpleNamespace(folder=tmp_path), user_token="a secret", api_url="http://127.0.0.1:1", aws=aws)
    console = Console(record=True, width=200)
    session.wait_for_interrupt(cloud, console)  # type: ignore[arg-type]
    said = console.export_text()
    assert "http://127.0.0.1:1" in said
    assert str(tmp_path / "user-token") in said
    assert "a secret" not in said
    assert (tmp_path / "user-token").read_text() == "a secret"
    assert (tmp_path / "user-token").stat().st_mode & 0o077 == 0
