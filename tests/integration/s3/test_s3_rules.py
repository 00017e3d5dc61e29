"""The rules of S3 that GeMS rests on, kept by two servers that know nothing of each other, met by our own adapters.

"Amazon S3 data consistency model" and "Conditional writes" of the S3 user guide state them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Barrier

import pytest
import requests
from api_world import CONTROL, DATA, World
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from s3_servers import CHECKSUM, RACING_REPLACEMENTS, S3Server

from gems_api.aws import s3 as api_s3
from gems_api.aws.s3 import S3Store
from gems_api.services.lifecycle.start_job import Started, start_job
from gems_artefacts.shelf import Shelf
from gems_core import layout
from gems_core.protocol.answer import Instruction
from gems_core.statuses import JobStatus
from worker.errors import ObjectChanged, ObjectMissing
from worker.s3 import S3

WRITERS, ROUNDS = 12, 5
Write = Callable[[bytes], bool]
_numbers = itertools.count()


def fresh(folder: str) -> str:
    """A key that no other test has."""
    return f"{folder}/{next(_numbers)}.json"


def creators(server: S3Server, key: str, collisions: Collisions | None = None) -> dict[str, Write]:
    """How each of our adapters writes an object unless there is one."""
    client = server.client()
    if collisions is not None:
        client.meta.events.register("before-send.s3.PutObject", collisions)
    api, worker, shelf = (
        S3Store(client, lambda _: None),
        S3(client, lambda _: None),
        Shelf(client, CONTROL, lambda _: None),
    )
    return {
        "the API": lambda body: api.create(CONTROL, key, body) is not None,
        "a worker": lambda body: worker.create(CONTROL, key, body, "application/json"),
        "a publisher": lambda body: shelf.create(key, json.loads(body)),
    }


def replacers(server: S3Server, key: str, etag: str) -> dict[str, Write]:
    """How each of them that does so replaces what has this entity tag."""
    client = server.client()
    api, shelf = S3Store(client, lambda _: None), Shelf(client, CONTROL, lambda _: None)
    return {
        "the API": lambda body: api.replace(CONTROL, key, body, etag) is not None,
        "a publisher": lambda body: shelf.replace(key, json.loads(body), etag),
    }


def content(number: int) -> bytes:
    return json.dumps({"writer": number}).encode()


def stored(server: S3Server, key: str) -> dict[str, int]:
    found = S3Store(server.client(), lambda _: None).read(CONTROL, key)
    assert found is not None
    document: dict[str, int] = json.loads(found.body)
    return document


def etag_of(server: S3Server, key: str, body: bytes) -> str:
    """The entity tag of what is written there now."""
    written = server.client().put_object(Bucket=CONTROL, Key=key, Body=body)
    return written["ETag"]


def race(write: Write) -> list[int]:
    """Who of many writers at once was told that it won."""
    start = Barrier(WRITERS)

    def one(number: int) -> bool:
        start.wait()
        return write(content(number))

    with ThreadPoolExecutor(WRITERS) as threads:
        return [number for number, won in enumerate(threads.map(one, range(WRITERS))) if won]


def expect(server: S3Server, what: str, request: pytest.FixtureRequest) -> None:
    """The test of this must fail with a server that lacks it."""
    if reason := server.lacks.get(what):
        request.applymarker(pytest.mark.xfail(reason=reason))


CREATORS, REPLACERS = ("the API", "a worker", "a publisher"), ("the API", "a publisher")


@pytest.mark.parametrize("who", CREATORS)
def test_what_is_there_is_not_created_again(server: S3Server, who: str) -> None:
    key = fresh("create")
    create = creators(server, key)[who]
    assert create(content(1))
    assert not create(content(2))
    assert stored(server, key) == {"writer": 1}


@pytest.mark.parametrize("who", CREATORS)
def test_of_many_that_create_the_same_one_wins_and_its_content_stays(server: S3Server, who: str) -> None:
    for _ in range(ROUNDS):
        key = fresh("race")
        winners = race(creators(server, key)[who])
        assert [stored(server, key)["writer"]] == winners


def test_what_was_deleted_is_created_again(server: S3Server) -> None:
    key = fresh("again")
    create = creators(server, key)["the API"]
    assert create(content(1))
    S3Store(server.client(), lambda _: None).delete(CONTROL, key)
    assert create(content(2))


@pytest.mark.parametrize("who", REPLACERS)
def test_only_what_was_read_is_replaced(server: S3Server, who: str) -> None:
    key = fresh("replace")
    replace = replacers(server, key, etag_of(server, key, content(0)))[who]
    assert replace(content(1))
    assert not replace(content(2))
    assert stored(server, key) == {"writer": 1}


@pytest.mark.parametrize("who", REPLACERS)
def test_what_is_not_there_is_not_replaced(server: S3Server, who: str) -> None:
    key = fresh("gone")
    etag = etag_of(server, key, content(0))
    server.client().delete_object(Bucket=CONTROL, Key=key)
    assert not replacers(server, key, etag)[who](content(1))
    assert not S3Store(server.client(), lambda _: None).exists(CONTROL, key)


@dataclass
class Collisions:
    """Answers the first writes as S3 does while another write of the same key is under way; later ones reach the server."""

    left: int

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if not self.left:
            return None
        self.left -= 1
        body = b"<Error><Code>ConditionalRequestConflict</Code><Message>under way</Message></Error>"
        return AWSResponse(request.url, 409, {}, Answer(body))


class Answer(BytesIO):
    """As botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


