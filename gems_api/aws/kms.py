"""KMS behind the Sealer protocol."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from gems_api.aws.errors import refusing
from gems_core.credentials import launch_context
from gems_core.errors import CloudRefused

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient


class KmsSealer:
    """Seals with one key. A secret is short enough for KMS to seal it itself (4 KiB).

    Args:
        client: of the deployment's region.
        key: id or alias.
    """

    def __init__(self, client: KMSClient, key: str) -> None:
        self._client = client
        self._key = key

    def seal(self, secret: str, purpose: str) -> str:
        """See Sealer."""
        with refusing("encrypting a token with KMS"):
            sealed = self._client.encrypt(
                KeyId=self._key, Plaintext=secret.encode(), EncryptionContext=launch_context(purpose)
            )
        return base64.b64encode(sealed["CiphertextBlob"]).decode()

    def open(self, sealed: str, purpose: str) -> str:
        """See Sealer."""
        try:
            blob = base64.b64decode(sealed, validate=True)
        except binascii.Error as error:
            raise CloudRefused("decrypting a token with KMS: the stored text is damaged") from error
        with refusing("decrypting a token with KMS"):
            opened = self._client.decrypt(
                KeyId=self._key, CiphertextBlob=blob, EncryptionContext=launch_context(purpose)
            )
        return opened["Plaintext"].decode()
