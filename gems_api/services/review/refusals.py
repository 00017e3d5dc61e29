"""Why something was not added to a review."""

from __future__ import annotations

from collections.abc import Sequence

from gems_core.errors import Conflict
from gems_core.review.events import Event


class ReviewConflict(Conflict):
    """The review is in a state in which nobody may do this, or the results are others than were seen."""


class ReviewChanged(Conflict):
    """Others have said something of the same sample since it was looked at.

    Attributes:
        last: the number of the log's last entry.
        changes: what they said, with the numbers of the entries.
        who: their names, in words.
    """

    def __init__(self, last: int, changes: Sequence[tuple[int, Event]]) -> None:
        self.last, self.changes = last, changes
        self.who = ", ".join(dict.fromkeys(event.by for _, event in changes))
        super().__init__(
            f"{self.who} changed this sample's review after it was looked at; look at the changes, then send it again with "
            f"seen {last}"
        )
