from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from worker_fakes import SESSION_KEY

from gems_core.errors import InvalidInput
from gems_core.layout import ARTEFACT_KINDS
from worker.settings import Settings, usable_memory_mb

ENVIRONMENT = {
    "GEMS_SESSION_KEY": str(SESSION_KEY),
    "GEMS_API_URL": "https://api.test/prod/",
    "GEMS_CONTROL_BUCKET": "control",
    "GEMS_ARTEFACTS": json.dumps({kind: {"version": "1", "key": kind, "sha256": "0"} for kind in ARTEFACT_KINDS}),
    "GEMS_WORKER_CREDENTIAL": "gems.worker.token",
    "GEMS_CREDENTIAL_TABLE": "credential-store",
    "AWS_REGION": "eu-west-1",
}


def codes(environment: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        Settings.from_environment(environment)
    return [(problem.code, problem.where) for problem in caught.value.problems]


def test_what_the_bootstrap_exports_is_enough() -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert settings.session_key == SESSION_KEY
    assert settings.api_url == "https://api.test/prod"
    assert settings.root == Path("/opt/gems")
    assert settings.metadata_url == "http://169.254.169.254"
    assert settings.artefacts["panel"].key == "panel"


def test_every_missing_name_is_told_at_once() -> None:
    assert {where for _, where in codes({})} == set(ENVIRONMENT)


def test_a_number_that_is_none_is_refused_beside_what_is_missing() -> None:
    environment = {**ENVIRONMENT, "AWS_REGION": "", "GEMS_TYPER_THREADS": "two", "GEMS_HEARTBEAT_SECONDS": "0"}
    assert codes(environment) == [
        ("missing_setting", "AWS_REGION"),
        ("invalid_setting", "GEMS_TYPER_THREADS"),
        ("invalid_setting", "GEMS_HEARTBEAT_SECONDS"),
    ]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"worker": 1}', "null"])
def test_artefacts_that_are_none_are_refused(text: str) -> None:
    assert codes({**ENVIRONMENT, "GEMS_ARTEFACTS": text}) == [("invalid_setting", "GEMS_ARTEFACTS")]


def test_a_sites_own_programs_and_limits_are_taken() -> None:
    settings = Settings.from_environment(
        {**ENVIRONMENT, "GEMS_CROSS_MATCH": "/site/cross_match", "GEMS_TYPER_MEMORY_MB": "512", "GEMS_ROOT": "/x"}
    )
    assert (settings.cross_match, settings.typer_memory_mb, settings.root) == ("/site/cross_match", 512, Path("/x"))


def test_every_setting_is_in_the_docs() -> None:
    project = Path(__file__).parents[3]
    names = set(re.findall(r'"((?:GEMS|AWS)_[A-Z_]+)"', (project / "worker" / "settings.py").read_text()))
    assert set(ENVIRONMENT) < names
    page = (project / "docs" / "worker.md").read_text()
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


@pytest.mark.parametrize(
    ("name", "text", "expected_mb"),
    [
        ("memory.max", "1073741824\n", 1024),
        ("memory/memory.limit_in_bytes", "536870912\n", 512),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
        ("other", "1", None),
    ],
)
def test_a_containers_limit_of_memory_is_kept(name: str, text: str, expected_mb: float | None, tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / name).write_text(text)
    assert usable_memory_mb(tmp_path) == (usable_memory_mb(tmp_path / "none") if expected_mb is None else expected_mb)
