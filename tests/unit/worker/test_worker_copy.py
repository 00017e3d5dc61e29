"""The step that brings reads into S3 from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from worker_fakes import DATA, MemoryStore, make_work, manifest_of, sample_of, share_of

from gems_core.fastq_names import Sample, StoredFile
from gems_core.shares import Share
from worker.copying import Copier
from worker.errors import ApiRefused, ApiUnavailable, ShareFailed
from worker.steps import copy
from worker.steps.way import STEPS, steps_of
from worker.steps.work import ShareWork

CONTENT = b"GOOD " + b"ACGT" * 10 + b"\n"


class FakeCopier(Copier):
    """Has every file, and refuses the ones it is told to."""

    def __init__(self, refused: dict[str, Exception] | None = None) -> None:
        self.copied: list[str] = []
        self.refused = refused or {}

    def copy(self, file: StoredFile, path: Path) -> None:
        if file.name in self.refused:
            raise self.refused[file.name]
        self.copied.append(file.name)
        path.write_bytes(CONTENT)


def work_of(tmp_path: Path, store: MemoryStore, copier: Copier | None, *names: str) -> ShareWork:
    work = make_work(tmp_path, store, dict.fromkeys(names, "GOOD"))
    store.objects.clear()
    share = Share(1, tuple(without_etags(sample) for sample in work.granted.share.samples))
    return replace(work, tools=replace(work.tools, copier=copier), granted=replace(work.granted, share=share))


def without_etags(sample: Sample) -> Sample:
    """A sample as it is in the manifest when its files are in no bucket yet."""
    return replace(sample, read_1=replace(sample.read_1, etag=""), read_2=replace(sample.read_2, etag=""))


def files(name: str) -> list[str]:
    return [f"{name}_S1_L001_R{read}_001.fastq.gz" for read in (1, 2)]


def test_only_jobs_whose_reads_lie_elsewhere_are_copied_first() -> None:
    manifest = manifest_of(share_of(1, {"K1": "GOOD"}))
    assert steps_of(manifest) == STEPS
    assert [step.name for step in steps_of(replace(manifest, source="basespace"))] == [
        "copy", "download", "type", "cross_match", "explain", "upload",
    ]  # fmt: skip


def test_what_is_copied_lies_in_s3_and_need_not_be_downloaded_again(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = work_of(tmp_path, store, FakeCopier(), "K1")
    copy.run(work)
    assert {key for bucket, key in store.objects if bucket == DATA} == {f"run1/{name}" for name in files("K1")}
    monkeypatch.setattr(store, "stream", lambda *_: pytest.fail("downloaded again"))
    STEPS[0].run(work)
    assert work.failed == {}
    assert work.local_path(sample_of("K1", "GOOD").read_1).read_bytes() == CONTENT


def test_what_another_worker_has_copied_is_not_copied_again(store: MemoryStore, tmp_path: Path) -> None:
    copier = FakeCopier()
    work = work_of(tmp_path, store, copier, "K1")
    store.objects[DATA, f"run1/{files('K1')[0]}"] = CONTENT
    copy.run(work)
    assert copier.copied == files("K1")[1:]
    STEPS[0].run(work)
    assert work.failed == {}


def test_a_file_that_basespace_refuses_fails_its_sample_alone(store: MemoryStore, tmp_path: Path) -> None:
    work = work_of(tmp_path, store, FakeCopier({files("K1")[1]: ApiRefused("BaseSpace refuses")}), "K1", "K2")
    copy.run(work)
    assert work.failed == {"K1": "BaseSpace refuses"}
    assert [sample.name for sample in work.promising] == ["K2"]


def test_a_basespace_that_is_away_for_long_gives_the_share_back(store: MemoryStore, tmp_path: Path) -> None:
    work = work_of(tmp_path, store, FakeCopier({files("K1")[0]: ApiUnavailable("away")}), "K1")
    with pytest.raises(ApiUnavailable):
        copy.run(work)
    assert work.failed == {}


def test_people_see_how_far_the_copying_is(store: MemoryStore, tmp_path: Path) -> None:
    notes: list[str] = []
    work = work_of(tmp_path, store, FakeCopier(), "K1", "K2")
    work.note = notes.append
    copy.run(work)
    assert notes[-1] == "copying sample 2 of 2 from BaseSpace, file 2 of 2"


def test_a_worker_that_knows_no_way_to_the_reads_says_so(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(ShareFailed, match="Publish the worker of this release"):
        copy.run(work_of(tmp_path, store, None, "K1"))
