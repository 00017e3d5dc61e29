"""The composition of the real thing: settings from the environment, boto3, the app, the reaper."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Flask

from gems_api.app import create_app
from gems_api.aws.cloud import aws_cloud
from gems_api.services.context import Context
from gems_api.services.ports import Cloud
from gems_api.settings import Settings


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def cloud_for(settings: Settings) -> Cloud:
    """AWS as boto3 finds it (``AWS_ENDPOINT_URL`` included)."""
    return aws_cloud(settings)


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
