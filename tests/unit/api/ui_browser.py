"""A person's browser before the app in memory: signs in, fills in forms, and never follows by itself."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from api_world import PASSWORD, World
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gems_api.app import create_app

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
CREDENTIAL = "user-secret"


def field(page: str, name: str) -> str:
    """What a form's field holds as the page comes."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name} in {page}"
    return found[1]


def words_of(page: str) -> str:
    """What a person reads of a page, in a line."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


class Browser:
    """A browser of somebody who may have signed in."""

    def __init__(self, world: World, base: str = "https://api.example.org") -> None:
        self.world = world
        self.base = base
        self.client: FlaskClient = create_app(world.settings, world.cloud, world.clock).test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=self.base, headers=HTML | headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        return self.client.post(path, base_url=self.base, headers=HTML | (headers or {}), data=fields)

    def sign_in(self, credential: str = CREDENTIAL, path: str = "/sign-in") -> TestResponse:
        page = self.get(path).text
        return self.post(
            "/sign-in", form_token=field(page, "form_token"), next=field(page, "next"), credential=credential
        )

    def sign_in_as(self, name: str, password: str = PASSWORD, path: str = "/sign-in") -> TestResponse:
        """With a name and a password."""
        page = self.get(path).text
        form = {"form_token": field(page, "form_token"), "next": field(page, "next")}
        return self.post("/sign-in", **form, name=name, password=password)

    def token(self) -> str:
        """The token of the session's forms."""
        return field(self.get("/jobs").text, "form_token")

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Send a form as the session's own pages would."""
        return self.post(path, form_token=self.token(), **fields)


def signed_in(world: World, base: str = "https://api.example.org") -> Browser:
    browser = Browser(world, base)
    assert browser.sign_in().status_code == 303
    return browser


def below(location: str) -> str:
    """An address without its host."""
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")
