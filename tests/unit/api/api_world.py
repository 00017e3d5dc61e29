"""A deployment in memory, and workers that call the use cases as the web does."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from api_fakes import (
    FakeClock,
    FakeCredentials,
    FakeFleet,
    FakeIdentifier,
    FakeIssuer,
    FakeMailer,
    FakeProvider,
    FakeStore,
)

from gems_api.services.access.passwords import hashed as argon2
from gems_api.services.context import Context
from gems_api.services.lifecycle.start_job import Started, start_job
from gems_api.services.ports import Cloud
from gems_api.services.state.person import Person
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.storage.people import People
from gems_api.services.workers.report_status import report_status
from gems_api.settings import Settings
from gems_core import layout
from gems_core.people import Role
from gems_core.prices import InstancePrice, PriceTable
from gems_core.protocol.answer import Answer, GrantedShare
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.published import descriptor_key, provenance_key
from gems_core.session_key import SessionKey
from gems_core.statuses import WorkerStatus

DATA, CONTROL = "direct.typing", "gems-control"
SETTINGS = Settings(
    control_bucket=CONTROL,
    region="eu-west-1",
    api_url="https://api.example.org/v1",
    worker_role="arn:aws:iam::123456789012:role/gems-worker",
    job_role="arn:aws:iam::123456789012:role/gems-job",
    launch_template="gems-worker",
    instance_types=("c5.xlarge",),
    subnets=("subnet-1",),
    mail_sender="gems@example.org",
    status_cache_seconds=0,
)
PASSWORD = "correct horse battery"
hashed = cache(argon2)  # one is as good as another, and each takes its time
READS = b"@M:1 1:N:0:1\nACGT\n+\nIIII\n"


def fastq_gz(records: int = 5, level: int = 9) -> bytes:
    """A small, good file; at level 0 it is as long as its records."""
    return gzip.compress(READS * records, level, mtime=0)


@dataclass
class World:
    """Everything a test needs, in memory.

    Attributes:
        records: of each file of reads, stored as they are; 0: as many as the sample's number, packed.
    """

    settings: Settings = SETTINGS
    clock: FakeClock = field(default_factory=FakeClock)
    store: FakeStore = field(default_factory=lambda: FakeStore(DATA, CONTROL))
    mailer: FakeMailer = field(default_factory=FakeMailer)
    credentials: FakeCredentials = field(default_factory=FakeCredentials)
    identifier: FakeIdentifier = field(default_factory=FakeIdentifier)
    issuer: FakeIssuer = field(default_factory=FakeIssuer)
    provider: FakeProvider = field(default_factory=FakeProvider)
    records: int = 0

    def __post_init__(self) -> None:
        self.store.clock = self.clock
        self.fleet = FakeFleet(self.clock)
        self.cloud = Cloud(
            self.store,
            self.fleet,
            self.mailer,
            self.credentials,
            self.identifier,
            self.issuer,
            provider=self.provider,
        )
        self.context = Context(self.settings, self.cloud, self.clock)
        artefacts = {
            kind: {"version": "1.2", "key": f"artefacts/{kind}/1.2/f", "sha256": "0" * 64}
            for kind in layout.ARTEFACT_KINDS
        }
        self.store.put(CONTROL, layout.CURRENT_ARTEFACTS_KEY, json.dumps(artefacts).encode())

    def publish(self, kind: str, version: str, *commits: str) -> None:
        """Publish a version of an artefact beside the current one."""
        key = layout.artefact_key(kind, version, "f")
        entry = {"version": version, "key": key, "sha256": "1" * 64}
        self.store.put(CONTROL, key, b"content")
        self.store.put(CONTROL, descriptor_key(kind, version), json.dumps(entry).encode())
        for commit in commits:
            self.store.put(CONTROL, provenance_key(kind, version, commit), b"{}")

    def promote(self, kind: str, version: str) -> None:
        """Make a published version the current one."""
        stored = self.store.read(CONTROL, layout.CURRENT_ARTEFACTS_KEY)
        described = self.store.read(CONTROL, descriptor_key(kind, version))
        assert stored is not None
        assert described is not None
        document = json.loads(stored.body) | {kind: json.loads(described.body)}
        self.store.put(CONTROL, layout.CURRENT_ARTEFACTS_KEY, json.dumps(document).encode())

    def with_settings(self, **changes: Any) -> World:
        return World(settings=replace(self.settings, **changes), clock=self.clock)

    @property
    def people(self) -> People:
        return People(self.store, CONTROL)

    def person(self, name: str, role: Role, password: str = PASSWORD) -> Person:
        """Add a person."""
        person = Person.new(name, role, hashed(password), self.clock())
        self.people.add(person)
        return person

    def user_token(self, name: str, label: str = "laptop") -> str:
        """Make a token of a person's."""
        made: list[str] = []

        def change(person: Person) -> Person:
            changed, token = person.with_token(label, self.clock())
            made.append(token)
            return changed

        self.people.change(name, change)
        return made[-1]

    def set_prices(self, instance_types: dict[str, InstancePrice]) -> None:
        table = PriceTable(self.settings.region, self.clock(), instance_types)
        self.store.put(CONTROL, layout.PRICES_KEY, table.to_bytes())

    def upload(self, prefix: str, samples: int) -> None:
        for number in range(1, samples + 1):
            body = fastq_gz(self.records, 0) if self.records else fastq_gz(number)
            for read in (1, 2):
                key = f"{prefix}/K{number:03d}_S{number}_L001_R{read}_001.fastq.gz"
                self.store.put(DATA, key, body)

    def start(self, samples: int = 3, prefix: str = "run", **more: Any) -> SessionKey:
        if "retype_of" not in more:
            self.upload(prefix, samples)
        body = {"bucket": DATA, "prefix": prefix, "hla_class": "2", "samples_per_worker": 1, **more}
        outcome = start_job(self.context, body)
        assert isinstance(outcome, Started)
        return outcome.session_key

    def job(self, session_key: SessionKey) -> Snapshot:
        return self.context.jobs.load(session_key)

    def crew(self, session_key: SessionKey) -> list[Worker]:
        found = self.fleet.instances(str(session_key))
        return [Worker(self, session_key, item.instance_id, index) for index, item in enumerate(found)]

    def forget_launches(self, session_key: SessionKey) -> None:
        """As if the process had died between RunInstances' answer and its writing down."""
        state = self.job(session_key).state
        assert state is not None
        value = replace(state.value, instances=())
        assert self.context.jobs.write(layout.state_key(session_key), value, state.etag)

    def write_report(self, session_key: SessionKey) -> None:
        manifest = self.job(session_key).manifest
        key = layout.report_key(manifest.prefix, session_key, "csv")
        self.store.put(DATA, key, b"sample,locus\n")


