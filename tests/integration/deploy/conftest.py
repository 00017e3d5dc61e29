"""One account, in which one stage is deployed once; the tests look at it, break it and repair it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from cloud_account import DATA_BUCKET, REGION, SENDER, Account, complete_bucket, furnish, updating_stacks, verify_sender
from deployment import Deployment

from gems_deploy import function
from gems_deploy.parameters import Wishes


@contextmanager
def surroundings(account: Account) -> Iterator[None]:
    """The environment of whoever deploys to the account; it is gone again when the tests of this folder are over."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            environment.delenv(name, raising=False)
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        environment.setenv("AWS_ENDPOINT_URL", account.endpoint)
        environment.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        # Zappa reads its settings there; another process of the suite deploys a stage of the same name.
        environment.setattr(function, "BUILD", account.build)
        yield


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    account = Account(tmp_path_factory.mktemp("build"))
    with surroundings(account):
        requests.post(f"{account.endpoint}/moto-api/reset", timeout=10)
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
