"""The page of the work list: who finds what, filters without scripts, and that what people name runs nothing."""

from __future__ import annotations

import re
from html import unescape

import pytest
from api_world import World
from results_world import with_results
from test_ui_review import Person
from ui_browser import Browser, signed_in, words_of

from gems_api.services.reaping.reaper import reap
from gems_api.services.review import work_list
from gems_api.web.ui import worklist
from gems_core.people import Role
from gems_core.session_key import SessionKey


@pytest.fixture
def key(world: World) -> SessionKey:
    key = with_results(world, samples=3, failed="no reads")
    world.fleet.terminate(world.fleet.living())
    world.clock.pass_seconds(400)
    reap(world.context)
    return key


def rows(page: str) -> list[str]:
    """The samples of the table, in order."""
    return re.findall(r'<th scope="row"><a href="[^"]*/samples/([^"#]*)#review"', page)


LINKS = {
    "viewer": (Role.VIEWER, False),
    "reviewer": (Role.REVIEWER, True),
    "approver": (Role.APPROVER, True),
    "administrator": (Role.ADMINISTRATOR, False),
}


@pytest.mark.parametrize(("role", "expected"), LINKS.values(), ids=LINKS)
def test_who_reviews_has_a_link_to_it(world: World, key: SessionKey, role: Role, expected: bool) -> None:
    browser = Person(world, key, "somebody", role).browser
    assert ('/worklist">Work list</a>' in browser.get("/jobs").text) is expected
    assert browser.get("/worklist").status_code == 200


def test_nobody_sees_it_without_signing_in(world: World, key: SessionKey) -> None:
    answer = Browser(world).get("/worklist?verdict=FAIL")
    assert (answer.status_code, answer.headers["Location"].endswith("/sign-in?next=/worklist?verdict%3DFAIL")) == (
        303,
        True,
    )


def test_a_person_is_shown_what_waits_for_that_person(world: World, key: SessionKey) -> None:
    rita, anna = Person(world, key, "rita", Role.REVIEWER), Person(world, key, "anna", Role.APPROVER)
    bert = Person(world, key, "bert", Role.APPROVER)
    page = rita.browser.get("/worklist").text
    assert rows(page) == ["K001", "K002", "K003"]
    assert "Waiting for you: 3 samples" in words_of(page)
    rita.done("K001", kind="accept")
    anna.done("K001", kind="approve")
    assert "K001" not in rows(rita.browser.get("/worklist").text)
    assert "K001" not in rows(anna.browser.get("/worklist").text)
    page = bert.browser.get("/worklist").text
    assert "K001" in rows(page)
    assert "second approval after anna" in words_of(page)
    assert sorted(rows(anna.browser.get("/worklist?person=").text)) == ["K001", "K002", "K003"]
    assert "Waiting for bert: 3 samples" in words_of(anna.browser.get("/worklist?person=bert").text)


def test_what_is_assigned_to_who_looks_comes_first(world: World, key: SessionKey) -> None:
    rita, ralf = Person(world, key, "rita", Role.REVIEWER), Person(world, key, "ralf", Role.REVIEWER)
    rita.done("K002", kind="assign", assignee="ralf")
    page = ralf.browser.get("/worklist").text
    assert rows(page)[0] == "K002"
    assert "you , who was asked" in words_of(page)
    assert "K002" not in rows(rita.browser.get("/worklist").text)
    assert "ralf, who was asked" in words_of(rita.browser.get("/worklist?person=").text)


def test_the_first_row_is_reached_by_a_key_and_the_rest_by_links(world: World, key: SessionKey) -> None:
    page = Person(world, key, "rita", Role.REVIEWER).browser.get("/worklist").text
    assert page.count('accesskey="n"') == 1
    assert re.search(r'<a href="[^"]*K001#review" accesskey="n">', page)
    assert "<script" not in page.partition("<main")[2]


def test_filters_are_a_form_that_keeps_what_was_chosen(world: World, key: SessionKey) -> None:
    browser = signed_in(world)
    page = browser.get("/worklist?verdict=FAIL&flag=most_pairs_lost&waits_for=review&run=ru").text
    assert '<option value="FAIL" selected>' in page
    assert '<option value="review" selected>' in page
    assert '<option value="most_pairs_lost" selected>' in page
    assert rows(browser.get("/worklist?verdict=FAIL").text) == ["K003"]
    assert rows(browser.get("/worklist?run=elsewhere").text) == []


def test_a_filter_that_makes_no_sense_is_told_and_the_list_is_shown(world: World, key: SessionKey) -> None:
    answer = signed_in(world).get("/worklist?person=nobody")
    assert answer.status_code == 422
    assert "expected somebody who may sign in, found 'nobody'" in unescape(words_of(answer.text))
    assert len(rows(answer.text)) == 3


def test_a_long_list_has_pages(world: World, key: SessionKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist, "ROWS", 2)
    browser = signed_in(world)
    page = browser.get("/worklist").text
    assert "3 samples , shown from 1 to 2" in words_of(page)
    following = re.search(r'href="([^"]*)" rel="next"', page)
    assert following is not None
    assert len(rows(browser.get(unescape(following[1])).text)) == 1


def test_more_runs_than_are_looked_at_are_told(world: World, key: SessionKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_list, "MOST_RUNS", 0)
    page = signed_in(world).get("/worklist").text
    assert "More than 200 runs wait" in words_of(page)


def test_what_people_name_is_shown_as_it_is(world: World, key: SessionKey) -> None:
    hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    page = signed_in(world).get(f"/worklist?run={hostile}&flag={hostile}&person={hostile}").text
    assert "<script>alert" not in page
