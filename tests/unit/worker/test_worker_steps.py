from __future__ import annotations

import gzip
import json
import shutil
import time
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest
from worker_fakes import CONTROL, DATA, NOW, SESSION_KEY, MemoryStore, etag_of, in_lanes, make_work, reads_of

from gems_core import endings
from gems_core.fastq_names import Sample
from gems_core.layout import done_key, logs_prefix, sample_result_key
from gems_core.protocol.answer import GrantedShare
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.shares import Share
from worker.errors import ShareFailed, cause_of
from worker.interruption import Cause, Interrupted
from worker.steps.way import STEPS
from worker.steps.work import ShareWork

DiskUsage = namedtuple("DiskUsage", "total used free")


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAKE_JAVA_RUNS", str(tmp_path))
    return tmp_path / "runs.txt"


def do(work: ShareWork) -> None:
    for step in STEPS:
        step.run(work)


def result_key(sample: str, name: str) -> str:
    return sample_result_key("run1", SESSION_KEY, sample, name)


def test_the_steps_are_those_of_the_design_in_order() -> None:
    assert [(step.name, step.status) for step in STEPS] == [
        ("download", "DOWNLOADING"),
        ("type", "TYPING"),
        ("cross_match", "CROSS_MATCHING"),
        ("explain", "CROSS_MATCHING"),
        ("upload", "UPLOADING"),
    ]


def test_a_typed_samples_results_are_in_s3_before_its_done_marker(store: MemoryStore, tmp_path: Path) -> None:
    do(make_work(tmp_path, store, {"K1": "GOOD"}))
    assert store.writes == [
        result_key("K1", "typing.json"),
        result_key("K1", "unexplained.fasta"),
        result_key("K1", "cross_match.json"),
        done_key(SESSION_KEY, "K1"),
    ]
    marker = store.marker("K1")
    assert (marker.outcome, marker.reason, marker.share, marker.attempt) == (SampleOutcome.TYPED, "", 1, 1)
    assert (marker.instance_id, marker.finished_at) == ("i-1", NOW)


def test_the_marker_of_a_worker_that_was_faster_stays(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "BAD"})
    for step in STEPS[:-1]:
        step.run(work)
    store.objects[CONTROL, done_key(SESSION_KEY, "K1")] = b"of another worker"
    STEPS[-1].run(work)
    assert store.read(CONTROL, done_key(SESSION_KEY, "K1")) == b"of another worker"
    assert work.done == {"K1"}


def test_a_share_is_typed_in_one_jvm(store: MemoryStore, tmp_path: Path, runs: Path) -> None:
    do(make_work(tmp_path, store, {"K1": "GOOD", "K2": "GOOD"}))
    assert runs.read_text() == "K1 K2\n"


def test_a_bad_sample_is_marked_failed_with_the_typers_message_while_the_rest_goes_on(
    store: MemoryStore, tmp_path: Path
) -> None:
    do(make_work(tmp_path, store, {"K1": "BAD", "K2": "GOOD"}))
    marker = store.marker("K1")
    assert marker.outcome is SampleOutcome.FAILED
    assert "expected a quality line, found the end of the file" in marker.reason
    assert store.marker("K2").outcome is SampleOutcome.TYPED


def test_a_failed_samples_reason_names_the_object_in_s3_and_nothing_of_the_machine(
    store: MemoryStore, tmp_path: Path
) -> None:
    do(make_work(tmp_path, store, {"K1": "BAD"}))
    address = f"s3://{DATA}/run1/K1_S1_L001_R1_001.fastq.gz"
    said = f"{address}, line 8: expected a quality line, found the end of the file"
    error = json.loads(store.read(DATA, result_key("K1", "error.json")))
    assert store.marker("K1").reason == said
    assert error == {"sample": "K1", "file": address, "line": 8, "message": said}


def test_an_error_of_the_typer_that_is_no_json_is_kept_as_it_is(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "BAD"})
    for step in STEPS[:-1]:
        step.run(work)
    (work.out / "K1" / "error.json").write_bytes(b"{half")
    STEPS[-1].run(work)
    assert store.read(DATA, result_key("K1", "error.json")) == b"{half"


def test_a_reason_is_never_longer_than_a_done_marker_may_hold(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "GOOD"})
    work.fail("K1", "x" * 5000)
    STEPS[-1].run(work)
    assert store.marker("K1").reason == "x" * 2000


def test_a_sample_that_has_a_done_marker_is_not_typed_again(store: MemoryStore, tmp_path: Path, runs: Path) -> None:
    store.objects[CONTROL, done_key(SESSION_KEY, "K1")] = b"{}"
    work = make_work(tmp_path, store, {"K1": "GOOD", "K2": "GOOD"})
    do(work)
    assert runs.read_text() == "K2\n"
    assert work.done == {"K1", "K2"}
    assert store.objects[CONTROL, done_key(SESSION_KEY, "K1")] == b"{}"


