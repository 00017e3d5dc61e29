"""One stack for the tests of a module; moto stands before boto3 no longer than that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stack_site import REGION, Stack, make_stack, moto_account


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        environment.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        with moto_account(), pytest.warns(UserWarning, match="not supported by moto's CloudFormation"):
            yield make_stack()
