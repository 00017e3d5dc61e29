"""Checks of what workers are launched with: template, image, network, quota, role of spot."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from gems_api.settings import Settings
from gems_artefacts.architecture import architecture_of_bundle
from gems_core.errors import UsageProblem
from gems_deploy.artefacts import published
from gems_deploy.facts import Facts
from gems_deploy.findings import Check, Level, Verdict, fail, ok, warn
from gems_deploy.instance_types import architecture_of, describe
from gems_deploy.launch_template import newest_of_stack
from gems_deploy.site import code_of

# "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", in vCPUs (EC2 user guide, "Service quotas").
VCPU_QUOTA = "L-1216C47A"
SPOT_ROLE = "AWSServiceRoleForEC2Spot"
_DEPLOY = "Run `gems deploy`."


def _launch_template(facts: Facts) -> Verdict:
    newest = newest_of_stack(facts.template_versions)
    if newest is None:
        return fail("no version of the stack's", "Run `gems deploy` as an administrator.")
    if not newest["DefaultVersion"]:
        return fail(f"version {newest['VersionNumber']} is not the default one", _DEPLOY)
    wrong = _unsafe(newest["LaunchTemplateData"])
    if wrong:
        return fail(f"version {newest['VersionNumber']}: {', '.join(wrong)}", "Run `gems deploy` as an administrator.")
    return ok(f"{newest['LaunchTemplateName']} version {newest['VersionNumber']}")


def _unsafe(data: dict[str, Any]) -> list[str]:
    metadata = data.get("MetadataOptions", {})
    looks = {
        "IMDSv1 is open": metadata.get("HttpTokens") != "required",
        "tags are not in the metadata": metadata.get("InstanceMetadataTags") != "enabled",
        "a shutdown stops and does not terminate": data.get("InstanceInitiatedShutdownBehavior") != "terminate",
    }
    return [what for what, wrong in looks.items() if wrong]


def _image(facts: Facts) -> Verdict:
    newest = newest_of_stack(facts.template_versions)
    image = str(newest["LaunchTemplateData"].get("ImageId")) if newest else "none"
    found = _described_images(facts, newest)
    if not found or found[0]["State"] != "available":
        return fail(f"{image} is gone", f"{_DEPLOY} It takes the newest image.")
    parameter = facts.stack.parameters.get("Image", "")
    current = facts.site.client("ssm").get_parameters(Names=[parameter])["Parameters"] if parameter[:1] == "/" else []
    if current and current[0]["Value"] != image:
        return warn(f"{image}; {parameter} names {current[0]['Value']} now", f"{_DEPLOY} It takes the newest image.")
    return ok(image)


def _architecture(facts: Facts) -> Verdict:
    """Whether instance types, image and worker bundle are of one architecture: else no worker starts."""
    types = facts.listed("InstanceTypes")
    try:
        wanted = architecture_of(facts.site, types)
    except UsageProblem as error:
        return fail(str(error), "Name types of one architecture with `gems deploy --instance-type`.")
    bundle = published(facts.site, facts.output("ControlBucket")).get("worker")
    made_for = {"the worker bundle": architecture_of_bundle(bundle.version).name} if bundle else {}
    newest = newest_of_stack(facts.template_versions)
    for image in _described_images(facts, newest):
        made_for[f"the image {image['ImageId']}"] = image["Architecture"]
    others = [f"{what} is {found}" for what, found in made_for.items() if found != wanted.name]
    if others:
        repair = (
            f"{_DEPLOY} It takes bundle and image of the types' architecture, unless the stage has an image of its own."
        )
        return fail(f"{', '.join(types)} are {wanted.name}, {', '.join(others)}", repair)
    return ok(wanted.name)


def _described_images(facts: Facts, version: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The launch template's image as EC2 has it; none where it is gone, which is another check's."""
    image = version["LaunchTemplateData"].get("ImageId") if version else None
    if not image:
        return []
    try:
        return list(facts.site.client("ec2").describe_images(ImageIds=[str(image)])["Images"])
    except ClientError as error:
        if not code_of(error).startswith("InvalidAMIID"):
            raise
        return []


