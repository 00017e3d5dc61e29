"""The strict stand-in behind a real HTTP server, with a clock that tests move."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from wire_watch import WATCH

from gems_local.strict.settings import Strictness
from gems_local.strict.stand_in import StrictAws

# No other test uses this region, so that it can be emptied before each.
REGION = "sa-east-1"
TYPE = "c5.large"
TEMPLATE = "gems-worker"


@dataclass
class Seconds:
    """A clock that stands still until told."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += seconds


@cache
def client(endpoint: str, service: str) -> Any:
    """A boto3 client that does not try again, so that every refusal is seen."""
    made = boto3.client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        config=Config(retries={"total_max_attempts": 1}),
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    WATCH.follow(made)
    return made


@dataclass
class StrictSite:
    """A stand-in, and what a test asks of it."""

    endpoint: str
    clock: Seconds
    aws: StrictAws
    image: str = ""
    subnets: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ec2 = client(self.endpoint, "ec2")
        self.image = self.ec2.register_image(Name="worker", RootDeviceName="/dev/xvda")["ImageId"]
        self.subnets = [item["SubnetId"] for item in self.ec2.describe_subnets(MaxResults=100)["Subnets"]]

    def launch(self, most: int = 1, least: int = 1, **more: Any) -> list[str]:
        settings = {"ImageId": self.image, "InstanceType": TYPE, "SubnetId": self.subnets[0], **more}
        return [
            item["InstanceId"]
            for item in self.ec2.run_instances(MinCount=least, MaxCount=most, **settings)["Instances"]
        ]

    def make_template(self, **more: Any) -> None:
        data = {
            "ImageId": self.image,
            "InstanceType": TYPE,
            "InstanceInitiatedShutdownBehavior": "terminate",
            "MetadataOptions": {"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
            "UserData": base64.b64encode(b"of the template").decode(),
            **more,
        }
        self.ec2.create_launch_template(LaunchTemplateName=TEMPLATE, LaunchTemplateData=data)

    def listed(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.ec2.describe_instances(**query)
        return [item for reservation in answer["Reservations"] for item in reservation["Instances"]]

    def user_data(self, instance_id: str) -> bytes:
        answer = self.ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
        return base64.b64decode(answer["UserData"]["Value"])


class StandInServer:
    """An HTTP server whose stand-in is exchanged for each test."""

    def __init__(self) -> None:
        self._aws: StrictAws | None = None
        self._server = make_server("127.0.0.1", 0, self, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        assert self._aws is not None
        return self._aws(environ, start_response)

    def start(self, strictness: Strictness) -> StrictSite:
        """An empty stand-in in place of the last one."""
        ec2_backends[DEFAULT_ACCOUNT_ID][REGION].reset()
        clock = Seconds()
        self._aws = StrictAws(DomainDispatcherApplication(create_backend_app), strictness, clock, epoch=clock)
        return StrictSite(f"http://127.0.0.1:{self._server.port}", clock, self._aws)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@contextmanager
def refused(code: str) -> Iterator[None]:
    """See that what is done inside is refused with this code."""
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code
