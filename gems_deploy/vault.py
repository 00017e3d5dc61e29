"""Making, rotating and retiring the tokens of a deployment.

The API accepts the newest version of a token and the one before it. So a rotation disturbs nobody: who holds the older one
goes on until it is retired.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import credstash
from boto3.dynamodb.conditions import Key
from botocore.exceptions import BotoCoreError, ClientError

from gems_core.credentials import encryption_context
from gems_core.errors import CloudUnreachable, UsageProblem

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_kms import KMSClient

# As gems_api.aws.credentials accepts them.
ACCEPTED_VERSIONS = 2
TOKEN_BYTES = 32
_VERSION_DIGITS = 19  # CredStash pads its versions so


@dataclass(frozen=True)
class Version:
    """One version of a token, without the token.

    Attributes:
        made_at: ISO 8601; '' when it was stored by other means than `gems`.
    """

    number: int
    made_at: str
    accepted: bool


class Vault:
    """The tokens of one CredStash table.

    Args:
        dynamodb: holds the table.
        kms: holds the key.
        table: CredStash's.
        key: id or alias of the key that seals tokens.
        now: the time.
    """

    def __init__(
        self,
        dynamodb: DynamoDBServiceResource,
        kms: KMSClient,
        table: str,
        key: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rows = dynamodb.Table(table)
        self._dynamodb = dynamodb
        self._kms = kms
        self._name = table
        self._key = key
        self._now = now

    def versions(self, name: str) -> list[Version]:
        """The versions of a token, newest first; the token itself is not read.

        Raises:
            CloudUnreachable: the table cannot be read.
        """
        query: dict[str, Any] = {
            "KeyConditionExpression": Key("name").eq(name),
            "ProjectionExpression": "#version, #comment",
            "ExpressionAttributeNames": {"#version": "version", "#comment": "comment"},
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        with _Refusals(f"reading the versions of {name} in table {self._name}"):
            rows = self._rows.query(**query)["Items"]
        return [
            Version(int(str(row["version"])), str(row.get("comment", "")), place < ACCEPTED_VERSIONS)
            for place, row in enumerate(rows)
        ]

    def make(self, name: str) -> str | None:
        """Store the first version of a token.

        Returns:
            the token, or None when there is one already.
        """
        return None if self.versions(name) else self._put(name, 1)

    def rotate(self, name: str) -> str:
        """Store a new version of a token and return it; the one before it is still accepted.

        Raises:
            UsageProblem: there is none yet, or two are in force: the older one's holders would be shut out at once.
        """
        versions = self.versions(name)
        if not versions:
            raise UsageProblem(
                f"expected a token {name} to rotate, found none. Make it with `gems credentials init`, with the same options."
            )
        if len(versions) >= ACCEPTED_VERSIONS:
            raise UsageProblem(
                f"{name}: expected one version in force, found {versions[0].number} and {versions[1].number}. Retire the older "
                "one first (`gems credentials retire`, with the same options); those who still hold it would be shut out by another rotation."
            )
        return self._put(name, versions[0].number + 1)

    def store(self, name: str, secret: str) -> int:
        """Store what somebody else made as the newest version; its number.

        Raises:
            UsageProblem: two versions are in force already.
        """
        versions = self.versions(name)
        if len(versions) >= ACCEPTED_VERSIONS:
            raise UsageProblem(
                f"{name}: expected at most one version in force, found {versions[0].number} and {versions[1].number}. Retire the "
                "older one first (`gems credentials retire`, with the same options)."
            )
        number = versions[0].number + 1 if versions else 1
        self.put(name, secret, number)
        return number

    def retire(self, name: str) -> list[int]:
        """Remove every version of a token but the newest; returns which they were."""
        older = [version.number for version in self.versions(name)[1:]]
        for number in older:
            with _Refusals(f"removing version {number} of {name} from table {self._name}"):
                self._rows.delete_item(Key={"name": name, "version": str(number).zfill(_VERSION_DIGITS)})
        return older

    def put(self, name: str, token: str, number: int) -> None:
        """Store a given token as a version that there must not be yet."""
        with _Refusals(f"storing version {number} of {name} in table {self._name}"):
            credstash.putSecret(
                name,
                token,
                version=str(number),
                kms_key=self._key,
                table=self._name,
                context=encryption_context(name),
                comment=self._now().isoformat(timespec="seconds"),
                dynamodb=self._dynamodb,
                kms=self._kms,
            )

    def _put(self, name: str, number: int) -> str:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self.put(name, token, number)
        return token


class _Refusals:
    """Turns AWS's errors into ours, with what was attempted."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ClientError | BotoCoreError | credstash.KmsError):
            raise CloudUnreachable(
                f"{self._what}: {error}. Check region, table and key, and that your AWS credentials may use them."
            ) from error
