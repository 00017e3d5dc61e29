"""The output folder of `gems run`."""

from __future__ import annotations

from pathlib import Path

import pytest

from gems_cli.run.output import MARKER, claim_output, incoming, keep_logs
from gems_core.errors import InvalidInput


def test_a_new_folder_is_made_ours(tmp_path: Path) -> None:
    claim_output(tmp_path / "a" / "out")
    assert (tmp_path / "a" / "out" / MARKER).exists()


def test_somebody_elses_files_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years")
    with pytest.raises(InvalidInput, match=r"thesis\.doc"):
        claim_output(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_an_earlier_runs_results_are_replaced_and_other_files_beside_them_stay(tmp_path: Path) -> None:
    claim_output(tmp_path)
    (tmp_path / "report.csv").write_text("old")
    (tmp_path / "samples" / "P1").mkdir(parents=True)
    (tmp_path / "my notes.txt").write_text("mine")
    claim_output(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [MARKER, "my notes.txt"]


def test_a_file_is_no_output_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InvalidInput, match="a folder"):
        claim_output(tmp_path / "out")


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
