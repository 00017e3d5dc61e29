"""S3 servers that keep the rules which GeMS rests on: ours, which is moto, and S3Proxy, which others wrote in Java.

GEMS_SECOND_S3=http://KEY:SECRET@HOST:PORT puts any other in S3Proxy's place.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from gems_local.processes import Service, log_tail
from gems_local.settings import ACCESS_KEY, SECRET_KEY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CACHE = Path(os.environ.get("GEMS_CACHE") or Path.home() / ".cache" / "gems")
JAR = CACHE / "s3proxy" / "s3proxy-4.1.0.jar"
REGION = "eu-central-1"
START_SECONDS = 60.0
RACING_REPLACEMENTS, CHECKSUM = "racing replacements", "checksum"
_MOTO = {
    "%41": "moto decodes a name twice",
    "a*b?c": "moto ends a name at a question mark",
    CHECKSUM: "moto does not compare a checksum with what arrived",
}
_S3PROXY = {RACING_REPLACEMENTS: "S3Proxy compares the entity tag and then writes: of two at once both may win"}
_LISTENS = re.compile(r"Started \S*ServerConnector@\w+\{[^}]*\}\{127\.0\.0\.1:(\d+)\}")
# In memory, for as long as it runs.
_SETTINGS = """\
s3proxy.endpoint=http://127.0.0.1:0
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity={key}
s3proxy.credential={secret}
jclouds.provider=transient-nio2
jclouds.identity=unused
jclouds.credential=unused
"""


@dataclass(frozen=True)
class S3Server:
    """A server, and who may use it.

    Attributes:
        lacks: what it does otherwise than S3, and why.
    """

    url: str
    key: str = ACCESS_KEY
    secret: str = SECRET_KEY
    lacks: Mapping[str, str] = field(default_factory=dict)

    def client(self) -> S3Client:
        """A client that tries nothing twice, for many threads at once."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(
                s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, max_pool_connections=32, proxies={}
            ),
        )


@contextmanager
def local_aws(folder: Path) -> Iterator[S3Server]:
    """The local AWS as ``gems run`` starts it."""
    service = Service.start("local AWS", "gems_local.aws_server", {"secrets": {}, "capacity": 1}, folder / "aws.log")
    try:
        yield S3Server(service.wait_until_ready(START_SECONDS)["endpoint"], lacks=_MOTO)
    finally:
        service.stop()


@contextmanager
def second_s3(folder: Path) -> Iterator[S3Server]:
    """The server of GEMS_SECOND_S3, else S3Proxy; a test is skipped where neither is to be had."""
    if wanted := os.environ.get("GEMS_SECOND_S3"):
        at = urlsplit(wanted)
        yield S3Server(f"{at.scheme}://{at.hostname}:{at.port}", at.username or "", at.password or "")
        return
    if not JAR.exists() or shutil.which("java") is None:
        pytest.skip(f"needs Java and {JAR}, which `make s3proxy` fetches")
    settings, log = folder / "s3proxy.properties", folder / "s3proxy.log"
    settings.write_text(_SETTINGS.format(key=ACCESS_KEY, secret=SECRET_KEY))
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["java", "-XX:TieredStopAtLevel=1", "-jar", JAR, "--properties", settings], stdout=output, stderr=output
        )
    try:
        yield S3Server(f"http://127.0.0.1:{_port(process, log)}", lacks=_S3PROXY)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _port(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, once it does."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if found := _LISTENS.search(log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.05)
    pytest.fail(f"S3Proxy was expected to listen within {START_SECONDS:.0f} s. Its log {log} ends:\n{log_tail(log)}")
