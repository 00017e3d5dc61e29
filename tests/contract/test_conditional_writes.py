"""The API and the workers read S3's answer to a conditional write alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from gems_api.aws.s3 import S3Store
from gems_core.conditional_write import COLLISION_PAUSE_SECONDS, COLLISION_TRIES, Refusal, refusal_of
from gems_core.errors import CloudRefused
from worker.s3 import S3

COLLIDED, LOST = ("ConditionalRequestConflict", 409), ("PreconditionFailed", 412)
Create = Callable[[Any, Callable[[float], None]], bool]


@dataclass
class Site:
    """One side's adapter before an S3 that answers as it is told.

    Attributes:
        pauses: how long it waited between its writes.
    """

    adapter: Create
    pauses: list[float] = field(default_factory=list)

    def create(self, *answers: tuple[str, int] | None) -> bool:
        """Whether an object is created where S3 gives these answers in turn; None takes the write."""
        client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")
        with Stubber(client) as stub:
            for answer in answers:
                if answer is None:
                    stub.add_response("put_object", {"ETag": '"1"'})
                else:
                    stub.add_client_error("put_object", answer[0], http_status_code=answer[1])
            created = self.adapter(client, self.pauses.append)
            stub.assert_no_pending_responses()
        return created


def of_the_api(client: Any, sleep: Callable[[float], None]) -> bool:
    return S3Store(client, sleep).create("b", "k", b"") is not None


def of_a_worker(client: Any, sleep: Callable[[float], None]) -> bool:
    return S3(client, sleep).create("b", "k", b"", "text/plain")


@pytest.fixture(params=[of_the_api, of_a_worker])
def site(request: pytest.FixtureRequest) -> Site:
    return Site(request.param)


def test_a_write_that_nobody_disputes_is_made(site: Site) -> None:
    assert site.create(None)


def test_where_somebody_was_faster_the_write_is_lost_at_once(site: Site) -> None:
    assert not site.create(LOST)
    assert site.pauses == []


def test_a_write_that_meets_another_one_is_made_again_after_a_pause(site: Site) -> None:
    assert site.create(COLLIDED, None)
    assert not site.create(COLLIDED, LOST)
    assert site.pauses == [COLLISION_PAUSE_SECONDS] * 2


def test_a_write_that_meets_others_again_and_again_counts_as_lost(site: Site) -> None:
    assert not site.create(*[COLLIDED] * COLLISION_TRIES)


def test_any_other_refusal_is_an_error(site: Site) -> None:
    with pytest.raises(CloudRefused, match="AccessDenied"):
        site.create(("AccessDenied", 403))


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("PreconditionFailed", Refusal.LOST),
        ("NoSuchKey", Refusal.LOST),
        ("ConditionalRequestConflict", Refusal.COLLIDED),
        ("NoSuchBucket", Refusal.OTHER),
        ("OperationAborted", Refusal.OTHER),
    ],
)
def test_an_error_code_says_why_a_conditional_write_was_not_made(code: str, refusal: Refusal) -> None:
    assert refusal_of(code) is refusal
