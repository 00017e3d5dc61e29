"""A control bucket in a local S3 over HTTP, and artefacts to put into it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gems_artefacts import releases
from gems_artefacts.local_artefact import LocalArtefact
from gems_artefacts.pointer import Move, move_pointer, read_pointer
from gems_artefacts.provenance import Maker, Source
from gems_artefacts.shelf import Shelf
from gems_core.layout import ARTEFACT_KINDS, manifest_key
from gems_core.manifest import Artefact, Manifest
from gems_core.session_key import SessionKey

BUCKET = "control"
START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
COMMIT_1, COMMIT_2 = "a1" * 6, "b2" * 6


@dataclass
class Store:
    """The bucket, and a clock that goes on by a day at each use."""

    shelf: Shelf
    folder: Path
    days: int = 0
    made: dict[str, Artefact] = field(default_factory=dict)

    def maker(self) -> Maker:
        self.days += 1
        return Maker("arn:aws:iam::123456789012:user/kim", START + timedelta(days=self.days))

    def local(self, kind: str, version: str, content: str = "") -> LocalArtefact:
        path = self.folder / f"{kind}-{len(list(self.folder.iterdir()))}"
        path.write_text(content or f"{kind} {version}")
        return LocalArtefact(kind, version, path, f"{kind}.bin")

    def publish(self, kind: str, version: str, commit: str = COMMIT_1, content: str = "") -> releases.Publication:
        source = Source(commit, "17", "3.11.7")
        return releases.publish(self.shelf, self.local(kind, version, content), source, self.maker())

    def publish_set(self, number: int, commit: str = COMMIT_1) -> dict[str, Artefact]:
        return {kind: self.publish(kind, f"{kind}-{number}", commit).artefact for kind in ARTEFACT_KINDS}

    def promote(self, after: dict[str, Artefact]) -> Move:
        return move_pointer(self.shelf, read_pointer(self.shelf), after, "promote", self.maker())

    def add_job(self, artefacts: dict[str, Artefact], digits: str = "0" * 10) -> SessionKey:
        key = SessionKey.parse(f"reads-run1-class-1-261123-12:00:{digits}")
        manifest = Manifest(key, "reads", "run1", "1", START, "", 1, (), artefacts, 3600)
        self.shelf.s3.put_object(Bucket=BUCKET, Key=manifest_key(key), Body=manifest.to_bytes())
        return key

    def read(self, key: str) -> Any:
        return json.loads(self.shelf.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
