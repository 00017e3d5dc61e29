"""How long objects may be: long enough for the longest that GeMS writes, whatever it has to tell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest
from api_world import DATA, World

from gems_api.services.state.person import LONGEST_LABEL, MOST_TOKENS, Person, UserToken
from gems_api.services.state.records import Claim, ClaimState, JobState, LaunchedInstance, WorkerRecord, to_bytes
from gems_api.services.storage.object_sizes import FROM_WORKERS_BYTES, most_bytes
from gems_core import layout
from gems_core.fastq_names import Sample, StoredFile
from gems_core.manifest import Manifest
from gems_core.people import Role
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.protocol.failure import LOG_TAIL_LINES, Failure
from gems_core.session_key import SessionKey
from gems_core.shares import split_into_shares
from gems_core.statuses import JobStatus, WorkerStatus

NOW = World().clock()
KEY = SessionKey.make(DATA, "run", "2", NOW, "0" * 10)
GENE = "\U0001f9ec"  # one character, twelve bytes in JSON's ASCII
SAMPLES, WORKERS = 3000, 1000


def worst_manifest() -> bytes:
    """Keys of 1,024 bytes, of which most make six in JSON's ASCII where UTF-8 has two."""
    folder = "é" * 470
    samples = [
        Sample(f"K{n}", *(StoredFile(f"{folder}/K{n}_S{n}_L001_R{r}_001.fastq.gz", 10**9) for r in (1, 2)))
        for n in range(SAMPLES)
    ]
    shares = tuple(split_into_shares(samples, WORKERS))
    return Manifest(KEY, DATA, folder, "2", NOW, "", WORKERS, shares, {}, 3600).to_bytes()


def worst_state() -> bytes:
    """A thousand instances, ten times over."""
    instances = tuple(
        LaunchedInstance(1, f"i-{n:017x}", n, NOW, "c7i.metal-48xl", "on-demand", NOW) for n in range(10 * WORKERS)
    )
    return to_bytes(JobState(JobStatus.FAILED, 10, NOW, instances, GENE * 2000, NOW))


def worst_worker(moment: datetime = NOW) -> bytes:
    failure = Failure(GENE * 100, GENE * 2000, (GENE * 500,) * LOG_TAIL_LINES)
    return to_bytes(WorkerRecord("i-0", 0, WorkerStatus.FAILED, moment, 1, 3, GENE * 500, failure))


def worst_marker() -> bytes:
    marker = DoneMarker("K" * 250, SampleOutcome.FAILED, GENE * 4000, 1, 3, "i-0", NOW)
    return json.dumps(marker.as_json()).encode()


def worst_person() -> bytes:
    tokens = tuple(UserToken(GENE * LONGEST_LABEL, "0" * 64, NOW) for _ in range(MOST_TOKENS))
    return replace(Person.new("a" * 32, Role.ADMINISTRATOR, "$argon2id" + "x" * 100, NOW), tokens=tokens).to_bytes()


LONGEST = {
    layout.person_key("a"): worst_person,
    layout.manifest_key(KEY): worst_manifest,
    layout.state_key(KEY): worst_state,
    layout.worker_key(KEY, 0): worst_worker,
    layout.done_key(KEY, "K"): worst_marker,
    layout.claim_key(KEY, 1): lambda: to_bytes(Claim(1, ClaimState.EXHAUSTED, "i-0", 3, NOW, (GENE * 2000,) * 3)),
}


@pytest.mark.parametrize("key", LONGEST)
def test_the_longest_that_gems_writes_is_read(key: str) -> None:
    assert len(LONGEST[key]()) < most_bytes(key)


def test_what_workers_may_write_is_bounded_closely() -> None:
    for key in (layout.done_key(KEY, "K"), layout.event_key(KEY, NOW, "i-0f2a")):
        assert most_bytes(key) == FROM_WORKERS_BYTES


def test_what_lies_outside_a_jobs_folder_is_a_document() -> None:
    for key in (layout.PRICES_KEY, layout.CURRENT_ARTEFACTS_KEY, layout.idempotency_key("0" * 64), "jobs/strange"):
        assert most_bytes(key) == most_bytes(layout.manifest_key(KEY))
