"""What can be wrong with a result or a report."""

from __future__ import annotations

from gems_core.errors import GemsError


class UnreadableTyping(GemsError):
    """A sample's ``typing.json`` has not the shape of the contract; that is this sample's matter alone."""


class UnreadableDocument(GemsError):
    """A document that pages read has another shape than its class; it says where, what was expected and what was found."""

    def __init__(self, where: str, expected: str, found: object) -> None:
        super().__init__(f"{where}: expected {expected}, found {str(found)[:100]!r}. Have the job merged again.")


class UnreadableReport(GemsError):
    """A file that should be a report, or another laboratory's typing, is none."""


class ArdMissing(GemsError):
    """A reporting level needs py-ard, which is not installed."""


class ArdFailed(GemsError):
    """py-ard is there and cannot tell a name."""


class LisMissing(GemsError):
    """An export for a laboratory information system needs fhir.resources, which is not installed."""
