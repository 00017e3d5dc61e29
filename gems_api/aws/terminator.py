"""Terminating: as many at once as EC2 takes, and those that it will not end keep no others running.

EC2 refuses a whole call for one instance that is unknown, protected, or not the caller's to end (EC2 API reference,
TerminateInstances). So what was refused is asked for again in parts, after all others.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from gems_api.aws.errors import code_of, message_of, refused
from gems_api.services.lifecycle.refusals import is_own_trouble

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client

UNKNOWN = frozenset({"InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"})
"""Error codes that say that there is no such instance."""
# EC2 recommends terminating at most this many at once (TerminateInstances takes 1,000).
BATCH = 500
# EC2 lets through a burst of 100 such calls (user guide, "Request throttling"), and a Lambda has no time for more.
MOST_CALLS = 100
_WHAT = "EC2 TerminateInstances"
_INSTANCE_ID = re.compile(r"\bi-\w+")


def terminate(client: EC2Client, instance_ids: Sequence[str]) -> None:
    """Terminate instances; unknown ones do no harm.

    Raises:
        CloudRefused: EC2 is overrun or out of reach; or, after all others are terminated, for those that it would not end.
    """
    waiting = deque(list(instance_ids[start : start + BATCH]) for start in range(0, len(instance_ids), BATCH))
    kept: list[str] = []
    last: ClientError | None = None
    for _ in range(MOST_CALLS):
        if not waiting:
            break
        batch = waiting.popleft()
        try:
            client.terminate_instances(InstanceIds=batch)
        except BotoCoreError as error:
            raise refused(_WHAT, error) from error
        except ClientError as error:
            if is_own_trouble(code_of(error)):
                raise refused(_WHAT, error) from error
            last = error
            if len(batch) > 1:
                waiting.extend(_parts(batch, error))
            elif code_of(error) not in UNKNOWN:
                kept += batch
    left = [*kept, *chain.from_iterable(waiting)]
    if left and last is not None:
        some = ", ".join(left[:3])
        raise refused(f"{_WHAT} of {len(left)} of {len(instance_ids)} instances ({some})", last) from last


def _parts(batch: list[str], error: ClientError) -> list[list[str]]:
    """What to ask for instead of a refused batch: apart from each other, the instances that EC2 names and the rest, or halves."""
    said = set(_INSTANCE_ID.findall(message_of(error)))
    named = [instance_id for instance_id in batch if instance_id in said]
    rest = [instance_id for instance_id in batch if instance_id not in said]
    if named and code_of(error) in UNKNOWN:
        return [rest] if rest else []
    if named and rest:
        return [rest, *([instance_id] for instance_id in named)]
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]
