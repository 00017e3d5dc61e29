"""Ids and ARNs as AWS Batch, ECS and EC2 give them."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from gems_local.settings import ACCOUNT_ID


def random_hex(digits: int) -> str:
    """So many hex digits."""
    return secrets.token_hex((digits + 1) // 2)[:digits]


class Ids:
    """Makes ids of one region.

    Args:
        region: of the ARNs.
        new_hex: gives so many hex digits, other ones each time.
    """

    def __init__(self, region: str, new_hex: Callable[[int], str] = random_hex) -> None:
        self._region = region
        self._new_hex = new_hex

    def job(self) -> str:
        """Of a job: a UUID."""
        digits = self._new_hex(32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def instance(self) -> str:
        """Of an EC2 instance."""
        return f"i-{self._new_hex(17)}"

    def container_instance_arn(self, cluster_arn: str) -> str:
        """Of an instance in a cluster."""
        return self._ecs_arn("container-instance", cluster_arn, self._new_hex(32))

    def task(self, cluster_arn: str) -> tuple[str, str]:
        """Id and ARN of a task."""
        task_id = self._new_hex(32)
        return task_id, self._ecs_arn("task", cluster_arn, task_id)

    def _ecs_arn(self, kind: str, cluster_arn: str, own: str) -> str:
        return f"arn:aws:ecs:{self._region}:{ACCOUNT_ID}:{kind}/{cluster_arn.rpartition('/')[2]}/{own}"