def _subnets(facts: Facts) -> Verdict:
    wanted = facts.listed("Subnets")
    try:
        found = facts.site.client("ec2").describe_subnets(SubnetIds=wanted)["Subnets"]
    except ClientError as error:
        if code_of(error) != "InvalidSubnetID.NotFound":
            raise
        return fail(str(error), "Name the right ones with `gems deploy --subnet`.")
    closed = [one["SubnetId"] for one in found if not one["MapPublicIpOnLaunch"] and not _has_nat(facts, one)]
    if closed:
        repair = (
            "Let them give public addresses, or route them through a NAT gateway: workers must reach S3 and the API."
        )
        return warn(f"no way to the internet from {', '.join(closed)}", repair)
    return ok(", ".join(wanted))


def _has_nat(facts: Facts, subnet: dict[str, Any]) -> bool:
    """Whether the subnet's own route table, or else its VPC's, leads out."""
    tables = facts.site.client("ec2").describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])[
        "RouteTables"
    ]
    own = [table for table in tables if _belongs(table, "SubnetId", subnet["SubnetId"])]
    main = [table for table in tables if _belongs(table, "Main", True)]
    routes = [route for table in own or main for route in table["Routes"]]
    return any(route.get("DestinationCidrBlock") == "0.0.0.0/0" and "NatGatewayId" in route for route in routes)


def _belongs(table: dict[str, Any], key: str, value: object) -> bool:
    return any(association.get(key) == value for association in table["Associations"])


def _security_group(facts: Facts) -> Verdict:
    newest = newest_of_stack(facts.template_versions)
    groups = newest["LaunchTemplateData"].get("SecurityGroupIds", []) if newest else []
    if not groups:
        return fail("the launch template names no security group", "Run `gems deploy` as an administrator.")
    found = facts.site.client("ec2").describe_security_groups(GroupIds=groups)["SecurityGroups"]
    opened = [one["GroupId"] for one in found if one["IpPermissions"]]
    if opened:
        return fail(f"{', '.join(opened)} lets something in", "Remove its inbound rules; workers need none.")
    return ok(", ".join(groups))


def _quota(facts: Facts) -> Verdict:
    types = describe(facts.site, facts.listed("InstanceTypes"))
    vcpus = max(one["VCpuInfo"]["DefaultVCpus"] for one in types)
    workers = Settings.from_environment(facts.settings["aws_environment_variables"]).most_workers
    try:
        client = facts.site.client("service-quotas")
        quota = client.get_service_quota(ServiceCode="ec2", QuotaCode=VCPU_QUOTA)["Quota"]["Value"]
    except (ClientError, BotoCoreError) as error:
        return warn(f"the quota cannot be asked: {error}", "Look at it in the AWS console, Service Quotas, EC2.")
    at_once = int(quota // vcpus)
    if at_once < workers:
        repair = "Ask AWS for more, or set GEMS_MAX_WORKERS; a job with fewer workers takes longer."
        return warn(f"{quota:.0f} vCPUs, which are {at_once} workers; a job may ask for {workers}", repair)
    return ok(f"{quota:.0f} vCPUs, which are {at_once} workers")


def _spot_role(facts: Facts) -> Verdict:
    """A fleet of type ``instant`` launches by the caller's own rights, but spot wants a role of EC2's (EC2 user guide, "EC2 Fleet prerequisites")."""
    if facts.output("Spot") != "true":
        return ok("none is needed")
    try:
        facts.site.client("iam").get_role(RoleName=SPOT_ROLE)
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
        made = "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com"
        return warn(f"no {SPOT_ROLE}: all workers are launched on demand", f"Once, as an administrator: {made}")
    return ok(SPOT_ROLE)


CHECKS = (
    Check("launch template", _launch_template),
    Check("image", _image),
    Check("architecture", _architecture),
    Check("subnets", _subnets),
    Check("security group", _security_group),
    Check("quota", _quota, worst=Level.WARN),
    Check("role of spot", _spot_role, worst=Level.WARN),
)