def test_a_share_that_is_all_done_starts_no_jvm(store: MemoryStore, tmp_path: Path, runs: Path) -> None:
    store.objects[CONTROL, done_key(SESSION_KEY, "K1")] = b"{}"
    do(make_work(tmp_path, store, {"K1": "GOOD"}))
    assert not runs.exists()


def test_reads_that_vanished_fail_their_sample_alone(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "GOOD", "K2": "GOOD"})
    del store.objects[DATA, "run1/K1_S1_L001_R2_001.fastq.gz"]
    do(work)
    assert "run1/K1_S1_L001_R2_001.fastq.gz: expected an object" in store.marker("K1").reason
    assert store.marker("K2").outcome is SampleOutcome.TYPED


@pytest.mark.parametrize("size", ["another", "the same"])
def test_reads_replaced_since_the_job_was_made_fail_their_sample_alone(
    store: MemoryStore, tmp_path: Path, size: str
) -> None:
    work = make_work(tmp_path, store, {"K1": "GOOD", "K2": "GOOD"})
    key = work.granted.share.samples[0].read_1.key
    before = store.objects[DATA, key]
    store.objects[DATA, key] = before[::-1] if size == "the same" else before + b"more"
    do(work)
    reason = store.marker("K1").reason
    assert (
        f"s3://{DATA}/{key}: expected the content that it had when the job was made (ETag {etag_of(before)})" in reason
    )
    assert f"found other content (ETag {etag_of(store.objects[DATA, key])})" in reason
    assert "start a new job over the files as they are now" in reason
    assert store.marker("K1").outcome is SampleOutcome.FAILED
    assert store.marker("K2").outcome is SampleOutcome.TYPED
    assert (DATA, result_key("K1", "typing.json")) not in store.objects


def test_a_job_older_than_entity_tags_still_sees_that_a_file_has_another_size(
    store: MemoryStore, tmp_path: Path
) -> None:
    work = make_work(tmp_path, store, {"K1": "GOOD"})
    (sample,) = work.granted.share.samples
    old = replace(sample, read_1=replace(sample.read_1, etag=""), read_2=replace(sample.read_2, etag=""))
    work = replace(work, granted=GrantedShare(Share(1, (old,)), 1))
    store.objects[DATA, old.read_1.key] += b"more"
    do(work)
    assert "The file was replaced meanwhile" in store.marker("K1").reason


def with_samples(work: ShareWork, *samples: Sample) -> ShareWork:
    return replace(work, granted=replace(work.granted, share=Share(1, samples)))


def test_the_lanes_of_a_sample_are_joined_into_one_file_a_read_and_typed_as_one(
    store: MemoryStore, tmp_path: Path, runs: Path
) -> None:
    lanes = [gzip.compress(f"lane {number}\n".encode()) for number in (1, 2, 3, 4)]
    work = with_samples(make_work(tmp_path, store, {}), in_lanes(store, "K1", *lanes))
    STEPS[0].run(work)
    assert work.failed == {}
    for path in work.paths(work.promising[0]):
        assert gzip.decompress(path.read_bytes()) == b"lane 1\nlane 2\nlane 3\nlane 4\n"
    assert len(list(work.reads.iterdir())) == 2, "a lane is not kept beside the joined file"


@pytest.mark.parametrize("lanes", [1, 2])
def test_r1_alone_is_typed_of_one_lane_or_of_several(store: MemoryStore, tmp_path: Path, lanes: int) -> None:
    both = in_lanes(store, "K1", *[reads_of("GOOD")] * lanes)
    single = replace(both, read_2=None, more_lanes=tuple(replace(lane, read_2=None) for lane in both.more_lanes))
    work = with_samples(make_work(tmp_path, store, {}), single)
    do(work)
    assert store.marker("K1").outcome is SampleOutcome.TYPED
    header, row = (work.out / "sheet.tsv").read_text().splitlines()
    (path,) = work.paths(single)
    assert (header, row) == ("sample\tr1\tr2", f"K1\t{path}\t")


def test_a_lane_that_vanished_fails_its_sample_rather_than_leaving_reads_out(
    store: MemoryStore, tmp_path: Path
) -> None:
    sample = in_lanes(store, "K1", reads_of("GOOD"), reads_of("GOOD"))
    del store.objects[DATA, "run1/K1_S1_L002_R2_001.fastq.gz"]
    do(with_samples(make_work(tmp_path, store, {}), sample))
    assert store.marker("K1").outcome is SampleOutcome.FAILED
    assert "run1/K1_S1_L002_R2_001.fastq.gz: expected an object" in store.marker("K1").reason


