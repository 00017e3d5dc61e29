"""boto3 meets the strict stand-in over HTTP: rates, limits, tokens, pages, and what is not visible yet."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Reservation
from strict_site import REGION, StrictSite, client, refused

StandIn = Callable[..., StrictSite]
KEY = "gems:session_key"


def tags(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs]


def launch_tags(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": "instance", "Tags": tags(*pairs)}]


def test_five_launches_go_at_once_and_then_two_a_second(stand_in: StandIn) -> None:
    site = stand_in()
    for _ in range(5):
        site.launch()
    with refused("RequestLimitExceeded"):
        site.launch()
    site.clock.pass_seconds(1)
    site.launch()
    site.launch()
    with refused("RequestLimitExceeded"):
        site.launch()


def test_a_throttled_answer_is_a_503_that_boto3_knows_how_to_repeat(stand_in: StandIn) -> None:
    site = stand_in()
    instance_id = site.launch()[0]
    statuses = []
    for number in range(101):
        try:
            answer = site.ec2.create_tags(Resources=[instance_id], Tags=tags((KEY, str(number))))
        except site.ec2.exceptions.ClientError as error:
            answer = error.response
        statuses.append(answer["ResponseMetadata"]["HTTPStatusCode"])
    assert statuses == [200] * 100 + [503]
    counted = {item["action"]: item for item in site.aws.counts.as_json()}
    assert (counted["CreateTags"]["calls"], counted["CreateTags"]["throttled"]) == (101, 1)


def test_a_thousand_instances_are_launched_at_once_and_then_two_a_second(stand_in: StandIn) -> None:
    site = stand_in(instances_per_pool=3)
    assert len(site.launch(most=999)) == 3
    with refused("RequestLimitExceeded"):
        site.launch(most=2)
    site.clock.pass_seconds(1)
    with refused("InsufficientInstanceCapacity"):
        site.launch(most=2)


def test_an_unfiltered_listing_has_the_smaller_bucket(stand_in: StandIn) -> None:
    site = stand_in()
    for _ in range(50):
        site.listed()
    with refused("RequestLimitExceeded"):
        site.listed()
    assert site.listed(MaxResults=5) == []


def test_nothing_is_throttled_where_that_is_off(stand_in: StandIn) -> None:
    site = stand_in(throttled=False)
    for _ in range(12):
        site.launch()


def test_mail_goes_at_the_sending_rate(stand_in: StandIn) -> None:
    site = stand_in()
    ses = client(site.endpoint, "ses")
    ses.verify_email_identity(EmailAddress="a@example.org")
    mail = {"Source": "a@example.org", "Destination": {"ToAddresses": ["b@example.org"]}}
    message = {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}
    ses.send_email(**mail, Message=message)
    with refused("Throttling"):
        ses.send_email(**mail, Message=message)
    site.clock.pass_seconds(1)
    ses.send_email(**mail, Message=message)


def test_s3_asks_to_slow_down_and_forgets_within_the_second(stand_in: StandIn) -> None:
    site = stand_in(s3_slows_down=True)
    s3 = client(site.endpoint, "s3")
    s3.create_bucket(Bucket="strict-bucket", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    slow_down = site.aws._slow_down
    assert slow_down is not None
    slow_down._buckets._held["strict-bucket False"] = (0.5, site.clock())
    with refused("SlowDown"):
        s3.put_object(Bucket="strict-bucket", Key="a", Body=b"a")
    site.clock.pass_seconds(1)
    s3.put_object(Bucket="strict-bucket", Key="a", Body=b"a")
    assert s3.get_object(Bucket="strict-bucket", Key="a")["Body"].read() == b"a"
    counted = {(item["service"], item["action"]): item["calls"] for item in site.aws.counts.as_json()}
    assert counted[("s3", "PUT")] == 3
    assert counted[("s3", "GET")] == 1


def test_of_writes_of_a_key_at_once_one_is_first_however_threads_take_turns(
    stand_in: StandIn, request: pytest.FixtureRequest
) -> None:
    s3 = client(stand_in().endpoint, "s3")
    s3.create_bucket(Bucket="one-is-first", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-6)  # moto alone lets two win in every fourth round then
    for round_ in range(20):
        start = Barrier(8)

        def create(number: int, key: str = f"round-{round_}", start: Barrier = start) -> int | None:
            start.wait()
            try:
                s3.put_object(Bucket="one-is-first", Key=key, Body=b"%d" % number, IfNoneMatch="*")
            except ClientError:
                return None
            return number

        with ThreadPoolExecutor(8) as threads:
            winners = [number for number in threads.map(create, range(8)) if number is not None]
        assert winners == [int(s3.get_object(Bucket="one-is-first", Key=f"round-{round_}")["Body"].read())]


def test_a_key_of_more_than_1024_bytes_is_refused_however_few_characters_it_has(stand_in: StandIn) -> None:
    s3 = client(stand_in().endpoint, "s3")
    s3.create_bucket(Bucket="long-keys", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    s3.put_object(Bucket="long-keys", Key="ä" * 512, Body=b"a")
    assert s3.get_object(Bucket="long-keys", Key="ä" * 512)["Body"].read() == b"a"
    with refused("KeyTooLongError"):
        s3.put_object(Bucket="long-keys", Key="ä" * 512 + "a", Body=b"a")
    with refused("KeyTooLongError"):
        s3.get_object(Bucket="long-keys", Key="a" * 1025)


def test_overlong_tags_and_user_data_are_refused(stand_in: StandIn) -> None:
    site = stand_in()
    instance_id = site.launch(TagSpecifications=launch_tags(("k" * 128, "v" * 256)), UserData="u" * 16_384)[0]
    with refused("InvalidParameterValue"):
        site.launch(TagSpecifications=launch_tags(("k" * 129, "")))
    with refused("InvalidParameterValue"):
        site.ec2.create_tags(Resources=[instance_id], Tags=tags((KEY, "v" * 257)))
    with refused("InvalidParameterValue"):
        site.launch(UserData="u" * 16_385)
    with refused("TagLimitExceeded"):
        site.launch(TagSpecifications=launch_tags(*((f"k{number}", "") for number in range(51))))
    with refused("TagLimitExceeded"):
        site.ec2.create_tags(Resources=[instance_id], Tags=tags(*((f"k{number}", "") for number in range(50))))
    with refused("InvalidParameterValue"):
        site.ec2.create_tags(Resources=[f"i-{number:017x}" for number in range(1001)], Tags=tags((KEY, "")))


def test_what_is_unknown_is_refused(stand_in: StandIn) -> None:
    site = stand_in(throttled=False)
    with refused("InvalidAMIID.NotFound"):
        site.launch(ImageId="ami-00000000")
    with refused("InvalidParameterValue"):
        site.launch(InstanceType="c99.large")
    with refused("InvalidSubnetID.NotFound"):
        site.launch(SubnetId="subnet-00000000")
    with refused("InvalidLaunchTemplateName.NotFoundException"):
        site.launch(LaunchTemplate={"LaunchTemplateName": "none"})


def test_a_client_token_launches_once_and_is_no_other_request(stand_in: StandIn) -> None:
    site = stand_in()
    first = site.launch(most=2, ClientToken="once")
    assert site.launch(most=2, ClientToken="once") == first
    with refused("IdempotentParameterMismatch"):
        site.launch(most=3, ClientToken="once")
    assert len(site.listed()) == 2


def test_a_refused_launch_may_be_repeated_with_its_token(stand_in: StandIn) -> None:
    site = stand_in(instances_per_pool=1)
    (held,) = site.launch()
    with refused("InsufficientInstanceCapacity"):
        site.launch(ClientToken="again")
    site.ec2.terminate_instances(InstanceIds=[held])
    assert len(site.launch(ClientToken="again")) == 1


def test_listings_come_in_pages_of_instances(stand_in: StandIn) -> None:
    site = stand_in()
    launched = site.launch(most=7) + site.launch(most=5)
    pages = [
        [item["InstanceId"] for reservation in page["Reservations"] for item in reservation["Instances"]]
        for page in site.ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5})
    ]
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [instance_id for page in pages for instance_id in page] == launched
    with refused("InvalidParameterValue"):
        site.listed(MaxResults=4)
    with refused("InvalidParameterCombination"):
        site.listed(MaxResults=5, InstanceIds=launched[:1])


def test_more_than_a_hundred_launches_are_listed_whole_without_a_page_size(stand_in: StandIn) -> None:
    site = stand_in(throttled=False)
    reservations = ec2_backends[DEFAULT_ACCOUNT_ID][REGION].reservations
    reservations |= {f"r-{number}": Reservation(f"r-{number}") for number in range(100)}
    launched = site.launch()
    assert [item["InstanceId"] for item in site.listed()] == launched


def test_an_instance_and_its_tags_become_visible_late(stand_in: StandIn) -> None:
    site = stand_in(visible_after_seconds=10, tags_after_seconds=5)
    (instance_id,) = site.launch(TagSpecifications=launch_tags((KEY, "job")))
    by_tag = [{"Name": f"tag:{KEY}", "Values": ["job"]}]
    assert site.listed() == []
    with refused("InvalidInstanceID.NotFound"):
        site.listed(InstanceIds=[instance_id])
    with refused("InvalidInstanceID.NotFound"):
        site.ec2.create_tags(Resources=[instance_id], Tags=tags(("a", "b")))
    site.clock.pass_seconds(10)
    assert [item.get("Tags", []) for item in site.listed()] == [[]]
    assert site.listed(Filters=by_tag) == []
    site.clock.pass_seconds(5)
    assert [item["Tags"] for item in site.listed(Filters=by_tag)] == [tags((KEY, "job"))]


def test_a_changed_tag_shows_its_old_value_for_a_while(stand_in: StandIn) -> None:
    site = stand_in(tags_after_seconds=5)
    (instance_id,) = site.launch(TagSpecifications=launch_tags((KEY, "job")))
    site.clock.pass_seconds(5)
    site.ec2.create_tags(Resources=[instance_id], Tags=tags((KEY, "other"), ("new", "x")))
    site.clock.pass_seconds(1)
    site.ec2.create_tags(Resources=[instance_id], Tags=tags((KEY, "third")))
    assert site.listed()[0]["Tags"] == tags((KEY, "job"))
    site.clock.pass_seconds(4)
    assert {tag["Key"]: tag["Value"] for tag in site.listed()[0]["Tags"]} == {KEY: "other", "new": "x"}
    site.clock.pass_seconds(1)
    assert {tag["Key"]: tag["Value"] for tag in site.listed()[0]["Tags"]} == {KEY: "third", "new": "x"}


def test_a_terminated_instance_lingers_for_an_hour(stand_in: StandIn) -> None:
    site = stand_in()
    (instance_id,) = site.launch()
    site.ec2.terminate_instances(InstanceIds=[instance_id])
    site.clock.pass_seconds(3599)
    assert [item["State"]["Name"] for item in site.listed()] == ["terminated"]
    site.clock.pass_seconds(1)
    assert site.listed() == []
    with refused("InvalidInstanceID.NotFound"):
        site.listed(InstanceIds=[instance_id])
