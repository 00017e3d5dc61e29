"""One account, in which one stage is deployed once; the tests look at it, break it and repair it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from cloud_account import DATA_BUCKET, REGION, SENDER, Account, complete_bucket, furnish, verify_sender
from deployment import Deployment

from gems_cli.deploy.parameters import Wishes


@pytest.fixture(scope="session")
def account() -> Iterator[Account]:
    with pytest.MonkeyPatch.context() as environment:
        account = Account()
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            environment.delenv(name, raising=False)
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        environment.setenv("AWS_ENDPOINT_URL", account.endpoint)
        environment.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        requests.post(f"{account.endpoint}/moto-api/reset", timeout=10)
        furnish()
        yield account
        account.stop()


@pytest.fixture(scope="session")
def deployed(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A stage that was deployed once, whose sender has followed SES's link."""
    made = Deployment(tmp_path_factory.mktemp("deploy"))
    wishes = Wishes(data_buckets=(DATA_BUCKET,), mail_sender=SENDER)
    made.told = made.deploy(made.run(wishes))
    complete_bucket(made.outputs())
    verify_sender()
    return made
