"""An artefact on this machine, not yet published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gems_artefacts.files import sha256_of
from gems_core.layout import artefact_key
from gems_core.manifest import Artefact


@dataclass(frozen=True)
class LocalArtefact:
    """A file on this machine that workers shall fetch.

    Attributes:
        kind: one of ``gems_core.layout.ARTEFACT_KINDS``.
        file_name: the last part of its key.
    """

    kind: str
    version: str
    path: Path
    file_name: str

    def described(self) -> Artefact:
        """The entry of ``current.json``; reads the whole file once."""
        return Artefact(self.version, artefact_key(self.kind, self.version, self.file_name), sha256_of(self.path))
