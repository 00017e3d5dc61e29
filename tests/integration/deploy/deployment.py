"""A deployed stage as the tests use it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import requests
from cloud_account import REGION, client, function_zip

from gems_artefacts.architecture import X86_64, Architecture
from gems_artefacts.bundle import bundle_version
from gems_artefacts.local_artefact import LocalArtefact
from gems_core import __version__
from gems_deploy.facts import Facts
from gems_deploy.gateway import WANTED, gateway_id
from gems_deploy.parameters import Wishes
from gems_deploy.run import Run
from gems_deploy.site import Site, Stage
from gems_deploy.steps import deploy


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

    def artefacts(
        self, kinds: Collection[str], architecture: Architecture = X86_64, panel: str = "1"
    ) -> list[LocalArtefact]:
        versions = {
            "worker": bundle_version(architecture=architecture),
            "hla-typer": "1",
            "reference": "3.51.0",
            "panel": panel,
        }
        versions = {kind: text for kind, text in versions.items() if kind in ("worker", "hla-typer", *kinds)}
        paths = {kind: self.folder / kind for kind in versions}
        for kind, path in paths.items():
            path.write_text(f"the {kind} {versions[kind]}")
        return [LocalArtefact(kind, version, paths[kind], kind) for kind, version in versions.items()]

    def run(self, wishes: Wishes | None = None, code: str = "first", panel: str = "", api_url: str = "") -> Run:
        """A deployment; with ``panel``, as if the command line had named one of that version."""
        return Run(
            self.site(api_url),
            wishes or Wishes(),
            lambda kinds, architecture: self.artefacts(kinds, architecture, panel or "1"),
            lambda: function_zip(self.folder, code),
            {"panel"} if panel else set(),
        )

    def deploy(self, run: Run | None = None, *, dry_run: bool = False) -> list[str]:
        told: list[str] = []
        deploy(run or self.run(), told.append, dry_run=dry_run)
        return told

    def give_template(self, text: str) -> None:
        """Update the stack with another template, as another release's deployment does."""
        stack = self.facts().stack
        lists = ("Subnets", "DataBucketArns", "DataKeyArns", "InstanceTypes")  # moto tells a list as Python writes it
        given = {**stack.parameters, **{name: stack.outputs.get(name, "") for name in lists}}
        boto3.client("cloudformation", region_name=REGION).update_stack(
            StackName=self.site().stage.stack,
            TemplateBody=text,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )


@contextmanager
def unlimited(deployed: Deployment) -> Iterator[None]:
    """The gateway lets through ten times what it should."""
    gateway, stage = client("apigateway"), {"restApiId": gateway_id(deployed.site()), "stageName": "dev"}
    path = "/*/*/throttling/rateLimit"
    gateway.update_stage(**stage, patchOperations=[{"op": "replace", "path": path, "value": str(10 * WANTED.rate)}])
    yield
    gateway.update_stage(**stage, patchOperations=[{"op": "replace", "path": path, "value": str(WANTED.rate)}])
