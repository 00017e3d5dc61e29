"""Jobs that have ended: how they become history, and how lists lead through them."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from api_fakes import FakeStore
from api_world import CONTROL, DATA, SETTINGS, World
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from gems_api.app import create_app
from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.reaping.reaper import reap
from gems_api.services.shown import list_jobs
from gems_api.services.shown.fitting import LARGEST_BYTES, document_of
from gems_api.services.shown.texts import cut
from gems_api.services.state.document import JobDocument, array
from gems_api.services.state.records import Claim, ClaimState, JobState, LaunchedInstance, WorkerRecord
from gems_api.services.state.snapshot import Snapshot, Versioned
from gems_api.services.store_ports import Stored
from gems_core import layout
from gems_core.fastq_names import Sample, StoredFile
from gems_core.manifest import Manifest
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.protocol.failure import LOG_TAIL_LINES, Failure
from gems_core.session_key import SessionKey
from gems_core.shares import split_into_shares
from gems_core.statuses import JobStatus, WorkerStatus

pytestmark = pytest.mark.usefixtures("one_reader")
LARGEST_LAMBDA_ANSWER_BYTES = 6_000_000


@pytest.fixture
def client(world: World) -> FlaskClient:
    return client_of(world)


def client_of(world: World) -> FlaskClient:
    return create_app(world.settings, world.cloud, world.clock).test_client()


def close(world: World, session_key: SessionKey) -> None:
    """Let a job's instances go and the reaper see it."""
    if not world.job(session_key).ended:
        cancel(world.context, session_key)
    world.fleet.terminate(world.fleet.living())
    world.clock.pass_seconds(SETTINGS.launch_grace_seconds + 1)
    reap(world.context)
    assert session_key not in world.context.active.jobs()


def pages(client: FlaskClient, query: str) -> list[list[dict[str, Any]]]:
    """All pages of a list."""
    found, path = [], f"/job?{query}"
    while path:
        answer = client.get(path)
        assert answer.status_code == 200
        found.append(answer.json)
        link = answer.headers.get("Link", "")
        path = link.removeprefix("<https://api.example.org/v1").split(">")[0] if link else ""
    return found


def past_jobs(world: World, count: int) -> list[str]:
    """Write as many closed jobs as quickly as S3 takes them; the newest first."""
    template: dict[str, Any] = dict(client_of(world).get("/job").json[0])
    keys = []
    for number in range(count):
        world.clock.pass_seconds(37)
        prefix, status = f"run{number % 7}", "FAILED" if number % 50 == 0 else "COMPLETE"
        key = SessionKey.make(DATA, prefix, "2", world.clock(), f"{number:010d}")
        content = {**template, "session_key": str(key), "prefix": prefix, "overall_status": status}
        content["created_at"] = world.clock().isoformat()
        world.store.put(CONTROL, layout.summary_key(key), json.dumps(content).encode())
        world.store.put(CONTROL, layout.closed_key(key, world.clock()), str(number).encode())
        keys.append(str(key))
    return keys[::-1]


def test_a_closed_job_is_shown_as_it_ended_from_one_object(world: World, client: FlaskClient) -> None:
    session_key = world.start(3, workers=1)
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    (before,) = client.get("/job", query_string={"session_key": str(session_key)}).json
    close(world, session_key)
    client = client_of(world)  # a process that knows nothing
    world.store.calls.clear()
    (after,) = client.get("/job", query_string={"session_key": str(session_key)}).json
    assert after == before
    assert dict(world.store.calls) == {"exists": 1, "read": 2}
    assert client.get("/job").json == [before]


def test_a_job_that_is_opened_again_is_shown_as_it_is_now_and_once(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    close(world, session_key)
    assert client.get("/job").json[0]["overall_status"] == "CANCELLED"
    retry(world.context, session_key)
    (job,) = client.get("/job").json
    assert (job["overall_status"], job["run"]) == ("LAUNCHING", 2)
    close(world, session_key)
    (job,) = client.get("/job").json
    assert (job["overall_status"], job["run"]) == ("CANCELLED", 2)


def test_a_summarys_links_follow_the_deployments_address(world: World) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    worker.work()
    worker.merge()
    close(world, session_key)
    moved = World(settings=SETTINGS.__class__(**{**vars(SETTINGS), "api_url": "https://new.example.org"}))
    moved.store.buckets = world.store.buckets
    (job,) = client_of(moved).get("/job", query_string={"session_key": str(session_key)}).json
    assert job["report"]["csv"].startswith("https://new.example.org/job/")


def test_a_page_of_ten_thousand_past_jobs_costs_two_listings_and_one_read_a_job(world: World) -> None:
    world.start(1)
    keys = past_jobs(world, 10_000)
    client = client_of(world)
    world.store.calls.clear()
    first = client.get("/job?limit=50")
    assert [job["session_key"] for job in first.json[:50]] == keys[:50]
    # The active job is the oldest here; that it is not on this page takes one look at it.
    assert world.store.calls["read"] <= 52 + 3
    assert world.store.calls["entries"] <= 3
    link = first.headers["Link"].removeprefix("<https://api.example.org/v1").split(">")[0]
    assert [job["session_key"] for job in client.get(link).json] == keys[50:100]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), limit=st.integers(1, 4))
