"""What the stack is made with: what was asked for, else what it has, else what fits most accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from botocore.exceptions import BotoCoreError, ClientError

from gems_artefacts.architecture import ARCHITECTURES, Architecture
from gems_core.errors import DeploymentFailed, UsageProblem
from gems_deploy.gateway import gateway_id
from gems_deploy.instance_types import architecture_of
from gems_deploy.python_runtime import RUNTIMES, runtime_here
from gems_deploy.site import STAGE, Blueprint, Site, code_of, doing
from gems_deploy.stack import Stack

# What a new stage must be told, for it has no default.
_OPTION_OF = {"DataBucketArns": "--data-bucket", "MailSender": "--mail-sender"}


class _Template(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML is untyped
    """Reads a template; its short forms (``!Ref x``) are of no matter here."""


_Template.add_multi_constructor("!", lambda _loader, suffix, _node: suffix)


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for; what is empty or None was not asked for.

    Attributes:
        engine: ``ec2`` or ``batch``.
        worker_image: the image of AWS Batch's containers.
        most_vcpus: of each of AWS Batch's compute environments.
        others: parameters of infra/gems.yaml by their own names.
    """

    data_buckets: tuple[str, ...] = ()
    mail_sender: str = ""
    subnets: tuple[str, ...] = ()
    instance_types: tuple[str, ...] = ()
    spot: bool | None = None
    monthly_budget_usd: int | None = None
    engine: str = ""
    worker_image: str = ""
    most_vcpus: int | None = None
    others: Mapping[str, str] | None = None


def stack_parameters(site: Site, current: Stack | None, wishes: Wishes) -> dict[str, str | None]:
    """All parameters to make or update the stack with; None is what the stack has.

    Raises:
        UsageProblem: a new stack lacks what nobody can guess, or a parameter is not one of the template's.
        DeploymentFailed: the subnets or a data bucket cannot be found.
    """
    defaults, asked = template_defaults(), _asked(site, wishes)
    unknown = sorted(asked.keys() - defaults.keys())
    if unknown:
        raise UsageProblem(
            f"--parameter: infra/gems.yaml has no parameter {', '.join(unknown)}; it has {', '.join(defaults)}."
        )
    for name in wishes.data_buckets:
        _see_bucket(site, name)
    held: dict[str, str | None] = dict.fromkeys(current.parameters if current else ())
    if gateway := gateway_id(site):
        asked = {"RestApiId": gateway, **asked}
    if current is None or wishes.subnets:
        asked |= _network(site, wishes.subnets)
    if current is None and asked.get("MailSender") and _knows_sender(site, asked["MailSender"]):
        asked["MailIdentity"] = "exists"
    given = {name: text for name, text in defaults.items() if text is not None}
    found = {**given, **{name: text for name, text in held.items() if name in defaults}, **asked}
    if "Image" not in asked and (image := _image(current, architecture_of(site, instance_types(found, current)))):
        found["Image"] = image
    missing = [_OPTION_OF[name] for name in defaults if name not in found]
    if missing:
        raise UsageProblem(f"a new stage: expected {' and '.join(missing)}, found none. Give them once.")
    return found


def instance_types(parameters: Mapping[str, str | None], current: Stack | None) -> list[str]:
    """The instance types that the stack will have, preferred first."""
    asked = parameters["InstanceTypes"]
    held = current.outputs.get("InstanceTypes", "") if current else ""
    return (held if asked is None else asked).split(",")


def template_defaults(blueprint: Blueprint = STAGE) -> dict[str, str | None]:
    """A template's parameters and what each is when nobody says; all are told each time, so that a stack never depends on it."""
    document = yaml.load(blueprint.path.read_text(encoding="utf-8"), _Template)  # noqa: S506 - a SafeLoader
    found = {name: slot.get("Default") for name, slot in document["Parameters"].items()}
    return {name: None if default is None else str(default) for name, default in found.items()}


def _asked(site: Site, wishes: Wishes) -> dict[str, str]:
    arns = ",".join(f"arn:{_partition(site.region)}:s3:::{name}" for name in wishes.data_buckets)
    given = {
        "Stage": site.stage.name,
        "DataBucketArns": arns,
        "MailSender": wishes.mail_sender,
        "InstanceTypes": ",".join(wishes.instance_types),
        "Engine": wishes.engine,
        "Spot": "" if wishes.spot is None else str(wishes.spot).lower(),
        "MonthlyBudgetUsd": "" if wishes.monthly_budget_usd is None else str(wishes.monthly_budget_usd),
    }
    return {key: value for key, value in given.items() if value} | dict(wishes.others or {})


def _image(current: Stack | None, architecture: Architecture) -> str:
    """Debian's image with the Python of this deployment; '' where the stage has an image of the laboratory's own."""
    here, held = runtime_here(), (current.parameters if current else {}).get("Image", "")
    stock = {runtime.image(each) for runtime in RUNTIMES.values() for each in ARCHITECTURES.values()}
    return here.image(architecture) if here and (not held or held in stock) else ""


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _see_bucket(site: Site, name: str) -> None:
    """See that a data bucket is there, before every role is made for it."""
    try:
        site.client("s3").head_bucket(Bucket=name)
    except (ClientError, BotoCoreError) as error:
        raise DeploymentFailed(
            f"--data-bucket {name}: expected a bucket that you may list, found: {error}. GeMS does not make data buckets: make it, or correct "
            "the name or the credentials' rights."
        ) from error


def _network(site: Site, subnets: tuple[str, ...]) -> dict[str, str]:
    """The subnets that were named, else all of the default VPC."""
    with doing("looking at the subnets", "Correct --subnet, or the credentials' rights."):
        wanted = (
            {"SubnetIds": list(subnets)} if subnets else {"Filters": [{"Name": "default-for-az", "Values": ["true"]}]}
        )
        found = site.client("ec2").describe_subnets(**wanted)["Subnets"]
    networks = {subnet["VpcId"] for subnet in found}
    if len(networks) != 1:
        where = "subnets of one VPC" if subnets else "a default VPC"
        raise DeploymentFailed(f"expected {where}, found {len(networks)} VPCs. Name subnets of one VPC with --subnet.")
    in_order = subnets or tuple(sorted(subnet["SubnetId"] for subnet in found))
    return {"Subnets": ",".join(in_order), "Vpc": networks.pop()}


def _knows_sender(site: Site, sender: str) -> bool:
    """Whether SES has the sender's identity already, for another stage or by hand."""
    with doing(f"asking SES for {sender}", "Let the credentials call ses:GetEmailIdentity."):
        try:
            site.client("sesv2").get_email_identity(EmailIdentity=sender)
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            return False
    return True
