"""What the merge reads of one sample. Whatever it finds there is that sample's matter alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from gems_core.errors import InvalidInput
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.layout import done_key, sample_result_key
from gems_core.manifest import Manifest
from gems_core.protocol.done_marker import LARGEST_MARKER_BYTES, DoneMarker, SampleOutcome
from gems_core.protocol.failure import told_reason
from gems_report.errors import UnreadableTyping
from gems_report.model import SampleResult, failed_sample, typed_sample
from gems_report.typing_json import TYPING_JSON, read_typing
from worker.cross_match.runner import STATE_FILE, State
from worker.errors import ObjectMissing, ObjectTooLarge
from worker.store import ObjectStore, read

# A hundred times the largest typing.json seen (256 kB, all loci of a sample).
LARGEST_RESULT_BYTES = 32 * 2**20
_OF_CROSS_MATCH = ("state", "reason", "program", "version")


@dataclass(frozen=True)
class Results:
    """The results of a job's samples, as they lie in S3.

    Attributes:
        keep: is given each readable typing.json, by its sample.
    """

    store: ObjectStore
    control_bucket: str
    manifest: Manifest
    keep: Callable[[str, bytes], None]

    def of(self, sample: str) -> SampleResult:
        """A sample's result; one without a readable result is failed, with the reason.

        Raises:
            CloudRefused, TransferBroken: S3 does not give it; that says nothing of the sample.
        """
        try:
            marker = self._marker(sample)
        except ObjectMissing:
            return failed_sample(sample, "no done-marker: no worker finished this sample")
        except (InvalidInput, ObjectTooLarge, *ODD_CONTENT) as error:
            return failed_sample(sample, f"its done-marker cannot be read: {error}")
        if marker.outcome is SampleOutcome.FAILED:
            return failed_sample(sample, marker.reason)
        try:
            data = self._file(sample, TYPING_JSON)
            result = typed_sample(sample, read_typing(data, sample), self._cross_match(sample))
        except (ObjectMissing, ObjectTooLarge, UnreadableTyping) as error:
            return self.fail(sample, str(error))
        self.keep(sample, data)
        return result

    def fail(self, sample: str, why: str) -> SampleResult:
        """The sample as failed though it is marked as typed; a job ends as its done-markers say, so that one is corrected."""
        reason = told_reason(f"marked as typed, but: {why}")
        self._write_marker(replace(self._marker(sample), outcome=SampleOutcome.FAILED, reason=reason))
        return failed_sample(sample, reason)

    def give_up(self, sample: str, why: str) -> SampleResult:
        """The sample as failed though a worker finished it, its marker put in place of one that may be unreadable itself.

        Raises:
            CloudRefused: S3 takes no marker either.
        """
        reason = told_reason(f"its result cannot be read: {why}")
        share = self.manifest.share_of(sample).index
        marker = DoneMarker(sample, SampleOutcome.FAILED, reason, share, 0, "", datetime.now(UTC))
        self._write_marker(marker)
        return failed_sample(sample, reason)

    def _write_marker(self, marker: DoneMarker) -> None:
        data = json.dumps(marker.as_json()).encode()
        key = done_key(self.manifest.session_key, marker.sample)
        self.store.write(self.control_bucket, key, data, "application/json")

    def _marker(self, sample: str) -> DoneMarker:
        key = done_key(self.manifest.session_key, sample)
        marker = DoneMarker.from_json(
            parse_json(read(self.store, self.control_bucket, key, most_bytes=LARGEST_MARKER_BYTES))
        )
        if marker.sample != sample:
            raise ValueError(
                f"s3://{self.control_bucket}/{key}: expected that of {sample}, found {marker.sample[:100]!r}"
            )
        return marker

    def _cross_match(self, sample: str) -> dict[str, object]:
        return cross_match_told(lambda: self._file(sample, STATE_FILE))

    def _file(self, sample: str, name: str) -> bytes:
        key = sample_result_key(self.manifest.prefix, self.manifest.session_key, sample, name)
        return read(self.store, self.manifest.bucket, key, most_bytes=LARGEST_RESULT_BYTES)


def cross_match_told(read: Callable[[], bytes]) -> dict[str, object]:
    """What a report says of a sample's cross_match.

    Args:
        read: gives its ``cross_match.json``; whatever it raises of missing or odd files is told as a failure.
    """
    try:
        return _told(parse_json(read()))
    except (OSError, ObjectMissing, ObjectTooLarge, *ODD_CONTENT) as error:
        reason = told_reason(f"its state, {STATE_FILE}, cannot be read: {error}")
        return {"state": State.FAILED.value, "reason": reason, "program": None, "version": None}


def _told(document: Any) -> dict[str, object]:  # noqa: ANN401 - JSON of anybody who may write there
    """What a report says of cross_match.

    Raises:
        ODD_CONTENT: it is no such state.
    """
    parts = {name: document.get(name) for name in _OF_CROSS_MATCH}
    if not all(part is None or isinstance(part, str) for part in parts.values()):
        raise ValueError(f"expected texts or null, found {str(parts)[:200]}")
    return {**parts, "state": State(parts["state"]).value}
