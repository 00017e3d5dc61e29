"""`gems artefacts` against a bucket of a stand-in for S3: what people type, and what they are told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer_jar import write_typer_jar

from gems_artefacts import provenance, prune
from gems_artefacts.architecture import Architecture
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.provenance import Source
from gems_cli.artefacts import commands
from gems_cli.main import gems, run_command
from gems_core.layout import ARTEFACT_KINDS, CURRENT_ARTEFACTS_KEY
from gems_deploy.artefacts import Named

REGION, BUCKET = "eu-west-1", "gems-control"
COMMITS = ("a1b2c3d4e5f6", "b2c3d4e5f6a1")


class Clone:
    """A clone of which each build gives four artefacts, of a commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.made_for: list[str] = []

    @property
    def commit(self) -> str:
        return COMMITS[self.number]

    def collect(self, kinds: Collection[str], architecture: Architecture) -> list[LocalArtefact]:
        self.made_for.append(architecture.name)
        return [
            self._built(kind, architecture.mark) for kind in ARTEFACT_KINDS if kind in ("worker", "hla-typer", *kinds)
        ]

    def _built(self, kind: str, mark: str) -> LocalArtefact:
        path = self.folder / f"{kind}-{self.number}"
        if kind == "hla-typer":
            write_typer_jar(path, self.commit)
        else:
            path.write_text(f"{kind} {self.number}")
        own = mark if kind == "worker" else ""
        return LocalArtefact(kind, f"{kind}-{self.number}{own}-{'0' * 11}{self.number}", path, "file")


@pytest.fixture
def clone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Clone]:
    clone = Clone(tmp_path)
    monkeypatch.setenv("GEMS_CONTROL_BUCKET", BUCKET)
    monkeypatch.setenv("GEMS_REGION", REGION)
    monkeypatch.setattr(Named, "collect", lambda _named, kinds, architecture: clone.collect(kinds, architecture))
    monkeypatch.setattr(commands, "clone_source", lambda: Source(clone.commit))
    monkeypatch.setattr(prune, "PAUSE_SECONDS", 0.0)
    with mock_aws():
        s3().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield clone


def s3() -> Any:
    return boto3.client("s3", REGION)


def call(*arguments: str) -> int:
    return run_command(lambda: gems(["artefacts", *arguments], standalone_mode=False))


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert call(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def current() -> dict[str, str]:
    document = json.loads(s3().get_object(Bucket=BUCKET, Key=CURRENT_ARTEFACTS_KEY)["Body"].read())
    return {kind: document[kind]["version"].split("-0000")[0] for kind in ARTEFACT_KINDS}


def all_of(number: int) -> dict[str, str]:
    return {kind: f"{kind}-{number}" for kind in ARTEFACT_KINDS}


def publish_both(clone: Clone) -> None:
    assert call("publish", "--library", "l", "--panel", "p", "--promote") == 0
    clone.number = 1
    assert call("publish", "--library", "l", "--panel", "p") == 0


def test_what_is_published_is_not_current_before_it_is_promoted(
    clone: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_both(clone)
    assert current() == all_of(0)
    assert "worker worker-1-000000000001 of b2c3d4e5f6a1: published" in capsys.readouterr().out
    assert call("promote", "--commit", COMMITS[1][:7]) == 0
    assert current() == all_of(0) | {"worker": "worker-1", "hla-typer": "hla-typer-1"}
    assert call("promote", "reference=reference-1", "panel=panel-1") == 0
    assert current() == all_of(1)
    assert call("rollback") == 0
    assert call("rollback") == 0
    assert current() == all_of(0)
    assert call("rollback") == 1
    assert "expected an earlier state to go back to" in capsys.readouterr().err


def test_the_worker_is_made_for_the_architecture_of_the_current_one(clone: Clone) -> None:
    assert call("publish", "--library", "l", "--panel", "p", "--promote") == 0
    assert call("publish", "--architecture", "arm64", "--promote") == 0
    clone.number = 1
    assert call("publish") == 0
    assert clone.made_for == ["x86_64", "arm64", "arm64"]


def test_the_list_tells_commits_current_versions_and_jobs(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    publish_both(clone)
    listed = {row["version"]: row for row in told(capsys, "list", "--kind", "hla-typer")}
    assert [(row["commits"], row["current"]) for row in listed.values()] == [
        ([COMMITS[0]], True),
        ([COMMITS[1]], False),
    ]
    assert call("list") == 0
    assert "current" in capsys.readouterr().out
    log = told(capsys, "log")
    assert [(move["action"], move["before"]) for move in log] == [("publish", {})]


def test_a_name_that_nothing_answers_to_is_refused_with_all_that_is_published(
    clone: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_both(clone)
    assert call("promote", "hla-typer=feedbee") == 3
    said = capsys.readouterr().err
    assert f"hla-typer-0-000000000000 ({COMMITS[0]}), hla-typer-1-000000000001 ({COMMITS[1]})" in said
    assert "found 'feedbee'" in said
    assert call("promote", "java=17") == 2
    assert call("promote") == 2


def test_what_comes_from_no_commit_is_published_only_when_that_is_said(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "clone_source", lambda: Source("a1b2c3d4e5f6-dirty"))
    assert call("publish") == 3
    assert "worker: expected it to come from a commit, found a1b2c3d4e5f6-dirty" in capsys.readouterr().err
    assert told(capsys, "list") == []
    assert call("publish", "--dirty") == 0
    assert told(capsys, "list", "--kind", "worker")[0]["commits"] == ["a1b2c3d4e5f6-dirty"]


def test_the_first_promotion_names_every_kind(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("publish", "--promote") == 2
    assert "found no reference, panel" in capsys.readouterr().err


def test_pruning_is_asked_for_told_and_done(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    publish_both(clone)
    plan = told(capsys, "prune", "--days", "0", "--dry-run")
    assert [row["version"].split("-0000")[0] for row in plan["would_remove"]] == [
        "hla-typer-1",
        "panel-1",
        "reference-1",
        "worker-1",
    ]
    assert {row["reason"] for row in plan["kept"]} == {"current"}
    assert call("prune", "--days", "0", "--yes") == 0
    assert "removed panel panel-1" in capsys.readouterr().out
    assert len(told(capsys, "list")) == 4
    assert told(capsys, "prune", "--days", "0", "--yes")["would_remove"] == []


def test_a_deployment_must_be_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("GEMS_CONTROL_BUCKET", raising=False)
    assert call("list") == 2
    assert "Give --stage, or --control-bucket and --region" in capsys.readouterr().err


def test_a_ci_run_is_named_by_its_address() -> None:
    github = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "lab/gems", "GITHUB_RUN_ID": "7"}
    made = [
        provenance.maker("arn", None, environment).run
        for environment in (github, {"CIRCLE_BUILD_URL": "https://ci/9"}, {})
    ]  # type: ignore[arg-type]
    assert made == ["https://github.com/lab/gems/actions/runs/7", "https://ci/9", ""]
