"""The pages of jobs: what they show to whom, that they ask little, and that nothing from outside breaks them."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from api_world import World
from ui_browser import Browser, below, field, signed_in, words_of

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.reaping.reaper import reap
from gems_api.web.ui.addresses import PAGES, Page
from gems_api.web.ui.job import MOST_LANES, MOST_SAMPLES
from gems_core.prices import InstancePrice
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.session_key import SessionKey

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"


class Tags(HTMLParser):
    """All tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def address(key: SessionKey | str, part: str = "") -> str:
    return f"/jobs/{quote(str(key), safe=':')}{part}"


def done(world: World, samples: int = 2, **more: object) -> SessionKey:
    key = world.start(samples, workers=1, **more)
    (worker,) = world.crew(key)
    worker.work()
    worker.merge()
    return key


def test_the_list_tells_of_each_job_how_it_stands(world: World) -> None:
    world.set_prices({"c5.xlarge": InstancePrice(0.2, 0.08)})
    done(world)
    world.clock.pass_seconds(60)
    world.start(3, "second/run", hla_class="all")
    told = words_of(signed_in(world).get("/jobs").text)
    assert "Complete run direct.typing Class II 2 of 2" in told
    assert "Starting second/run direct.typing Class I and II 0 of 3" in told
    assert told.index("second/run") < told.index("2 of 2")


def test_a_job_that_waits_for_its_turn_is_shown_with_its_place(world: World) -> None:
    world = world.with_settings(most_vcpus=4)
    for name in ("first", "second", "third"):
        world.start(1, name)
        world.clock.pass_seconds(1)
    reap(world.context)
    page = words_of(signed_in(world).get("/jobs").text)
    assert "Starting behind 2 jobs third" in page
    assert "Starting behind 1 job second" in page
    assert "Starting first" in page
    key = next(key for key in world.context.active.jobs() if "third" in str(key))
    assert "it waits behind 2 jobs" in words_of(signed_in(world).get(address(key)).text)


@pytest.mark.parametrize(
    ("query", "shown"), [("overall_status=COMPLETE", "one"), ("hla_class=1", "two"), ("prefix=two", "two"), ("prefix=two&bucket=x", "")]
)  # fmt: skip
def test_the_list_is_filtered(world: World, query: str, shown: str) -> None:
    done(world, prefix="one")
    world.start(1, "two", hla_class="1")
    page = signed_in(world).get(f"/jobs?{query}").text
    assert [name for name in ("one", "two") if f">{name}</a>" in page] == ([shown] if shown else [])
    assert ("There are no jobs here" in page) == (not shown)


def test_a_filter_that_makes_no_sense_is_told_beside_the_filters(world: World) -> None:
    answer = signed_in(world).get("/jobs?since=yesterday")
    assert answer.status_code == 422
    assert "a date, or a time in ISO 8601" in answer.text
    assert 'value="yesterday"' in answer.text


def test_the_list_leads_to_older_jobs_and_back(world: World) -> None:
    for number in range(30):
        world.start(1, f"run{number:02}")
        world.clock.pass_seconds(60)
    browser = signed_in(world)
    first = browser.get("/jobs?hla_class=2").text
    (older,) = re.findall(r'href="([^"]*)" rel="next"', first)
    assert "hla_class=2" in older
    second = browser.get(older.replace("&amp;", "&")).text
    assert (">run29</a>" in first, ">run04</a>" in first, ">run04</a>" in second, ">run29</a>" in second) == (
        True, False, True, False,
    )  # fmt: skip
    assert ">Newest</a>" in second


@pytest.mark.parametrize("of_job", [False, True])
def test_a_look_at_what_has_not_changed_is_answered_304(world: World, of_job: bool) -> None:
    key = world.start(2, workers=1)
    (worker,) = world.crew(key)
    page, part = (address(key), address(key, "/live")) if of_job else ("/jobs", "/jobs/rows")
    browser = signed_in(world)
    tag = re.findall(r'data-etag="(\w+)"', browser.get(page).text)[0]
    assert f'hx-get="{part}"' in browser.get(page).text
    unchanged = browser.get(part, **{"If-None-Match": f'"{tag}"'})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert "Age" in unchanged.headers
    worker.claim()
    changed = browser.get(part, **{"If-None-Match": f'"{tag}"'})
    assert changed.status_code == 200
    assert changed.headers["ETag"].strip('"') == re.findall(r'data-etag="(\w+)"', changed.text)[0] != tag
    assert changed.text.lstrip().startswith('<div id="live"')


