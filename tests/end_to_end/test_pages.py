"""GeMS-UI in a real browser on the local cloud: from signing in over a new job and its live progress to signing out."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import pytest
from cloud_site import JOB_SECONDS, Site, job_files
from playwright.sync_api import Browser, expect
from real_browser import Person, person
from tiny_run import TinyRun

SAMPLES = 2


@pytest.fixture
def user(visitor: Person, site: Site) -> Person:
    visitor.open("/sign-in")
    visitor.sign_in(site.cloud.user_token)
    return visitor


def test_a_person_starts_a_job_follows_it_and_takes_its_report_along(
    visitor: Person, site: Site, tiny_run: TinyRun
) -> None:
    files = job_files(tiny_run.reads, SAMPLES)
    site.upload("pages/good", files)
    site.upload("pages/bad", {**files, "LONE_S9_L001_R1_001.fastq.gz": next(iter(files.values()))})
    page = visitor.page

    visitor.open("/")
    assert visitor.look() == []
    visitor.sign_in("not the credential")
    expect(page.get_by_role("alert")).to_contain_text("credential is not valid")
    visitor.sign_in(site.cloud.user_token)
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()

    page.get_by_role("navigation", name="Main").get_by_role("link", name="New job").click()
    page.get_by_role("link", name="pages", exact=True).click()
    expect(page.get_by_role("link", name="bad", exact=True)).to_be_visible()
    assert visitor.look() == []
    page.get_by_role("link", name="bad", exact=True).click()
    page.get_by_role("link", name="Use this folder").click()
    page.get_by_role("button", name="Look at the reads").click()
    expect(page.get_by_role("heading", name="Not ready: 1 problem")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("LONE_S9_L001_R1_001.fastq.gz"))).to_contain_text("its mate R2")
    assert visitor.look() == []

    page.get_by_label("Folder").fill("pages/good")
    page.get_by_label("Mail to").fill("lab@example.org")
    page.get_by_text("Workers, limits and budget").click()
    page.get_by_label("Samples per share").fill("1")
    page.get_by_role("button", name="Look at the reads").click()
    expect(page.get_by_role("heading", name="Ready to start")).to_be_visible()
    assert visitor.look() == []
    page.get_by_role("button", name="Start the job").click()

    expect(page.get_by_role("heading", name="pages/good")).to_be_visible()
    expect(page.get_by_text("Changes show by themselves.")).to_be_visible()
    assert visitor.look() == []
    page.evaluate("window.sameDocument = true")
    expect(page.get_by_text(re.compile("downloading|typing|cross matching")).first).to_be_visible(timeout=60_000)
    assert page.evaluate("window.sameDocument")  # it has changed by itself
    expect(page.locator(".badge")).to_have_text("Complete", timeout=JOB_SECONDS * 1000)
    expect(page.get_by_text(f"{SAMPLES} of {SAMPLES} samples typed")).to_be_visible()
    expect(page.get_by_text("accepted by SES", exact=True)).to_be_visible(timeout=60_000)
    assert page.locator("svg.lane rect.type").count() >= 1
    assert visitor.look() == []

    look_at_results(visitor)
    answer = page.request.get(
        page.get_by_role("link", name="CSV", exact=True).evaluate("link => link.href"), max_redirects=0
    )
    assert answer.status == 302
    assert "X-Amz-Signature" in answer.headers["location"]

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("row", name=re.compile("pages.good")).first).to_contain_text("Complete")
    assert visitor.look() == []
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.open("/jobs/new")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def look_at_results(visitor: Person) -> None:
    """From a job's page to its run, a sample, two people and another typing, and back; every page without a fault."""
    page = visitor.page
    page.get_by_role("link", name="See the results").click()
    job = page.url.removesuffix("/run")
    expect(page.get_by_role("table")).to_be_visible()
    assert visitor.look() == []
    for view in ("Plate", "Quality", "New alleles", "Calls"):
        page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()
        expect(page.get_by_role("link", name=view, exact=True)).to_have_attribute("aria-current", "page")
        assert visitor.look() == []
    sample = page.get_by_role("region", name="Calls").get_by_role("rowheader").first.get_by_role("link")
    name = sample.inner_text()
    sample.click()
    expect(page.get_by_role("heading", name=re.compile(re.escape(name)))).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.locator("table.coverage tr.called").count() >= 1
    assert page.locator("svg.depth polyline.allele1").count() >= 1
    assert visitor.look() == []
    page.get_by_role("link", name="Run", exact=True).click()
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("textbox", name="Another job").fill(unquote(job.rsplit("/", 1)[1]))
    page.get_by_role("form", name="Another job").get_by_role("button").click()
    expect(page.get_by_text("Nothing differs.")).to_be_visible()
    assert visitor.look() == []
    page.get_by_role("link", name="donor and recipient").click()
    page.get_by_label("Donor, or parent").fill(name)
    page.get_by_label("Recipient, or child").fill(name)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("region", name="Match by gene")).to_be_visible()
    assert visitor.look() == []
    page.goto(job)


