"""S3 Object Lock of the control bucket, with which a stage may keep its review's log from being removed.

It is turned on here and not in infra/gems.yaml: CloudFormation would make a new bucket for the property that creates one with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import ClientError

from gems_api.settings import Settings
from gems_core.review.lock import Lock
from gems_deploy.site import Site, code_of, doing

SETTING = "GEMS_REVIEW_LOCK"


def wished(environment: Mapping[str, str]) -> Lock | None:
    """What the function's environment says."""
    return Settings.from_environment(environment).review_lock


def is_on(site: Site, bucket: str) -> bool:
    """Whether objects of a bucket can be locked."""
    with doing(
        f"looking at the Object Lock of {bucket}", "Let the credentials call s3:GetBucketObjectLockConfiguration."
    ):
        try:
            answer = site.client("s3").get_object_lock_configuration(Bucket=bucket)
        except ClientError as error:
            if code_of(error) == "ObjectLockConfigurationNotFoundError":
                return False
            raise
    return bool(answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled")


def turn_on(site: Site, bucket: str) -> None:
    """Let objects of a bucket be locked; no object is by this alone."""
    with doing(
        f"turning on the Object Lock of {bucket}", "Deploy as an administrator: no role of the stage may do it."
    ):
        site.client("s3").put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )
