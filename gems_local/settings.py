"""What the local cloud is made of: names, and the times that it waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REGION: Final = "eu-central-1"
ACCOUNT_ID = "123456789012"  # the one account of moto
CONTROL_BUCKET = "gems-control"
DATA_BUCKET = "gems-data"
SENDER = "gems@localhost.localdomain"
WORKER_ROLE = "gems-worker"
WORKER_ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/{WORKER_ROLE}"
JOB_ROLE = "gems-job"
JOB_ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/{JOB_ROLE}"
INSTANCE_TYPE = "c7i.large"
LAUNCH_TEMPLATE = "gems-worker"
BATCH_QUEUE = "gems-local"
BATCH_ENVIRONMENT = "gems-on-demand"
BATCH_JOB_DEFINITION = "gems-worker"
BATCH_IMAGE = "gems-worker:local"
BATCH_ROLE = "gems-batch"
WORKER_LOGS = "/gems/dev/workers"
CREDENTIAL_TABLE = "credential-store"
CREDENTIAL_KEY = "alias/credstash"
USER_TOKEN_NAME = "gems.user.token"  # noqa: S105 - the name of a credential, not its value
WORKER_TOKEN_NAME = "gems.worker.token"  # noqa: S105 - the name of a credential, not its value
BASESPACE_CLIENT_NAME = "gems.basespace.client"
# moto accepts any key; a real one must never reach it.
ACCESS_KEY = "local"
SECRET_KEY = "local"  # noqa: S105 - see above


@dataclass(frozen=True)
class Seeded:
    """What was put into the local AWS, by the ids that AWS gave."""

    subnet_id: str

    def as_json(self) -> dict[str, str]:
        """The attributes by name."""
        return dict(vars(self))
