"""The review panel of a sample's page: what each role finds there, and that forms without scripts do all of it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from api_world import CONTROL, World
from results_world import address, with_results
from ui_browser import Browser, field, signed_in, words_of
from werkzeug.test import TestResponse

from gems_api.services.review.exports import MADE_HERE
from gems_core import layout
from gems_core.people import Role
from gems_core.session_key import SessionKey

HOSTILE = "\"'><script>alert(1)</script>{{7*7}}"
OVERRIDE = {"kind": "override", "locus": "A", "call": "A*68:01", "reason": "phase", "words": "the reads show it"}


class Person:
    """Somebody before a browser, who sends what the page's own form would send."""

    def __init__(self, world: World, key: SessionKey, name: str, role: Role) -> None:
        if world.people.find(name) is None:
            world.person(name, role)
        self.key, self.browser = key, Browser(world)
        assert self.browser.sign_in_as(name).status_code == 303

    def page(self, sample: str = "K001") -> str:
        return self.browser.get(address(self.key, f"/samples/{sample}")).text

    def looked(self, sample: str = "K001") -> dict[str, str]:
        page = self.page(sample)
        panel = page[page.index('id="review"') :]
        return {name: field(panel, name) for name in ("form_token", "seen", "results")}

    def send(self, sample: str = "K001", looked: dict[str, str] | None = None, **fields: str) -> TestResponse:
        return self.browser.post(address(self.key, f"/samples/{sample}"), **(looked or self.looked(sample)), **fields)

    def done(self, sample: str = "K001", looked: dict[str, str] | None = None, **fields: str) -> TestResponse:
        answer = self.send(sample, looked, **fields)
        assert answer.status_code == 303, words_of(answer.text)
        return answer


@pytest.fixture
def key(world: World) -> SessionKey:
    return with_results(world, samples=3)


def people(world: World, key: SessionKey) -> tuple[Person, Person, Person]:
    return (
        Person(world, key, "rita", Role.REVIEWER),
        Person(world, key, "anna", Role.APPROVER),
        Person(world, key, "bert", Role.APPROVER),
    )


def panel_of(page: str) -> str:
    section = page[page.index('<section id="review"') : page.index("</section>", page.index('<section id="review"'))]
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", section).split()))


def test_a_sample_is_overridden_accepted_and_approved_by_two(world: World, key: SessionKey) -> None:
    rita, anna, bert = people(world, key)
    assert panel_of(rita.page()).startswith("Review not reviewed")
    rita.done(**OVERRIDE)
    told = panel_of(anna.page())
    assert "Review overridden" in told
    assert "A*68:01 A*02:01" in told.replace(":01:01", ":01")
    assert "phase: the reads show it rita" in told
    anna.done(kind="approve")
    assert "Review approved once" in panel_of(anna.page())
    bert.done(kind="approve")
    told = panel_of(bert.page())
    assert "Review approved First approval: anna" in told
    assert "Second approval: bert" in told


BUTTONS: dict[str, tuple[Role, list[str]]] = {
    "viewer": (Role.VIEWER, []),
    "reviewer": (Role.REVIEWER, ["Accept the calls", "Override", "Add the comment", "Mark for repeat", "Assign"]),
    "approver": (Role.APPROVER, ["Accept the calls", "Override", "Add the comment", "Mark for repeat", "Assign"]),
    "administrator": (Role.ADMINISTRATOR, []),
}


def buttons(page: str) -> list[str]:
    section = page[page.index('<section id="review"') : page.index("</section>", page.index('<section id="review"'))]
    return re.findall(r"<button[^>]*>([^<]*)</button>", section)


@pytest.mark.parametrize(("role", "expected"), BUTTONS.values(), ids=BUTTONS)
def test_a_role_finds_the_buttons_of_what_it_may_do(
    world: World, key: SessionKey, role: Role, expected: list[str]
) -> None:
    assert buttons(Person(world, key, "somebody", role).page()) == expected


def test_the_shared_user_sees_the_review_and_may_not_add_to_it(world: World, key: SessionKey) -> None:
    rita, *_ = people(world, key)
    rita.done(kind="accept")
    browser = signed_in(world)
    page = browser.get(address(key, "/samples/K001")).text
    assert "Review accepted" in panel_of(page)
    assert "People who sign in with a name can review." in page
    assert buttons(page) == []
    answer = browser.send(address(key, "/samples/K001"), kind="comment", seen="1", words="x")
    assert answer.status_code == 403


def test_buttons_follow_the_state(world: World, key: SessionKey) -> None:
    rita, anna, bert = people(world, key)
    rita.done(kind="accept")
    assert "Accept the calls" not in buttons(rita.page())
    assert "Approve" in buttons(anna.page())
    anna.done(kind="approve")
    assert buttons(anna.page()) == ["Add the comment", "Take the approvals back"]
    assert buttons(rita.page()) == ["Add the comment"]
    assert buttons(bert.page()) == ["Approve, final", "Add the comment", "Take the approvals back"]
    bert.done(kind="approve")
    assert buttons(rita.page()) == []
    bert.done(kind="reopen", words="a letter came")
    assert "Accept the calls" in buttons(rita.page())


def test_what_others_said_since_is_marked_and_ones_own_is_not(world: World, key: SessionKey) -> None:
    rita, anna, _ = people(world, key)
    rita.done(kind="comment", words="first")
    anna.done(kind="comment", words="second")
    assert "new anna commented: “second”" in panel_of(rita.page())
    assert "new rita" not in panel_of(rita.page())
    assert "new rita" not in panel_of(anna.page())
    rita.done(kind="comment", words="third")
    assert "new anna" not in panel_of(rita.page())
    assert "new rita commented: “third”" in panel_of(anna.page())


