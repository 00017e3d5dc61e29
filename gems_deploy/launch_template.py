"""The default version of the workers' launch template, which CloudFormation leaves to us."""

from __future__ import annotations

from typing import Any

from gems_deploy.site import Site, doing

# infra/gems.yaml gives its versions this description; those that a fleet makes for a moment have another.
DESCRIPTION = "of the stack"
_REPAIR = "Use the deployer's role, or an administrator's."


def versions(site: Site, template_id: str) -> list[dict[str, Any]]:
    """All versions of the template."""
    with doing(f"looking at the launch template {template_id}", _REPAIR):
        paginator = site.client("ec2").get_paginator("describe_launch_template_versions")
        pages = paginator.paginate(LaunchTemplateId=template_id)
        return [version for page in pages for version in page["LaunchTemplateVersions"]]


def newest_of_stack(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The version that the stack made last."""
    ours = [version for version in found if version.get("VersionDescription") == DESCRIPTION]
    return max(ours, key=lambda version: int(version["VersionNumber"]), default=None)


def stale_default(site: Site, template_id: str) -> int | None:
    """The version that should be the default one and is not, or None."""
    newest = newest_of_stack(versions(site, template_id))
    return None if newest is None or newest["DefaultVersion"] else int(newest["VersionNumber"])


def make_default(site: Site, template_id: str, version: int) -> None:
    """Let launches take this version."""
    with doing(f"making version {version} of the launch template {template_id} the default one", _REPAIR):
        site.client("ec2").modify_launch_template(LaunchTemplateId=template_id, DefaultVersion=str(version))
