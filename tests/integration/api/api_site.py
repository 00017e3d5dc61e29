"""A moto server, a deployment in it, and workers that speak HTTP as real ones do."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import boto3
import credstash
import requests
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ses.models import ses_backends
from waitress.server import create_server
from werkzeug.serving import make_server

from gems_api.services.context import Context
from gems_api.settings import Settings
from gems_core.credentials import encryption_context
from gems_core.identity import HEADER
from gems_core.layout import ARTEFACT_KINDS, CURRENT_ARTEFACTS_KEY
from gems_core.session_key import SessionKey
from gems_local.caller_identity import CallerIdentity
from worker.cloud import sign_identity

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

REGION = "eu-west-1"
DATA, CONTROL = "direct.typing", "gems-control"
USER_TOKEN, WORKER_TOKEN = "user-token-of-the-tests", "worker-token-of-the-tests"
SENDER = "gems@example.org"
WORKER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/gems-worker"
JOB_ROLE = f"arn:aws:iam::{ACCOUNT}:role/gems-job"
TEMPLATE, IMAGE = "gems-worker", "ami-12c6146b"
NO_CAPACITY = (
    b"<Response><Errors><Error><Code>InsufficientInstanceCapacity</Code><Message>no c5.xlarge left here</Message>"
    b"</Error></Errors><RequestID>1</RequestID></Response>"
)
RECORD = "@M:1:FC:1:1:1:1 {read}:N:0:1\nACGTACGT\n+\nIIIIIIII\n"


class Moto:
    """A moto server that, like EC2 with capacity, launches MaxCount instances (moto itself launches MinCount).

    Attributes:
        launches: the parameters of every RunInstances call, as they came over the wire.
        capacity: how many instances a call is given at most; 0 answers InsufficientInstanceCapacity.
    """

    def __init__(self) -> None:
        self.launches: list[dict[str, str]] = []
        self.capacity = 1000
        self._app = CallerIdentity(DomainDispatcherApplication(create_backend_app))
        self._server = make_server("127.0.0.1", 0, self, threaded=True)
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "/ec2/" in environ.get("HTTP_AUTHORIZATION", "") and environ["REQUEST_METHOD"] == "POST":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            call = dict(parse_qsl(body.decode()))
            if call["Action"] == "RunInstances":
                self.launches.append(dict(call))
                if not self.capacity:
                    start_response("500 Internal Server Error", [("Content-Type", "text/xml")])
                    return [NO_CAPACITY]
                call["MinCount"] = str(min(self.capacity, int(call["MaxCount"])))
                body = urlencode(call).encode()
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@dataclass
class TestClock:
    """The time, with an offset that a test may move."""

    __test__ = False
    offset: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


@cache
def client(endpoint: str, service: str) -> Any:
    """A boto3 client; making one takes longer than most calls, and moto forgets no client when it is reset."""
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        config=Config(max_pool_connections=50),
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@cache
def role_credentials(endpoint: str, session_name: str, role: str = WORKER_ROLE) -> ReadOnlyCredentials:
    """What the metadata service gives an instance, if the session is named after one."""
    answer = client(endpoint, "sts").assume_role(RoleArn=role, RoleSessionName=session_name)["Credentials"]
    return ReadOnlyCredentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])


def proof_header(endpoint: str, session_key: str, credentials: ReadOnlyCredentials) -> dict[str, str]:
    """The header with a proof of identity for a job, signed now."""
    return {HEADER: sign_identity(credentials, REGION, endpoint, SessionKey.parse(session_key)).encode()}


@dataclass
class Site:
    """A deployment: moto, the app, and what a test needs to drive them."""

    endpoint: str
    url: str
    settings: Settings
    context: Context
    clock: TestClock
    moto: Moto

    def client(self, service: str) -> Any:
        return client(self.endpoint, service)

    def user(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {USER_TOKEN}"} | more.pop("headers", {})
        return requests.request(method, self.url + path, headers=headers, timeout=60, **more)

    def worker(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {WORKER_TOKEN}"} | more.pop("headers", {})
        return requests.request(method, self.url + path, headers=headers, timeout=60, **more)

    def jobs(self, **query: str) -> Any:
        answer = requests.get(f"{self.url}/job", params=query, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def upload(self, prefix: str, samples: int, bucket: str = DATA) -> None:
        s3 = self.client("s3")
        for number in range(1, samples + 1):
            for read in (1, 2):
                key = f"{prefix}/K{number:03d}_S{number}_L001_R{read}_001.fastq.gz"
                body = gzip.compress((RECORD.format(read=read) * (20 + number)).encode())
                s3.put_object(Bucket=bucket, Key=key, Body=body)

    def start(self, prefix: str, samples: int, **more: Any) -> str:
        self.upload(prefix, samples)
        answer = self.user("POST", "/job", json={"bucket": DATA, "prefix": prefix, "hla_class": "2", **more})
        assert answer.status_code == 202, answer.text
        session_key: str = answer.json()["session_key"]
        return session_key

    def launches_of(self, session_key: str) -> list[dict[str, str]]:
        """A job's own: the reaper may launch for jobs of earlier tests, which last long on a busy machine."""
        return [call for call in self.moto.launches if session_key in call.values()]

    def mails_about(self, session_key: str) -> int:
        """How many mails SES was given that name a job."""
        sent = ses_backends[ACCOUNT][REGION].sent_messages
        return sum(session_key in message.subject for message in sent)

    def instance_ids(self, session_key: str, states: tuple[str, ...] = ("pending", "running")) -> list[str]:
        found = self.client("ec2").describe_instances(
            Filters=[
                {"Name": "tag:gems:session_key", "Values": [session_key]},
                {"Name": "instance-state-name", "Values": list(states)},
            ]
        )
        return [item["InstanceId"] for part in found["Reservations"] for item in part["Instances"]]