@pytest.mark.parametrize("who", CREATORS)
def test_a_write_that_collides_is_written_again_and_then_decided(server: S3Server, who: str) -> None:
    key, collisions = fresh("collide"), Collisions(2)
    create = creators(server, key, collisions)[who]
    assert create(content(1))
    assert collisions.left == 0
    collisions.left = 2
    assert not create(content(2))
    assert stored(server, key) == {"writer": 1}


@pytest.mark.parametrize("who", REPLACERS)
def test_of_many_that_replace_the_same_one_wins_and_its_content_stays(server: S3Server, who: str) -> None:
    if RACING_REPLACEMENTS in server.lacks:
        pytest.skip(f"{server.lacks[RACING_REPLACEMENTS]}; GEMS_SECOND_S3 names another server")
    for _ in range(ROUNDS):
        key = fresh("swap")
        winners = race(replacers(server, key, etag_of(server, key, b'{"writer": -1}'))[who])
        assert [stored(server, key)["writer"]] == winners


def test_a_file_is_published_once_and_its_checksum_compared(server: S3Server, tmp_path: Path) -> None:
    shelf, key = Shelf(server.client(), CONTROL, lambda _: None), fresh("files")
    path = tmp_path / "bundle"
    path.write_bytes(b"bundle" * 1000)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert shelf.create_file(key, path, sha256)
    assert not shelf.create_file(key, path, sha256)


