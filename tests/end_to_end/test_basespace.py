"""A launch in BaseSpace, from the button there to the results there, in a real browser on the local cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cloud_site import Site
from playwright.sync_api import expect
from real_browser import Person
from waiting import eventually

SAMPLES = 2
TOLD_SECONDS = 60


@pytest.fixture(autouse=True)
def sound(site: Site) -> Iterator[None]:
    yield
    plan_faults(site)


def plan_faults(site: Site, *faults: dict[str, Any]) -> None:
    requests.put(f"{site.cloud.basespace_url}/stand-in/faults", json=list(faults), timeout=60).raise_for_status()


def state(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{site.cloud.basespace_url}/stand-in/state", timeout=60).json()
    return found


def launch(visitor: Person, site: Site, samples: int = SAMPLES) -> str:
    """Press the button in BaseSpace, and let GeMS in; the launch's id."""
    page = visitor.page
    page.goto(site.cloud.basespace_url)
    boxes = page.get_by_role("checkbox")
    for number in range(samples, boxes.count()):
        boxes.nth(number).uncheck()
    page.get_by_role("button", name="Launch app").click()
    page.get_by_role("button", name="Allow").click()
    return max(state(site)["sessions"], key=int)


def job_of(site: Site, session_key: str) -> dict[str, Any]:
    (found,) = requests.get(f"{site.cloud.api_url}/job", params={"session_key": session_key}, timeout=60).json()
    return dict(found)


def test_a_launch_becomes_a_job_and_its_results_are_in_basespace(visitor: Person, site: Site) -> None:
    page = visitor.page
    plan_faults(
        site,
        {"path": "GET /v1pre3/appsessions", "kind": "503", "times": 1},
        {"path": "GET /store/", "kind": "truncated", "times": 2},
        {"path": "GET /store/", "kind": "damaged", "times": 1},
        {"path": "content", "kind": "429", "times": 1},
    )
    session_id = launch(visitor, site)
    expect(page.get_by_role("heading", name="Ready to start")).to_be_visible()
    assert f"Samples\n{SAMPLES}" in visitor.text()
    assert "code=" not in page.url
    assert visitor.look() == []
    page.get_by_role("button", name="Start typing").click()
    page.wait_for_url("**/jobs/*")
    session_key = requests.utils.unquote(page.url.rpartition("/")[2])

    eventually(lambda: job_of(site, session_key)["overall_status"] in ("COMPLETE", "FAILED"), "the job has ended")
    job = job_of(site, session_key)
    assert (job["overall_status"], job["samples_done"]) == ("COMPLETE", SAMPLES), job["reason"]
    assert job["prefix"] == f"basespace/{session_id}"

    eventually(lambda: state(site)["sessions"][session_id]["status"] == "complete", "BaseSpace was told", TOLD_SECONDS)
    told = state(site)["sessions"][session_id]["told"]
    assert told[-1] == ["complete", f"{SAMPLES}/{SAMPLES} typed"]
    assert {status for status, _ in told[:-1]} == {"running"}
    (result,) = [item for item in state(site)["results"] if item["session"] == session_id]
    assert {"report.json", "report.csv", "report.html", "report.hml", "samples/TINY-01/typing.json"} <= set(
        result["files"]
    )

    visitor.open("/sign-in")
    visitor.sign_in(site.cloud.user_token)
    visitor.open(f"/jobs/{session_key}")
    expect(page.get_by_text("results are there")).to_be_visible()
    assert visitor.look() == []
    assert no_token_is_kept(site, session_key)


def no_token_is_kept(site: Site, session_key: str) -> bool:
    s3 = site.cloud.aws.s3()
    listed = s3.list_objects_v2(Bucket=site.cloud.control_bucket)["Contents"]
    (key,) = [item["Key"] for item in listed if item["Key"] == f"basespace/bonds/{session_key}.json"]
    bond = json.loads(s3.get_object(Bucket=site.cloud.control_bucket, Key=key)["Body"].read())
    return bond["sealed_token"] == "" and not any(item["Key"].startswith("basespace/pending/") for item in listed)


def test_when_basespace_takes_no_word_the_job_ends_as_any_other_and_it_is_told_later(
    visitor: Person, site: Site
) -> None:
    session_id = launch(visitor, site, samples=1)
    plan_faults(
        site,
        {"path": "POST /v1pre3/appsessions", "kind": "503", "times": 9999},
        {"path": "POST /v1pre3/projects", "kind": "500", "times": 9999},
    )
    visitor.page.get_by_role("button", name="Start typing").click()
    visitor.page.wait_for_url("**/jobs/*")
    session_key = requests.utils.unquote(visitor.page.url.rpartition("/")[2])
    eventually(lambda: job_of(site, session_key)["overall_status"] == "COMPLETE", "the job is complete")
    expect(visitor.page.get_by_text("not told:")).to_be_visible(timeout=TOLD_SECONDS * 1000)
    assert state(site)["sessions"][session_id]["told"] == []
    plan_faults(site)
    eventually(lambda: state(site)["sessions"][session_id]["status"] == "complete", "it is told", 4 * TOLD_SECONDS)


def test_a_person_who_does_not_consent_starts_nothing_and_is_told_so(visitor: Person, site: Site) -> None:
    page = visitor.page
    page.goto(site.cloud.basespace_url)
    page.get_by_role("button", name="Launch app").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("consent was refused")).to_be_visible()
    assert visitor.look() == []


def test_another_persons_launch_goes_no_further(visitor: Person, site: Site) -> None:
    page = visitor.page
    page.goto(site.cloud.basespace_url)
    page.get_by_role("button", name="Launch app").click()
    page.get_by_label("You are").select_option("2002")
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("The launch is another person's")).to_be_visible()
