"""`gems demo`, but for the typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from gems_artefacts.inputs import Tools
from gems_cli import demo
from gems_cli.main import gems, run_command


def call(output: Path) -> int:
    return run_command(lambda: gems(["demo", "-o", str(output)], standalone_mode=False))


@pytest.fixture(autouse=True)
def _example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tools = Tools(tmp_path / "library", tmp_path / "panel.tsv", tmp_path / "typer.jar")
    monkeypatch.setattr(demo, "find_tools", lambda *_: tools)
    monkeypatch.setattr(demo, "build_example", lambda *_: None)


def test_a_job_without_a_report_is_told_as_a_failed_job(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "type_alone", lambda *_: False)
    assert call(tmp_path / "demo") == 1
    said = capsys.readouterr().err
    assert "the example was not typed" in said
    assert str(tmp_path / "demo" / "results" / "logs") in said


def test_nothing_is_made_or_typed_beside_somebody_elses_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun: list[object] = []
    monkeypatch.setattr(demo, "build_example", lambda *made: begun.append(made))

    def typed(reads: Path, *_: object) -> bool:
        begun.append(reads)
        return False

    monkeypatch.setattr(demo, "type_alone", typed)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "thesis.doc").write_text("years")
    assert call(tmp_path) == 3
    assert "thesis.doc" in capsys.readouterr().err
    assert begun == []
