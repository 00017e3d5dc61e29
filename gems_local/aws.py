"""Clients of the local AWS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.session import Session

from gems_local.settings import ACCESS_KEY, REGION, SECRET_KEY

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sts import STSClient

# The user's profile and files are of a real account, and may be missing or broken. As botocore wants it: name in a
# file, name in the environment, value, conversion.
_NO_CONFIGURATION = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class LocalAws:
    """Opens clients of the AWS that listens at ``endpoint``, whatever the environment says."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._session = boto3.Session(
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name=REGION,
            botocore_session=Session(_NO_CONFIGURATION),
        )
        self._config = Config(
            s3={"addressing_style": "path"},
            retries={"mode": "standard", "total_max_attempts": 3},
            proxies={},  # else those of the environment are asked
        )

    def s3(self) -> S3Client:
        """S3."""
        return self._session.client("s3", endpoint_url=self.endpoint, config=self._config)

    def ec2(self) -> EC2Client:
        """EC2."""
        return self._session.client("ec2", endpoint_url=self.endpoint, config=self._config)

    def iam(self) -> IAMClient:
        """IAM."""
        return self._session.client("iam", endpoint_url=self.endpoint, config=self._config)

    def kms(self) -> KMSClient:
        """KMS."""
        return self._session.client("kms", endpoint_url=self.endpoint, config=self._config)

    def ses(self) -> SESClient:
        """SES."""
        return self._session.client("ses", endpoint_url=self.endpoint, config=self._config)

    def sts(self) -> STSClient:
        """STS."""
        return self._session.client("sts", endpoint_url=self.endpoint, config=self._config)

    def batch(self) -> BatchClient:
        """AWS Batch."""
        return self._session.client("batch", endpoint_url=self.endpoint, config=self._config)

    def logs(self) -> CloudWatchLogsClient:
        """CloudWatch Logs."""
        return self._session.client("logs", endpoint_url=self.endpoint, config=self._config)

    def dynamodb(self) -> DynamoDBServiceResource:
        """DynamoDB, as the resource that CredStash takes."""
        return self._session.resource("dynamodb", endpoint_url=self.endpoint, config=self._config)
