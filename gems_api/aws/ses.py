"""SES behind the Mailer protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gems_api.aws.errors import refusing
from gems_api.services.ports import Message

if TYPE_CHECKING:
    from mypy_boto3_ses.client import SESClient


class SesMailer:
    """Sends from one verified address."""

    def __init__(self, client: SESClient, sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, message: Message) -> None:
        """See Mailer."""
        with refusing("SES SendEmail"):
            self._client.send_email(
                Source=self._sender,
                Destination={"ToAddresses": [message.recipient]},
                Message={
                    "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
                },
            )
