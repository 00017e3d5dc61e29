"""One account, in which one stage is deployed once; the tests look at it, break it and repair it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from cloud_account import (
    DATA_BUCKET,
    SENDER,
    Account,
    complete_bucket,
    furnish,
    surroundings,
    updating_stacks,
    verify_sender,
)
from deployment import Deployment

from gems_deploy.parameters import Wishes


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    account = Account(tmp_path_factory.mktemp("build"))
    with surroundings(account):
        requests.post(f"{account.endpoint}/moto-api/reset", timeout=60)
        furnish()
    with updating_stacks():
        yield account
    account.stop()


@pytest.fixture(autouse=True)
def _surroundings(account: Account) -> Iterator[None]:
    with surroundings(account):
        yield


@pytest.fixture(scope="session")
def deployed(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A stage that was deployed once, whose sender has followed SES's link."""
    made = Deployment(tmp_path_factory.mktemp("deploy"))
    with surroundings(account):
        made.told = made.deploy(made.run(Wishes(data_buckets=(DATA_BUCKET,), mail_sender=SENDER)))
        complete_bucket(made.outputs())
        verify_sender()
    return made
