"""The id by which a worker is known, as somebody outside gives it."""

from __future__ import annotations

import re

from gems_core.fields import parsed

_INSTANCE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def parse_instance_id(text: str) -> str:
    """The id of an instance, such as ``i-0f2a``, as somebody outside gives it.

    Raises:
        ValueError: no instance is named so.
    """
    if not _INSTANCE_ID.fullmatch(text):
        raise ValueError(text)
    return text


INSTANCE_ID = parsed(parse_instance_id, "an instance id such as i-0f2a")
