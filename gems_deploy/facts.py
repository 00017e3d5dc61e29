"""What several checks look at, asked of AWS once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3

from gems_core.errors import DeploymentFailed
from gems_deploy.address import public_url
from gems_deploy.engine import is_batch
from gems_deploy.function import Function, read_function
from gems_deploy.launch_template import versions
from gems_deploy.settings import zappa_settings
from gems_deploy.site import BATCH, Site, Stage
from gems_deploy.stack import Outputs, Stack, read_stack


class NoStack(DeploymentFailed):
    """The stage has no stack: it was not deployed, not in this region, or has another name."""


@dataclass(frozen=True)
class Facts:
    """A stage as it is. Each fact is asked for when it is first needed."""

    site: Site

    @cached_property
    def caller(self) -> dict[str, Any]:
        """Whose credentials these are, with the answer's headers."""
        found: dict[str, Any] = self.site.client("sts").get_caller_identity()
        return found

    @cached_property
    def stack(self) -> Stack:
        """The stack.

        Raises:
            NoStack: there is none.
        """
        found = read_stack(self.site)
        if found is None:
            raise NoStack(f"there is no stack {self.site.stage.stack} in {self.site.region}")
        return found

    @cached_property
    def batch(self) -> Stack | None:
        """The stack of infra/batch.yaml, where AWS Batch places the workers."""
        return read_stack(self.site, BATCH) if is_batch(self.stack.outputs) else None

    @property
    def outputs(self) -> Outputs:
        """Those of the stack, and of Batch's where the stage has one."""
        return Outputs({**self.stack.outputs, **(self.batch.outputs if self.batch else {})})

    def output(self, name: str) -> str:
        """An output of the stack, or of Batch's.

        Raises:
            DeploymentFailed: there is no stack, or it is older than this output.
        """
        return self.outputs[name]

    def listed(self, name: str) -> list[str]:
        """An output that is a list."""
        return self.output(name).split(",")

    @cached_property
    def function(self) -> Function:
        """The function.

        Raises:
            DeploymentFailed: there is none.
        """
        found = read_function(self.site)
        if found is None:
            raise DeploymentFailed(f"there is no function {self.site.stage.function}")
        return found

    @cached_property
    def api_url(self) -> str:
        """The API's public address, '' while it has none."""
        return public_url(self.site)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Zappa's settings of the stage as they should be."""
        rendered: dict[str, Any] = zappa_settings(self.site.stage, self.outputs, self.api_url)[self.site.stage.name]
        return rendered

    @cached_property
    def template_versions(self) -> list[dict[str, Any]]:
        """All versions of the launch template."""
        return versions(self.site, self.output("LaunchTemplate"))


def facts_of(stage: str, region: str | None) -> Facts:
    """A stage of this machine's AWS account.

    Args:
        stage: its name.
        region: where it is; else the region that AWS's configuration names.

    Raises:
        InvalidInput: no stage is named so.
    """
    return Facts(Site(Stage(stage), boto3.Session(region_name=region)))
