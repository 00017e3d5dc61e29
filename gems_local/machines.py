"""What the agents share that keep the local machines running: the fleet's and AWS Batch's."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from gems_core.errors import CloudUnreachable
from gems_local.cloud_logs import GEMS_ROOT
from gems_local.processes import announce_ready, when_parent_ends

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

POLL_SECONDS = 0.5
BOOT_SECONDS = 30.0
ROLE_SECONDS = 12 * 3600
# An AWS that fails this often in a row has gone, and with it the reason to run.
MOST_FAULTS_IN_A_ROW = 20


class Agent(Protocol):
    """Keeps machines in line with the local AWS."""

    def tick(self) -> None:
        """Bring them into line, once."""

    def stop(self) -> None:
        """Switch all of them off."""


def run_agent(name: str, make: Callable[[], Agent]) -> None:
    """In a child: run an agent until the parent ends, then switch every machine off."""
    ended = threading.Event()
    when_parent_ends(ended.set)
    agent = make()
    announce_ready({})
    try:
        _run(name, agent, ended)
    finally:
        agent.stop()


def _run(name: str, agent: Agent, ended: threading.Event) -> None:
    faults = 0
    while not ended.wait(POLL_SECONDS) and faults < MOST_FAULTS_IN_A_ROW:
        try:
            agent.tick()
            faults = 0
        except (BotoCoreError, ClientError, CloudUnreachable) as error:
            faults += 1
            sys.stderr.write(f"{name}: {error}\n")


def say(text: str) -> None:
    """A line of the agent's log."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def role_credentials(sts: STSClient, role_arn: str, session: str) -> dict[str, str]:
    """A role's credentials under a session name, as the metadata services of AWS tell them."""
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=session, DurationSeconds=ROLE_SECONDS)["Credentials"]
    return {
        "AccessKeyId": answer["AccessKeyId"],
        "SecretAccessKey": answer["SecretAccessKey"],
        "Token": answer["SessionToken"],
        "Expiration": answer["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def disk_environment(root: Path) -> dict[str, str]:
    """The variables that name a machine's own disk."""
    return {"HOME": str(root), "TMPDIR": str(root), "GEMS_ROOT": str(root / GEMS_ROOT)}
