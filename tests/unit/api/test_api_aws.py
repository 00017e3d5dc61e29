"""The wrappers of boto3: strict where stand-ins are kind, and errors become the domain's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from api_world import CONTROL, SETTINGS
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.session import get_session
from botocore.stub import Stubber
from botocore.utils import parse_timestamp
from worker_values import BOOTSTRAP

from gems_api.aws.clients import Clients, read_moment
from gems_api.aws.cloud import aws_cloud
from gems_api.aws.ec2 import Ec2Fleet
from gems_api.aws.s3 import S3Store
from gems_api.aws.ses import SesMailer
from gems_api.aws.terminator import MOST_CALLS
from gems_api.services.fleet_ports import Launch
from gems_api.services.ports import Message
from gems_api.services.store_ports import BucketUnreadable, TooLarge
from gems_core.conditional_write import COLLISION_TRIES
from gems_core.errors import CloudRefused

TAGS = {"gems:session_key": "k"}


def client(service: str) -> Any:
    return boto3.client(service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")


@pytest.mark.parametrize(
    ("launch", "limit"),
    [
        (Launch(1, "t", {f"k{number}": "" for number in range(51)}, BOOTSTRAP), "at most 50"),
        (Launch(1, "t", {"k" * 129: ""}, BOOTSTRAP), "1 to 128"),
        (Launch(1, "t", {"aws:x": ""}, BOOTSTRAP), "outside aws:"),
        (Launch(1, "t", {"k": "v" * 257}, BOOTSTRAP), "at most 256"),
        (Launch(1, "t", TAGS, replace(BOOTSTRAP, worker_credential="#" * 16_385)), "at most 16384"),
        (Launch(1, "t" * 65, TAGS, BOOTSTRAP), "1 to 64"),
        (Launch(0, "t", TAGS, BOOTSTRAP), "at least 1"),
    ],
)
def test_what_ec2_would_refuse_is_refused_before_it_is_asked(launch: Launch, limit: str) -> None:
    with pytest.raises(CloudRefused, match=limit):
        Ec2Fleet(client("ec2"), SETTINGS).launch(launch)


@pytest.mark.parametrize(
    "region", ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "sa-east-1"]
)
@pytest.mark.parametrize("bucket", ["reads", "direct.typing"])
def test_links_are_signed_as_every_bucket_takes_them_in_every_region(
    monkeypatch: pytest.MonkeyPatch, region: str, bucket: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAX")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    store = Clients(replace(SETTINGS, region=region), None, lambda _: None).store()
    asked = parse_qs(urlsplit(store.presigned_url(bucket, "run/gems/k/report.csv", 300)).query)
    assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert f"/{region}/s3/aws4_request" in asked["X-Amz-Credential"][0]
    assert asked["X-Amz-Expires"] == ["300"]
    assert "AWSAccessKeyId" not in asked, "that is version 2"


@pytest.mark.parametrize(
    "written",
    ["2026-11-23T10:00:00.000Z", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00+01:00", "Mon, 23 Nov 2026 10:00:00 GMT", 1795428000],
)  # fmt: skip
def test_times_are_read_as_botocore_reads_them(written: str | float) -> None:
    assert read_moment(written) == parse_timestamp(written) == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_what_is_no_time_is_refused_as_by_botocore() -> None:
    with pytest.raises(ValueError, match="Invalid timestamp"):
        read_moment("soon")


def test_an_unknown_instance_is_none_and_spoils_no_batch_of_terminations() -> None:
    ec2 = client("ec2")
    with Stubber(ec2) as stub:
        stub.add_client_error("describe_instances", "InvalidInstanceID.NotFound")
        assert Ec2Fleet(ec2, SETTINGS).instance("i-0") is None
        stub.add_client_error("terminate_instances", "InvalidInstanceID.NotFound")
        stub.add_client_error(
            "terminate_instances", "InvalidInstanceID.NotFound", expected_params={"InstanceIds": ["i-0"]}
        )
        stub.add_response("terminate_instances", {}, {"InstanceIds": ["i-1"]})
        Ec2Fleet(ec2, SETTINGS).terminate(["i-0", "i-1"])
        stub.assert_no_pending_responses()


class Protective:
    """EC2's TerminateInstances: one instance that it will not end spoils a whole call."""

    def __init__(self, keeps: set[str], *, naming: bool, code: str = "OperationNotPermitted") -> None:
        self.keeps, self.naming, self.code = keeps, naming, code
        self.ended: set[str] = set()
        self.calls = 0

    def __call__(self, *, InstanceIds: list[str]) -> dict[str, Any]:  # noqa: N803 (boto3's name)
        self.calls += 1
        kept = sorted(self.keeps.intersection(InstanceIds))
        if kept:
            message = f"The instance '{kept[0]}' may not be terminated." if self.naming else "Encoded message: 4f2"
            raise ClientError({"Error": {"Code": self.code, "Message": message}}, "TerminateInstances")
        self.ended.update(InstanceIds)
        return {}