def test_the_loser_of_a_race_is_told_shown_what_changed_and_keeps_what_was_typed(world: World, key: SessionKey) -> None:
    rita, anna, _ = people(world, key)
    looked = rita.looked()
    anna.done(kind="repeat", words="too few reads")
    answer = rita.send(looked=looked, **OVERRIDE)
    assert answer.status_code == 409
    told = panel_of(answer.text)
    assert "anna changed this sample's review after you looked at it" in told
    assert "new anna asked for a repeat: “too few reads”" in told
    assert 'value="A*68:01"' in answer.text
    assert "the reads show it</textarea>" in answer.text
    panel = answer.text[answer.text.index('id="review"') :]
    again = {name: field(panel, name) for name in ("form_token", "seen", "results")}
    assert rita.send(looked=again, **OVERRIDE).status_code == 303


def test_a_second_click_writes_nothing_twice_and_says_so(world: World, key: SessionKey) -> None:
    rita, *_ = people(world, key)
    looked = rita.looked()
    rita.done(looked=looked, kind="accept")
    answer = rita.send(looked=looked, kind="accept")
    assert answer.status_code == 409
    assert "You have said something of this sample since you loaded the page" in panel_of(answer.text)
    assert panel_of(answer.text).count("rita accepted the calls") == 1


def test_who_accepts_goes_on_to_what_is_open_and_who_approves_to_what_can_be_approved(
    world: World, key: SessionKey
) -> None:
    rita, anna, _ = people(world, key)
    for sample, following in (("K001", "K002"), ("K002", "K003")):
        page = rita.page(sample)
        assert f"then go on to {following}" in page
        answer = rita.done(sample, kind="accept", following=following)
        assert answer.headers["Location"].endswith(f"/samples/{following}#review")
    assert "then go on" not in rita.page("K003")
    assert "then go on to K002" in anna.page("K001")
    anna.done("K001", kind="approve", following="K002")
    assert "then go on" not in anna.page("K002")


def test_a_run_is_reviewed_by_the_keyboard_alone(world: World, key: SessionKey) -> None:
    rita, *_ = people(world, key)
    page = rita.page()
    assert '<button name="kind" value="accept" accesskey="a">' in page
    assert re.search(r'<a href="[^"]*K002#review" accesskey="n">', page)


WRONG: dict[str, tuple[dict[str, str], int, str]] = {
    "no words": ({**OVERRIDE, "words": ""}, 422, "expected words"),
    "no kind": ({"words": "x"}, 422, "field kind"),
    "a state that does not allow it": ({"kind": "withdraw", "locus": "A", "words": "x"}, 409, "no call of A is overridden"),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "status", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_on_the_page(
    world: World, key: SessionKey, fields: dict[str, str], status: int, told: str
) -> None:
    rita, *_ = people(world, key)
    answer = rita.send(**fields)
    assert answer.status_code == status
    assert told in panel_of(answer.text)
    assert "What was said" not in answer.text


def test_the_typers_own_call_overrides_nothing(world: World, key: SessionKey) -> None:
    rita, *_ = people(world, key)
    called = re.search(r">A: ([^<]+)</option>", rita.page())
    assert called is not None
    answer = rita.send(**{**OVERRIDE, "call": called[1]})
    assert answer.status_code == 422
    assert "found the same" in panel_of(answer.text)


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30, "\u0661"])
def test_a_form_that_does_not_say_what_was_seen_is_refused(world: World, key: SessionKey, seen: str) -> None:
    rita, *_ = people(world, key)
    assert rita.send(looked={**rita.looked(), "seen": seen}, kind="accept").status_code == 422


def test_a_form_of_another_page_or_without_a_session_writes_nothing(world: World, key: SessionKey) -> None:
    rita, anna, _ = people(world, key)
    forged = {**rita.looked(), "form_token": anna.looked()["form_token"]}
    assert rita.send(looked=forged, kind="accept").status_code == 403
    assert Browser(world).post(address(key, "/samples/K001"), kind="accept").status_code == 303
    assert "not reviewed" in panel_of(rita.page())


def test_what_people_write_is_shown_as_it_is_and_runs_nothing(world: World, key: SessionKey) -> None:
    rita, *_ = people(world, key)
    rita.done(kind="comment", words=HOSTILE)
    rita.done(**{**OVERRIDE, "call": HOSTILE, "words": HOSTILE})
    answer = rita.send(**{**OVERRIDE, "call": HOSTILE, "words": HOSTILE, "locus": "Z"})
    for page in (rita.page(), answer.text):
        assert "<script>alert" not in page
        assert "{{7*7}}" in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_log_with_a_fault_is_told_and_the_results_are_shown_all_the_same(world: World, key: SessionKey) -> None:
    rita, *_ = people(world, key)
    rita.done(kind="accept")
    world.store.put(CONTROL, layout.review_entry_key(str(key), 1), b"damaged")
    page = rita.page()
    assert "the review's log has a fault" in panel_of(page)
    assert "Summary" in page
    assert buttons(page) == []


@pytest.mark.parametrize("part", ["/run", "/samples/K001"])
def test_the_pages_of_runs_and_samples_lead_to_the_reports_with_review(
    world: World, key: SessionKey, part: str
) -> None:
    browser = signed_in(world)
    page = browser.get(address(key, part)).text
    links = [unescape(link) for link in re.findall(r'href="([^"]*/job/[^"]*(?:reviewed\.|review\.json)[^"]*)"', page)]
    assert [link.rpartition("/")[2] for link in links] == [
        *(f"reviewed.{extension}" for extension in MADE_HERE),
        "review.json",
    ]
    for link in links:
        answer = browser.get(link)
        assert answer.status_code == 200, link
    assert f"gems job report {key} --reviewed --format pdf" in unescape(page)
