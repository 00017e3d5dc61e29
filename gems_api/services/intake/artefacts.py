"""Which versions of its artefacts a job that starts now is to use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gems_api.services.ports import Store
from gems_core import layout
from gems_core.errors import CloudRefused
from gems_core.json_input import parse_json
from gems_core.manifest import Artefact, artefacts_from_json


class ArtefactsMissing(CloudRefused):
    """Nothing has been published that workers could run."""


@dataclass(frozen=True)
class PublishedArtefacts:
    """What ``artefacts/current.json`` of the control bucket names."""

    store: Store
    bucket: str

    def current(self) -> Mapping[str, Artefact]:
        """The current version of each kind.

        Raises:
            ArtefactsMissing: the document is absent, unreadable or lacks an entry.
        """
        stored = self.store.read(self.bucket, layout.CURRENT_ARTEFACTS_KEY)
        try:
            document = parse_json(stored.body) if stored else {}
            return artefacts_from_json(document)
        except (ValueError, KeyError, TypeError) as error:
            raise ArtefactsMissing(
                f"s3://{self.bucket}/{layout.CURRENT_ARTEFACTS_KEY}: expected an entry for each of "
                f"{', '.join(layout.ARTEFACT_KINDS)}, found {'no such object' if stored is None else repr(error)}. "
                "Publish the artefacts, then start the job again."
            ) from error
