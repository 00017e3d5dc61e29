"""Which library, typer and panel a job uses: chosen by name, kept for good, and the same reads typed again."""

from __future__ import annotations

import html
from typing import Any

import pytest
from api_world import CONTROL, DATA, World, fastq_gz
from test_ui_jobs import words_of
from ui_browser import Browser, signed_in

from gems_api.services.lifecycle.start_job import DryRun, Started, start_job
from gems_api.services.reaping.reaper import reap
from gems_core.errors import InvalidInput, Problem
from gems_core.layout import CURRENT_ARTEFACTS_KEY, artefact_key, manifest_key
from gems_core.manifest import Manifest
from gems_core.published import descriptor_key
from gems_core.session_key import SessionKey

BODY = {"bucket": DATA, "prefix": "run", "hla_class": "2"}
NEW = "3.58.0-000000000001"


@pytest.fixture
def world() -> World:
    world = World()
    world.upload("run", 2)
    world.publish("reference", NEW, "abcdef012345")
    world.publish("hla-typer", "000000000002", "fedcba543210")
    world.publish("panel", "our-kit-000000000003")
    return world


def dry(world: World, **more: Any) -> DryRun:
    outcome = start_job(world.context, {**BODY, **more, "dry_run": True})
    assert isinstance(outcome, DryRun)
    return outcome


def manifest(world: World, session_key: SessionKey) -> Manifest:
    return world.job(session_key).manifest


def refused(world: World, **more: Any) -> list[Problem]:
    with pytest.raises(InvalidInput) as refusal:
        start_job(world.context, {**BODY, **more})
    assert world.fleet.launches == []
    return refusal.value.problems


def test_a_job_that_chooses_nothing_gets_what_is_current(world: World) -> None:
    assert {entry.version for entry in dry(world).artefacts.values()} == {"1.2"}
    assert manifest(world, world.start(2)).artefacts == dry(world).artefacts


def test_a_job_gets_the_versions_that_it_names_and_the_dry_run_shows_them(world: World) -> None:
    choice = {"reference": "3.58.0", "typer": "fedcba5", "panel": "our-kit"}
    planned = dry(world, **choice)
    assert planned.problems == []
    versions = {kind: entry.version for kind, entry in planned.artefacts.items()}
    assert versions == {"worker": "1.2", "reference": NEW, "hla-typer": "000000000002", "panel": "our-kit-000000000003"}
    made = manifest(world, world.start(2, **choice))
    assert made.artefacts == planned.artefacts
    assert made.artefacts["reference"].sha256 == "1" * 64
    assert world.fleet.launches[0].bootstrap.artefacts["reference"].version == NEW


def test_a_name_of_nothing_is_refused_with_what_is_published_beside_all_other_problems(world: World) -> None:
    world.store.put(DATA, "run/K003_S3_L001_R1_001.fastq.gz", fastq_gz())
    found = refused(world, reference="3.59.0", panel="their-kit", workers=0)
    assert {problem.code for problem in found} == {"invalid_field", "unpaired_file", "unknown_artefact"}
    told = {problem.where: str(problem) for problem in found}
    assert f"reference: expected one of the published: {NEW} (abcdef012345), found '3.59.0'" in told["reference"]
    assert "our-kit-000000000003" in told["panel"]


@pytest.mark.parametrize("value", [7, ["3.58.0"], "x" * 2000, "a\nb", {}])
def test_a_name_that_is_none_is_refused_as_a_field(world: World, value: object) -> None:
    assert [problem.code for problem in refused(world, reference=value)] == ["invalid_field"]


@pytest.mark.parametrize("body", [b"{half", b"[]", b"{}", b'{"version": "x", "key": "jobs/secret", "sha256": "0"}'])
def test_a_version_whose_description_is_none_cannot_be_chosen(world: World, body: bytes) -> None:
    world.store.put(CONTROL, descriptor_key("reference", NEW), body)
    assert [problem.code for problem in refused(world, reference="3.58.0")] == ["unknown_artefact"]


def test_a_version_whose_file_is_gone_cannot_be_chosen(world: World) -> None:
    world.store.delete(CONTROL, artefact_key("reference", NEW, "f"))
    assert "which is gone" in str(refused(world, reference="3.58.0")[0])


def test_where_nothing_is_published_a_dry_run_still_tells_of_the_reads(world: World) -> None:
    world.store.delete(CONTROL, CURRENT_ARTEFACTS_KEY)
    assert dry(world).artefacts == {}


def test_all_workers_of_a_job_use_its_versions_whatever_is_promoted_meanwhile(world: World) -> None:
    session_key = world.start(2)
    before = manifest(world, session_key).artefacts
    world.promote("reference", NEW)
    world.promote("hla-typer", "000000000002")
    world.fleet.terminate(world.fleet.living())
    reap(world.context)
    reap(world.context)
    assert len(world.fleet.launches) > 1, "a machine that died is replaced"
    assert {launch.bootstrap.artefacts["reference"].version for launch in world.fleet.launches} == {"1.2"}
    assert manifest(world, session_key).artefacts == before
    assert manifest(world, world.start(2, prefix="other")).artefacts["reference"].version == NEW


