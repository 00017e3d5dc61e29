"""One stack for the tests of a module; moto stands before boto3 no longer than that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from aws_surroundings import aws_surroundings
from stack_site import REGION, Stack, make_batch_stack, make_stack, moto_account

UNKNOWN_TO_MOTO = "not supported by moto's CloudFormation"


@pytest.fixture(scope="session")
def batch_stack() -> Stack:
    """A stage whose workers AWS Batch places, as it was made in an account of its own, which is gone again."""
    with aws_surroundings(REGION), moto_account(), pytest.warns(UserWarning, match=UNKNOWN_TO_MOTO):
        return make_batch_stack()


@pytest.fixture(scope="module")
def stack(batch_stack: Stack) -> Iterator[Stack]:
    # The other is made before: a stand-in within another would take its account away.
    with aws_surroundings(REGION), moto_account(), pytest.warns(UserWarning, match=UNKNOWN_TO_MOTO):
        yield make_stack()


@pytest.fixture(scope="module")
def stacks(stack: Stack, batch_stack: Stack) -> Mapping[str, Stack]:
    """By the engine that launches the stage's workers."""
    return {"ec2": stack, "batch": batch_stack}
