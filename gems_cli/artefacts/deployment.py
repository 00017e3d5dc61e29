"""Whose artefacts they are, and who changes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import boto3

from gems_artefacts.provenance import Maker, maker
from gems_artefacts.shelf import Shelf
from gems_core.errors import UsageProblem
from gems_deploy.facts import facts_of


@dataclass(frozen=True)
class Deployment:
    """A control bucket, and the AWS session that reaches it."""

    session: boto3.Session
    bucket: str

    @property
    def shelf(self) -> Shelf:
        """The bucket."""
        return Shelf(self.session.client("s3"), self.bucket)

    def maker(self) -> Maker:
        """Who does it, as AWS knows them, and now."""
        return maker(str(self.session.client("sts").get_caller_identity()["Arn"]), datetime.now(UTC))


def find_deployment(stage: str | None, bucket: str | None, region: str | None) -> Deployment:
    """The deployment that the command line names.

    Raises:
        UsageProblem: it names none.
        DeploymentFailed: there is no such stage.
    """
    if stage:
        outputs = facts_of(stage, region).stack.outputs
        bucket, region = outputs["ControlBucket"], outputs["Region"]
    if not bucket:
        raise UsageProblem("expected a deployment, found none. Give --stage, or --control-bucket and --region.")
    return Deployment(boto3.Session(region_name=region), bucket)
