"""A sample that was typed again: what was approved stands beside the new results, and the old page leads to the new."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from api_world import CONTROL, DATA, World
from results_world import Json, address, with_results
from test_ui_review import Person
from ui_browser import signed_in

from gems_core import layout
from gems_core.people import Role
from gems_core.session_key import SessionKey
from gems_report.pages import SamplePage


def another_call(document: Json) -> None:
    document["loci"][0]["alleles"][0]["name"] = "A*24:02:01:01"


def more_fit(document: Json) -> None:
    document["loci"][0]["alleles"][0]["ambiguities"] += ["A*99:99"]


def same(_: Json) -> None:
    pass


def retyped(world: World, old: SessionKey, change: object = same) -> SessionKey:
    """A job that types the same reads again."""
    return with_results(world, {0: change}, retype_of=str(old))  # type: ignore[dict-item]


def approved(world: World, key: SessionKey, *approvers: str, override: bool = False) -> None:
    rita = Person(world, key, "rita", Role.REVIEWER)
    if override:
        rita.done(kind="override", locus="A", call="A*68:01", reason="phase", words="x")
    else:
        rita.done(kind="accept")
    for name in approvers:
        Person(world, key, name, Role.APPROVER).done(kind="approve")


def beside(world: World, key: SessionKey) -> str:
    """The section as a person reads it; '' where there is none."""
    page = signed_in(world).get(address(key, "/samples/K001")).text
    found = re.search(r'<section id="beside".*?</section>', page, re.S)
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", found[0]).split())) if found else ""


CHANGES = {
    "the same": (same, False, {"the same results": 1, "another call": 0, "other genotypes fit": 0}),
    "another call": (another_call, False, {"other results": 1, "another call": 1, "other genotypes fit": 0}),
    "other genotypes fit": (more_fit, False, {"other results": 1, "another call": 0, "other genotypes fit": 1}),
    "an override": (same, True, {"the same results": 1, "another call": 1, "the typer called": 1}),
}


@pytest.mark.parametrize(("change", "override", "told"), CHANGES.values(), ids=CHANGES)
def test_what_was_approved_stands_beside_what_is_called_now(
    world: World, change: object, override: bool, told: dict[str, int]
) -> None:
    old = with_results(world)
    approved(world, old, "anna", "bert", override=override)
    section = beside(world, retyped(world, old, change))
    assert {words: section.count(words) for words in told} == told
    for words in ("First approval: anna", "Second approval: bert", str(old)):
        assert words in section


def test_what_nobody_has_approved_is_not_shown(world: World) -> None:
    old = with_results(world)
    new = retyped(world, old)
    assert beside(world, new) == ""
    assert beside(world, old) == ""
    approved(world, old, "anna")
    assert "First approval: anna" in beside(world, new)


def test_an_approval_is_found_over_several_retypings(world: World) -> None:
    old = with_results(world)
    approved(world, old, "anna", "bert")
    newest = retyped(world, retyped(world, old))
    assert str(old) in beside(world, newest)


def test_the_old_page_leads_to_the_new_one(world: World) -> None:
    old = with_results(world)
    new = retyped(world, old)
    page = unescape(signed_in(world).get(address(old, "/samples/K001")).text)
    assert f'These reads were typed again: <a href="{address(new, "/samples/K001")}">' in " ".join(page.split())
    assert "These reads were typed again" not in signed_in(world).get(address(new, "/samples/K001")).text


def test_a_job_that_never_came_about_is_not_led_to(world: World) -> None:
    old = with_results(world)
    other = world.start(1, "elsewhere")
    world.store.put(CONTROL, layout.retyped_key(old, SessionKey.parse(str(other).replace("elsewhere", "nowhere"))), b"")
    world.store.put(CONTROL, layout.retyped_prefix(old) + "something else", b"")
    assert "typed again" not in signed_in(world).get(address(old, "/samples/K001")).text


def test_results_that_are_no_longer_those_that_were_approved_are_told(world: World) -> None:
    old = with_results(world)
    approved(world, old, "anna", "bert")
    new = retyped(world, old, another_call)
    manifest = world.job(old).manifest
    changed = world.store.read(DATA, layout.sample_page_key(manifest.prefix, new, "K001"))
    assert changed is not None
    page = replace(SamplePage.from_bytes(changed.body), session_key=str(old))
    world.store.put(DATA, layout.sample_page_key(manifest.prefix, old, "K001"), page.to_bytes())
    assert "no longer those that were approved" in beside(world, new)


def test_a_log_that_cannot_be_read_hides_no_results(world: World) -> None:
    old = with_results(world)
    approved(world, old, "anna", "bert")
    new = retyped(world, old)
    world.store.put(CONTROL, layout.review_entry_key(str(old), 1), b"damaged")
    section = beside(world, new)
    assert "What was approved there cannot be shown" in section
    assert "the review's log has a fault" in section