@pytest.mark.parametrize("read", [1, 2])
def test_a_later_lane_that_was_replaced_by_one_of_its_size_fails_its_sample(
    store: MemoryStore, tmp_path: Path, read: int
) -> None:
    sample = in_lanes(store, "K1", reads_of("GOOD"), reads_of("GOOD"))
    key = f"run1/K1_S1_L002_R{read}_001.fastq.gz"
    store.objects[DATA, key] = store.objects[DATA, key][::-1]
    do(with_samples(make_work(tmp_path, store, {}), sample))
    assert store.marker("K1").outcome is SampleOutcome.FAILED
    assert f"s3://{DATA}/{key}: expected the content that it had when the job was made" in store.marker("K1").reason


def test_a_file_of_an_interrupted_attempt_is_no_excuse_for_one_that_changed(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "GOOD"})
    file = work.granted.share.samples[0].read_1
    work.reads.mkdir(parents=True)
    work.local_path(file).write_bytes(reads_of("GOOD"))
    store.objects[DATA, file.key] = reads_of("GOOD")[::-1]
    do(work)
    assert store.marker("K1").outcome is SampleOutcome.FAILED


def test_what_is_wrong_in_joined_lanes_is_told_by_the_address_of_the_first_and_the_numbers_of_the_others(
    store: MemoryStore, tmp_path: Path
) -> None:
    sample = in_lanes(store, "K1", reads_of("BAD"), reads_of("BAD"), reads_of("BAD"))
    do(with_samples(make_work(tmp_path, store, {}), sample))
    address = f"s3://{DATA}/run1/K1_S1_L001_R1_001.fastq.gz (joined with lanes 002, 003)"
    assert store.marker("K1").reason.startswith(f"{address}, line 8: ")
    assert str(tmp_path) not in store.marker("K1").reason


def test_the_disk_must_hold_a_lane_twice_while_it_is_joined(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = in_lanes(store, "K1", b"x" * 10, b"y" * 30)
    needed = 2 * (10 + 30) + 30 + 256 * 2**20
    work = with_samples(make_work(tmp_path, store, {}), sample)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: DiskUsage(10, 9, needed - 1))
    with pytest.raises(ShareFailed, match=f"expected {needed} bytes free"):
        STEPS[0].run(work)


def test_a_full_disk_is_told_before_anything_is_downloaded(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path, store, {"K1": "GOOD"})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: DiskUsage(10, 9, 1))
    with pytest.raises(ShareFailed, match=r"expected \d+ bytes free .* found 1\. Give the instances a larger volume"):
        do(work)
    assert list(work.reads.iterdir()) == []


def test_a_sample_that_crashes_the_typer_does_not_take_the_others_with_it(
    store: MemoryStore, tmp_path: Path, runs: Path
) -> None:
    do(make_work(tmp_path, store, {"K1": "GOOD", "K2": "CRASH", "K3": "GOOD"}))
    assert runs.read_text().splitlines() == ["K1 K2 K3", "K2", "K3"]
    assert store.marker("K2").outcome is SampleOutcome.FAILED
    assert "exit code 70: java.lang.IllegalStateException: broken" in store.marker("K2").reason
    assert {store.marker(sample).outcome for sample in ("K1", "K3")} == {SampleOutcome.TYPED}


def test_a_sample_at_which_the_typer_faults_is_typed_once_more_by_itself_and_failed_with_its_word(
    store: MemoryStore, tmp_path: Path, runs: Path
) -> None:
    do(make_work(tmp_path, store, {"K1": "GOOD", "K2": "FAULT", "K3": "BAD"}))
    assert runs.read_text().splitlines() == ["K1 K2 K3", "K2"]
    assert store.marker("K2").outcome is SampleOutcome.FAILED
    assert store.marker("K2").reason.startswith("sample K2: expected a typing, found an internal fault")
    assert store.marker("K1").outcome is SampleOutcome.TYPED
    assert "quality line" in store.marker("K3").reason