def test_a_running_job_is_cancelled_on_its_page(user: Person, site: Site, tiny_run: TinyRun) -> None:
    site.upload("pages/cancelled", job_files(tiny_run.reads, 1))
    record = site.start("pages/cancelled")
    user.open(f"/jobs/{quote(record.session_key)}")
    user.page.get_by_text("Cancel this job").click()
    user.page.get_by_role("button", name="Cancel the job").click()
    expect(user.page.locator(".badge")).to_have_text("Cancelled")
    assert "1 launched, 1 ended" in user.text()
    user.page.get_by_text("Type what was not typed").click()
    assert user.look() == []


def test_a_hostile_folder_is_shown_as_it_is_and_runs_nothing(user: Person, site: Site, tiny_run: TinyRun) -> None:
    hostile = "x\"'><img src=x onerror=window.hacked=1>&amp;"
    site.upload(hostile, job_files(tiny_run.reads, 1))
    record = site.start(hostile)
    site.post(f"/job/{quote(record.session_key)}/cancel")
    for path in ("/jobs", f"/jobs/{quote(record.session_key, safe='')}", f"/jobs/new?bucket={site.cloud.data_bucket}"):
        user.open(path)
        assert hostile in user.text()
        assert user.page.evaluate("'hacked' in window || document.images.length") == 0
    assert user.look() == []


def test_a_page_says_so_when_gems_no_longer_answers(user: Person) -> None:
    user.page.clock.install()
    user.open("/jobs")
    user.page.route("**/jobs/rows*", lambda route: route.fulfill(status=502))
    user.page.clock.run_for(30_000)
    expect(user.page.get_by_text("GeMS does not answer; what you see may be out of date.")).to_be_visible()
    user.page.unroute_all(behavior="wait")
    user.page.clock.run_for(5_000)
    expect(user.page.get_by_text("Changes show by themselves.")).to_be_visible()
    user.complaints[:] = [text for text in user.complaints if "502" not in text]


def test_a_mailed_link_leads_a_person_through_sign_in(visitor: Person, site: Site) -> None:
    visitor.open("/job/direct.typing-none-class-2-261123-12:00:0123456789/report.csv")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.sign_in(site.cloud.user_token)
    expect(visitor.page.get_by_role("heading", name="There is no such job")).to_be_visible()
    assert visitor.look() == []


def test_the_other_pages_have_no_fault(user: Person) -> None:
    for path in (
        "/docs",
        "/nothing",
        "/jobs?since=yesterday",
        "/jobs?overall_status=FAILED&hla_class=1",
        "/jobs/new?chosen=yes",
    ):
        user.open(path)
        assert user.look() == []


def test_without_scripts_everything_can_be_done_but_changes_do_not_show(
    browser: Browser, site: Site, tiny_run: TinyRun
) -> None:
    site.upload("pages/plain", job_files(tiny_run.reads, 1))
    with person(browser, site.cloud.api_url, javascript=False) as somebody:
        somebody.open("/jobs/new")
        somebody.sign_in(site.cloud.user_token)
        page = somebody.page
        page.get_by_role("link", name="Enter the folder's name instead").click()
        page.get_by_label("Folder").fill("pages/plain")
        page.get_by_role("button", name="Look at the reads").click()
        page.get_by_role("button", name="Start the job").click()
        expect(page.get_by_text("Load the page again to see what has changed.")).to_be_visible()
        page.get_by_text("Cancel this job").click()
        page.get_by_role("button", name="Cancel the job").click()
        expect(page.locator(".badge")).to_have_text("Cancelled")


def test_the_keyboard_reaches_the_content_and_sees_where_it_is(user: Person) -> None:
    user.open("/jobs")
    user.page.keyboard.press("Tab")
    expect(user.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    user.page.keyboard.press("Enter")
    expect(user.page.get_by_role("main")).to_be_focused()
    user.page.keyboard.press("Tab")
    outline = user.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