@pytest.mark.parametrize(("naming", "most_calls"), [(True, 10), (False, 50)])
def test_instances_that_may_not_be_terminated_keep_no_others_running_and_are_told(
    monkeypatch: pytest.MonkeyPatch, naming: bool, most_calls: int
) -> None:
    ec2 = client("ec2")
    kept = {"i-0003", "i-0333", "i-0599"}
    protective = Protective(kept, naming=naming)
    monkeypatch.setattr(ec2, "terminate_instances", protective)
    ids = [f"i-{number:04d}" for number in range(600)]
    with pytest.raises(CloudRefused, match="3 of 600 instances") as refusal:
        Ec2Fleet(ec2, SETTINGS).terminate(ids)
    assert "OperationNotPermitted" in str(refusal.value)
    assert protective.ended == set(ids) - kept
    assert protective.calls <= most_calls


def test_a_role_that_may_terminate_nothing_asks_no_more_often_than_ec2_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    ec2 = client("ec2")
    ids = [f"i-{number:04d}" for number in range(1000)]
    protective = Protective(set(ids), naming=False, code="UnauthorizedOperation")
    monkeypatch.setattr(ec2, "terminate_instances", protective)
    with pytest.raises(CloudRefused, match="1000 of 1000 instances"):
        Ec2Fleet(ec2, SETTINGS).terminate(ids)
    assert protective.calls == MOST_CALLS


def test_unknown_instances_that_ec2_names_cost_one_more_call() -> None:
    ec2 = client("ec2")
    with Stubber(ec2) as stub:
        message = "The instance IDs 'i-0, i-2' do not exist"
        stub.add_client_error("terminate_instances", "InvalidInstanceID.NotFound", message)
        stub.add_response("terminate_instances", {}, {"InstanceIds": ["i-1", "i-3"]})
        Ec2Fleet(ec2, SETTINGS).terminate(["i-0", "i-1", "i-2", "i-3"])
        stub.assert_no_pending_responses()


