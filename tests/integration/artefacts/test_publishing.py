"""Artefacts by commit: published once, described, moved by one conditional write, pruned only where nobody needs them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from artefacts_store import BUCKET, COMMIT_1, COMMIT_2, START, Store

from gems_artefacts import prune
from gems_artefacts.pointer import NothingBefore, PointerMoved, move_pointer, moves, read_pointer, roll_back
from gems_artefacts.releases import NotPublished, VersionTaken, read_version, versions
from gems_artefacts.usage import ManifestUnreadable, Use, used_by_jobs
from gems_core.layout import CURRENT_ARTEFACTS_KEY, manifest_key
from gems_core.published import PublishedVersion, descriptor_key

OLD = START + timedelta(days=1000)


def test_a_version_lies_there_with_its_sum_its_bill_and_where_it_comes_from(store: Store) -> None:
    published = store.publish("worker", "0.1.0-abc")
    folder = "artefacts/worker/0.1.0-abc"
    assert sorted(store.shelf.keys("artefacts/")) == [
        f"{folder}/artefact.json", f"{folder}/provenance/{COMMIT_1}.json", f"{folder}/sbom.cdx.json", f"{folder}/worker.bin",
    ]  # fmt: skip
    sha256 = hashlib.sha256(b"worker 0.1.0-abc").hexdigest()
    assert published.artefact.sha256 == sha256
    assert store.read(f"{folder}/artefact.json")["sha256"] == sha256
    note = store.read(f"{folder}/provenance/{COMMIT_1}.json")
    assert (note["commit"], note["jdk"], note["python"]) == (COMMIT_1, "17", "3.11.7")
    assert note["by"] == "arn:aws:iam::123456789012:user/kim"
    bill = store.read(f"{folder}/sbom.cdx.json")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert "pkg:pypi/numpy@" in json.dumps(bill)


def test_a_version_is_never_overwritten_by_other_bytes(store: Store) -> None:
    store.publish("panel", "p-1", content="first")
    with pytest.raises(VersionTaken, match="A version is never overwritten"):
        store.publish("panel", "p-1", content="other")
    body = store.shelf.s3.get_object(Bucket=BUCKET, Key="artefacts/panel/p-1/panel.bin")["Body"].read()
    assert body == b"first"


def test_nor_is_one_that_an_older_release_published_without_a_description(store: Store) -> None:
    store.shelf.s3.put_object(Bucket=BUCKET, Key="artefacts/panel/p-1/panel.bin", Body=b"first")
    assert versions(store.shelf) == []
    with pytest.raises(VersionTaken):
        store.publish("panel", "p-1", content="other")
    assert not store.publish("panel", "p-1", content="first").is_new
    assert versions(store.shelf) == [PublishedVersion("panel", "p-1", (COMMIT_1,))]


def test_another_commit_that_makes_the_same_bytes_is_noted_beside_the_first(store: Store) -> None:
    assert store.publish("hla-typer", "t").is_new
    assert not store.publish("hla-typer", "t", COMMIT_2).is_new
    first = store.read(f"artefacts/hla-typer/t/provenance/{COMMIT_1}.json")
    store.publish("hla-typer", "t")
    assert store.read(f"artefacts/hla-typer/t/provenance/{COMMIT_1}.json") == first
    assert versions(store.shelf) == [PublishedVersion("hla-typer", "t", (COMMIT_1, COMMIT_2))]


def test_what_is_half_published_is_not_there(store: Store) -> None:
    store.publish("panel", "p-1")
    store.shelf.delete(descriptor_key("panel", "p-1"))
    assert versions(store.shelf) == []
    with pytest.raises(NotPublished):
        read_version(store.shelf, "panel", "p-1")


def test_a_move_names_all_kinds_at_once_and_is_logged(store: Store) -> None:
    first, second = store.publish_set(1), store.publish_set(2)
    store.promote(first)
    store.promote({**first, "panel": second["panel"]})
    pointer = read_pointer(store.shelf)
    assert pointer.artefacts == {**first, "panel": second["panel"]}
    made = list(moves(store.shelf, pointer.move))
    assert made[0].changes == ["panel panel-1 -> panel-2"]
    assert len(made) == 2
    assert {move.by for move in made} == {"arn:aws:iam::123456789012:user/kim"}


def test_of_two_moves_at_once_one_is_made_and_the_other_is_told_and_not_in_the_log(store: Store) -> None:
    first, second = store.publish_set(1), store.publish_set(2)
    store.promote(first)
    seen = read_pointer(store.shelf)
    store.promote(second)
    with pytest.raises(PointerMoved, match="Nothing was changed"):
        move_pointer(store.shelf, seen, {**first, "worker": second["worker"]}, "promote", store.maker())
    pointer = read_pointer(store.shelf)
    assert pointer.artefacts == second
    assert [len(move.after) for move in moves(store.shelf, pointer.move)] == [4, 4]
    assert len(list(store.shelf.keys("artefacts/log/"))) == 3


def test_a_first_move_loses_against_another_first_one(store: Store) -> None:
    first = store.publish_set(1)
    seen = read_pointer(store.shelf)
    store.promote(first)
    with pytest.raises(PointerMoved):
        move_pointer(store.shelf, seen, first, "promote", store.maker())


def test_what_is_not_there_cannot_be_named(store: Store) -> None:
    first, second = store.publish_set(1), store.publish_set(2)
    store.promote(first)
    store.shelf.delete(second["hla-typer"].key)
    with pytest.raises(NotPublished, match="hla-typer hla-typer-2"):
        store.promote(second)
    assert read_pointer(store.shelf).artefacts == first


def test_rolling_back_twice_goes_back_two_moves_and_never_forth(store: Store) -> None:
    sets = [store.publish_set(number) for number in (1, 2, 3)]
    for one in sets:
        store.promote(one)
    roll_back(store.shelf, store.maker())
    assert read_pointer(store.shelf).artefacts == sets[1]
    roll_back(store.shelf, store.maker())
    assert read_pointer(store.shelf).artefacts == sets[0]
    with pytest.raises(NothingBefore):
        roll_back(store.shelf, store.maker())
    store.promote(sets[2])
    roll_back(store.shelf, store.maker())
    assert read_pointer(store.shelf).artefacts == sets[0]
    assert [move.action for move in moves(store.shelf, read_pointer(store.shelf).move)] == [
        "rollback", "promote", "rollback", "rollback", "promote", "promote", "promote",
    ]  # fmt: skip


def test_a_stage_of_an_older_release_can_be_moved_and_rolled_back(store: Store) -> None:
    first, second = store.publish_set(1), store.publish_set(2)
    old = {kind: entry.as_json() for kind, entry in first.items()}
    store.shelf.s3.put_object(Bucket=BUCKET, Key=CURRENT_ARTEFACTS_KEY, Body=json.dumps(old).encode())
    store.promote(second)
    roll_back(store.shelf, store.maker())
    assert read_pointer(store.shelf).artefacts == first


def test_the_jobs_that_use_a_version_are_named(store: Store) -> None:
    first = store.publish_set(1)
    key = store.add_job(first)
    assert used_by_jobs(store.shelf)[Use("panel", "panel-1")] == [str(key)]


RULES = prune.Rules(states=1, younger_than=timedelta(days=30))


def names(found: tuple[PublishedVersion, ...]) -> list[str]:
    return [version.version for version in found]


def test_prune_takes_what_nobody_needs_and_nothing_else(store: Store) -> None:
    sets = [store.publish_set(number) for number in range(5)]
    for one in (sets[0], sets[1], sets[2], sets[3]):
        store.promote(one)
    store.add_job(sets[0])
    plan = prune.plan(store.shelf, RULES, OLD)
    assert names(plan.goes) == [
        "hla-typer-1",
        "hla-typer-4",
        "panel-1",
        "panel-4",
        "reference-1",
        "reference-4",
        "worker-1",
        "worker-4",
    ]
    reasons = {one.version.version: one.reason for one in plan.stays if one.version.kind == "panel"}
    assert reasons["panel-3"] == "current"
    assert reasons["panel-2"] == "a state that can be rolled back to"
    assert reasons["panel-0"].startswith("1 job, the last reads-run1-class-1")
    done = prune.carry_out(store.shelf, plan.goes, RULES, lambda _seconds: None)
    assert done.goes == plan.goes
    assert {version.version for version in versions(store.shelf)} == {
        f"{kind}-{n}" for kind in sets[0] for n in (0, 2, 3)
    }
    assert not [key for key in store.shelf.keys("artefacts/") if "-1/" in key or "-4/" in key]
    roll_back(store.shelf, store.maker())


def test_what_was_published_lately_stays(store: Store) -> None:
    store.promote(store.publish_set(1))
    store.publish("panel", "panel-2")
    assert prune.plan(store.shelf, RULES, START + timedelta(days=20)).goes == ()


def test_a_job_that_comes_while_pruning_keeps_what_it_uses(store: Store) -> None:
    first, other = store.publish_set(1), store.publish_set(2)
    store.promote(first)
    plan = prune.plan(store.shelf, RULES, OLD)
    assert len(plan.goes) == 4

    def a_job_comes(seconds: float) -> None:
        assert seconds > 30, "longer than the request of a job may take"
        with pytest.raises(NotPublished):
            read_version(store.shelf, "panel", "panel-2")
        store.add_job({**first, "panel": other["panel"]})

    done = prune.carry_out(store.shelf, plan.goes, RULES, a_job_comes)
    assert names(done.goes) == ["hla-typer-2", "reference-2", "worker-2"]
    assert [one.version.version for one in done.stays] == ["panel-2"]
    assert read_version(store.shelf, "panel", "panel-2") == other["panel"]


def test_nothing_is_pruned_where_a_manifest_cannot_be_read(store: Store) -> None:
    first = store.publish_set(1)
    store.promote(first)
    store.publish("panel", "panel-2")
    key = manifest_key(store.add_job(first))
    plan = prune.plan(store.shelf, RULES, OLD)
    store.shelf.s3.put_object(Bucket=BUCKET, Key=key, Body=b"{half")
    with pytest.raises(ManifestUnreadable, match="What the job uses is not known"):
        prune.plan(store.shelf, RULES, OLD)
    with pytest.raises(ManifestUnreadable):
        prune.carry_out(store.shelf, plan.goes, RULES, lambda _seconds: None)
    assert read_version(store.shelf, "panel", "panel-2")


def test_s3_refuses_a_file_that_arrived_with_another_sum(store: Store, tmp_path: Path) -> None:
    local = store.local("panel", "p")
    assert store.shelf.create_file("k", local.path, local.described().sha256)
    assert not store.shelf.create_file("k", local.path, replace(local.described(), sha256="0" * 64).sha256)
