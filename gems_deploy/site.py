"""One stage in one account: the names of its parts, and the way to AWS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.exceptions import BotoCoreError, ClientError

from gems_artefacts.carried import carried
from gems_core.errors import DeploymentFailed, one_problem

TEMPLATE = carried("gems.yaml")
_COMMENT_LINES = re.compile(r"^ *#.*\n", re.MULTILINE)
_BLANK_LINES = re.compile(r"(?<=\n)\n+")
# All lines within others move by one column alike, so that their order and every text block stay what they are.
_SPARE_COLUMN = re.compile(r"^ (?= )", re.MULTILINE)
_STAGE = re.compile(r"[a-z][a-z0-9]{0,15}")
HTTP_SECONDS = 30.0


@dataclass(frozen=True)
class Blueprint:
    """A template of ours, and the stack that a stage makes of it.

    Attributes:
        file: its name in ``infra/``.
        suffix: the last part of the stack's name.
    """

    file: str
    suffix: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return carried(self.file)

    def text(self) -> str:
        """As it is sent: without comments and spare space, for a request of CloudFormation holds 51,200 bytes of it."""
        text = _COMMENT_LINES.sub("", self.path.read_text(encoding="utf-8"))
        return _SPARE_COLUMN.sub("", _BLANK_LINES.sub("", text))

    def __str__(self) -> str:
        """Its place in a clone, for people."""
        return f"infra/{self.file}"


# What every stage has, and what one has besides whose workers AWS Batch places.
STAGE = Blueprint("gems.yaml", "infra")
BATCH = Blueprint("batch.yaml", "batch")


@dataclass(frozen=True)
class Stage:
    """The names that a stage's parts have; those of the stack are in ``infra/gems.yaml``.

    Raises:
        InvalidInput: the name is none that every AWS service takes.
    """

    name: str

    def __post_init__(self) -> None:
        if not _STAGE.fullmatch(self.name):
            expected = "1 to 16 lower-case letters and digits, a letter first"
            raise one_problem("stage", "--stage", expected, repr(self.name), "Choose another name.")

    @property
    def stack(self) -> str:
        """The stack of infra/gems.yaml."""
        return self.stack_of(STAGE)

    def stack_of(self, blueprint: Blueprint) -> str:
        """The stack of a template."""
        return f"gems-{self.name}-{blueprint.suffix}"

    @property
    def job_queue(self) -> str:
        """The queue of AWS Batch, where there is one; its compute environments are named after it."""
        return f"gems-{self.name}"

    @property
    def job_definition(self) -> str:
        """What AWS Batch runs a worker by."""
        return f"gems-{self.name}-worker"

    @property
    def function(self) -> str:
        """The Lambda function, and Zappa's stack of the API Gateway."""
        return f"gems-{self.name}"

    @property
    def key_alias(self) -> str:
        """The KMS key that seals the tokens."""
        return f"alias/gems-{self.name}"

    @property
    def credential_table(self) -> str:
        """The table of the tokens."""
        return f"gems-{self.name}-credentials"

    @property
    def api_role(self) -> str:
        """The function's role."""
        return f"gems-{self.name}-api"


def get(url: str) -> requests.Response:
    """A GET over HTTP with a time limit."""
    return requests.get(url, timeout=HTTP_SECONDS)


@dataclass(frozen=True)
class Site:
    """A stage and the means to look at it and to change it.

    Attributes:
        session: AWS as boto3 finds it; ``AWS_ENDPOINT_URL`` is used.
        api_url: the public base URL that was asked for, if any was; see ``address.public_url``.
    """

    stage: Stage
    session: boto3.Session = field(default_factory=boto3.Session)
    api_url: str = ""
    get: Callable[[str], requests.Response] = get
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def region(self) -> str:
        """The region of everything.

        Raises:
            DeploymentFailed: none is configured.
        """
        region: str | None = self.session.region_name
        if region is None:
            raise DeploymentFailed("expected an AWS region, found none. Set AWS_DEFAULT_REGION, or give --region.")
        return region

    @cached_property
    def account(self) -> str:
        """The account's number.

        Raises:
            DeploymentFailed: AWS does not tell.
        """
        with doing("asking AWS whose account this is", "Set AWS_PROFILE or log in."):
            return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def control_bucket(self) -> str:
        """The bucket of jobs' records."""
        return f"{self.stage.function}-control-{self.account}-{self.region}"

    @property
    def packages_bucket(self) -> str:
        """The bucket that Zappa deploys from."""
        return f"{self.stage.function}-packages-{self.account}-{self.region}"

    def client(self, service: str) -> Any:  # noqa: ANN401 - one of boto3's, which are made at run time
        """A boto3 client."""
        return self.session.client(service, region_name=self.region)  # type: ignore[call-overload]

    def table(self) -> Any:  # noqa: ANN401 - see client
        """DynamoDB as the resource that CredStash takes."""
        return self.session.resource("dynamodb", region_name=self.region)


def code_of(error: Exception) -> str:
    """AWS's code of a refusal, or ''."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


@contextmanager
def doing(what: str, repair: str) -> Iterator[None]:
    """Turn AWS's refusal into one that says what was tried and what to do.

    Raises:
        DeploymentFailed: with AWS's reason.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise DeploymentFailed(f"{what}: expected AWS to do it, found: {error}. {repair}") from error
