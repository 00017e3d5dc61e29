"""Whose control bucket a command works on: that of a stage, or one that is named."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import click

from gems_api.aws.s3 import S3Store
from gems_core.errors import UsageProblem
from gems_deploy.facts import facts_of

Command = Callable[..., Any]


@dataclass(frozen=True)
class Deployment:
    """A control bucket, and the AWS credentials that every AWS tool finds."""

    bucket: str
    region: str

    @property
    def store(self) -> S3Store:
        """S3."""
        return S3Store(boto3.Session().client("s3", self.region), time.sleep)


def of_a_deployment(command: Command) -> Command:
    """Give a command the options that name a deployment, and the ``deployment`` itself."""

    @functools.wraps(command)
    def call(*, stage: str | None, region: str | None, control_bucket: str | None, **others: object) -> object:
        return command(deployment=_named(stage, control_bucket, region), **others)

    for option in (
        click.option("--stage", help="The stage that `gems deploy` made; its region and bucket are looked up."),
        click.option("--control-bucket", envvar="GEMS_CONTROL_BUCKET", help="Else its control bucket, and ..."),
        click.option("--region", envvar="GEMS_REGION", help="... its region."),
    ):
        call = option(call)
    return call


def _named(stage: str | None, bucket: str | None, region: str | None) -> Deployment:
    if stage:
        outputs = facts_of(stage, region).stack.outputs
        return Deployment(outputs["ControlBucket"], outputs["Region"])
    if not bucket or not region:
        raise UsageProblem("expected a deployment, found none. Give --stage, or --control-bucket and --region.")
    return Deployment(bucket, region)
