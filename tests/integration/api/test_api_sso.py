"""The whole way with a provider of other people's making, over HTTP: sign in, review, lose a group, be disabled, sign out."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import boto3
import pytest
import requests
from api_site import CONTROL, REGION, Site, serving
from aws_surroundings import aws_surroundings

from gems_api.app import create_app
from gems_api.oidc.provider import OidcProvider
from gems_api.services.access.passwords import hashed
from gems_api.services.access.persons import REMEMBERED
from gems_api.services.access.single_sign_on import CREDENTIAL
from gems_api.services.state.person import Person
from gems_api.services.state.sso_settings import SsoSettings
from gems_api.services.storage.people import People
from gems_api.services.storage.sso import SsoRecords
from gems_core.people import Account, Role
from gems_deploy.vault import Vault

GROUPS = {"gems-reviewers": Role.REVIEWER, "gems-approvers": Role.APPROVER}
PASSWORD = "correct horse battery"
ANNA, BERT = "anna@lab.example.org", "bert@lab.example.org"


@pytest.fixture(scope="module")
def secret(deployment: Site) -> None:
    """The client secret, in CredStash."""
    with aws_surroundings(REGION, deployment.endpoint):
        dynamodb = boto3.Session(region_name=REGION).resource("dynamodb", endpoint_url=deployment.endpoint)
        vault = Vault(dynamodb, deployment.client("kms"), "credential-store", "alias/credstash")
        vault.store(CREDENTIAL, "a secret of the client")


@dataclass
class Lab:
    """The API where people sign in with accounts of the provider."""

    url: str
    issuer: str
    site: Site

    @property
    def people(self) -> People:
        return People(self.site.context.cloud.store, CONTROL)

    @property
    def records(self) -> SsoRecords:
        return SsoRecords(self.site.context.cloud.store, CONTROL)

    def link(self, name: str, role: Role, subject: str) -> None:
        account = Account(self.issuer, subject)
        if self.people.find(name) is None:
            self.people.add(Person.new(name, role, "", self.site.clock(), account))
        self.people.change(
            name, lambda person: person.with_account(account, self.site.clock()).with_role(role, self.site.clock())
        )
        self.records.give(account, name)

    def has_claims(self, subject: str, **claims: Any) -> None:
        answer = requests.put(f"{self.issuer}/users/{quote(subject)}", json=claims, timeout=60)
        assert answer.status_code == 204, answer.text


@pytest.fixture
def lab(site: Site, oidc_issuer: str, secret: None) -> Iterator[Lab]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cloud = replace(site.context.cloud, provider=OidcProvider(site.clock))
    settings = replace(site.settings, api_url=f"http://127.0.0.1:{port}")
    with serving(create_app(settings, cloud, site.clock)) as url:
        found = Lab(url, oidc_issuer, site)
        found.records.set(SsoSettings("Mock", oidc_issuer, "gems", groups=GROUPS, session_minutes=60))
        yield found
        found.records.set(None)


class Browser:
    """A person's browser, which goes where it is led; what we are called to the provider is where we listen."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.session = requests.Session()
        self.session.headers["Accept"] = "text/html"

    def get(self, path: str) -> requests.Response:
        return self.session.get(urljoin(self.lab.url, path), allow_redirects=False, timeout=60)

    def to_provider(self, path: str = "/sign-in/sso") -> str:
        answer = self.get(path)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def authorized(self, subject: str, path: str = "/sign-in/sso") -> str:
        """The address, below ours, to which the provider leads somebody back who has signed in there."""
        answer = requests.post(self.to_provider(path), data={"sub": subject}, allow_redirects=False, timeout=60)
        assert answer.status_code in (302, 303), answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, subject: str, path: str = "/sign-in/sso") -> requests.Response:
        return self.get(self.authorized(subject, path))

    def sign_out(self) -> requests.Response:
        token = re.search(r'name="form_token" value="([^"]*)"', self.get("/jobs").text)
        assert token is not None
        address = urljoin(self.lab.url, "/sign-out")
        return self.session.post(address, data={"form_token": token[1]}, allow_redirects=False, timeout=60)

    def by_password(self, name: str) -> requests.Response:
        token = re.search(r'name="form_token" value="([^"]*)"', self.get("/sign-in").text)
        assert token is not None
        fields = {"form_token": token[1], "next": "", "name": name, "password": PASSWORD}
        return self.session.post(urljoin(self.lab.url, "/sign-in"), data=fields, allow_redirects=False, timeout=60)


@pytest.fixture
def browser(lab: Lab) -> Browser:
    return Browser(lab)


