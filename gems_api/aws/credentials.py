"""CredStash behind the Credentials protocol."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import boto3
import credstash
from boto3.dynamodb.conditions import Key
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from gems_api.aws.errors import refused
from gems_core.credentials import encryption_context
from gems_core.errors import CloudRefused

LOG = logging.getLogger(__name__)
# The newest, and the one before it: what was handed out before a rotation stays good until it is retired.
ACCEPTED_VERSIONS = 2


class CredstashCredentials:
    """Secrets of one CredStash table."""

    def __init__(self, session: Session, region: str, table: str) -> None:
        over = boto3.Session(botocore_session=session, region_name=region)
        self._rows: Any = over.resource("dynamodb").Table(table)
        self._kms: Any = over.client("kms")
        self._table = table

    def secrets(self, name: str) -> tuple[str, ...]:
        """See Credentials. No message of an error ever holds a secret: it names the secret only."""
        try:
            rows = self._rows.query(
                Limit=ACCEPTED_VERSIONS,
                ScanIndexForward=False,
                ConsistentRead=True,
                KeyConditionExpression=Key("name").eq(name),
            )["Items"]
            if not rows:
                raise CloudRefused(
                    f"CredStash table {self._table} has no secret {name}; make one with `gems credentials init`"
                )
            newest, *older = rows
            return self._open(name, newest), *self._open_if_possible(name, older)
        except (ClientError, BotoCoreError) as error:
            raise refused(f"reading CredStash secret {name}", error) from error

    def _open(self, name: str, row: Mapping[str, Any]) -> str:
        try:
            opened = credstash.open_aes_ctr_legacy(credstash.KeyService(self._kms, None, encryption_context(name)), row)
        except (credstash.KmsError, credstash.IntegrityError) as error:
            raise CloudRefused(f"CredStash could not decrypt {name}: {type(error).__name__}") from error
        return str(opened).strip()

    def _open_if_possible(self, name: str, rows: list[Mapping[str, Any]]) -> list[str]:
        """An old version that cannot be opened (its key may be gone) must not keep the new one from working."""
        opened = []
        for row in rows:
            try:
                opened.append(self._open(name, row))
            except CloudRefused as error:
                LOG.warning("an older version is left out: %s", error)
        return opened
