"""The real cloud. Loading botocore takes as long as the rest of the API's start: each part is loaded when first used."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from gems_api.aws.on_first_use import on_first_use
from gems_api.services.fleet_ports import Fleet
from gems_api.services.ports import Cloud, Credentials, Identifier, Issuer, Mailer
from gems_api.services.remote_ports import Sealer
from gems_api.services.store_ports import Store
from gems_api.settings import Settings

if TYPE_CHECKING:
    from botocore.session import Session

    from gems_api.aws.clients import Clients


def aws_cloud(
    settings: Settings,
    session: Session | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Cloud:
    """S3, EC2, SES, CredStash and STS of one region; botocore uses ``AWS_ENDPOINT_URL`` and related ones by itself.

    Args:
        settings: region, table, sender and what instances are launched as.
        session: the credentials; the process's own by default.
        sleep: waits between the tries of a write that collided, or of a mail that was throttled.
    """

    def load_clients() -> Clients:
        from gems_api.aws.clients import Clients  # noqa: PLC0415 - loads botocore

        return Clients(settings, session, sleep)

    def load_credentials() -> Credentials:
        from gems_api.aws.credentials import CredstashCredentials  # noqa: PLC0415 - loads boto3 and cryptography

        return CredstashCredentials(clients.session, settings.region, settings.credential_table)

    def store() -> Store:
        return clients.store()

    def fleet() -> Fleet:
        return clients.fleet()

    def mailer() -> Mailer:
        return clients.mailer()

    def identifier() -> Identifier:
        return clients.identifier()

    def issuer() -> Issuer:
        return clients.issuer()

    def sealer() -> Sealer:
        return clients.sealer()

    clients = on_first_use(load_clients)
    return Cloud(
        on_first_use(store),
        on_first_use(fleet),
        on_first_use(mailer),
        on_first_use(load_credentials),
        on_first_use(identifier),
        on_first_use(issuer),
        sealer=on_first_use(sealer) if settings.basespace_url else None,
    )
