"""One account, in which one stage is deployed once; the tests look at it, break it and repair it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
import requests
from cloud_account import DATA_BUCKET, REGION, SENDER, Account, complete_bucket, function_zip, furnish, verify_sender

from gems_cli.artefacts.bundle import bundle_version
from gems_cli.artefacts.publish import LocalArtefact
from gems_cli.deploy.facts import Facts
from gems_cli.deploy.parameters import Wishes
from gems_cli.deploy.site import Site, Stage
from gems_cli.deploy.steps import Run, deploy
from gems_core import __version__

ADDRESS = "https://gems.example.org"


def healthy(_url: str) -> requests.Response:
    """The API's answer; moto's API Gateway calls nothing."""
    answer = requests.Response()
    answer.status_code = 200
    answer._content = json.dumps({"status": "ok", "version": __version__}).encode()
    return answer


@dataclass
class Deployment:
    """A stage in the account.

    Attributes:
        told: what the first deployment told.
        asked: the addresses that were asked for their health.
    """

    folder: Path
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def site(self, api_url: str = "") -> Site:
        return Site(Stage("dev"), boto3.Session(region_name=REGION), api_url, self._get)

    def _get(self, url: str) -> requests.Response:
        self.asked.append(url)
        return healthy(url)

    def facts(self) -> Facts:
        return Facts(self.site())

    def outputs(self) -> dict[str, str]:
        return dict(self.facts().stack.outputs)

    def artefacts(self) -> list[LocalArtefact]:
        versions = {"worker": bundle_version(), "hla-typer": "1", "reference": "3.51.0", "panel": "1"}
        paths = {kind: self.folder / kind for kind in versions}
        for kind, path in paths.items():
            path.write_text(f"the {kind}")
        return [LocalArtefact(kind, version, paths[kind], kind) for kind, version in versions.items()]

    def run(self, wishes: Wishes | None = None, code: str = "first") -> Run:
        return Run(self.site(), wishes or Wishes(), self.artefacts, lambda: function_zip(self.folder, code))

    def deploy(self, run: Run | None = None, *, dry_run: bool = False) -> list[str]:
        told: list[str] = []
        deploy(run or self.run(), told.append, dry_run=dry_run)
        return told


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
