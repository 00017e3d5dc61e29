"""What each service of AWS asks IAM about a request, read from the request as it came over the wire."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aws_requests import REGION_KEY
from iam_of_batch import asked_by_batch, asked_by_ecs
from iam_of_ec2 import Unread, asked_by_ec2
from iam_policy import Request, request
from stack_site import ACCOUNT, REGION

from gems_local.aws import LocalAws

Environ = Mapping[str, Any]
_S3 = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_KEY_CONDITION = re.compile(r"#n0 = :v0|#name = :name")
# A condition of a write that a policy may ask for, and the header that it comes in.
_CONDITIONS = {"s3:if-match": "HTTP_IF_MATCH", "s3:if-none-match": "HTTP_IF_NONE_MATCH"}


def asked_by(service: str, aws: LocalAws, environ: Environ, body: bytes) -> list[Request]:
    """All that must be allowed for a request.

    Args:
        service: that the request is signed for.
        aws: one that no guard stands before, asked about what a request names.
        environ: of WSGI.
        body: of the request.

    Raises:
        Unread, KeyError, ValueError: it cannot be told from the request.
    """
    if service not in _READERS:
        raise Unread(service)
    return _READERS[service](aws, environ, body)


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _path(environ: Environ) -> str:
    return unquote(urlsplit(environ["RAW_URI"]).path)


def _target(environ: Environ) -> str:
    """The action of a request of JSON."""
    return str(environ["HTTP_X_AMZ_TARGET"].rsplit(".", 1)[-1])


def _s3(environ: Environ) -> Request:
    bucket, _, key = _path(environ).lstrip("/").partition("/")
    arn = f"arn:aws:s3:::{bucket}"
    if not key:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return request("s3:ListBucket", arn, REGION_KEY)
        raise Unread(f"{environ['REQUEST_METHOD']} of the bucket {bucket}")
    if "HTTP_X_AMZ_COPY_SOURCE" in environ:
        raise Unread("a copy")
    method = environ["REQUEST_METHOD"]
    conditions = {
        name: environ[header] for name, header in _CONDITIONS.items() if method == "PUT" and header in environ
    }
    return request(f"s3:{_S3[method]}", f"{arn}/{key}", {**REGION_KEY, **conditions})


def _dynamodb(environ: Environ, call: Mapping[str, Any]) -> Request:
    action = _target(environ)
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{call['TableName']}"
    if action != "Query" or not _KEY_CONDITION.fullmatch(call["KeyConditionExpression"].strip("()")):
        raise Unread(f"{action} {call.get('KeyConditionExpression')}")
    (value,) = call["ExpressionAttributeValues"].values()
    return request("dynamodb:Query", table, {"dynamodb:LeadingKeys": [value["S"]], **REGION_KEY})


def _kms(aws: LocalAws, environ: Environ, call: Mapping[str, Any]) -> Request:
    action = _target(environ)
    if "KeyId" in call:
        key_id = aws.kms().describe_key(KeyId=call["KeyId"])["KeyMetadata"]["KeyId"]
    else:  # moto writes the key's id before what it encrypts; KMS knows it as well
        key_id = base64.b64decode(call["CiphertextBlob"])[:36].decode()
    told = call.get("EncryptionContext", {})
    context = {f"kms:EncryptionContext:{name}": text for name, text in told.items()}
    keys = {"kms:EncryptionContextKeys": [*told]}
    return request(f"kms:{action}", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}", {**context, **keys, **REGION_KEY})


def _logs(environ: Environ, call: Mapping[str, Any]) -> Request:
    action = _target(environ)
    stream = f"{call['logGroupName']}:log-stream:{call['logStreamName']}"
    return request(f"logs:{action}", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{stream}", REGION_KEY)


def _sts(call: Mapping[str, str]) -> list[Request]:
    if call["Action"] == "GetCallerIdentity":  # needs no permission
        return []
    if call["Action"] == "AssumeRole" and "Policy" in call:
        return [request("sts:AssumeRole", call["RoleArn"])]
    raise Unread(f"{call['Action']} of STS, or a role taken whole")


def _ses(call: Mapping[str, str]) -> Request:
    arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{call['Source']}"
    return request(f"ses:{call['Action']}", arn, {"ses:FromAddress": call["Source"]})


_READERS: Mapping[str, Callable[[LocalAws, Environ, bytes], list[Request]]] = {
    "batch": lambda aws, environ, body: asked_by_batch(aws.batch(), _path(environ), json.loads(body)),
    "dynamodb": lambda _aws, environ, body: [_dynamodb(environ, json.loads(body))],
    "ec2": lambda aws, _environ, body: asked_by_ec2(aws.ec2(), _form(body)),
    "ecs": lambda _aws, environ, body: asked_by_ecs(_target(environ), json.loads(body)),
    "kms": lambda aws, environ, body: [_kms(aws, environ, json.loads(body))],
    "logs": lambda _aws, environ, body: [_logs(environ, json.loads(body))],
    "s3": lambda _aws, environ, _body: [_s3(environ)],
    "ses": lambda _aws, _environ, body: [_ses(_form(body))],
    "sts": lambda _aws, _environ, body: _sts(_form(body)),
}
