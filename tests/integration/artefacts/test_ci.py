"""What continuous integration runs, run here: the publishing script against a local S3, and the files that call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from artefacts_store import BUCKET, Store
from typer_jar import write_typer_jar

from gems_artefacts.bundle import SOURCE_ROOT, bundle_version
from gems_artefacts.pointer import read_pointer
from gems_artefacts.releases import versions

COMMIT = "0123456789ab"


@pytest.fixture
def environment(store: Store, s3_url: str, tmp_path: Path) -> dict[str, str]:
    packed = tmp_path / "cache" / "artefacts"
    packed.mkdir(parents=True)
    (packed / f"worker-{bundle_version()}.tar.gz").write_bytes(b"packed before, for packing takes a minute")
    write_typer_jar(tmp_path / "typer.jar", COMMIT)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GEMS_CACHE": str(tmp_path / "cache"),
        "GEMS_COMMAND": str(Path(sys.executable).with_name("gems")),
        "GEMS_CONTROL_BUCKET": BUCKET,
        "GEMS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": s3_url,
        "AWS_ACCESS_KEY_ID": "root",
        "AWS_SECRET_ACCESS_KEY": "root",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "lab/gems",
        "GITHUB_RUN_ID": "7",
    }


def run(script: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(SOURCE_ROOT / ".ci" / script), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_publishing_script_publishes_and_promotes_and_can_be_repeated(
    store: Store, environment: dict[str, str], tmp_path: Path
) -> None:
    store.promote(store.publish_set(1))
    options = ("--typer-jar", str(tmp_path / "typer.jar"), "--dirty", "--promote")
    first = run("publish", environment, *options)
    assert first.returncode == 0, first.stderr
    current = read_pointer(store.shelf)
    assert current.artefacts["worker"].version == bundle_version()
    assert current.artefacts["panel"].version == "panel-1", "what CI does not publish stays"
    (typer,) = [one for one in versions(store.shelf) if COMMIT in one.commits]
    note = store.read(f"artefacts/hla-typer/{typer.version}/provenance/{COMMIT}.json")
    assert (note["jdk"], note["run"]) == ("17", "https://github.com/lab/gems/actions/runs/7")
    again = run("publish", environment, *options)
    assert again.returncode == 0, again.stderr
    assert read_pointer(store.shelf) == current


def test_the_publishing_script_says_where_it_would_publish(environment: dict[str, str]) -> None:
    del environment["GEMS_CONTROL_BUCKET"]
    told = run("publish", environment)
    assert told.returncode != 0
    assert "GEMS_CONTROL_BUCKET: names the control bucket" in told.stderr


class TokenService(BaseHTTPRequestHandler):
    """GitHub's service of OIDC tokens."""

    def do_GET(self) -> None:
        right = self.headers["Authorization"] == "bearer request-token" and self.path.endswith(
            "&audience=sts.amazonaws.com"
        )
        body = json.dumps({"value": "the-token"}).encode() if right else b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class named it
        pass


@pytest.fixture
def token_service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), TokenService)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/token?api-version=2"
    server.shutdown()
    server.server_close()


def test_the_token_of_a_run_is_written_for_its_owner_alone_and_not_told(tmp_path: Path, token_service: str) -> None:
    target = tmp_path / "token"
    path = {"PATH": os.environ["PATH"]}
    github = {"ACTIONS_ID_TOKEN_REQUEST_URL": token_service, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token"}
    for service in (github, {"CIRCLE_OIDC_TOKEN_V2": "the-token"}):
        done = run("oidc-token", path | service, str(target))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert target.read_text() == "the-token"
        assert target.stat().st_mode & 0o077 == 0
        target.unlink()
    assert "found none" in run("oidc-token", path, str(target)).stderr


def workflow() -> dict[str, Any]:
    text = (SOURCE_ROOT / ".github" / "workflows" / "ci.yml").read_text()
    return dict(yaml.safe_load(text))


def circle() -> dict[str, Any]:
    return dict(yaml.safe_load((SOURCE_ROOT / ".circleci" / "config.yml").read_text()))


def test_both_services_publish_only_after_the_tests_only_from_main_and_with_no_key() -> None:
    github, circleci = workflow()["jobs"], circle()["workflows"]["ci"]["jobs"]
    assert github["publish"]["needs"] == "test"
    assert "github.ref == 'refs/heads/main'" in github["publish"]["if"]
    (publish,) = [job["publish"] for job in circleci if isinstance(job, dict)]
    assert publish["requires"] == ["test"]
    assert publish["filters"] == {"branches": {"only": "main"}}
    for file in (".github/workflows/ci.yml", ".circleci/config.yml"):
        text = (SOURCE_ROOT / file).read_text()
        assert ".ci/run" in text
        assert ".ci/publish --promote" in text
        assert "secrets." not in text
        assert "SECRET_ACCESS_KEY" not in text


def test_the_workflow_may_read_the_sources_and_only_its_last_job_gets_a_token() -> None:
    assert workflow()["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow()["jobs"]["test"]
    assert workflow()["jobs"]["publish"]["permissions"] == {"contents": "read", "id-token": "write"}
