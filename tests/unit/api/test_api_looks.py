"""The access log: each way to see results is noted once, and a failure to note it hides nothing."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import quote

import pytest
from api_world import CONTROL, World
from results_world import address, with_results
from test_ui_review import Person
from ui_browser import Browser, signed_in

from gems_api.app import create_app
from gems_core import layout
from gems_core.errors import CloudRefused
from gems_core.people import Role
from gems_core.session_key import SessionKey


@pytest.fixture
def key(world: World) -> SessionKey:
    return with_results(world)


def looks(world: World) -> list[tuple[str, str, str, str]]:
    """Who, role, sample and what of each entry."""
    found = world.context.access_log.of_day(world.clock().date())
    return sorted((look.by, look.role, look.sample, look.what) for look in found)


PAGES = {
    "sample": ("/samples/K001", "K001", "page of the sample"),
    "run": ("/run", "", "page of the run"),
    "plate": ("/run?view=plate", "", "page of the run"),
    "comparison": ("/compare", "", "page of a comparison"),
    "match": ("/match", "", "page of a match"),
}


@pytest.mark.parametrize(("part", "sample", "what"), PAGES.values(), ids=PAGES)
def test_a_page_of_results_is_noted_with_one_write(
    world: World, key: SessionKey, part: str, sample: str, what: str
) -> None:
    rita = Person(world, key, "rita", Role.REVIEWER)
    before = len(world.store.buckets[CONTROL])
    assert rita.browser.get(address(key, part)).status_code == 200
    assert looks(world) == [("rita", "reviewer", sample, what)]
    assert len(world.store.buckets[CONTROL]) == before + 1


ROUTES = {
    "/report.csv": (302, ("", "report.csv")),
    "/reviewed.json": (200, ("", "reviewed.json")),
    "/review": (200, ("", "review")),
    "/review/K001": (200, ("K001", "review")),
    "/review.json": (200, ("", "review.json")),
}


def ask(world: World, token: str, path: str) -> Any:
    app = create_app(world.settings, world.cloud, world.clock)
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(("part", "status", "told"), [(part, *rest) for part, rest in ROUTES.items()], ids=ROUTES)
def test_a_route_that_gives_results_is_noted(
    world: World, key: SessionKey, part: str, status: int, told: tuple[str, str]
) -> None:
    world.person("vera", Role.VIEWER)
    path = f"/job/{quote(str(key), safe=':')}{part}"
    assert ask(world, world.user_token("vera"), path).status_code == status
    assert looks(world) == [("vera", "viewer", *told)]


def test_the_shared_user_is_noted_as_such(world: World, key: SessionKey) -> None:
    signed_in(world).get(address(key, "/samples/K001"))
    assert looks(world) == [("gems", "", "K001", "page of the sample")]


def test_both_jobs_of_a_comparison_are_noted(world: World, key: SessionKey) -> None:
    other = with_results(world, prefix="other")
    signed_in(world).get(address(key, f"/compare?with={quote(str(other))}"))
    found = {look.session_key for look in world.context.access_log.of_day(world.clock().date())}
    assert found == {str(key), str(other)}


NOT_SEEN = {
    "nobody signed in": (False, "/samples/K001"),
    "no such sample": (True, "/samples/K999"),
    "a page without results": (True, ""),
}


@pytest.mark.parametrize(("signs_in", "part"), NOT_SEEN.values(), ids=NOT_SEEN)
def test_who_has_seen_no_results_is_not_noted(world: World, key: SessionKey, signs_in: bool, part: str) -> None:
    browser = signed_in(world) if signs_in else Browser(world)
    browser.get(address(key, part))
    assert looks(world) == []


def test_the_same_look_again_within_a_minute_is_one(world: World, key: SessionKey) -> None:
    rita, anna = Person(world, key, "rita", Role.REVIEWER), Person(world, key, "anna", Role.APPROVER)
    for _ in range(3):
        rita.page("K001")
        anna.page("K001")
    rita.page("K002")
    assert len(looks(world)) == 3
    world.clock.pass_seconds(60)
    rita.page("K001")
    assert len(looks(world)) == 4


def test_results_are_shown_when_the_look_cannot_be_noted_and_the_log_has_the_entry(
    world: World, key: SessionKey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rita = Person(world, key, "rita", Role.REVIEWER)
    create = world.store.create

    def refuse(bucket: str, at: str, body: bytes) -> str | None:
        if at.startswith(layout.SEEN_PREFIX):
            raise CloudRefused("not now")
        return create(bucket, at, body)

    with monkeypatch.context() as patch, caplog.at_level(logging.INFO):
        patch.setattr(world.store, "create", refuse)
        assert "Summary" in rita.page("K001")
    facts = [getattr(record, "facts", {}) for record in caplog.records if record.levelno == logging.ERROR]
    assert [(one["by"], one["sample"], one["what"]) for one in facts] == [("rita", "K001", "page of the sample")]
    assert any("LooksNotNoted" in json.dumps(getattr(record, "facts", {})) for record in caplog.records)
    rita.page("K001")
    assert len(looks(world)) == 1, "the next look is noted, for the one before was not"


def test_what_somebody_else_put_there_is_passed_over(world: World, key: SessionKey) -> None:
    signed_in(world).get(address(key, "/run"))
    prefix = layout.seen_prefix(world.clock().date(), "rita")
    for number, body in enumerate((b"", b"[]", b"\xff", b'{"by": 1}')):
        world.store.put(CONTROL, f"{prefix}{number}", body)
    assert len(looks(world)) == 1
