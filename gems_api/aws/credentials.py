"""CredStash behind the Credentials protocol."""

from __future__ import annotations

from typing import Any

import boto3
import credstash
from botocore.exceptions import BotoCoreError, ClientError

from gems_api.aws.errors import refused
from gems_core.credentials import encryption_context
from gems_core.errors import CloudRefused


class CredstashCredentials:
    """Secrets of one CredStash table."""

    def __init__(self, session: boto3.Session, region: str, table: str) -> None:
        self._dynamodb: Any = session.resource("dynamodb", region_name=region)
        self._kms: Any = session.client("kms", region_name=region)
        self._region = region
        self._table = table

    def secret(self, name: str) -> str:
        """See Credentials. No message of an error ever holds a secret: it names the secret only."""
        try:
            secret: str = credstash.getSecret(
                name,
                region=self._region,
                table=self._table,
                context=encryption_context(name),
                dynamodb=self._dynamodb,
                kms=self._kms,
            )
        except credstash.ItemNotFound as error:
            raise CloudRefused(
                f"CredStash table {self._table} has no secret {name}; put one with `gems deploy`"
            ) from error
        except (credstash.KmsError, credstash.IntegrityError) as error:
            raise CloudRefused(f"CredStash could not decrypt {name}: {type(error).__name__}") from error
        except (ClientError, BotoCoreError) as error:
            raise refused(f"reading CredStash secret {name}", error) from error
        return secret.strip()
