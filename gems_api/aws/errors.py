"""Turning botocore's errors into the domain's, with what was attempted and the service's own reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from gems_core.errors import CloudRefused


def code_of(error: ClientError) -> str:
    """The service's error code, such as ``NoSuchKey`` or ``404``."""
    code: str = error.response.get("Error", {}).get("Code", "Unknown")
    return code


def message_of(error: ClientError) -> str:
    """The service's own words."""
    message: str = error.response.get("Error", {}).get("Message", "no reason given")
    return message


def refused(what: str, error: Exception) -> CloudRefused:
    """The domain's error for a call that AWS refused."""
    if isinstance(error, ClientError):
        return CloudRefused(f"{what} was refused ({code_of(error)}): {message_of(error)}")
    return CloudRefused(f"{what} did not succeed: {error}")


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Raise CloudRefused for any botocore error inside, saying what was attempted."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise refused(what, error) from error
