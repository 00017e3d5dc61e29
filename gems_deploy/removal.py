"""Removing a stage. It goes by names alone, so that it works for a stack that is half made, or of an older release."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from gems_core.errors import DeploymentFailed
from gems_deploy.batch_removal import close_queue, end_queued_jobs, has_batch, remove_batch
from gems_deploy.function import read_function, remove_function
from gems_deploy.settings import zappa_frame
from gems_deploy.site import Site, code_of, doing
from gems_deploy.stack import remove_stack
from gems_deploy.under_way import end_instances, under_way

_REPAIR = "Wait or cancel them (`gems job cancel`), or let `gems undeploy --terminate` end them."


def demand_rest(site: Site) -> None:
    """See that no job and no instance of the stage is at work: without the function nobody would ever end it.

    Raises:
        DeploymentFailed: something is, by name.
    """
    found = under_way(site)
    if found:
        raise DeploymentFailed(f"stage {site.stage.name}: expected nothing at work, found {found}. {_REPAIR}")


def remove(site: Site, tell: Callable[[str], None], *, terminate: bool) -> None:
    """Remove function and stack; control bucket, tokens and key stay.

    Args:
        site: the stage.
        tell: gets a line for each thing that is done.
        terminate: whether jobs and instances that are at work are ended; else they are a reason to stop.

    Raises:
        DeploymentFailed: something is at work, or AWS refused; a repeat goes on there.
    """
    _rest(site, tell, terminate=terminate)
    if read_function(site) is not None:
        tell("removing the function, its gateway and its schedule")
        frame = zappa_frame(site.stage, site.region, site.packages_bucket, site.stage.api_role)
        remove_function(site, {site.stage.name: frame})
    # Until now a request or the reaper may have launched more; from now on nobody can.
    _rest(site, tell, terminate=terminate)
    if has_batch(site):  # first, for its rights are those of the stage's roles
        remove_batch(site, tell)
    tell(f"removing the stack {site.stage.stack}")
    _empty(site, site.packages_bucket)
    remove_stack(site)
    tell(f"kept: bucket {site.control_bucket}, table {site.stage.credential_table} and its KMS key")


def _rest(site: Site, tell: Callable[[str], None], *, terminate: bool) -> None:
    if terminate:
        if has_batch(site):
            close_queue(site)
            end_queued_jobs(site, tell)
        end_instances(site, tell)
    else:
        demand_rest(site)


def _empty(site: Site, bucket: str) -> None:
    """CloudFormation removes empty buckets only."""
    with doing(f"emptying {bucket}", "Empty it in the AWS console."):
        try:
            site.session.resource("s3", region_name=site.region).Bucket(bucket).objects.all().delete()
        except ClientError as error:
            if code_of(error) != "NoSuchBucket":
                raise