def test_an_ec2_that_is_overrun_is_not_asked_again_at_once() -> None:
    ec2 = client("ec2")
    with Stubber(ec2) as stub:
        stub.add_client_error("terminate_instances", "RequestLimitExceeded")
        with pytest.raises(CloudRefused, match="RequestLimitExceeded"):
            Ec2Fleet(ec2, SETTINGS).terminate(["i-0", "i-1"])
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("session_key", [None, "k"])
def test_only_instances_with_our_tags_are_listed_for_our_role_may_end_no_others(session_key: str | None) -> None:
    ec2 = client("ec2")
    ours = {"gems:session_key": "k", "gems:control_bucket": CONTROL}
    others = [
        {**ours, "gems:control_bucket": "gems-other"},
        {"gems:session_key": "k"},
        {"gems:control_bucket": CONTROL},
    ]
    items = [
        {
            "InstanceId": f"i-{number}",
            "State": {"Name": "running"},
            "LaunchTime": datetime(2026, 11, 23, tzinfo=UTC),
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        for number, tags in enumerate([ours, *others])
    ]
    with Stubber(ec2) as stub:
        stub.add_response("describe_instances", {"Reservations": [{"Instances": items}]})
        assert [item.instance_id for item in Ec2Fleet(ec2, SETTINGS).instances(session_key)] == ["i-0"]


def test_terminations_go_in_batches() -> None:
    ec2 = client("ec2")
    ids = [f"i-{number}" for number in range(501)]
    with Stubber(ec2) as stub:
        stub.add_response("terminate_instances", {}, {"InstanceIds": ids[:500]})
        stub.add_response("terminate_instances", {}, {"InstanceIds": ids[500:]})
        Ec2Fleet(ec2, SETTINGS).terminate(ids)
        stub.assert_no_pending_responses()


def test_an_instances_tags_and_state_are_read() -> None:
    ec2 = client("ec2")
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    item = {
        "InstanceId": "i-0",
        "State": {"Name": "terminated"},
        "StateReason": {"Code": "Server.SpotInstanceTermination", "Message": "Spot instance termination"},
        "LaunchTime": moment,
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    with Stubber(ec2) as stub:
        stub.add_response("describe_instances", {"Reservations": [{"Instances": [item]}]})
        found = Ec2Fleet(ec2, SETTINGS).instance("i-0")
    assert found is not None
    assert (found.is_gone, found.tags, found.launched_at) == (True, {"a": "b"}, moment)
    assert found.state_reason == "Server.SpotInstanceTermination"


def test_a_lost_conditional_write_is_none_and_a_collision_is_tried_again() -> None:
    s3, pauses = client("s3"), []
    with Stubber(s3) as stub:
        stub.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
        assert S3Store(s3, pauses.append).create("b", "k", b"") is None
        stub.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
        stub.add_response("put_object", {"ETag": '"1"'})
        assert S3Store(s3, pauses.append).replace("b", "k", b"", '"0"') == '"1"'
        assert len(pauses) == 1
        for _ in range(COLLISION_TRIES):
            stub.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
        assert S3Store(s3, pauses.append).create("b", "k", b"") is None


def test_a_conditional_write_that_fails_on_its_own_repeat_has_succeeded() -> None:
    s3 = client("s3")

    class Body:
        def read(self) -> bytes:
            return b"mine"

    with Stubber(s3) as stub:
        retried = {"RetryAttempts": 1}
        stub.add_client_error("put_object", "PreconditionFailed", http_status_code=412, response_meta=retried)
        stub.add_response("get_object", {"Body": Body(), "ContentLength": 4, "ETag": '"7"'})
        assert S3Store(s3, lambda _: None).create("b", "k", b"mine") == '"7"'


def test_an_object_that_is_longer_than_gems_writes_it_is_not_read() -> None:
    s3, closed = client("s3"), []

    class Endless:
        def read(self) -> bytes:
            raise MemoryError

        def close(self) -> None:
            closed.append(True)

    key = "jobs/2026-11-23/b-p-class-1-261123-12:00:0123456789/done/K1.json"
    with Stubber(s3) as stub:
        stub.add_response("get_object", {"Body": Endless(), "ContentLength": 5 << 30, "ETag": '"7"'})
        with pytest.raises(TooLarge, match="expected at most 65536 bytes, found 5368709120") as refusal:
            S3Store(s3, lambda _: None).read("b", key)
    assert (refusal.value.etag, closed) == ('"7"', [True])


def test_s3s_other_refusals_tell_what_was_attempted() -> None:
    s3 = client("s3")
    with Stubber(s3) as stub:
        stub.add_client_error("get_object", "AccessDenied", "no")
        with pytest.raises(CloudRefused, match=r"reading s3://b/k was refused \(AccessDenied\): no"):
            S3Store(s3, lambda _: None).read("b", "k")
        stub.add_client_error("list_objects_v2", "NoSuchBucket", "none")
        with pytest.raises(BucketUnreadable, match="NoSuchBucket"):
            S3Store(s3, lambda _: None).entries("b", "")
        stub.add_client_error("list_objects_v2", "AccessDenied", "no")
        with pytest.raises(BucketUnreadable, match="AccessDenied"):
            S3Store(s3, lambda _: None).shelf("b", "")


def test_a_shelf_has_the_folders_and_objects_directly_under_a_prefix() -> None:
    s3 = client("s3")
    asked = {"Bucket": "b", "Prefix": "2026/", "Delimiter": "/", "MaxKeys": 1000}
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    found = {"Key": "2026/read%C3%BC.fastq.gz", "Size": 7, "ETag": '"1"', "LastModified": moment}
    with Stubber(s3) as stub:
        stub.add_response(
            "list_objects_v2",
            {
                "IsTruncated": True,
                "Contents": [found],
                "CommonPrefixes": [{"Prefix": "2026/PT1/"}],
                "EncodingType": "url",
            },
            asked,
        )
        shelf = S3Store(s3, lambda _: None).shelf("b", "2026/")
    assert (shelf.folders, shelf.is_cut) == (("2026/PT1/",), True)
    assert [(entry.key, entry.size_bytes) for entry in shelf.files] == [("2026/read\u00fc.fastq.gz", 7)]


def test_a_network_fault_becomes_the_domains_error(monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = client("s3")

    def unreachable(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3.invalid")

    monkeypatch.setattr(s3, "get_object", unreachable)
    with pytest.raises(CloudRefused, match="did not succeed"):
        S3Store(s3, lambda _: None).read("b", "k")


def test_a_throttled_mail_is_tried_again_and_any_other_refusal_is_told() -> None:
    ses, pauses = client("ses"), list[float]()
    mail = Message("lab@example.org", "subject", "text")
    with Stubber(ses) as stub:
        stub.add_client_error("send_email", "Throttling", "Maximum sending rate exceeded.")
        stub.add_response("send_email", {"MessageId": "1"})
        stub.add_client_error("send_email", "MessageRejected", "not verified")
        mailer = SesMailer(ses, "gems@example.org", pauses.append)
        mailer.send(mail)
        with pytest.raises(CloudRefused, match="MessageRejected"):
            mailer.send(mail)
        stub.assert_no_pending_responses()
    assert len(pauses) == 1


def test_a_mail_whose_answer_is_lost_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    def lose(_session: object, request: Any) -> None:
        sent.append(request)
        raise ReadTimeoutError(endpoint_url="https://email.eu-west-1.amazonaws.com")

    monkeypatch.setattr(URLLib3Session, "send", lose)
    session = get_session()
    session.set_credentials("x", "y")
    cloud = aws_cloud(SETTINGS, session, lambda _: None)
    with pytest.raises(CloudRefused, match="SES SendEmail"):
        cloud.mailer.send(Message("lab@example.org", "subject", "text"))
    assert len(sent) == 1


@pytest.mark.parametrize(("configuration_set", "more"), [("", {}), ("gems-dev", {"ConfigurationSetName": "gems-dev"})])
def test_a_mail_carries_its_tags_and_the_set_that_tells_of_it(configuration_set: str, more: dict[str, str]) -> None:
    ses = client("ses")
    expected = {
        "Source": "gems@example.org",
        "Destination": {"ToAddresses": ["lab@example.org"]},
        "Message": {
            "Subject": {"Data": "s", "Charset": "UTF-8"},
            "Body": {"Text": {"Data": "t", "Charset": "UTF-8"}},
        },
        "Tags": [{"Name": "gems_run", "Value": "1"}],
        **more,
    }
    with Stubber(ses) as stub:
        stub.add_response("send_email", {"MessageId": "1"}, expected)
        mailer = SesMailer(ses, "gems@example.org", lambda _: None, configuration_set)
        mailer.send(Message("lab@example.org", "s", "t", {"gems_run": "1"}))
        stub.assert_no_pending_responses()