def test_a_job_that_has_ended_is_looked_at_no_more(world: World) -> None:
    page = signed_in(world).get(address(done(world))).text
    assert "hx-get" not in page
    assert "freshness" not in page


def test_a_jobs_page_tells_its_facts_its_workers_and_its_samples(world: World) -> None:
    world.set_prices({"c5.xlarge": InstancePrice(36.0, 1.0)})
    key = world.start(3, workers=2, email="lab@example.org", samples_per_worker=1)
    one, two = world.crew(key)
    world.clock.pass_seconds(100)
    share = one.claim().share
    assert share is not None
    world.clock.pass_seconds(10)
    for status, seconds in (("DOWNLOADING", 5), ("TYPING", 60), ("CROSS_MATCHING", 20), ("UPLOADING", 5)):
        one.say("status", status, share)
        world.clock.pass_seconds(seconds)
    one.write_markers(share)
    one.say("finished", "UPLOADING", share)
    lost = two.claim().share
    assert lost is not None
    two.say("failed", "TYPING", lost, Failure("TYPING", "the JVM died", ("last words",)))
    page = signed_in(world).get(address(key)).text
    told = words_of(page)
    for text in (
        "1 of 3 samples typed", "Instances 2 launched, 0 ended", "Worker 2 while typing: the JVM died", "last words", "Price so far $",
        "Mail none yet",
    ):  # fmt: skip
        assert text in told
    assert (
        'aria-label="starting 1 min 40 s, setting up 10 s, downloading 5 s, typing 1 min 00 s, cross matching 20 s'
        in page
    )
    assert "<title>typing, share 1: 1 min 00 s</title>" in page
    assert re.search(r"K00\d waiting \d 1 \d+ bytes i-0001 failed in TYPING: the JVM died", told)
    assert re.search(r"K00\d typed \d 1", told)


def test_a_job_that_has_ended_offers_its_reports_and_a_failed_one_another_try(world: World) -> None:
    browser, key = signed_in(world), done(world)
    page = browser.get(address(key)).text
    for extension in ("json", "csv", "xml.gz"):
        assert f'href="/job/{quote(str(key), safe=":")}/report.{extension}"' in page
    assert "/retry" not in page
    assert "/cancel" not in page
    failed = world.start(1, "other", workers=1)
    cancel(world.context, failed)
    told = words_of(browser.get(address(failed)).text)
    assert "Cancelled 0 of 1 sample typed 1 not typed cancelled by its user" in told
    assert "K001 not typed 1" in told
    assert "Type what was not typed" in told


def test_cancelling_and_retrying_lead_back_to_the_job(world: World) -> None:
    browser, key = signed_in(world), world.start(2, workers=1)
    answer = browser.send(address(key, "/cancel"))
    assert (answer.status_code, below(answer.headers["Location"])) == (303, address(key))
    assert world.job(key).overall_status == "CANCELLED"
    number = field(browser.get(address(key)).text, "idempotency_key")
    for _ in range(2):
        assert browser.send(address(key, "/retry"), idempotency_key=number).status_code == 303
    assert (world.job(key).overall_status, world.job(key).run) == ("LAUNCHING", 2)


def test_what_cannot_be_done_is_told_on_the_jobs_page(world: World) -> None:
    browser, key = signed_in(world), done(world)
    for part in ("/cancel", "/retry"):
        answer = browser.send(address(key, part))
        assert answer.status_code == 409
        assert 'role="alert"' in answer.text
        assert "2 of 2 samples typed" in words_of(answer.text)


def test_without_a_session_a_public_job_shows_neither_samples_nor_what_failed(world: World) -> None:
    key = world.start(1, workers=1)
    (worker,) = world.crew(key)
    share = worker.claim().share
    assert share is not None
    worker.say("failed", "TYPING", share, Failure("TYPING", "K001 is broken", ("secret line",)))
    for path in (address(key), address(key, "/live"), "/jobs", "/jobs/rows"):
        answer = Browser(world).get(path)
        assert answer.status_code == 200
        for secret in ("K001", "secret line", "form_token", "/cancel"):
            assert secret not in answer.text
    assert "to see samples and results" in Browser(world).get(address(key)).text