def retyped(world: World, session_key: SessionKey, **more: Any) -> Manifest:
    outcome = start_job(world.context, {**BODY, "retype_of": str(session_key), **more})
    assert isinstance(outcome, Started)
    return manifest(world, outcome.session_key)


def test_the_reads_of_a_job_are_typed_again_by_a_job_of_its_own(world: World) -> None:
    old = world.start(2)
    for read in (1, 2):
        world.store.put(DATA, f"run/K003_S3_L001_R{read}_001.fastq.gz", fastq_gz())
    again = retyped(world, old, reference="3.58.0")
    assert again.session_key != old
    assert set(again.samples) == set(manifest(world, old).samples), (
        "the sample that came later is none of the old job's"
    )
    assert again.artefacts["reference"].version == NEW
    assert manifest(world, old).artefacts["reference"].version == "1.2"


def test_reads_that_have_changed_or_gone_since_are_refused_by_name(world: World) -> None:
    old = world.start(2)
    launches = len(world.fleet.launches)
    changed, gone = "run/K001_S1_L001_R1_001.fastq.gz", "run/K002_S2_L001_R2_001.fastq.gz"
    stored = world.store.read(DATA, changed)
    assert stored is not None
    world.store.put(DATA, changed, stored.body[:-1] + b"\0")
    world.store.delete(DATA, gone)
    with pytest.raises(InvalidInput) as refusal:
        retyped(world, old)
    told = {problem.where: problem for problem in refusal.value.problems if problem.code == "reads_changed"}
    assert set(told) == {changed, gone}
    assert told[gone].found == "no such file"
    assert stored.etag in told[changed].expected
    assert len(world.fleet.launches) == launches


def with_more_lanes(world: World) -> SessionKey:
    for read in (1, 2):
        for lane in (2, 3):
            world.store.put(DATA, f"run/K001_S1_L00{lane}_R{read}_001.fastq.gz", fastq_gz(lane))
    return world.start(2)


def test_all_lanes_of_a_job_are_typed_again_and_none_that_came_later(world: World) -> None:
    old = with_more_lanes(world)
    for read in (1, 2):
        world.store.put(DATA, f"run/K001_S1_L004_R{read}_001.fastq.gz", fastq_gz(4))
    again = retyped(world, old)
    assert set(again.samples) == set(manifest(world, old).samples)
    assert sorted(len(sample.files) for sample in again.samples) == [2, 6]


def test_a_later_lane_that_has_changed_or_gone_since_is_refused_by_name(world: World) -> None:
    old = with_more_lanes(world)
    changed, gone = "run/K001_S1_L002_R2_001.fastq.gz", "run/K001_S1_L003_R1_001.fastq.gz"
    stored = world.store.read(DATA, changed)
    assert stored is not None
    world.store.put(DATA, changed, stored.body[:-1] + b"\0")
    world.store.delete(DATA, gone)
    with pytest.raises(InvalidInput) as refusal:
        retyped(world, old)
    assert {item.where for item in refusal.value.problems if item.code == "reads_changed"} == {changed, gone}


def test_only_a_job_that_is_there_and_of_this_folder_is_typed_again(world: World) -> None:
    old = world.start(2)
    world.upload("other", 1)
    for body in (
        {"retype_of": "nonsense"},
        {"retype_of": str(old)[:-1] + "x"},
        {"retype_of": str(old), "prefix": "other"},
    ):
        with pytest.raises(InvalidInput):
            start_job(world.context, {**BODY, **body})
    world.store.delete(CONTROL, manifest_key(old))
    fresh = World(store=world.store, clock=world.clock)
    with pytest.raises(InvalidInput, match="a job that has a record"):
        start_job(fresh.context, {**BODY, "retype_of": str(old)})


FIELDS: dict[str, Any] = {
    **BODY, "email": "", "reference": "", "panel": "", "typer": "", "samples_per_worker": "1", "workers": "9",
    "time_limit_seconds": "3600", "budget_usd": "",
}  # fmt: skip


def check(browser: Browser, **fields: Any) -> str:
    return html.unescape(browser.send("/jobs/new", **{**FIELDS, "do": "check", **fields}).text)


def test_the_form_offers_what_is_published_and_shows_what_was_chosen(world: World) -> None:
    browser = signed_in(world)
    page = html.unescape(browser.get(f"/jobs/new?bucket={DATA}&prefix=run&chosen=yes").text)
    assert "current: 1.2</option>" in page
    assert f'<option value="{NEW}">{NEW} of abcdef012345</option>' in page
    looked = check(browser, reference=NEW)
    assert f'<option value="{NEW}" selected>' in looked
    assert f"Library {NEW} Panel 1.2 Typer 1.2" in words_of(looked)
    browser.send("/jobs/new", **{**FIELDS, "do": "start", "reference": NEW, "idempotency_key": "k"})
    assert world.fleet.launches[0].bootstrap.artefacts["reference"].version == NEW


def test_a_version_that_was_pruned_meanwhile_is_told_beside_its_field(world: World) -> None:
    looked = check(signed_in(world), reference="3.57.0-00000000000f")
    assert "one of the published" in words_of(looked)
    assert '<option value="3.57.0-00000000000f" selected>' in looked
