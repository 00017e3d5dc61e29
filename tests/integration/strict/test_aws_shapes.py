"""What the models of botocore do not have is found, in requests and in answers of each protocol."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from aws_shapes import Exchange, findings

FLEET = {
    "Action": "CreateFleet", "Version": "2016-11-15", "Type": "instant",
    "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName": "gems",
    "TargetCapacitySpecification.TotalTargetCapacity": "1",
}  # fmt: skip
ROLE = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "i-1"}  # fmt: skip
GIVEN = "<Credentials><AccessKeyId>ASIA000000000000</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-11-30T00:00:00Z</Expiration></Credentials>"
LAUNCHED = "<item><instanceIds><item>i-1</item></instanceIds><instanceType>c7i.large</instanceType>{more}</item>"


def ec2(changes: dict[str, str | None], answer: str = "") -> Exchange:
    parameters = {name: value for name, value in (FLEET | changes).items() if value is not None}
    document = f'<CreateFleetResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>{answer}</CreateFleetResponse>'
    return Exchange("ec2", "POST", "/", {}, urlencode(parameters).encode(), 200, {}, document.encode())


def sts(changes: dict[str, str], answer: str = GIVEN) -> Exchange:
    document = f"<AssumeRoleResponse><AssumeRoleResult>{answer}</AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>"
    return Exchange("sts", "POST", "/", {}, urlencode(ROLE | changes).encode(), 200, {}, document.encode())


def kms(body: dict[str, object], answer: dict[str, object]) -> Exchange:
    target = {"x-amz-target": "TrentService.Decrypt"}
    return Exchange("kms", "POST", "/", target, json.dumps(body).encode(), 200, {}, json.dumps(answer).encode())


def s3(method: str, target: str, headers: dict[str, str], status: int = 200, answer: str = "") -> Exchange:
    return Exchange("s3", method, target, headers, b"", status, {}, answer.encode())


LISTED = "<ListBucketResult><Contents><Key>a</Key><Size>1</Size>{more}</Contents><IsTruncated>false</IsTruncated></ListBucketResult>"
GOOD = {
    "a fleet": ec2({"TagSpecification.1.ResourceType": "fleet", "TagSpecification.1.Tag.1.Key": "k"}, f"<fleetId>f</fleetId><fleetInstanceSet>{LAUNCHED.format(more='')}</fleetInstanceSet>"),
    "a role": sts({"DurationSeconds": "3600", "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    "opening": kms({"CiphertextBlob": "AAAA", "EncryptionContext": {"k": "v"}}, {"Plaintext": "AAAA", "KeyId": "k"}),
    "writing": s3("PUT", "/bucket/key", {"if-none-match": "*", "content-type": "a/b", "x-amz-date": "now"}),
    "listing": s3("GET", "/bucket?list-type=2&prefix=a&max-keys=7", {}, answer=LISTED.format(more="<StorageClass>STANDARD</StorageClass>")),
    "refusing": s3("PUT", "/bucket/key", {}, 412, "<Error><Code>PreconditionFailed</Code></Error>"),
}  # fmt: skip
ODD = {
    "a name of none": (ec2({"LaunchTemplateConfig.1.X": "1"}), 'Unknown parameter in input: "LaunchTemplateConfig"'),
    "a needed one missing": (ec2({"TargetCapacitySpecification.TotalTargetCapacity": None, "TargetCapacitySpecification.SpotTargetCapacity": "1"}), 'Missing required parameter in TargetCapacitySpecification: "TotalTargetCapacity"'),
    "a value of no enumeration": (ec2({"Type": "instantly"}), "request.Type: 'instantly' is none of its 3 values"),
    "a number that is none": (ec2({"TargetCapacitySpecification.TotalTargetCapacity": "one"}), "Invalid type for parameter TargetCapacitySpecification.TotalTargetCapacity"),
    "a form": (sts({"RoleSessionName": "a b"}), "request.RoleSessionName: 'a b' is not of the form"),
    "too long": (sts({"RoleSessionName": "a" * 65}), "request.RoleSessionName: at most 64, found 65"),
    "too short": (sts({"RoleSessionName": "a"}), "Invalid length for parameter RoleSessionName"),
    "an element of none": (ec2({}, "<fleetID>f</fleetID>"), "answer: no element fleetID"),
    "one deep inside": (ec2({}, f"<fleetInstanceSet>{LAUNCHED.format(more='<market>spot</market>')}</fleetInstanceSet>"), "answer.fleetInstanceSet[]: no element market"),
    "a list without items": (ec2({}, "<fleetInstanceSet><member/></fleetInstanceSet>"), "answer.fleetInstanceSet: no element member"),
    "an answer of no enumeration": (ec2({}, f"<fleetInstanceSet>{LAUNCHED.format(more='<lifecycle>on_demand</lifecycle>')}</fleetInstanceSet>"), "answer.Instances[].Lifecycle: 'on_demand' is none of its"),
    "an answer in another wrapping": (sts({}, "<Expires>1</Expires>"), "answer: no element Expires"),
    "a member of none": (kms({"Ciphertext": "AAAA"}, {}), 'Unknown parameter in input: "Ciphertext"'),
    "an answer's member of none": (kms({"CiphertextBlob": "AAAA"}, {"PlainText": "AAAA"}), "answer: no member PlainText"),
    "a header of none": (s3("PUT", "/bucket/key", {"x-amz-if-none-match": "*"}), "request: the header x-amz-if-none-match is no parameter"),
    "a header of no enumeration": (s3("PUT", "/bucket/key", {"x-amz-storage-class": "COLD"}), "request.x-amz-storage-class: 'COLD' is none of its"),
    "a query of none": (s3("GET", "/bucket?list-type=2&after=a", {}, answer=LISTED.format(more="")), "request: after of the query is no parameter"),
    "an element of no listing": (s3("GET", "/bucket?list-type=2", {}, answer=LISTED.format(more="<Bytes>1</Bytes>")), "answer.Contents: no element Bytes"),
    "a refusal without a reason": (s3("PUT", "/bucket/key", {}, 409, "<Error></Error>"), "answer: 409 without a code"),
}  # fmt: skip


@pytest.mark.parametrize("what", GOOD)
def test_what_the_models_have_is_no_finding(what: str) -> None:
    assert list(findings(GOOD[what])) == []


@pytest.mark.parametrize("what", ODD)
def test_what_they_do_not_have_is_one(what: str) -> None:
    exchange, expected = ODD[what]
    (found,) = findings(exchange)
    assert expected in found
