"""What IAM is asked about for the calls that GeMS makes: actions, resources and condition keys.

After the "Service Authorization Reference" of each service and "Launch instances" in the EC2 user guide's IAM chapter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iam_policy import Request, request
from stack_site import ACCOUNT, DATA_KEY, REGION, Stack

REGION_KEY = {"aws:RequestedRegion": REGION}


def ec2_arn(kind: str, name: str = "*") -> str:
    """The ARN of something in EC2; those of images name no account."""
    return f"arn:aws:ec2:{REGION}:{'' if kind == 'image' else ACCOUNT}:{kind}/{name}"


@dataclass(frozen=True)
class RunInstances:
    """A launch as IAM sees it; the defaults are what GeMS asks for.

    Attributes:
        overridden: kinds of resources that the request names itself in place of the launch template.
        role: the role of the instance profile.
        spot: whether a spot instance is asked for.
    """

    launch_template: str
    subnet: str
    security_group: str
    tags: Mapping[str, str]
    instance_type: str = "c7i.xlarge"
    image: str = "ami-0debian12"
    http_tokens: str = "required"
    role: str = "gems-dev-worker"
    overridden: frozenset[str] = frozenset()
    spot: bool = False

    @classmethod
    def ours(cls, stack: Stack, **changes: object) -> RunInstances:
        """GeMS's launch, with changes."""
        facts: dict[str, object] = {
            "launch_template": stack.ids["WorkerLaunchTemplate"], "subnet": stack.subnets[0],
            "security_group": stack.ids["WorkerSecurityGroup"],
            "tags": {"gems:control_bucket": stack.outputs["ControlBucket"], "gems:session_key": "k"},
        }  # fmt: skip
        return cls(**(facts | changes))  # type: ignore[arg-type]

    def requests(self) -> list[Request]:
        """All that must be allowed for the launch to be."""
        return [*self._run(), *self._spot(), *self._tag(), pass_role(self.role, "ec2.amazonaws.com")]

    def in_fleet(self) -> list[Request]:
        """All that must be allowed for an instant fleet to make this launch: the fleet itself, and then the launch."""
        touched = [
            ("fleet", "*"), ("instance", "*"), ("volume", "*"), ("network-interface", "*"), ("image", self.image),
            ("security-group", self.security_group), ("subnet", self.subnet),
            # By its name, as kubernetes-sigs/karpenter issue 2813 was refused, and by its id.
            ("launch-template", "*"), ("launch-template", self.launch_template),
        ]  # fmt: skip
        tags = [create_tags(kind, "*", self.tags, action="CreateFleet") for kind in ("instance", "volume") if self.tags]
        fleet = [request("ec2:CreateFleet", ec2_arn(kind, name), REGION_KEY) for kind, name in touched]
        return [*fleet, *tags, *self.requests()]

    def _run(self) -> list[Request]:
        template = (
            {"ec2:LaunchTemplate": ec2_arn("launch-template", self.launch_template)} if self.launch_template else {}
        )
        tagged = {f"aws:RequestTag/{key}": value for key, value in self.tags.items()} | {"aws:TagKeys": list(self.tags)}
        machine = {"ec2:InstanceType": self.instance_type, "ec2:MetadataHttpTokens": self.http_tokens}
        touched: list[tuple[str, str, Mapping[str, str | Sequence[str]]]] = [
            ("instance", "*", {**tagged, **machine}),
            ("volume", "*", tagged),
            ("network-interface", "*", {}),
            ("image", self.image, {}),
            ("security-group", self.security_group, {}),
            ("subnet", self.subnet, {"ec2:SubnetID": self.subnet}),
        ]
        if self.launch_template:
            touched.append(("launch-template", self.launch_template, {}))
        return [
            request(
                "ec2:RunInstances", ec2_arn(kind, name), {**REGION_KEY, **template, **keys, **self._from_template(kind)}
            )
            for kind, name, keys in touched
        ]

    def _spot(self) -> list[Request]:
        return [request("ec2:RunInstances", ec2_arn("spot-instances-request"), REGION_KEY)] if self.spot else []

    def _from_template(self, kind: str) -> dict[str, str]:
        inherited = bool(self.launch_template) and kind not in self.overridden
        return {"ec2:IsLaunchTemplateResource": str(inherited).lower()}

    def _tag(self) -> list[Request]:
        return [
            create_tags(kind, "*", self.tags, action="RunInstances") for kind in ("instance", "volume") if self.tags
        ]


def pass_role(role: str, service: str) -> Request:
    """Handing a role to a service."""
    return request("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{role}", {"iam:PassedToService": service})


def create_tags(
    kind: str, name: str, tags: Mapping[str, str], held: Mapping[str, str] | None = None, action: str = ""
) -> Request:
    """Tagging a resource that holds tags already, or (``action``) while it is being made."""
    keys: dict[str, str | Sequence[str]] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    keys |= {"aws:TagKeys": list(tags), **REGION_KEY} | resource_tags(held or {})
    return request("ec2:CreateTags", ec2_arn(kind, name), keys | ({"ec2:CreateAction": action} if action else {}))


def terminate(instance_id: str, held: Mapping[str, str]) -> Request:
    """Terminating an instance that holds these tags."""
    return request("ec2:TerminateInstances", ec2_arn("instance", instance_id), {**REGION_KEY, **resource_tags(held)})


def resource_tags(held: Mapping[str, str]) -> dict[str, str]:
    """The condition keys of a resource's own tags."""
    return {f"aws:ResourceTag/{key}": value for key, value in held.items()}


def s3(action: str, bucket: str, key: str = "") -> Request:
    """An S3 action on a bucket or an object."""
    return request(f"s3:{action}", f"arn:aws:s3:::{bucket}{'/' if key else ''}{key}", REGION_KEY)


def read_secret(stack: Stack, name: str) -> list[Request]:
    """What CredStash does to read a secret: a query, then a decryption in the context of its name."""
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{stack.outputs['CredentialTable']}"
    return [request("dynamodb:Query", table, {"dynamodb:LeadingKeys": [name], **REGION_KEY}), decrypt(stack, name)]


def use_data_key(action: str, key: str = DATA_KEY, service: str = "s3") -> Request:
    """What S3 asks KMS in the name of who reads or writes an object that a key of the account's own seals."""
    return request(f"kms:{action}", key, {"kms:ViaService": f"{service}.{REGION}.amazonaws.com", **REGION_KEY})


def use_token_key(stack: Stack, action: str, **context: str) -> Request:
    """Sealing or opening something with the tokens' key, in an encryption context."""
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{stack.ids['CredentialKey']}"
    told = {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    return request(f"kms:{action}", key, {**told, "kms:EncryptionContextKeys": [*context], **REGION_KEY})


def decrypt(stack: Stack, name: str) -> Request:
    """Opening what was sealed for a credential of this name."""
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{stack.ids['CredentialKey']}"
    return request("kms:Decrypt", key, {"kms:EncryptionContext:gems_credential": name, **REGION_KEY})
