"""Why something was not added to a review, or not made of one."""

from __future__ import annotations

from collections.abc import Sequence

from gems_core.errors import Conflict, GemsError
from gems_core.review.events import Event
from gems_core.session_key import SessionKey


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


class MadeElsewhere(GemsError):
    """The command line makes this export; the API cannot."""

    def __init__(self, session_key: SessionKey, extension: str, why: str) -> None:
        command = f"gems job report {session_key} --reviewed --format {extension}"
        super().__init__(f"{why}; `{command}` makes it on a machine of your own")