def deployment_settings(endpoint: str) -> Settings:
    """Furnish an account, and describe it."""
    return Settings(
        control_bucket=CONTROL,
        region=REGION,
        api_url="http://api.invalid",
        worker_role=WORKER_ROLE,
        job_role=JOB_ROLE,
        launch_template=TEMPLATE,
        instance_types=("c5.xlarge",),
        subnets=(_furnish(endpoint),),
        mail_sender=SENDER,
    )


def _furnish(endpoint: str) -> str:
    """What a deployment finds in its account: buckets, artefacts, credentials, a launch template, a verified sender.

    Returns:
        the subnet.
    """
    s3 = client(endpoint, "s3")
    for bucket in (DATA, CONTROL):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    artefacts = {
        kind: {"version": "1", "key": f"artefacts/{kind}/1/file", "sha256": "0" * 64} for kind in ARTEFACT_KINDS
    }
    s3.put_object(Bucket=CONTROL, Key=CURRENT_ARTEFACTS_KEY, Body=json.dumps(artefacts).encode())
    kms = client(endpoint, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/credstash", TargetKeyId=key)
    _credential_table(client(endpoint, "dynamodb"))
    session = boto3.Session(region_name=REGION)
    resources = {"dynamodb": session.resource("dynamodb", endpoint_url=endpoint), "kms": kms}
    for name, token in (("gems.user.token", USER_TOKEN), ("gems.worker.token", WORKER_TOKEN)):
        context = encryption_context(name)
        credstash.putSecret(name, token, version="0" * 18 + "1", region=REGION, context=context, **resources)
    client(endpoint, "ses").verify_email_identity(EmailAddress=SENDER)
    ec2 = client(endpoint, "ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])
    data = {"ImageId": IMAGE, "SecurityGroupIds": [groups["SecurityGroups"][0]["GroupId"]]}
    ec2.create_launch_template(LaunchTemplateName=TEMPLATE, LaunchTemplateData=data)
    subnet_id: str = subnet["SubnetId"]
    return subnet_id


def _credential_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="credential-store",
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}, {"AttributeName": "version", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "name", "AttributeType": "S"},
            {"AttributeName": "version", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """An app behind a real WSGI server; gives its URL."""
    server = create_server(app, host="127.0.0.1", port=0, threads=24)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    # By the loop's own thread: a file that another one closes is one that the loop's select no longer knows.
    server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
    thread.join(10)
    server.task_dispatcher.shutdown()


@dataclass
class SimulatedWorker:
    """What an instance's worker says and writes, over HTTP; it types nothing."""

    site: Site
    session_key: str
    instance_id: str
    index: int
    finished: list[int] = field(default_factory=list)
    instruction: str = ""

    @property
    def proof(self) -> dict[str, str]:
        """The header that proves which instance this is."""
        endpoint = self.site.endpoint
        return proof_header(endpoint, self.session_key, role_credentials(endpoint, self.instance_id))

    def say(self, kind: str, status: str, **more: Any) -> Any:
        body = {
            "instance_id": self.instance_id, "instance_index": self.index, "kind": kind, "status": status,
            "share": None, "attempt": 0, "detail": "", "samples_done": [], "failure": None, **more,
        }  # fmt: skip
        answer = self.site.worker("POST", f"/job/{self.session_key}/status", json=body, headers=self.proof)
        assert answer.status_code == 200, answer.text
        self.index = answer.json()["instance_index"]
        return answer.json()

    def write_markers(self, share: Any, outcome: str = "typed") -> None:
        day = datetime.strptime(self.session_key.rsplit("-", 2)[-2], "%y%m%d").replace(tzinfo=UTC)
        s3 = self.site.client("s3")
        for sample in share["samples"]:
            marker = {
                "sample": sample["sample"], "outcome": outcome, "reason": "", "share": share["index"],
                "attempt": share["attempt"], "instance_id": self.instance_id,
                "finished_at": datetime.now(UTC).isoformat(),
            }  # fmt: skip
            key = f"jobs/{day:%Y-%m-%d}/{self.session_key}/done/{sample['sample']}.json"
            s3.put_object(Bucket=CONTROL, Key=key, Body=json.dumps(marker).encode())

    def work(self) -> None:
        """From first contact to being told to leave or to merge."""
        answer = self.say("claim", "BOOTSTRAPPING")
        while answer["instruction"] == "work":
            share = answer["share"]
            place = {"share": share["index"], "attempt": share["attempt"]}
            for status in ("DOWNLOADING", "TYPING", "CROSS_MATCHING", "UPLOADING"):
                self.say("status", status, **place)
            self.write_markers(share)
            self.finished.append(share["index"])
            answer = self.say("finished", "UPLOADING", **place)
        self.instruction = answer["instruction"]

    def merge(self) -> Any:
        """Write a report, say so, and stop the job's instances; the answer to REPORT_WRITTEN."""
        self.say("status", "MERGING")
        job = self.site.jobs(session_key=self.session_key)[0]
        key = f"{job['prefix']}/gems/{self.session_key}/report"
        s3 = self.site.client("s3")
        s3.put_object(Bucket=job["bucket"], Key=f"{key}.csv", Body=b"sample,locus\n")
        s3.put_object(Bucket=job["bucket"], Key=f"{key}.json", Body=b"{}")
        answer = self.say("status", "REPORT_WRITTEN")
        if answer["mail"]["state"] == "sent":
            self.say("status", "EMAIL_SENT")
        self.say("status", "COMPLETE")
        return answer

    def stop(self) -> Any:
        body = {"session_key": self.session_key, "instance_id": self.instance_id}
        answer = self.site.worker("POST", "/stop_instances", json=body, headers=self.proof)
        assert answer.status_code == 200, answer.text
        return answer.json()


def run_together(workers: list[SimulatedWorker]) -> None:
    """Let all work at once."""
    threads = [threading.Thread(target=worker.work) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
