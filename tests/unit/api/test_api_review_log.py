"""The review's log in a bucket: written once, by one of those who race for a number, and read newest first."""

from __future__ import annotations

import threading

import pytest
from api_fakes import FakeStore
from api_world import CONTROL

from gems_api.services.storage.object_sizes import RECORD_BYTES
from gems_api.services.storage.read_cache import ReadCache
from gems_api.services.storage.review_log import ReviewLog, ReviewUnreadable
from gems_api.services.store_ports import Stored
from gems_core import layout
from gems_core.review.chain import CHECKPOINTS, Entry, against_checkpoints


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(CONTROL)


def log_of(store: FakeStore) -> ReviewLog:
    return ReviewLog(store, CONTROL, ReadCache())


def written(log: ReviewLog, *contents: str) -> list[Entry]:
    entries: list[Entry] = []
    for content in contents:
        entry = log.append("job", entries[-1] if entries else None, {"what": content})
        assert entry is not None
        entries.append(entry)
    return entries


@pytest.mark.parametrize("number", [1, 2, 9, 10, 99_999, 10**9])
def test_a_key_tells_chain_and_number_and_newer_ones_come_first(number: int) -> None:
    key = layout.review_entry_key("job", number)
    assert layout.review_entry_place(key) == ("job", number)
    assert layout.review_entry_key("job", number + 1) < key


@pytest.mark.parametrize(
    "name", ["", "x", "9999999999-2.json", "9999999998-x.json", "9999999999-\u0661.json", "9999999999-1"]
)
def test_another_key_is_no_place_in_the_log(name: str) -> None:
    assert layout.review_entry_place(f"review/log/job/{name}") == ("job", 0)


def test_what_was_added_is_read_and_proven_by_every_process(store: FakeStore) -> None:
    entries = written(log_of(store), *"abcdefghijkl")
    proof = log_of(store).read("job")
    assert proof.faults == ()
    assert list(proof.entries) == entries
    assert log_of(store).read("other").entries == ()


def test_an_entry_is_read_from_the_bucket_once(store: FakeStore) -> None:
    log = log_of(store)
    written(log, "a", "b", "c")
    log.read("job")
    before = store.calls["read"]
    log.read("job")
    assert store.calls["read"] == before


def test_of_two_who_add_after_the_same_entry_one_wins(store: FakeStore) -> None:
    (first,) = written(log_of(store), "a")
    assert log_of(store).append("job", first, {"what": "b"}) is not None
    assert log_of(store).append("job", first, {"what": "x"}) is None
    assert [entry.content["what"] for entry in log_of(store).read("job").entries] == ["a", "b"]


def test_many_who_race_leave_a_whole_chain_with_all_that_they_said(store: FakeStore) -> None:
    def say(who: int) -> None:
        log = log_of(store)
        for what in range(5):
            while log.append("job", log.read("job").last, {"what": f"{who}.{what}"}) is None:
                pass

    threads = [threading.Thread(target=say, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    proof = log_of(store).read("job")
    assert proof.faults == ()
    said = [str(entry.content["what"]) for entry in proof.entries]
    assert sorted(said) == sorted(f"{who}.{what}" for who in range(6) for what in range(5))
    for who in range(6):
        assert [one for one in said if one.startswith(f"{who}.")] == [f"{who}.{what}" for what in range(5)]


def test_a_checkpoint_follows_the_newest_one_and_says_how_far_a_chain_is(store: FakeStore) -> None:
    log = log_of(store)
    for entry in written(log, *"abcdefghijkl"):
        log.seal(entry)
    proofs = log_of(store).read_all()
    assert set(proofs) == {"job", CHECKPOINTS}
    assert len(proofs[CHECKPOINTS].entries) == 12
    assert all(proof.faults == () for proof in proofs.values())
    assert against_checkpoints(proofs[CHECKPOINTS], proofs) == []


@pytest.mark.parametrize(
    "body", [b"damaged", Entry.following("job", None, {}).body], ids=["damaged", "of another chain"]
)
def test_no_checkpoint_is_added_to_a_chain_that_is_broken(store: FakeStore, body: bytes) -> None:
    log = log_of(store)
    (entry,) = written(log, "a")
    store.put(CONTROL, layout.review_entry_key(CHECKPOINTS, 1), body)
    with pytest.raises(ReviewUnreadable, match="review/log/checkpoints"):
        log.seal(entry)


def test_an_object_that_is_too_long_or_has_another_name_is_a_fault(store: FakeStore) -> None:
    log = log_of(store)
    written(log, "a", "b")
    store.buckets[CONTROL][layout.review_entry_key("job", 3)] = Stored(b"x" * (RECORD_BYTES + 1), '"x"')
    store._modified[CONTROL, layout.review_entry_key("job", 3)] = store.clock()
    (fault,) = log.read("job").faults
    assert fault.number == 3
    store.delete(CONTROL, layout.review_entry_key("job", 3))
    store.put(CONTROL, "review/log/job/note.json", b"{}")
    assert log.read("job").faults != ()