@dataclass
class Worker:
    """What a worker says and writes; it types nothing."""

    world: World
    session_key: SessionKey
    instance_id: str
    index: int
    shares: list[int] = field(default_factory=list)

    def say(
        self,
        kind: str,
        status: str,
        share: GrantedShare | None = None,
        failure: Failure | None = None,
        *,
        machine_taken: bool = False,
    ) -> Answer:
        report = StatusReport(
            self.instance_id,
            self.index,
            WorkerStatus(status),
            Kind(kind),
            share.share.index if share else None,
            share.attempt if share else 0,
            failure=failure,
            machine_taken=machine_taken,
        )
        answer = report_status(self.world.context, self.session_key, report)
        self.index = answer.instance_index
        return answer

    def claim(self) -> Answer:
        return self.say("claim", "BOOTSTRAPPING")

    def write_markers(self, share: GrantedShare, outcome: SampleOutcome = SampleOutcome.TYPED) -> None:
        for sample in share.share.samples:
            marker = DoneMarker(
                sample.name, outcome, "", share.share.index, share.attempt, self.instance_id, self.world.clock()
            )
            key = layout.done_key(self.session_key, sample.name)
            self.world.store.put(CONTROL, key, json.dumps(marker.as_json()).encode())

    def do_share(self, share: GrantedShare) -> Answer:
        for status in ("DOWNLOADING", "TYPING", "CROSS_MATCHING", "UPLOADING"):
            self.say("status", status, share)
        self.write_markers(share)
        self.shares.append(share.share.index)
        return self.say("finished", "UPLOADING", share)

    def work(self) -> Answer:
        answer = self.claim()
        while answer.share is not None:
            answer = self.do_share(answer.share)
        return answer

    def write_report(self) -> Answer:
        """What a final worker does as far as the mail; it may die then."""
        self.say("status", "MERGING")
        self.world.write_report(self.session_key)
        return self.say("status", "REPORT_WRITTEN")

    def merge(self) -> Answer:
        answer = self.write_report()
        if answer.mail is not None and answer.mail.state == "sent":
            self.say("status", "EMAIL_SENT")
        self.say("status", "COMPLETE")
        return answer