def test_a_typer_that_faults_at_every_sample_fails_the_share_and_no_sample(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(ShareFailed, match=r"the typer fails at every sample.*exit code 70"):
        do(make_work(tmp_path, store, {"K1": "FAULT", "K2": "FAULT"}))
    assert store.writes == []


def test_a_typer_that_crashes_at_everything_fails_the_share_and_no_sample(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(ShareFailed, match=r"the typer fails at every sample.*exit code 70"):
        do(make_work(tmp_path, store, {"K1": "CRASH", "K2": "CRASH"}))
    assert store.writes == []


@pytest.mark.parametrize(
    ("word", "cause_and_code", "told"),
    [
        (
            "HEAP",
            (endings.Cause.OUT_OF_MEMORY, 70),
            r"ran out of memory: java\.lang\.OutOfMemoryError: Java heap space",
        ),
        ("KILLED", (endings.Cause.SIGNAL, 137), r"was ended by SIGKILL"),
        ("JVM", (endings.Cause.JVM_CRASH, 134), r"crashed with its Java machine: SIGSEGV \(0xb\) at pc=0x1"),
    ],
)
def test_what_killed_the_typer_is_told_in_a_word_and_in_words(
    store: MemoryStore, tmp_path: Path, word: str, cause_and_code: tuple[endings.Cause, int], told: str
) -> None:
    with pytest.raises(ShareFailed, match=told) as caught:
        do(make_work(tmp_path, store, {"K1": word}))
    assert cause_of(caught.value) == cause_and_code


def test_what_a_crashing_java_machine_leaves_is_kept_among_the_jobs_logs(store: MemoryStore, tmp_path: Path) -> None:
    do(make_work(tmp_path, store, {"K1": "GOOD", "K2": "JVM"}))
    kept = [
        key for bucket, key in store.objects if bucket == CONTROL and key.startswith(logs_prefix(SESSION_KEY, "i-1"))
    ]
    assert len(kept) == 2, "it crashed in company, and by itself"
    assert b"SIGSEGV" in store.objects[CONTROL, kept[0]]
    assert "SIGSEGV" in store.marker("K2").reason


def test_the_samples_at_hand_are_told_at_each_step(store: MemoryStore, tmp_path: Path) -> None:
    seen: list[tuple[str, ...]] = []
    work = make_work(tmp_path, store, {"K1": "GOOD", "K2": "NOVEL"})
    work.at = lambda *samples: seen.append(samples)
    for step in STEPS:
        seen.append((step.name,))
        step.run(work)
    typing = seen[seen.index(("type",)) + 1 : seen.index(("cross_match",))]
    assert typing == [("K1",), (), ("K2",), ()]
    others = [names[0] for names in seen if names and names[0] in ("download", "upload", "K1", "K2")]
    assert others[:3] == ["download", "K1", "K2"]
    assert others[-3:] == ["upload", "K1", "K2"]


def test_a_typer_that_hangs_is_ended_and_the_samples_it_had_finished_are_kept(
    store: MemoryStore, tmp_path: Path
) -> None:
    do(make_work(tmp_path, store, {"K1": "GOOD", "K2": "HANG"}, seconds_per_sample=1))
    assert store.marker("K1").outcome is SampleOutcome.TYPED
    assert "did not finish within 1 s" in store.marker("K2").reason


def test_a_sample_of_which_the_typer_left_nothing_fails_the_share(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(ShareFailed, match=r"neither typing\.json nor error\.json of K1"):
        do(make_work(tmp_path, store, {"K1": "SILENT"}))


def test_a_typing_json_that_is_none_is_never_uploaded_as_a_result(store: MemoryStore, tmp_path: Path) -> None:
    do(make_work(tmp_path, store, {"K1": "GARBAGE", "K2": "GOOD"}))
    assert store.marker("K1").outcome is SampleOutcome.FAILED
    assert "expected JSON" in store.marker("K1").reason
    assert result_key("K1", "typing.json") not in store.writes


def test_a_library_the_typer_cannot_read_fails_the_share(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "GOOD"})
    (work.tools.typer.library / "library.json").unlink()
    with pytest.raises(ShareFailed, match="a library, panel or sheet it cannot read"):
        do(work)


def test_a_machine_without_java_fails_the_share_with_the_repair(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "GOOD"})
    Path(work.tools.typer.java).unlink()
    with pytest.raises(ShareFailed, match="Install Java 17"):
        do(work)


def test_an_interruption_ends_the_typer_at_once(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "HANG"}, seconds_per_sample=60)
    STEPS[0].run(work)
    work.tools.interruption.request(Cause.MACHINE_GOES, "spot notice")
    started = time.monotonic()
    with pytest.raises(Interrupted, match="spot notice"):
        STEPS[1].run(work)
    assert time.monotonic() - started < 5


def test_a_site_without_cross_match_is_served_by_the_replacement(store: MemoryStore, tmp_path: Path) -> None:
    do(make_work(tmp_path, store, {"K1": "NOVEL"}))
    state = json.loads(store.read(DATA, result_key("K1", "cross_match.json")))
    assert (state["state"], state["program"]) == ("done", "gems")
    assert store.marker("K1").outcome is SampleOutcome.TYPED
