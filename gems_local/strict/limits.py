"""What EC2 refuses for being too long, too many or unknown, and S3 for a key that is too long."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from gems_local.strict.call import Answer, Call, Next, refusal, s3_error
from userdata import LARGEST_USER_DATA_BYTES

MOST_TAGS = 50
LONGEST_KEY = 128
LONGEST_VALUE = 256
# EC2 API reference, CreateTags and TerminateInstances.
MOST_IDS = 1000
LONGEST_CLIENT_TOKEN = 64
# Of UTF-8 (S3 user guide, "Naming Amazon S3 objects").
LONGEST_OBJECT_KEY_BYTES = 1024


class LimitExceeded(Exception):
    """A limit of EC2 that a request does not keep: EC2's code, and a message."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def check_tags(tags: Mapping[str, str]) -> None:
    """See that EC2 takes these tags of one resource.

    Raises:
        LimitExceeded: it does not.
    """
    if len(tags) > MOST_TAGS:
        raise LimitExceeded("TagLimitExceeded", f"The maximum number of tags is {MOST_TAGS}; found {len(tags)}.")
    for key, value in tags.items():
        if not 1 <= len(key) <= LONGEST_KEY:
            raise LimitExceeded(
                "InvalidParameterValue", f"Tag keys have 1 to {LONGEST_KEY} characters; found {len(key)}."
            )
        if key.lower().startswith("aws:"):
            raise LimitExceeded("InvalidParameterValue", f"Tag keys starting with aws: are reserved; found {key}.")
        if len(value) > LONGEST_VALUE:
            message = f"Tag values have at most {LONGEST_VALUE} characters; that of {key} has {len(value)}."
            raise LimitExceeded("InvalidParameterValue", message)


def check_user_data(encoded: str) -> None:
    """See that EC2 takes this user data, given as base64.

    Raises:
        LimitExceeded: it does not.
    """
    try:
        size = len(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        raise LimitExceeded("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.") from None
    if size > LARGEST_USER_DATA_BYTES:
        raise LimitExceeded("InvalidParameterValue", f"User data is limited to {LARGEST_USER_DATA_BYTES} bytes.")


def key_refusal(call: Call) -> Answer | None:
    """S3's refusal of a key that is too long; None for any other request."""
    _, _, key = str(call.environ.get("PATH_INFO", "")).removeprefix("/").partition("/")
    # WSGI hands a path's bytes on as characters, one each (PEP 3333).
    if call.service != "s3" or len(key) <= LONGEST_OBJECT_KEY_BYTES:
        return None
    return s3_error("KeyTooLongError", "Your key is too long", HTTPStatus.BAD_REQUEST)


def limits(call: Call, proceed: Next) -> Answer:
    """The rule: refuses what no EC2 takes."""
    if call.service == "ec2":
        try:
            _check(call)
        except LimitExceeded as problem:
            return refusal(problem.code, str(problem))
    return proceed(call)


def _check(call: Call) -> None:
    for tags in _tag_sets(call):
        check_tags(tags)
    for user_data in (call.parameters.get("UserData"), call.parameters.get("LaunchTemplateData.UserData")):
        if user_data is not None:
            check_user_data(user_data)
    if len(call.parameters.get("ClientToken", "")) > LONGEST_CLIENT_TOKEN:
        raise LimitExceeded("InvalidParameterValue", f"Client tokens have at most {LONGEST_CLIENT_TOKEN} characters.")
    for name in ("InstanceId", "ResourceId"):
        ids = call.nested.get(name, [])
        if isinstance(ids, list) and len(ids) > MOST_IDS:
            raise LimitExceeded(
                "InvalidParameterValue", f"{call.action} takes at most {MOST_IDS} ids; found {len(ids)}."
            )


def _tag_sets(call: Call) -> Iterator[dict[str, str]]:
    if call.action == "CreateTags":
        yield _tags(call.nested.get("Tag", []))
    for specification in call.nested.get("TagSpecification", []):
        yield _tags(specification.get("Tag", []))
    for specification in call.nested.get("LaunchTemplateData", {}).get("TagSpecification", []):
        yield _tags(specification.get("Tag", []))


def _tags(items: list[dict[str, Any]]) -> dict[str, str]:
    return {item.get("Key", ""): item.get("Value", "") for item in items}