def test_pages_show_every_job_that_passes_once_in_order_open_and_closed_alike(seed: int, limit: int) -> None:
    order, world = random.Random(seed), World()
    for number in range(8):
        key = world.start(1, f"run{number % 3}", hla_class=order.choice(["1", "2"]))
        world.clock.pass_seconds(order.choice([0, 1, 45, 5000]))
        if order.random() < 0.6:
            close(world, key)
    client = client_of(world)
    everything = client.get("/job").json
    times = [job["created_at"] for job in everything]
    assert len(everything) == 8
    assert times == sorted(times, reverse=True)
    for query, passes in (
        ("", lambda _: True),
        ("&prefix=run1", lambda job: job["prefix"] == "run1"),
        ("&hla_class=1", lambda job: job["hla_class"] == "1"),
        ("&overall_status=CANCELLED", lambda job: job["overall_status"] == "CANCELLED"),
        ("&overall_status=LAUNCHING", lambda job: job["overall_status"] == "LAUNCHING"),
        (f"&since={times[4].replace('+', '%2B')}", lambda job: job["created_at"] >= times[4]),
    ):
        found = [job for page in pages(client, f"limit={limit}{query}") for job in page]
        assert found == [job for job in everything if passes(job)]


def test_a_rare_filter_looks_at_so_many_jobs_a_request_and_leads_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.start(1)
    keys = past_jobs(world, 400)
    monkeypatch.setattr(list_jobs, "MOST_READS", 60)
    monkeypatch.setattr(list_jobs, "MOST_NAMES", 120)
    client = client_of(world)
    world.store.calls.clear()
    assert client.get("/job?overall_status=FAILED&limit=20").status_code == 200
    assert world.store.calls["read"] <= 60 + 21 + 3
    found = pages(client, "overall_status=FAILED&limit=20")
    assert [job["session_key"] for page in found for job in page] == [key for key in keys if key.endswith(("00", "50"))]
    assert len(found) > 5, "short pages that lead on"
    none = pages(client, "bucket=elsewhere")
    assert [job for page in none for job in page] == []


def test_what_the_key_tells_is_filtered_before_anything_is_read(world: World) -> None:
    world.start(1)
    past_jobs(world, 300)
    client = client_of(world)
    world.store.calls.clear()
    assert client.get("/job?prefix=nowhere").json == []
    assert client.get("/job?hla_class=1").json == []
    assert client.get("/job?overall_status=MERGING").json == []
    assert world.store.calls["read"] <= 6, "the open job only"


def test_a_cursor_that_no_job_has_still_leads_on_from_its_place_and_nonsense_is_refused(
    world: World, client: FlaskClient
) -> None:
    first = world.start(1, "a")
    world.clock.pass_seconds(100)
    between = world.clock()
    world.clock.pass_seconds(100)
    world.start(1, "b")
    gone = layout.place_in_list(SessionKey.make(DATA, "gone", "2", between, "0" * 10), between)
    assert [job["session_key"] for job in client.get(f"/job?before={gone}").json] == [str(first)]
    assert client.get("/job?before=yesterday").status_code == 422
    assert client.get(f"/job?before={first}").status_code == 422


