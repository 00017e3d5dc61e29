"""BaseSpace and KMS in memory, as the use cases see them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from api_world import DATA, SETTINGS, World

from gems_api.services.remote.launches import admit, look, start
from gems_api.services.remote_ports import (
    AppSession,
    Choices,
    RemoteFile,
    RemoteLink,
    RemoteRefused,
    RemoteTokenRefused,
)
from gems_core.errors import CloudRefused, GemsError
from gems_core.session_key import SessionKey

OWNER, STRANGER = "1001", "2002"
SESSION = "90001"
CODES = {"good-code": OWNER, "strangers-code": STRANGER}


@dataclass
class FakeRemote:
    """Keeps launches, and raises what it is told to.

    Attributes:
        trouble: by the method's name, what it raises.
        asked: names of the methods, in order.
    """

    sessions: dict[str, AppSession] = field(default_factory=dict)
    chosen: Choices = field(default_factory=lambda: Choices("5001", ("1", "2"), "2", "lab@example.org"))
    files: list[RemoteFile] = field(default_factory=list)
    trouble: dict[str, GemsError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    results: dict[str, dict[str, bytes]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=lambda: dict(CODES))

    def __post_init__(self) -> None:
        self.sessions[SESSION] = AppSession(SESSION, "HLA typing", "Running", OWNER, "Lab Person")
        if not self.files:
            for sample in self.chosen.sample_ids:
                names = (f"K{sample}_S{sample}_L00{lane}_R{read}_001.fastq.gz" for lane in (1, 2) for read in (1, 2))
                self.files += [RemoteFile(f"f{sample}{n}", sample, name, 1000) for n, name in enumerate(names)]

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        if name in self.trouble:
            raise self.trouble[name]

    def consent_url(self, state: str, redirect_uri: str) -> str:
        return f"https://basespace.example.org/oauth/authorize?state={state}&redirect_uri={redirect_uri}"

    def session(self, session_id: str) -> AppSession:
        self._ask("session")
        if session_id not in self.sessions:
            raise RemoteRefused("BaseSpace knows no such launch")
        return self.sessions[session_id]

    def token(self, code: str, redirect_uri: str) -> str:
        self._ask("token")
        if code not in self.codes:
            raise RemoteTokenRefused("invalid_grant")
        return f"token of {self.codes.pop(code)}"

    def user_id(self, token: str) -> str:
        return token.removeprefix("token of ")

    def choices(self, session_id: str, token: str) -> Choices:
        self._ask("choices")
        return self.chosen

    def reads(self, choices: Choices, token: str, most: int) -> list[RemoteFile]:
        self._ask("reads")
        return self.files

    def link(self, file_id: str, token: str) -> RemoteLink:
        self._ask("link")
        return RemoteLink(f"https://s3.amazonaws.com/{file_id}?as={token}", "")

    def tell(self, session_id: str, status: str, summary: str, token: str) -> None:
        self._ask("tell")
        self.told.append((status, summary))

    def make_result(self, session_id: str, project_id: str, name: str, token: str) -> str:
        self._ask("make_result")
        self.results["r1"] = {}
        return "r1"

    def add_file(self, result_id: str, directory: str, name: str, body: bytes, token: str) -> None:
        self._ask("add_file")
        self.results[result_id][f"{directory}/{name}".lstrip("/")] = body


@dataclass
class FakeSealer:
    """Seals so that a test sees what is sealed, and refuses what was sealed for something else."""

    refusal: CloudRefused | None = None

    def seal(self, secret: str, purpose: str) -> str:
        if self.refusal is not None:
            raise self.refusal
        return f"sealed {purpose} {secret[::-1]}"

    def open(self, sealed: str, purpose: str) -> str:
        if self.refusal is not None:
            raise self.refusal
        if not sealed.startswith(f"sealed {purpose} "):
            raise CloudRefused("sealed for something else")
        return sealed.removeprefix(f"sealed {purpose} ")[::-1]


def launched_job(world: RemoteWorld) -> SessionKey:
    """The job of the launch, its person having gone through all pages."""
    admit(world.context, SESSION, "state", "good-code", "number")
    look(world.context, SESSION, "number")
    return start(world.context, SESSION, "number")


class RemoteWorld(World):
    """A deployment that takes jobs from BaseSpace."""

    def __init__(self, **settings: Any) -> None:
        on = {"basespace_url": "https://api.basespace.example.org", "data_buckets": (DATA,), **settings}
        super().__init__(settings=replace(SETTINGS, **on))
        self.remote, self.sealer = FakeRemote(), FakeSealer()
        self.cloud = replace(self.cloud, remote=self.remote, sealer=self.sealer)
        self.context = replace(self.context, cloud=self.cloud)
