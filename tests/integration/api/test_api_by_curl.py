"""The curl commands of docs/api.md, run as they stand there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from api_site import USER_TOKEN, Site

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
COMMANDS = [line for line in PAGE.splitlines() if line.startswith('curl -sS "$API/job" ')]


def bash(command: str, **variables: str) -> str:
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", **variables}
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_documented_ways_to_authenticate_both_open_what_is_for_users(site: Site) -> None:
    assert [("-u " in line, "Bearer" in line) for line in COMMANDS] == [(False, True), (True, False)]
    site.upload("run-curl", 1)
    body = {"bucket": "direct.typing", "prefix": "run-curl", "hla_class": "1", "dry_run": True}
    for line in COMMANDS:
        start = f"{line} -H 'Content-Type: application/json' -d '{json.dumps(body)}'"
        answer = json.loads(bash(start, API=site.url, TOKEN=USER_TOKEN))
        assert answer["plan"]["samples"] == 1, line
        assert json.loads(bash(start, API=site.url, TOKEN="wrong"))["status"] == 401
        assert isinstance(json.loads(bash(line, API=site.url, TOKEN=USER_TOKEN)), list)
