"""What the command line of ``gems deploy`` names of the artefacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gems_artefacts.architecture import X86_64, Architecture
from gems_artefacts.local_artefact import LocalArtefact
from gems_deploy import artefacts
from gems_deploy.artefacts import Named
from gems_reference.panel import no_panel_path, open_panel_path


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, Path | None]]:
    """Library and panel of each collection."""
    found: list[tuple[Path | None, Path | None]] = []

    def collect(
        _jar: Path, library: Path | None, panel: Path | None, _cache: Path, _for: Architecture
    ) -> list[LocalArtefact]:
        found.append((library, panel))
        return []

    def library_of(named: Path | None, *_: Any) -> Path:
        return named or Path("cached")

    monkeypatch.setattr(artefacts, "find_typer", lambda _jar: Path("typer.jar"))
    monkeypatch.setattr(artefacts, "find_library", library_of)
    monkeypatch.setattr(artefacts, "collect_artefacts", collect)
    return found


def test_what_stays_is_neither_looked_for_nor_built(collected: list[Any]) -> None:
    Named(Path("no/such/library"), Path("no/such/panel")).collect((), X86_64)
    assert collected == [(None, None)]


@pytest.mark.parametrize("panel", [None, Path("default")])
def test_the_default_panel_is_the_open_one(collected: list[Any], panel: Path | None) -> None:
    Named(panel=panel).collect({"panel"}, X86_64)
    assert collected == [(None, open_panel_path())]


def test_a_stage_may_have_no_panel(collected: list[Any]) -> None:
    Named(panel=Path("none")).collect({"panel"}, X86_64)
    assert collected == [(None, no_panel_path())]


def test_the_default_must_be_named_to_replace_what_is_published(collected: list[Any]) -> None:
    assert Named().kinds == frozenset()
    assert Named(Path("default"), Path("default")).kinds == {"reference", "panel"}
    Named(Path("default")).collect({"reference"}, X86_64)
    assert collected == [(Path("cached"), None)]
