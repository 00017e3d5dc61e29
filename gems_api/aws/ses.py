"""SES behind the Mailer protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from gems_api.aws.errors import code_of, refusing
from gems_api.services.ports import Message

if TYPE_CHECKING:
    from mypy_boto3_ses.client import SESClient

# SES takes one mail a second from a young account (SES developer guide, "Managing your sending limits").
THROTTLE_TRIES = 4
THROTTLE_PAUSE_SECONDS = 1.5


class SesMailer:
    """Sends from one verified address.

    Args:
        client: must not repeat requests by itself, for SES would send the mail again.
        sender: the address.
        configuration_set: has SES tell what becomes of the mails; '' for none.
        sleep: waits after SES has refused a mail for being one too many a second.
    """

    def __init__(
        self, client: SESClient, sender: str, sleep: Callable[[float], None], configuration_set: str = ""
    ) -> None:
        self._client = client
        self._sender = sender
        self._sleep = sleep
        self._told_of: dict[str, str] = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    def send(self, message: Message) -> None:
        """See Mailer."""
        with refusing("SES SendEmail"):
            for _ in range(THROTTLE_TRIES - 1):
                if not self._throttled(message):
                    return
                self._sleep(THROTTLE_PAUSE_SECONDS)
            self._ask(message)

    def _throttled(self, message: Message) -> bool:
        try:
            self._ask(message)
        except ClientError as error:
            if code_of(error) != "Throttling":
                raise
            return True
        return False

    def _ask(self, message: Message) -> None:
        self._client.send_email(
            Source=self._sender,
            Destination={"ToAddresses": [message.recipient]},
            Message={
                "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
            },
            Tags=[{"Name": name, "Value": value} for name, value in message.tags.items()],
            **self._told_of,
        )
