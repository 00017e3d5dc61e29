"""Objects that many may write at once: read with their entity tags, and written only over what was read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from gems_api.services.state.unreadable import DAMAGE, told
from gems_api.services.store_ports import Store, TooLarge
from gems_core.errors import InvalidInput

LOG = logging.getLogger(__name__)
T = TypeVar("T")


def write_over(store: Store, bucket: str, key: str, body: bytes, etag: str | None) -> str | None:
    """Write an object, if nobody else has since it was read.

    Args:
        store: where.
        bucket: of the object.
        key: of the object.
        body: its content.
        etag: of what was read, or None when there was nothing.

    Returns:
        the new entity tag, or None when somebody was faster.
    """
    if etag is None:
        return store.create(bucket, key, body)
    return store.replace(bucket, key, body, etag)


def read_unless_damaged(
    store: Store, bucket: str, key: str, parse: Callable[[bytes], T]
) -> tuple[T | None, str | None]:
    """An object that GeMS can do without or make again, and its entity tag.

    Returns:
        no value where it is missing, or is not as GeMS writes it; no entity tag where it is missing.
    """
    etag = None
    try:
        stored = store.read(bucket, key)
        if stored is None:
            return None, None
        etag = stored.etag
        return parse(stored.body), etag
    except (*DAMAGE, InvalidInput) as error:
        LOG.warning("s3://%s/%s is as if it were not there: %s", bucket, key, told(error))
        return None, error.etag if isinstance(error, TooLarge) else etag
