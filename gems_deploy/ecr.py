"""Images in Amazon's registry, as their addresses name them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADDRESS = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<repository>[a-z0-9._/-]+)"
    r"(:(?P<tag>[\w.-]+))?(@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class EcrImage:
    """One image of a repository in ECR.

    Attributes:
        digest: what it is, or '' where the address names a tag only.
    """

    account: str
    region: str
    repository: str
    tag: str
    digest: str

    def repository_arn(self, partition: str) -> str:
        """The ARN that rights to its repository are given by."""
        return f"arn:{partition}:ecr:{self.region}:{self.account}:repository/{self.repository}"

    @property
    def name(self) -> dict[str, str]:
        """As ECR is asked for it."""
        return {"imageDigest": self.digest} if self.digest else {"imageTag": self.tag}


def ecr_image(address: str) -> EcrImage | None:
    """The image at an address; None where that is another registry's."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    tag = found["tag"] or "latest"  # as Docker takes it
    return EcrImage(found["account"], found["region"], found["repository"], tag, found["digest"] or "")