def test_from_the_button_to_the_page_that_was_asked_for_and_out_again(lab: Lab, browser: Browser) -> None:
    lab.link("anna", Role.APPROVER, ANNA)
    lab.has_claims(ANNA, groups=["staff", "gems-approvers"])
    assert "Sign in with Mock" in browser.get("/sign-in").text
    answer = browser.sign_in(ANNA, "/sign-in/sso?next=/jobs/new")
    assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (303, "/jobs/new")
    assert "Signed in as anna, approver" in browser.get("/jobs").text
    out = browser.sign_out()
    assert "still signed in at Mock" in browser.get(out.headers["Location"]).text
    assert browser.get("/jobs/new").status_code == 303
    leave = browser.get("/sign-in/sso/leave").headers["Location"]
    assert leave.startswith(f"{lab.issuer}/oauth2/end_session?")


def test_a_group_that_is_taken_away_at_the_provider_counts_no_more_at_the_next_sign_in(
    lab: Lab, browser: Browser
) -> None:
    lab.link("anna", Role.APPROVER, ANNA)
    for groups, told in ((["gems-approvers"], "anna, approver"), (["gems-reviewers"], "anna, reviewer")):
        lab.has_claims(ANNA, groups=groups)
        assert browser.sign_in(ANNA).status_code == 303
        assert told in browser.get("/jobs").text
        browser.sign_out()
    lab.has_claims(ANNA, groups=["staff"])
    answer = browser.sign_in(ANNA)
    assert (answer.status_code, "None of your groups at Mock gives a role in GeMS" in answer.text) == (403, True)
    assert browser.get("/jobs/new").status_code == 303


def test_whoever_is_disabled_here_is_out_within_seconds_and_is_not_let_in_again(lab: Lab, browser: Browser) -> None:
    lab.link("anna", Role.APPROVER, ANNA)
    lab.has_claims(ANNA, groups=["gems-approvers"])
    assert browser.sign_in(ANNA).status_code == 303
    lab.people.change("anna", lambda person: person.with_state(lab.site.clock(), disabled=True))
    lab.site.clock.offset += REMEMBERED
    assert browser.get("/jobs/new").status_code == 303
    answer = browser.sign_in(ANNA)
    assert (answer.status_code, "is disabled" in answer.text) == (403, True)
    lab.people.change("anna", lambda person: person.with_state(lab.site.clock(), disabled=False))


def test_a_stranger_with_a_good_account_and_a_persons_name_is_nobody(lab: Lab, browser: Browser) -> None:
    lab.has_claims(BERT, groups=["gems-approvers"], preferred_username="anna", name="anna")
    answer = browser.sign_in(BERT)
    assert (answer.status_code, f"--sso {BERT}" in answer.text) == (403, True)


def test_an_answer_of_the_provider_is_good_once_and_in_one_browser(lab: Lab, browser: Browser) -> None:
    lab.link("anna", Role.APPROVER, ANNA)
    lab.has_claims(ANNA, groups=["gems-approvers"])
    back = browser.authorized(ANNA)
    thief = Browser(lab)
    thief.to_provider()
    assert thief.get(back).status_code == 403
    kept = browser.session.cookies.copy()
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403, "the cookie is gone"
    again = Browser(lab)
    again.session.cookies.update(kept)
    assert again.get(back).status_code == 403, "the provider takes a code once, whatever cookie comes with it"
    assert again.get("/jobs/new").status_code == 303


def test_who_refuses_there_is_told_so_here(browser: Browser) -> None:
    answer = requests.post(browser.to_provider(), data={"action": "deny"}, allow_redirects=False, timeout=60)
    back = urlsplit(answer.headers["Location"])
    state = urlsplit(browser.to_provider()).query.partition("state=")[2].partition("&")[0]
    told = browser.get(f"{back.path}?error=access_denied&state={state}")
    assert (told.status_code, "cancelled or refused there" in told.text) == (403, True)


def test_without_the_provider_people_with_passwords_sign_in(lab: Lab, browser: Browser) -> None:
    if lab.people.find("carl") is None:
        lab.people.add(Person.new("carl", Role.REVIEWER, hashed(PASSWORD), lab.site.clock()))
    gone = SsoSettings("Gone", "http://127.0.0.1:9", "gems", has_secret=False)
    lab.records.set(gone)
    answer = browser.get("/sign-in/sso")
    assert (answer.status_code, "Gone does not answer as it should" in answer.text) == (503, True)
    assert browser.by_password("carl").status_code == 303
    assert "Signed in as carl, reviewer" in browser.get("/jobs").text


def test_what_lies_in_the_bucket_holds_no_secret(lab: Lab) -> None:
    lab.link("anna", Role.APPROVER, ANNA)
    s3 = lab.site.client("s3")
    listed = s3.list_objects_v2(Bucket=CONTROL, Prefix="people/accounts/")["Contents"]
    notes = [json.loads(s3.get_object(Bucket=CONTROL, Key=item["Key"])["Body"].read()) for item in listed]
    assert {"issuer": lab.issuer, "subject": ANNA, "name": "anna"} in notes
