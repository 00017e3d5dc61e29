"""What can be wrong with a result."""

from __future__ import annotations

from gems_core.errors import GemsError


class UnreadableTyping(GemsError):
    """A sample's ``typing.json`` has not the shape of the contract; that is this sample's matter alone."""