def test_where_status_is_not_public_the_pages_of_jobs_want_a_session(world: World) -> None:
    private = world.with_settings(public_status=False)
    key = private.start(1)
    for path in (address(key), address(key, "/live"), "/jobs?hla_class=2", "/jobs/rows"):
        answer = Browser(private).get(path)
        assert answer.status_code == 303
        assert below(answer.headers["Location"]).startswith("/sign-in?next=/jobs")
        assert signed_in(private).get(path).status_code == 200


def test_nothing_from_outside_breaks_a_page(world: World) -> None:
    key = world.start(1, HOSTILE.replace("/", "_"), workers=1)
    (worker,) = world.crew(key)
    share = worker.claim().share
    assert share is not None
    worker.say("status", "DOWNLOADING", share)
    worker.say("failed", "TYPING", share, Failure(HOSTILE, HOSTILE, (HOSTILE,)))
    other = world.start(1, "other", workers=1)
    (worker,) = world.crew(other)
    share = worker.claim().share
    assert share is not None
    worker.write_markers(share, SampleOutcome.FAILED)
    browser = signed_in(world)
    pages = [
        "/jobs",
        f"/jobs?bucket={quote(HOSTILE)}&since={quote(HOSTILE)}",
        address(key),
        address(other),
        f"/nothing/{quote(HOSTILE)}",
    ]
    pages += [
        f"/sign-in?next={quote(HOSTILE)}",
        f"/jobs/new?bucket={quote(HOSTILE)}&prefix={quote(HOSTILE)}&chosen=yes",
    ]
    for path in pages:
        text = browser.get(path).text
        tags = Tags(text).tags
        assert [attributes for tag, attributes in tags if tag == "script" and "src" not in attributes] == []
        assert "img" not in [tag for tag, _ in tags]
        assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"]
    shown = browser.get(address(key)).text
    assert "&lt;script&gt;alert(1)" in shown
    assert "{{7*7}}" in shown


def test_a_large_job_shows_the_first_workers_and_samples_and_how_many_more_there_are(world: World) -> None:
    large = World(settings=replace(world.settings, samples_per_worker=1))
    key = large.start(MOST_SAMPLES + 5)
    page = signed_in(large).get(address(key)).text
    assert f"and {205 - MOST_LANES} more workers" in page
    assert "and 5 more samples" in page
    assert len(page) < 200_000


def test_an_error_is_a_page_for_people_and_a_problem_document_for_programs(world: World) -> None:
    browser = signed_in(world)
    missing = "direct.typing-run-class-2-261123-12:00:0123456789"
    for path, status, told in (
        ("/nothing", 404, "no page at this address"),
        (address(missing), 404, "no job of this name"),
        (address("nonsense"), 422, "the form is wrong"),
        (f"/job/{missing}/report.csv", 404, "no job of this name"),
    ):
        page, document = browser.get(path), browser.client.get(path, base_url=browser.base, headers={"Accept": "*/*"})
        assert (page.status_code, page.mimetype, document.status_code) == (status, "text/html", status)
        assert told in page.text
        assert document.mimetype == "application/problem+json"


@pytest.mark.parametrize("base", ["", "/dev"])
def test_every_address_in_a_page_begins_with_the_stage(world: World, base: str) -> None:
    key = world.start(1)
    browser = signed_in(world, f"https://api.example.org{base}")
    for path in ("/jobs", address(key), "/jobs/new", "/docs", "/nothing"):
        text = browser.get(path).text
        found = re.findall(r'(?:href|src|action|hx-get)="([^"#][^"]*)', text)
        assert len(found) > 5
        assert [link for link in found if not link.startswith(f"{base}/")] == []
        assert "style-src 'self';" in browser.get(path).headers["Content-Security-Policy"]


def test_static_files_are_kept_for_a_year_by_the_address_of_their_content(world: World) -> None:
    browser = Browser(world)
    page = browser.get("/sign-in").text
    for link in re.findall(r'"(/static/[^"]*)"', page):
        answer = browser.get(link)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    (style,) = re.findall(r'"(/static/[^"]*\.css)"', page)
    older = "/static/000000000000/" + style.rpartition("/")[2]
    assert browser.get(older).headers["Cache-Control"] == "no-cache"
    for wrong in ("/static/x/../settings.py", "/static/x/%2e%2e/app.py", "/static/x/none.css", "/static/x/vendor"):
        assert browser.get(wrong).status_code == 404


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.view)
def test_every_page_has_a_view(page: Page) -> None:
    assert callable(page.function)
