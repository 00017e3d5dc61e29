"""The real cloud, put together from a boto3 session."""

from __future__ import annotations

import time
from collections.abc import Callable

import boto3
from botocore.config import Config

from gems_api.aws.credentials import CredstashCredentials
from gems_api.aws.ec2 import Ec2Fleet
from gems_api.aws.s3 import S3Store
from gems_api.aws.ses import SesMailer
from gems_api.aws.sts import StsIdentifier
from gems_api.services.ports import Cloud, UserDataWriter
from gems_api.settings import Settings

# API Gateway gives a request 29 seconds; a call that hangs must leave time to say so. The pool serves the readers.
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=32,
)
# SES knows no idempotent request: one that it took, but whose answer was lost, must not be sent again by botocore.
_MAIL_CONFIG = _CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


def aws_cloud(
    settings: Settings,
    user_data: UserDataWriter,
    session: boto3.Session | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Cloud:
    """S3, EC2, SES, CredStash and STS of one region; boto3 heeds ``AWS_ENDPOINT_URL`` and its kin by itself.

    Args:
        settings: region, table, sender and what instances are launched as.
        user_data: writes a job's user data.
        session: the credentials; the process's own by default.
        sleep: waits between the tries of a write that collided, or of a mail that was throttled.
    """
    session = session or boto3.Session(region_name=settings.region)
    s3 = session.client("s3", region_name=settings.region, config=_CONFIG)
    ec2 = session.client("ec2", region_name=settings.region, config=_CONFIG)
    ses = session.client("ses", region_name=settings.region, config=_MAIL_CONFIG)
    return Cloud(
        S3Store(s3, sleep),
        Ec2Fleet(ec2, settings),
        SesMailer(ses, settings.mail_sender, sleep),
        CredstashCredentials(session, settings.region, settings.credential_table),
        StsIdentifier(session, settings.region, settings.worker_role),
        user_data,
    )