def test_a_damaged_summary_is_listed_with_the_reason(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    close(world, session_key)
    world.store.buckets[CONTROL][layout.summary_key(session_key)] = Stored(b"{half", '"damaged"')
    (job,) = client.get("/job").json
    assert "cannot be read" in job["reason"]


def cut_character_by_character(text: str, most_bytes: int) -> str:
    """The slow twin of ``cut``."""
    if len(json.dumps(text)) - 2 <= most_bytes:
        return text
    kept, size = "", len("...")
    for character in text:
        size += len(json.dumps(character)) - 2
        if size > most_bytes:
            break
        kept += character
    return kept + "..."


@given(
    text=st.text(st.sampled_from('abc "\\\x01\x7f\xe9\u2028\ud83e\U0001f9ec'), max_size=60), most=st.integers(3, 100)
)
def test_a_text_is_cut_to_its_longest_beginning_that_fits_as_json(text: str, most: int) -> None:
    assert cut(text, most) == cut_character_by_character(text, most)
    assert len(json.dumps(cut(text, most))) - 2 <= most


def worst_job(text: str) -> Snapshot:
    """3,000 samples, 1,000 workers, all failed, with as much to say as the protocol lets them."""
    moment = World().clock()
    samples = [
        Sample(f"{'S' * 60}{n}", *(StoredFile(f"run/{'S' * 60}{n}_S{n}_L001_R{r}_001.fastq.gz", 1) for r in (1, 2)))
        for n in range(3000)
    ]
    shares = tuple(split_into_shares(samples, 1000))
    key = SessionKey.make(DATA, "run", "2", moment, "0" * 10)
    manifest = Manifest(key, DATA, "run", "2", moment, "", 1000, shares, {}, 3600)
    failure = Failure(text[:100], text[:2000], (text[:500],) * LOG_TAIL_LINES)
    workers = {
        index: WorkerRecord(f"i-{index:017x}", index, WorkerStatus.FAILED, moment, None, 1, text[:500], failure)
        for index in range(1000)
    }
    claims = {
        share.index: Claim(
            share.index, ClaimState.EXHAUSTED, f"i-{share.index - 1:017x}", 3, moment, (text[:2000],) * 3
        )
        for share in shares
    }
    launched = tuple(LaunchedInstance(1, f"i-{index:017x}", index, moment) for index in range(1000))
    state = JobState(JobStatus.FAILED, 1, moment, launched, text[:2000], moment)
    done = {
        sample.name: DoneMarker(sample.name, SampleOutcome.FAILED, text[:4000], share.index, 3, "i-1", moment)
        for share in shares
        for sample in share.samples
    }
    return Snapshot(
        manifest=manifest,
        state=Versioned(state, ""),
        claims={index: Versioned(claim, "") for index, claim in claims.items()},
        workers={index: Versioned(worker, "") for index, worker in workers.items()},
        heartbeats={},
        done=done,
        lease=None,
        mail=None,
    )


@pytest.mark.parametrize("character", ['"', "\U0001f9ec", "\x01"])
def test_the_worst_job_fits_into_lambdas_answer_with_every_worker_and_sample_named(character: str) -> None:
    snapshot = worst_job(character * 4000)
    document = document_of(snapshot, "https://api.example.org/v1")
    assert len(document.whole) <= LARGEST_BYTES
    # As Lambda's runtime client sends it: the body is a text within JSON.
    assert len(json.dumps({"statusCode": 200, "body": array([document.whole]).decode()})) < LARGEST_LAMBDA_ANSWER_BYTES
    job = json.loads(document.whole)
    assert len(job["workers"]) == 1000
    assert sum(len(worker["samples"]) for worker in job["workers"]) == 6000
    assert len(job["failures"]) == 3000


def test_a_list_of_worst_jobs_is_cut_by_its_size_and_leads_on(world: World) -> None:
    world.start(1)
    content = dict(document_of(worst_job("x" * 4000), "https://api.example.org/v1").content)
    for number in range(3):
        world.clock.pass_seconds(60)
        key = SessionKey.make(DATA, "run", "2", world.clock(), f"{number:010d}")
        large = {**content, "session_key": str(key), "created_at": world.clock().isoformat()}
        world.store.put(CONTROL, layout.summary_key(key), json.dumps(large).encode())
        world.store.put(CONTROL, layout.closed_key(key, world.clock()), str(number).encode())
    client = client_of(world)
    assert len(client.get("/job").get_data()) <= LARGEST_BYTES + 100
    found = pages(client, "limit=50")
    assert sum(map(len, found)) == 4
    assert len(found) > 1


def test_a_list_shows_no_log_lines_and_a_job_alone_does(world: World, client: FlaskClient) -> None:
    session_key = world.start(1)
    (worker,) = world.crew(session_key)
    failure = Failure("typing", "it broke", ("the last line",))
    worker.say("failed", "TYPING", worker.claim().share, failure)
    (listed,) = client.get("/job").json
    (alone,) = client.get(
        "/job", query_string={"session_key": str(session_key)}, headers={"Authorization": "Bearer user-secret"}
    ).json
    assert listed["workers"][0]["failure"].items() >= {"phase": "typing", "reason": "it broke", "log_tail": []}.items()
    assert alone["workers"][0]["failure"]["log_tail"] == ["the last line"]


def test_a_document_is_the_same_bytes_for_the_same_job(world: World) -> None:
    session_key = world.start(2)
    first: JobDocument = document_of(world.job(session_key), "https://a.example.org")
    assert document_of(world.job(session_key), "https://a.example.org").whole == first.whole
    assert isinstance(world.store, FakeStore)
