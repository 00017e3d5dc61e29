"""Single sign-on and one's own password in a real browser, with the real command, the real API and a provider by others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests
from cloud_site import Site
from playwright.sync_api import Browser, expect
from real_browser import Person, person
from test_review import PASSWORD, gems

SUBJECT = "7f1c2d34-sonja"
ANOTHER = "another long word for tests"


@pytest.fixture(scope="module")
def single_sign_on(site: Site, oidc_issuer: str) -> Iterator[None]:
    options = ("--name", "Lab ID", "--issuer", oidc_issuer, "--client-id", "gems", "--group", "gems-review=reviewer")
    for arguments, typed in (
        (("sso", "set", *options), ""),
        (("credentials", "sso"), "a-client-secret\n"),
        (("users", "add", "sonja", "--role", "approver", "--sso", SUBJECT), ""),
        (("users", "add", "paul", "--role", "viewer"), f"{PASSWORD}\n"),
    ):
        done = gems(site, *arguments, typed=typed)
        assert done.returncode == 0, done.stderr
    yield
    assert gems(site, "sso", "off").returncode == 0


def has_groups(issuer: str, *groups: str) -> None:
    answer = requests.put(f"{issuer}/users/{quote(SUBJECT)}", json={"groups": list(groups)}, timeout=60)
    assert answer.status_code == 204


def goes_there_and_back(somebody: Person, subject: str) -> None:
    somebody.page.get_by_role("link", name="Sign in with Lab ID").click()
    somebody.page.get_by_placeholder("sub").fill(subject)
    somebody.page.get_by_role("button", name="Authorize", exact=True).click()


def sees_the_button(somebody: Person) -> None:
    """The API remembers for a minute that there was none."""
    for _ in range(40):
        somebody.open("/sign-in?next=/jobs/new")
        if somebody.page.get_by_role("link", name="Sign in with Lab ID").count():
            return
        somebody.page.wait_for_timeout(2000)
    raise AssertionError("no button")


def is_led_to_sign_in(somebody: Person) -> bool:
    """Whether a session ends, as it should within five seconds; a busy machine takes longer."""
    for _ in range(30):
        somebody.open("/jobs/new")
        if "/sign-in" in somebody.page.url:
            return True
        somebody.page.wait_for_timeout(1000)
    return False


def test_there_and_back_with_an_account(site: Site, browser: Browser, single_sign_on: None, oidc_issuer: str) -> None:
    has_groups(oidc_issuer, "gems-review")
    with person(browser, site.cloud.api_url) as sonja:
        sees_the_button(sonja)
        assert sonja.look() == []
        goes_there_and_back(sonja, SUBJECT)
        expect(sonja.page).to_have_url(re.compile("/jobs/new$"))
        expect(sonja.page.get_by_text("Signed in as sonja, reviewer")).to_be_visible()
        assert sonja.page.get_by_role("link", name="Password").count() == 0
        sonja.page.get_by_role("button", name="Sign out").click()
        expect(sonja.page.get_by_role("link", name="sign out at Lab ID")).to_be_visible()
        assert sonja.look() == []
        assert [told for told in sonja.complaints if oidc_issuer not in told] == []


def test_a_stranger_is_told_what_to_ask_for(site: Site, browser: Browser, single_sign_on: None) -> None:
    with person(browser, site.cloud.api_url) as stranger:
        sees_the_button(stranger)
        goes_there_and_back(stranger, "a-stranger")
        expect(stranger.page.get_by_role("alert")).to_contain_text("None of your groups at Lab ID gives a role in GeMS")
        stranger.open("/jobs/new")
        expect(stranger.page.get_by_label("Password")).to_be_visible()


def test_somebody_changes_the_own_password_and_the_other_browser_is_signed_out(
    site: Site, browser: Browser, single_sign_on: None
) -> None:
    with person(browser, site.cloud.api_url) as paul, person(browser, site.cloud.api_url) as elsewhere:
        for somebody in (paul, elsewhere):
            somebody.open("/sign-in")
            somebody.sign_in_as("paul", PASSWORD)
            expect(somebody.page.get_by_text("Signed in as paul")).to_be_visible()
        paul.page.get_by_role("link", name="Password").click()
        expect(paul.page.get_by_role("heading", name="Change your password")).to_be_visible()
        assert paul.look() == []
        paul.page.get_by_label("Password of now").fill(PASSWORD)
        paul.page.get_by_label("New password", exact=True).fill(ANOTHER)
        paul.page.get_by_label("New password again").fill(ANOTHER)
        paul.page.get_by_role("button", name="Change the password").click()
        expect(paul.page.get_by_role("status")).to_contain_text("Your password is changed.")
        assert is_led_to_sign_in(elsewhere)
        paul.open("/jobs")
        expect(paul.page.get_by_text("Signed in as paul")).to_be_visible()
        assert paul.complaints == []
    listed = " ".join(gems(site, "users", "list").stdout.split())
    assert "with a password that they set on" in listed
