"""What a BaseSpace account holds: samples and their files, launches, codes, tokens and results. In memory, and no HTTP."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gems_core.fastq_names import StoredFile, pair_files

OWNER, STRANGER = "1001", "2002"
USERS = {OWNER: "Lab Person", STRANGER: "Somebody Else"}
PROJECT = "5001"
# What BaseSpace takes no more word of.
CLOSED = frozenset({"complete", "aborted"})


@dataclass(frozen=True)
class HeldFile:
    """A read file of a sample."""

    file_id: str
    name: str
    content: Path | bytes

    def read(self) -> bytes:
        """Its bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size


@dataclass
class Session:
    """A launch of the app.

    Attributes:
        told: statuses and summaries, in order.
    """

    session_id: str
    choices: dict[str, Any]
    user_id: str = OWNER
    status: str = "Running"
    told: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Result:
    """An AppResult, and its files by folder and name."""

    result_id: str
    session_id: str
    project_id: str
    name: str
    files: dict[str, bytes] = field(default_factory=dict)


class Account:
    """One laboratory's account, and our app in it.

    Attributes:
        app_url: where the app is told of launches; '' until the API has an address.
    """

    def __init__(self, client: str) -> None:
        self.client = client
        self.app_url = ""
        self.samples: dict[str, tuple[str, list[HeldFile]]] = {}
        self.sessions: dict[str, Session] = {}
        self.results: dict[str, Result] = {}
        self.tokens: dict[str, str] = {}
        self._codes: dict[str, tuple[str, str]] = {}
        self._ids = itertools.count(90001)
        self._lock = threading.Lock()

    def add_run(self, folder: Path) -> None:
        """Take every sample of a folder of reads."""
        paths = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
        samples, _ = pair_files(StoredFile(name, path.stat().st_size) for name, path in paths.items())
        for sample in samples:
            self.add_sample(sample.name, {name: paths[name] for name in sample.file_names})

    def add_sample(self, name: str, files: dict[str, Path] | dict[str, bytes]) -> str:
        """Take a sample; its id."""
        sample_id = self.new_id()
        self.samples[sample_id] = (
            name,
            [HeldFile(self.new_id(), file, content) for file, content in files.items()],
        )
        return sample_id

    def file(self, file_id: str) -> HeldFile | None:
        """A file of any sample."""
        held = (file for _, files in self.samples.values() for file in files)
        return next((file for file in held if file.file_id == file_id), None)

    def launch(self, sample_ids: Sequence[str], hla_class: str, email: str = "", **more: str) -> Session:
        """Launch the app."""
        choices = {"samples": list(sample_ids), "hla-class": hla_class, "email": email, "project": PROJECT, **more}
        session = Session(self.new_id(), choices)
        self.sessions[session.session_id] = session
        return session

    def new_code(self, user_id: str, redirect_uri: str) -> str:
        """A person lets the app in."""
        code = secrets.token_hex(16)
        self._codes[code] = (user_id, redirect_uri)
        return code

    def exchange(self, code: str, redirect_uri: str) -> str | None:
        """A token for a code, once."""
        with self._lock:
            held = self._codes.pop(code, None)
        if held is None or held[1] != redirect_uri:
            return None
        token = secrets.token_hex(16)
        self.tokens[token] = held[0]
        return token

    def told(self, session: Session, status: str, summary: str) -> bool:
        """The app says how a launch stands; False where it was told to have ended."""
        if session.status.lower() in CLOSED:
            return False
        session.status = status
        session.told.append((status, summary))
        return True

    def new_id(self) -> str:
        """Another id."""
        return str(next(self._ids))


def md5(data: bytes) -> str:
    """As an ETag has it."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
