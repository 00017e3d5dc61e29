"""Review of a real job's results by people in browsers of their own: an override, a race, two approvals, and the log proven."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from cloud_site import JobRecord, Site, job_files
from playwright.sync_api import Browser, expect
from real_browser import Person, person
from tiny_run import TinyRun
from waiting import eventually

from gems_core.layout import review_chain_prefix
from gems_local.aws import REGION

PASSWORD = "a long word for tests"
PEOPLE = {"rita": "reviewer", "ralf": "reviewer", "anna": "approver", "bert": "approver"}
SAMPLES = 2
KNOWN_SECONDS = 60  # on a busy machine; GeMS itself takes five


def gems(site: Site, *arguments: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """The command as an administrator of the stage runs it; ``more`` is for its environment."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GEMS_"))},
        "AWS_ENDPOINT_URL": site.cloud.aws.endpoint,
        "AWS_ACCESS_KEY_ID": "administrator",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "NO_PROXY": "127.0.0.1",
        "GEMS_CONTROL_BUCKET": site.cloud.control_bucket,
        "GEMS_REGION": REGION,
        **more,
    }
    command = [sys.executable, "-c", "from gems_cli.main import main; main()", *arguments]
    return subprocess.run(
        command, input=typed, env=environment, text=True, capture_output=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def people(site: Site) -> None:
    for name, role in PEOPLE.items():
        done = gems(site, "users", "add", name, "--role", role, typed=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def typed_job(site: Site, tiny_run: TinyRun) -> JobRecord:
    site.upload("review/run", job_files(tiny_run.reads, SAMPLES))
    record = site.follow(site.start("review/run"))
    assert record.last["overall_status"] == "COMPLETE"
    return record


def path_of(record: JobRecord, number: int = 1) -> str:
    return f"/jobs/{quote(record.session_key, safe=':')}/samples/TINY-{number:02}"


class Desk:
    """People at their browsers."""

    def __init__(self, browser: Browser, site: Site, record: JobRecord) -> None:
        self.browser, self.site, self.record = browser, site, record
        self._open: list[tuple[object, Person]] = []

    def sit(self, name: str, number: int = 1, *, javascript: bool = True) -> Person:
        """Somebody signs in on the way to a sample's page."""
        block = person(self.browser, self.site.cloud.api_url, javascript=javascript)
        somebody = block.__enter__()
        self._open.append((block, somebody))
        somebody.open(path_of(self.record, number))
        somebody.sign_in_as(name, PASSWORD)
        expect(somebody.page.get_by_text(f"Signed in as {name}")).to_be_visible()
        return somebody

    def leave(self) -> None:
        for block, somebody in self._open:
            assert somebody.complaints == []
            block.__exit__(None, None, None)  # type: ignore[attr-defined]


@pytest.fixture
def desk(browser: Browser, site: Site, people: None, typed_job: JobRecord) -> Iterator[Desk]:
    found = Desk(browser, site, typed_job)
    yield found
    found.leave()


def badge(somebody: Person, text: str) -> None:
    expect(somebody.page.locator("#review h2 .badge")).to_have_text(text)


def test_two_people_override_race_and_approve_and_the_log_proves_it(desk: Desk, site: Site) -> None:
    rita, ralf = desk.sit("rita"), desk.sit("ralf")
    badge(rita, "not reviewed")
    assert rita.look() == []

    rita.page.get_by_text("Override a call").click()
    rita.page.get_by_label("Gene").select_option(index=1)
    rita.page.get_by_label("The call that stands").fill("A*68:01")
    rita.page.get_by_label("Reason").select_option(label="phase")
    rita.page.get_by_label("In your words").fill("the reads show it")
    assert rita.look() == []
    rita.page.get_by_role("button", name="Override", exact=True).click()
    badge(rita, "overridden")
    expect(rita.page.get_by_role("region", name="Overrides")).to_contain_text("A*68:01")

    ralf.page.get_by_text("Comment", exact=True).first.click()
    ralf.page.get_by_label("Comment").fill("I see something else")
    ralf.page.get_by_role("button", name="Add the comment").click()
    expect(ralf.page.get_by_role("alert")).to_contain_text("rita changed this sample's review after you looked at it")
    expect(ralf.page.locator("#review")).to_contain_text("new rita overrode a call")
    expect(ralf.page.get_by_label("Comment")).to_have_value("I see something else")
    assert ralf.look() == []
    ralf.page.get_by_role("button", name="Add the comment").click()
    expect(ralf.page.get_by_role("alert")).to_have_count(0)

    anna = desk.sit("anna")
    anna.page.get_by_role("button", name="Approve", exact=True).click()
    badge(anna, "approved once")
    expect(anna.page.get_by_role("button", name="Approve")).to_have_count(0)
    bert = desk.sit("bert")
    bert.page.get_by_role("button", name="Approve, final").click()
    badge(bert, "approved")
    assert bert.look() == []
    ralf.page.reload()
    expect(ralf.page.locator("#review button")).to_have_count(0)

    exports_tell(bert, desk, site)
    proven = gems(site, "review", "verify")
    assert proven.returncode == 0, proven.stderr
    assert ", 0 faults" in proven.stderr
    (newest, *_) = site.keys(site.cloud.control_bucket, review_chain_prefix(desk.record.session_key))
    body = site.s3.get_object(Bucket=site.cloud.control_bucket, Key=newest)["Body"].read()
    site.s3.put_object(Bucket=site.cloud.control_bucket, Key=newest, Body=body.replace(b'"bert"', b'"carl"'))
    forged = gems(site, "review", "verify", "--since", proven.stdout.strip())
    assert forged.returncode == 1
    assert "is not what checkpoint" in forged.stderr
    site.s3.put_object(Bucket=site.cloud.control_bucket, Key=newest, Body=body)


def exports_tell(bert: Person, desk: Desk, site: Site) -> None:
    """What leaves the laboratory says who approved: from the page, from the command line, and for a LIS."""
    key = desk.record.session_key
    bert.page.get_by_text("Take the run's reports along").click()
    with bert.page.expect_download() as downloaded:
        bert.page.get_by_role("link", name="HTML", exact=True).click()
    page = downloaded.value.path().read_text()
    assert downloaded.value.suggested_filename == "report-reviewed.html"
    for told in ("APPROVED by anna", "overridden: A*68:01", "the reads show it", "NOT APPROVED"):
        assert told in page
    with_token = {"GEMS_API_URL": site.cloud.api_url, "GEMS_API_TOKEN": site.cloud.user_token}
    shown = gems(site, "review", "show", key, **with_token)
    assert shown.returncode == 0, shown.stderr
    assert "bert (approver) approved" in shown.stdout
    hml = gems(site, "job", "report", key, "--reviewed", "--format", "hml", **with_token)
    assert hml.returncode == 0, hml.stderr
    assert "<consensus-sequence-block " in hml.stdout
    assert 'name="approval-2" value="bert' in hml.stdout
    sent = gems(site, "job", "lis", key, **with_token)
    assert sent.returncode == 1, "the second sample waits for its approval"
    assert "TINY-02: left out: NOT APPROVED" in sent.stderr
    assert "HLA-A*68:01" in sent.stdout


def test_the_work_list_leads_by_the_keyboard_to_what_waits(desk: Desk, site: Site) -> None:
    bert = desk.sit("bert", 2)
    bert.page.get_by_role("link", name="Work list").click()
    expect(bert.page.get_by_role("heading", name="Work list")).to_be_visible()
    # Runs of other tests wait there too.
    key = quote(desk.record.session_key, safe="")
    bert.open(f"/worklist?run={key}")
    sample = bert.page.get_by_role("rowheader").get_by_role("link", name="TINY-02")
    expect(sample).to_be_visible()
    assert bert.look() == []
    sample.focus()
    bert.page.keyboard.press("Enter")
    expect(bert.page).to_have_url(re.compile("TINY-02#review$"))
    bert.open(f"/worklist?person=&run={key}&waits_for=second_approval")
    expect(bert.page.get_by_text("Nothing waits here")).to_be_visible()
    assert bert.look() == []


def test_the_keyboard_and_no_script_are_enough(desk: Desk) -> None:
    rita = desk.sit("rita", 2, javascript=False)
    rita.open(f"{path_of(desk.record, 2)}#review")
    rita.page.keyboard.press("Tab")
    expect(rita.page.get_by_role("button", name="Accept the calls")).to_be_focused()
    rita.page.keyboard.press("Enter")
    expect(rita.page.get_by_role("button", name="Accept the calls")).to_have_count(0)
    rita.open(path_of(desk.record, 2))
    badge(rita, "accepted")


def test_who_is_disabled_is_shut_out_at_once(desk: Desk, site: Site) -> None:
    ralf = desk.sit("ralf", 2)
    assert gems(site, "users", "disable", "ralf").returncode == 0
    sign_in = ralf.page.get_by_role("heading", name="Sign in", exact=True)

    def shut_out() -> bool:
        ralf.page.reload()
        return sign_in.is_visible()

    eventually(shut_out, "ralf is asked to sign in", KNOWN_SECONDS)
    ralf.sign_in_as("ralf", PASSWORD)
    expect(ralf.page.get_by_role("alert")).to_contain_text("password is wrong")
    assert ralf.look() == []
    assert gems(site, "users", "enable", "ralf").returncode == 0
