"""The public status names no sample where the deployment masks names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from api_world import SETTINGS, World

from gems_api.app import create_app
from gems_api.services.shown.nameless import A_SAMPLE, nameless
from gems_core.protocol.failure import Failure

USER = {"Authorization": "Bearer user-secret"}


def failed(**settings: Any) -> World:
    """A job of which a worker said a sample's name."""
    world = World(settings=replace(SETTINGS, **settings))
    key = world.start(2)
    worker, _ = world.crew(key)
    share = worker.claim().share
    assert share is not None
    worker.say("status", "TYPING", share)
    worker.say("failed", "TYPING", share, Failure("TYPING of K001", "K001 and K002 have no reads", ()))
    return world


def told(world: World, **headers: str) -> str:
    answer = create_app(world.settings, world.cloud, world.clock).test_client().get("/job", headers=headers)
    assert answer.status_code == 200
    return answer.text


def test_who_has_not_signed_in_reads_no_name() -> None:
    public = told(failed(mask_samples=True))
    assert "K001" not in public
    assert f"{A_SAMPLE} and" in public


def test_users_read_the_names() -> None:
    assert "K001 and K002" in told(failed(mask_samples=True), **USER)


def test_without_the_setting_the_public_status_is_as_ever() -> None:
    assert "K001" in told(failed())


DOCUMENTS: dict[str, tuple[Any, Any]] = {
    "nothing to mask": ({"reason": "K001"}, {"reason": "K001"}),
    "a failure": (
        [{"sample": "K1", "reason": "K1, not K10"}],
        [{"sample": A_SAMPLE, "reason": f"{A_SAMPLE}, not K10"}],
    ),
    "read files": (
        {"samples": ["K1_S1_L001_R1_001.fastq.gz"], "detail": "typing K1"},
        {"samples": [], "detail": f"typing {A_SAMPLE}"},
    ),
    "counts stay": ({"samples": 3, "workers": [{"samples": ["K1"]}]}, {"samples": 3, "workers": [{"samples": []}]}),
    "other fields stay": ({"samples": ["run"], "prefix": "run"}, {"samples": [], "prefix": "run"}),
}


@pytest.mark.parametrize(("before", "after"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_names_are_gone_from_lists_and_words(before: Any, after: Any) -> None:
    assert nameless(before) == after
