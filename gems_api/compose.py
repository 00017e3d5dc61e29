"""The composition of the real thing: settings from the environment, boto3, the app, the reaper."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask

from gems_api.app import create_app
from gems_api.aws.cloud import aws_cloud
from gems_api.aws.on_first_use import on_first_use
from gems_api.services.context import Context
from gems_api.services.ports import Cloud, Poster
from gems_api.services.remote_ports import Remote
from gems_api.services.sign_on_ports import IdentityProvider
from gems_api.settings import Settings


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def cloud_for(settings: Settings) -> Cloud:
    """AWS as boto3 finds it (``AWS_ENDPOINT_URL`` included), identity providers, and BaseSpace where jobs come from there."""
    cloud = replace(aws_cloud(settings), provider=on_first_use(_provider))
    if settings.webhook_url:
        cloud = replace(cloud, poster=on_first_use(_poster))
    return replace(cloud, remote=on_first_use(lambda: _basespace(settings, cloud))) if settings.basespace_url else cloud


def _provider() -> IdentityProvider:
    from gems_api.oidc.provider import OidcProvider  # noqa: PLC0415 - loads Authlib, which no other start waits for

    return OidcProvider(utc_now)


def _poster() -> Poster:
    from gems_api.https_post import HttpsPoster  # noqa: PLC0415 - the reaper alone sends

    return HttpsPoster()


def _basespace(settings: Settings, cloud: Cloud) -> Remote:
    from gems_api.basespace.client import BaseSpace  # noqa: PLC0415 - loads requests, which no other start waits for
    from gems_api.basespace.http import Http  # noqa: PLC0415

    return BaseSpace(
        Http(settings.basespace_url),
        settings.basespace_site_url or settings.basespace_url,
        settings.basespace_api,
        lambda: cloud.credentials.secrets(settings.basespace_credential),
    )


def app_from_environment(environment: Mapping[str, str] | None = None) -> Flask:
    """The app of this process's environment.

    Raises:
        InvalidInput: naming every setting that is missing or wrong.
    """
    settings = Settings.from_environment(os.environ if environment is None else environment)
    return create_app(settings, cloud_for(settings), utc_now)


def context_from_environment(environment: Mapping[str, str] | None = None) -> Context:
    """What the reaper works with, from this process's environment.

    Raises:
        InvalidInput: naming every setting that is missing or wrong.
    """
    settings = Settings.from_environment(os.environ if environment is None else environment)
    return Context(settings, cloud_for(settings), utc_now)
