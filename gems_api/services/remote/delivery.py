"""Bringing a job's results to BaseSpace as an AppResult, as many files at a time as there is time for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gems_api.services.context import Context
from gems_api.services.remote.sessions import remote_of
from gems_api.services.state.remote import Bond
from gems_api.services.state.snapshot import Snapshot
from gems_core.layout import REPORT_FORMATS, report_key, sample_result_key
from gems_core.protocol.done_marker import SampleOutcome

# What a laboratory wants of one sample; the rest stays in S3.
SAMPLE_FILES = ("typing.json", "unexplained.fasta")


@dataclass(frozen=True)
class Item:
    """A file of the result: its folder and name there, and its key in the data bucket."""

    directory: str
    name: str
    key: str


class Delivery:
    """One job's way to its result.

    Attributes:
        bond: as it is after what was done; right also when something was refused on the way.
    """

    def __init__(self, context: Context, snapshot: Snapshot, bond: Bond) -> None:
        self._context, self._snapshot, self.bond = context, snapshot, bond

    def bring(self, token: str, is_late: Callable[[], bool]) -> bool:
        """Bring what is not there yet; False when the time was up before all was.

        Raises:
            RemoteRefused, RemoteUnavailable: BaseSpace did not take it.
            CloudRefused: S3 does not give it.
        """
        items = list(self._items())
        if not self.bond.project_id or not items:
            return True
        remote = remote_of(self._context)
        if not self.bond.result_id:
            name = f"HLA typing {self._snapshot.manifest.session_key}"
            made = remote.make_result(self.bond.session_id, self.bond.project_id, name, token)
            self.bond = replace(self.bond, result_id=made)
        for item in items[self.bond.sent :]:
            if is_late():
                return False
            body = self._context.reports.file(self._snapshot.manifest, item.key)
            if body is not None:
                remote.add_file(self.bond.result_id, item.directory, item.name, body, token)
            self.bond = replace(self.bond, sent=self.bond.sent + 1)
        return True

    def _items(self) -> Iterator[Item]:
        """All files in the order in which they are brought, the reports first; none where no report was written."""
        manifest = self._snapshot.manifest
        prefix, session_key = manifest.prefix, manifest.session_key
        if not self._context.reports.is_any_there(manifest, REPORT_FORMATS):
            return
        for extension in REPORT_FORMATS:
            yield Item("", f"report.{extension}", report_key(prefix, session_key, extension))
        for sample in manifest.names_in_order:
            marker = self._snapshot.done.get(sample)
            if marker is not None and marker.outcome is SampleOutcome.TYPED:
                for name in SAMPLE_FILES:
                    yield Item(f"samples/{sample}", name, sample_result_key(prefix, session_key, sample, name))
