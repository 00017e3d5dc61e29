"""The surroundings of a machine in tests: moto as AWS over real HTTP, and an instance metadata service of our own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import requests
from moto.server import ThreadedMotoServer


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve with a handler; gives the base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class named it
        pass

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))


class Metadata:
    """IMDSv2: a token first; instance-id, launch index, role credentials, a spot notice when there is one."""

    def __init__(self, instance_id: str, credentials: dict[str, str]) -> None:
        self.token = "imds-token-that-is-secret"
        # Statuses and texts that come first, by path; and how long the first answer takes.
        self.troubles: dict[str, list[int]] = {}
        self.first: dict[str, list[str]] = {}
        self.slow_seconds = 0.0
        self.values = {
            "instance-id": instance_id,
            "ami-launch-index": "0",
            "iam/security-credentials/": "gems-worker",
            "iam/security-credentials/gems-worker": json.dumps(
                {"Code": "Success", "Type": "AWS-HMAC", "Expiration": "2099-01-01T00:00:00Z", **credentials}
            ),
        }

    def handler(self) -> type[BaseHTTPRequestHandler]:
        metadata = self

        class Handler(QuietHandler):
            def do_PUT(self) -> None:
                has_time = "X-aws-ec2-metadata-token-ttl-seconds" in self.headers
                ok = self.path == "/latest/api/token" and has_time
                self.answer(200 if ok else 400, metadata.token.encode() if ok else b"")

            def do_GET(self) -> None:
                if self.headers.get("X-aws-ec2-metadata-token") != metadata.token:
                    self.answer(401, b"")
                    return
                path = self.path.removeprefix("/latest/meta-data/")
                time.sleep(metadata.slow_seconds)
                metadata.slow_seconds = 0.0
                if metadata.troubles.get(path):
                    self.answer(metadata.troubles[path].pop(0), b"")
                    return
                if metadata.first.get(path):
                    self.answer(200, metadata.first[path].pop(0).encode())
                    return
                value = metadata.values.get(path)
                self.answer(404 if value is None else 200, (value or "").encode())

        return Handler


class LocalAws:
    """moto as a server, with a role for the workers; from ``enforce`` on it checks signatures and permissions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.region = "eu-west-1"
        keys = {"aws_access_key_id": "root", "aws_secret_access_key": "root"}
        self.session = boto3.Session(region_name=self.region, **keys)
        self.s3, self.iam, self.sts, self.kms = (
            self.session.client(name, endpoint_url=url) for name in ("s3", "iam", "sts", "kms")
        )
        self.dynamodb = self.session.resource("dynamodb", endpoint_url=url)

    def reset(self) -> None:
        """Forget everything."""
        self.enforce(on=False)
        requests.post(f"{self.url}/moto-api/reset", timeout=60).raise_for_status()

    def make_buckets(self, *names: str) -> None:
        for name in names:
            self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region})

    def role_credentials(self, name: str = "gems-worker") -> dict[str, str]:
        """Credentials of a role, the worker's for one, as the metadata service gives them."""
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy))
        self.iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
        answer = self.sts.assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="worker")["Credentials"]
        return {
            "AccessKeyId": answer["AccessKeyId"],
            "SecretAccessKey": answer["SecretAccessKey"],
            "Token": answer["SessionToken"],
        }

    def enforce(self, *, on: bool = True) -> None:
        """Refuse from now on what is not signed by known credentials."""
        free_calls = b"0" if on else b"inf"
        requests.post(f"{self.url}/moto-api/reset-auth", data=free_calls, timeout=60).raise_for_status()

    def put(self, bucket: str, key: str, data: bytes) -> None:
        self.s3.put_object(Bucket=bucket, Key=key, Body=data)

    def get(self, bucket: str, key: str) -> bytes:
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]


@contextmanager
def local_aws() -> Iterator[LocalAws]:
    """A cloud, up while the block runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield LocalAws(f"http://{host}:{port}")
    finally:
        server.stop()
