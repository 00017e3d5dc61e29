"""An AWS account that a deployment can be made in: moto over HTTP, with what moto lacks for it."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import yaml
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ses.models import ses_backends
from moto.ssm.models import ssm_backends
from werkzeug.serving import make_server

from gems_cli.deploy.site import TEMPLATE

REGION = "eu-central-1"
IMAGE_PARAMETER = "/aws/service/debian/release/12/latest/amd64"
DATA_BUCKET = "direct.typing"
SENDER = "gems@example.org"


class Account:
    """Moto as a server. It answers what Zappa asks and moto does not know: a function's URL configurations (none)."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True)
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith("/urls"):
            body = json.dumps({"FunctionUrlConfigs": []}).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def furnish() -> None:
    """What an account has before GeMS comes: an image, the public parameter that names it, and a bucket with reads."""
    image = client("ec2").register_image(Name="debian-12", Architecture="x86_64", RootDeviceName="/dev/xvda")["ImageId"]
    client("ssm").put_parameter(Name="/gems/image", Value=image, Type="String", Overwrite=True)
    parameters = ssm_backends[ACCOUNT][REGION]._parameters
    # The first is a name that moto lets nobody put; the second it looks up as a stack's previous value.
    parameters[IMAGE_PARAMETER] = parameters[image] = parameters["/gems/image"]
    client("s3").create_bucket(Bucket=DATA_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def complete_bucket(outputs: dict[str, str]) -> None:
    """Set on the control bucket what moto's CloudFormation leaves out, from the template's own text."""
    resources = _template()["Resources"]
    bucket, s3 = outputs["ControlBucket"], client("s3")
    made = resources["ControlBucket"]["Properties"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=made["VersioningConfiguration"])
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=made["PublicAccessBlockConfiguration"])
    rules = [{"ID": rule["Id"], "Status": "Enabled", "Prefix": rule.get("Prefix", ""), "Expiration": {"Days": 400}} for rule in made["LifecycleConfiguration"]["Rules"]]  # fmt: skip
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def verify_sender() -> None:
    """Make the sender's identity, as the stack does, and follow the link in SES's mail, which moto has no way to do."""
    client("sesv2").create_email_identity(EmailIdentity=SENDER)
    ses_backends[ACCOUNT][REGION].email_identities[SENDER].verified_for_sending_status = True


@contextmanager
def tls_only(bucket: str) -> Iterator[None]:
    """The template's policy for a while: moto takes no condition for what it is, and would let nobody in."""
    policy = _template()["Resources"]["ControlBucketPolicy"]["Properties"]["PolicyDocument"]
    arn = f"arn:aws:s3:::{bucket}"
    statements = [{**statement, "Resource": [arn, f"{arn}/*"]} for statement in policy["Statement"]]
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": statements}))
    try:
        yield
    finally:
        client("s3").delete_bucket_policy(Bucket=bucket)


class _Loader(yaml.SafeLoader):
    """Reads over CloudFormation's short forms."""


_Loader.add_multi_constructor("!", lambda _loader, suffix, node: f"{suffix} {node.value}")


def _template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _Loader)
    return loaded


def function_zip(folder: Path, text: str = "first") -> Path:
    """A function's code, small."""
    path = folder / f"{text}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py"), f"# {text}\ndef lambda_handler(event, context): ...\n")
    return path
