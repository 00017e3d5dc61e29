"""The environment of tests whose AWS is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def aws_surroundings(region: str, endpoint: str = "") -> Iterator[pytest.MonkeyPatch]:
    """Credentials that open nothing, a region, and where AWS is; of the developer's own nothing, and nothing afterwards.

    Args:
        region: the default one.
        endpoint: of the stand-in; '' where it stands before boto3 in this process.
    """
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            environment.delenv(name, raising=False)
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environment.setenv("AWS_DEFAULT_REGION", region)
        # Reading hundreds of images that nobody asks for would cost a second.
        environment.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        if endpoint:
            environment.setenv("AWS_ENDPOINT_URL", endpoint)
        yield environment
