"""What Zappa and the local cloud load: the app and the reaper, made from the environment alone."""

from __future__ import annotations

import importlib
import json
import logging
import sys
from dataclasses import fields

import pytest
from api_site import USER_TOKEN, Site

from gems_api import scheduled
from gems_api.settings import VARIABLE
from gems_core.errors import InvalidInput


@pytest.fixture
def environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's settings as variables, and the process's own logging left as it was."""
    for item in fields(site.settings):
        value = getattr(site.settings, item.name)
        if value is not None:
            monkeypatch.setenv(item.metadata[VARIABLE], ",".join(value) if isinstance(value, tuple) else str(value))
    monkeypatch.delitem(sys.modules, "gems_api.handler_app", raising=False)
    monkeypatch.setattr(scheduled, "_CONTEXTS", [])
    monkeypatch.setattr(logging.getLogger(), "handlers", [])


@pytest.mark.usefixtures("environment")
def test_the_handlers_app_serves_from_the_environment_alone(capsys: pytest.CaptureFixture[str]) -> None:
    client = importlib.import_module("gems_api.handler_app").app.test_client()
    assert client.get("/healthz").status_code == 200
    refusal = client.post("/job", json={}, headers={"Authorization": f"Bearer {USER_TOKEN}"})
    assert refusal.status_code == 422
    scheduled.LOG.warning("a line", extra={"facts": {"session_key": "k"}})
    (line,) = [line for line in capsys.readouterr().err.splitlines() if '"a line"' in line]
    assert json.loads(line)["session_key"] == "k"
    assert USER_TOKEN not in line


@pytest.mark.usefixtures("environment")
def test_the_scheduled_reaper_works_from_the_environment_alone() -> None:
    outcome = scheduled.reap({"detail-type": "Scheduled Event"}, None)
    assert (outcome["failed"], outcome["left"]) == ([], 0)


@pytest.mark.usefixtures("environment")
def test_a_deployment_without_settings_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMS_SUBNETS")
    monkeypatch.delenv("GEMS_LAUNCH_TEMPLATE")
    with pytest.raises(InvalidInput, match=r"GEMS_LAUNCH_TEMPLATE.*GEMS_SUBNETS"):
        importlib.import_module("gems_api.handler_app")
