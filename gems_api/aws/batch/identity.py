"""Which worker signed: ECS names the session of a task's role after the task, and AWS Batch knows the task of its child."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from gems_api.aws.errors import code_of
from gems_api.aws.sts import NOT_A_WORKER, WorkerSessions
from gems_api.services.ports import IdentityRefused, IdentityUnchecked
from gems_core.batch_ids import child_of
from gems_core.identity import IdentityProof

if TYPE_CHECKING:
    from mypy_boto3_batch.client import BatchClient

_TASK_ID = re.compile(r"[0-9a-f]{32}")
_RUNNING = "RUNNING"


class BatchIdentifier:
    """AWS Batch's workers.

    Args:
        sessions: whose credentials signed.
        client: of AWS Batch.
    """

    def __init__(self, sessions: WorkerSessions, client: BatchClient) -> None:
        self._sessions = sessions
        self._client = client

    def instance_id(self, proof: IdentityProof, claimed: str) -> str:
        """See Identifier. Any task of the role may sign, but only the child's own task is the child."""
        task = self._sessions.name(proof)
        child = child_of(claimed)
        if child is None or not _TASK_ID.fullmatch(task):
            raise IdentityRefused(NOT_A_WORKER)
        status, found = self._task_of(child)
        if found == task:
            return claimed
        # A child that is tried again has its new task a moment before AWS Batch says so.
        if not found or status != _RUNNING:
            raise IdentityUnchecked(f"AWS Batch does not show the task of {claimed} yet")
        raise IdentityRefused(f"the proof of identity was signed by another task than that of {claimed}")

    def _task_of(self, child: str) -> tuple[str, str]:
        """The child's status, and the id of its task; '' where it has none yet, or AWS Batch does not know it."""
        try:
            jobs = self._client.describe_jobs(jobs=[child])["jobs"]
        except ClientError as error:
            raise IdentityUnchecked(f"AWS Batch DescribeJobs was refused ({code_of(error)})") from None
        except BotoCoreError as error:
            raise IdentityUnchecked(f"AWS Batch did not answer ({type(error).__name__})") from None
        arns = [(job["status"], job.get("container", {}).get("taskArn", "")) for job in jobs]
        status, arn = arns[0] if arns else ("", "")
        return status, arn.rpartition("/")[2]