def test_a_file_that_arrives_changed_is_refused(
    server: S3Server, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    expect(server, CHECKSUM, request)
    shelf, path = Shelf(server.client(), CONTROL, lambda _: None), tmp_path / "bundle"
    path.write_bytes(b"bundle")
    with pytest.raises(shelf.s3.exceptions.ClientError):
        shelf.create_file(fresh("files"), path, hashlib.sha256(b"another").hexdigest())


def test_a_listing_shows_each_write_and_each_removal_at_once_and_in_order(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_s3, "PAGE", 7)
    store, folder = S3Store(server.client(), lambda _: None), f"{fresh('list')}/"
    keys = [f"{folder}{number:02d}" for number in range(15)]
    for count, key in enumerate(reversed(keys), start=1):
        assert store.create(DATA, key, b"x")
        assert [entry.key for entry in store.entries(DATA, folder)] == keys[-count:]
    assert [entry.key for entry in store.entries(DATA, folder, after=keys[3], until=keys[13], most=9)] == keys[4:13]
    for count, key in enumerate(keys, start=1):
        store.delete(DATA, key)
        assert [entry.key for entry in store.entries(DATA, folder)] == keys[count:]


def test_folders_stand_apart_from_files(server: S3Server) -> None:
    store, folder = S3Store(server.client(), lambda _: None), f"{fresh('shelf')}/"
    for name in ("b/1", "b/2", "a/1", "file"):
        store.put(DATA, folder + name, b"x")
    shelf = store.shelf(DATA, folder)
    assert (shelf.folders, shelf.is_cut) == ((f"{folder}a/", f"{folder}b/"), False)
    assert [entry.key for entry in shelf.files] == [f"{folder}file"]


@pytest.mark.parametrize("name", ["run 1", "a+b", "a:b", "100%", "%41", "Ärzte", "a*b?c", "q=1&r"])
def test_a_name_of_any_signs_is_written_listed_and_read(
    server: S3Server, name: str, request: pytest.FixtureRequest
) -> None:
    expect(server, name, request)
    store, folder = S3Store(server.client(), lambda _: None), f"{fresh('names')}/"
    store.put(DATA, folder + name, name.encode())
    (entry,) = store.entries(DATA, folder)
    read = store.read(DATA, entry.key)
    assert read is not None
    assert (entry.key, read.body, read.etag) == (folder + name, name.encode(), entry.etag)
    link = store.presigned_url(DATA, entry.key, 60)
    assert requests.get(link, timeout=60, proxies={"no_proxy": "*"}).content == name.encode()


def test_a_worker_reads_only_the_content_that_was_asked_for(server: S3Server, tmp_path: Path) -> None:
    client, key = server.client(), fresh("reads")
    s3 = S3(client, lambda _: None)
    etag = client.put_object(Bucket=DATA, Key=key, Body=b"reads")["ETag"]
    with s3.stream(DATA, key, etag) as stream:
        assert (stream.size_bytes, b"".join(stream.chunks), stream.md5) == (
            5,
            b"reads",
            hashlib.md5(b"reads").hexdigest(),
        )
    client.put_object(Bucket=DATA, Key=key, Body=b"other")
    with pytest.raises(ObjectChanged), s3.stream(DATA, key, etag):
        pass
    with pytest.raises(ObjectMissing), s3.stream(DATA, f"{key}.gone", etag):
        pass
    assert S3Store(client, lambda _: None).read_range(DATA, key, 1, 3) == b"the"


def test_workers_that_claim_at_once_each_have_a_share_of_their_own_and_the_job_completes(server: S3Server) -> None:
    world = World(store=S3Store(server.client(), lambda _: None))  # type: ignore[arg-type]
    session_key = world.start(6, prefix=fresh("run"), workers=6)
    crew = world.crew(session_key)
    with ThreadPoolExecutor(len(crew)) as threads:
        answers = list(threads.map(lambda worker: worker.claim(), crew))
    shares = [answer.share for answer in answers]
    assert sorted(share.share.index for share in shares if share is not None) == [1, 2, 3, 4, 5, 6]
    ends = [worker.do_share(share) for worker, share in zip(crew, shares, strict=True) if share is not None]
    (final,) = (worker for worker, end in zip(crew, ends, strict=True) if end.instruction is Instruction.MERGE)
    final.merge()
    assert world.job(session_key).overall_status is JobStatus.COMPLETE


def test_one_job_comes_of_a_request_that_is_sent_many_times_at_once(server: S3Server) -> None:
    world, prefix = World(store=S3Store(server.client(), lambda _: None)), fresh("run")  # type: ignore[arg-type]
    world.upload(prefix, 1)
    body = {"bucket": DATA, "prefix": prefix, "hla_class": "2"}
    before = {entry.key for entry in world.store.entries(CONTROL, "jobs/")}
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda _: start_job(world.context, body, f"key of {prefix}"), range(4)))
    (session_key,) = {outcome.session_key for outcome in outcomes if isinstance(outcome, Started)}
    manifests = [entry.key for entry in world.store.entries(CONTROL, "jobs/") if entry.key.endswith("/job.json")]
    assert set(manifests) - before == {layout.manifest_key(session_key)}
