"""The output folder of `gems run`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gems_cli.exits import ApiRefused
from gems_cli.run.output import MARKER, RunState, claimed_output, incoming, keep_logs, mark
from gems_core.errors import InvalidInput
from gems_local.cloud_logs import keep_disk_logs


def test_a_new_folder_is_made_ours(tmp_path: Path) -> None:
    with claimed_output(tmp_path / "a" / "out"):
        assert (tmp_path / "a" / "out" / MARKER).exists()


def test_somebody_elses_files_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years")
    with pytest.raises(InvalidInput, match=r"thesis\.doc"), claimed_output(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def earlier_run(folder: Path) -> Path:
    """The output of a run that ended, with the user's own notes beside it."""
    with claimed_output(folder):
        mark(folder, state=RunState.ENDED, session_key="earlier", overall_status="COMPLETE")
    (folder / "samples" / "P1").mkdir(parents=True)
    (folder / "logs").mkdir()
    for name in ("report.csv", "report.json", "my notes.txt"):
        (folder / name).write_text("old")
    return folder


def noted(folder: Path) -> dict[str, str]:
    facts: dict[str, str] = json.loads((folder / MARKER).read_bytes())
    return facts


def test_an_earlier_runs_results_are_replaced_and_other_files_beside_them_stay(tmp_path: Path) -> None:
    with claimed_output(earlier_run(tmp_path)), incoming(tmp_path) as folder:
        (folder / "samples").mkdir()
    assert sorted(path.name for path in tmp_path.iterdir()) == [MARKER, "my notes.txt", "samples"]
    assert list((tmp_path / "samples").iterdir()) == []


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ApiRefused(422, "no mate"), "refused"),
        (KeyboardInterrupt(), "interrupted"),
        (OSError(28, "No space left on device"), "failed"),
    ],
)
def test_a_run_that_brings_nothing_leaves_the_earlier_results_and_notes_how_it_ended(
    tmp_path: Path, error: BaseException, state: str
) -> None:
    before = sorted(path.name for path in earlier_run(tmp_path).iterdir())
    with pytest.raises(type(error)), claimed_output(tmp_path):
        raise error
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert noted(tmp_path) == {
        "made_by": "gems run",
        "state": state,
        "session_key": "earlier",
        "overall_status": "COMPLETE",
    }


def test_what_goes_wrong_once_the_results_are_there_does_not_unsay_them(tmp_path: Path) -> None:
    with contextlib.suppress(BrokenPipeError), claimed_output(tmp_path):
        mark(tmp_path, state=RunState.ENDED)
        raise BrokenPipeError
    assert noted(tmp_path)["state"] == "ended"


def test_a_damaged_marker_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text("[")
    with claimed_output(tmp_path):
        assert noted(tmp_path)["state"] == "running"


def test_a_file_is_no_output_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InvalidInput, match="a folder"), claimed_output(tmp_path / "out"):
        pass


def test_results_arrive_together_or_not_at_all(tmp_path: Path) -> None:
    def interrupted_fetch() -> None:
        with incoming(tmp_path) as folder:
            (folder / "report.csv").write_text("half")
            raise OSError("cut off")

    with pytest.raises(OSError, match="cut off"):
        interrupted_fetch()
    assert list(tmp_path.iterdir()) == []
    with incoming(tmp_path) as folder:
        (folder / "report.csv").write_text("whole")
    assert (tmp_path / "report.csv").read_text() == "whole"
    assert len(list(tmp_path.iterdir())) == 1


def test_logs_are_kept_with_the_folders_of_their_instances(tmp_path: Path) -> None:
    console = tmp_path / "cloud" / "instances" / "i-1" / "console.log"
    console.parent.mkdir(parents=True)
    console.write_text("booted")
    kept = keep_logs(tmp_path / "out", tmp_path / "cloud")
    assert (kept / "instances" / "i-1" / "console.log").read_text() == "booted"


def instance_at_work(cloud: Path) -> Path:
    """An instance with a log in its folder, and one among the programs on its disk."""
    instance = cloud / "instances" / "i-1"
    (instance / "root" / "gems" / "numpy" / "_core").mkdir(parents=True)
    (instance / "root" / "gems" / "worker.log").write_text("typed")
    (instance / "console.log").write_text("booted")
    return instance


def do_when_met(monkeypatch: pytest.MonkeyPatch, place: Path, act: Callable[[], None]) -> None:
    """Act just before a folder is listed or a file is copied, once, as another process may."""
    left = [act]

    def watch(module: object, name: str) -> None:
        real = getattr(module, name)

        def watched(path: object = ".", *more: object) -> object:
            if path == place and left:
                left.pop()()
            return real(path, *more)

        monkeypatch.setattr(module, name, watched)

    for module, name in ((os, "listdir"), (os, "scandir"), (shutil, "copyfile")):
        watch(module, name)


def test_logs_of_an_instance_at_work_lie_where_those_of_one_that_is_off_do(tmp_path: Path) -> None:
    instance_at_work(tmp_path / "cloud")
    kept = keep_logs(tmp_path / "out", tmp_path / "cloud") / "instances" / "i-1"
    assert {path.name: path.read_text() for path in kept.iterdir()} == {"worker.log": "typed", "console.log": "booted"}


@pytest.mark.parametrize("place", [".", "root", "root/gems", "root/gems/worker.log"])
def test_logs_are_kept_though_the_disk_they_lie_on_is_removed_meanwhile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    instance = instance_at_work(tmp_path / "cloud")
    do_when_met(monkeypatch, instance / place, lambda: keep_disk_logs(instance))
    kept = keep_logs(tmp_path / "out", tmp_path / "cloud") / "instances" / "i-1"
    assert (kept / "worker.log").read_text() == "typed"
    assert (kept / "console.log").read_text() == "booted"


def test_what_else_is_on_a_disk_may_vanish_while_the_logs_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    instance = instance_at_work(tmp_path / "cloud")
    programs = instance / "root" / "gems" / "numpy"
    do_when_met(monkeypatch, programs, lambda: shutil.rmtree(programs))
    kept = keep_logs(tmp_path / "out", tmp_path / "cloud")
    assert (kept / "instances" / "i-1" / "worker.log").read_text() == "typed"


def test_a_cloud_that_has_booted_nothing_has_the_logs_of_its_services(tmp_path: Path) -> None:
    (tmp_path / "cloud").mkdir()
    (tmp_path / "cloud" / "api.log").write_text("listens")
    kept = keep_logs(tmp_path / "out", tmp_path / "cloud")
    assert {path.name: path.read_text() for path in kept.iterdir()} == {"api.log": "listens"}
