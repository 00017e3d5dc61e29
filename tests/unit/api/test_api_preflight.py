"""What is refused before any money is spent."""

from __future__ import annotations

import gzip
import itertools
import struct
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from api_world import CONTROL, DATA, READS, SETTINGS, World, fastq_gz
from hypothesis import given
from hypothesis import strategies as st

from gems_api.services.intake import preflight as preflight_module
from gems_api.services.intake.gzip_check import ALWAYS_INFLATED_BYTES, BGZF_END, check_ends, check_whole
from gems_api.services.intake.job_request import parse_job_request
from gems_api.services.intake.preflight import preflight
from gems_api.services.lifecycle.start_job import DryRun, Started, start_job
from gems_core.errors import CloudRefused, InvalidInput, Problem
from gems_core.fastq_names import StoredFile, pair_files
from gems_core.layout import sample_result_key
from gems_core.prices import InstancePrice
from gems_core.session_key import SessionKey

GOOD = {"bucket": DATA, "prefix": "run", "hla_class": "2"}


def codes(problems: list[Problem]) -> dict[str, str]:
    return {problem.where: problem.code for problem in problems}


def test_every_problem_of_fields_and_files_is_told_in_one_answer(world: World) -> None:
    world.upload("run", 2)
    files = {
        "run/K003_S3_L001_R1_001.fastq.gz": fastq_gz(),
        "run/K004_S4_L001_R1_001.fastq.gz": fastq_gz(),
        "run/K004_S4_L001_R2_001.fastq.gz": b"",
        "run/K005_S5_L001_R1_001.fastq.gz": fastq_gz(3)[:-9],
        "run/K005_S5_L001_R2_001.fastq.gz": b"@not compressed at all, alas\n",
        "run/K006_S6_L001_R1_001.fastq.gz": gzip.compress(b">fasta\nACGT\n" * 9),
        "run/K006_S6_L001_R2_001.fastq.gz": gzip.compress(b""),
        "run/again/K002_S2_L001_R1_001.fastq.gz": fastq_gz(),
        "run/my reads.fastq.gz": fastq_gz(),
        "run/SampleSheet.csv": b"",
    }
    for key, body in files.items():
        world.store.put(DATA, key, body)
    body = {**GOOD, "hla_class": "3", "email": "a@b\r\nBcc: c@d.org", "workers": 0, "dry_runn": True}
    with pytest.raises(InvalidInput) as refusal:
        start_job(world.context, body)
    assert codes(refusal.value.problems) == {
        "hla_class": "unknown_hla_class",
        "email": "invalid_field",
        "workers": "invalid_field",
        "dry_runn": "invalid_field",
        "K002": "duplicate_file",
        "run/K003_S3_L001_R1_001.fastq.gz": "unpaired_file",
        "run/K004_S4_L001_R2_001.fastq.gz": "empty_file",
        "run/K005_S5_L001_R1_001.fastq.gz": "truncated_file",
        "run/K005_S5_L001_R2_001.fastq.gz": "not_gzip",
        "run/K006_S6_L001_R1_001.fastq.gz": "not_fastq",
        "run/K006_S6_L001_R2_001.fastq.gz": "empty_file",
        "run/my reads.fastq.gz": "misnamed_file",
    }
    assert world.fleet.launches == []


def test_the_lanes_of_a_sample_are_one_sample_of_the_job_with_the_bytes_of_all(world: World) -> None:
    reads = fastq_gz()
    for lane, read in itertools.product(range(1, 5), (1, 2)):
        world.store.put(DATA, f"run/lane{lane}/K001_S1_L00{lane}_R{read}_001.fastq.gz", reads)
    outcome = start_job(world.context, {**GOOD, "dry_run": True})
    assert isinstance(outcome, DryRun)
    assert (outcome.problems, outcome.plan.warnings) == ([], [])
    (share,) = outcome.plan.shares
    assert [sample.name for sample in share.samples] == ["K001"]
    assert share.size_bytes == 8 * len(reads)


def test_damage_in_any_lane_is_found_and_a_lane_that_is_not_there_is_told_as_a_warning(world: World) -> None:
    for name, lanes in (("K001", (1, 2)), ("K002", (1, 2)), ("K003", (1,))):
        for lane, read in itertools.product(lanes, (1, 2)):
            world.store.put(DATA, f"run/{name}_S{name[-1]}_L00{lane}_R{read}_001.fastq.gz", fastq_gz())
    world.store.put(DATA, "run/K001_S1_L002_R2_001.fastq.gz", fastq_gz(3)[:-9])
    outcome = start_job(world.context, {**GOOD, "dry_run": True})
    assert isinstance(outcome, DryRun)
    assert codes(outcome.problems) == {"run/K001_S1_L002_R2_001.fastq.gz": "truncated_file"}
    (warning,) = outcome.plan.warnings
    assert (warning.code, warning.expected) == ("missing_lane", "lanes 001, 002 of every sample")
    assert "K003" in warning.found


def test_names_that_no_manifest_could_hold_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.upload("run", 2)
    monkeypatch.setattr(preflight_module, "MOST_NAMES_BYTES", 100)
    with pytest.raises(InvalidInput, match="at most 100 bytes together, found more"):
        start_job(world.context, GOOD)


def test_a_bucket_that_does_not_exist_is_refused_by_name(world: World) -> None:
    with pytest.raises(InvalidInput, match="no-such-bucket"):
        start_job(world.context, {**GOOD, "bucket": "no-such-bucket"})


def test_a_prefix_without_reads_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="expected FASTQ files, found none"):
        start_job(world.context, {**GOOD, "prefix": "nothing/here"})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"prefix": "a\nb"}, "invalid_field", id="prefix-of-two-lines"),
        pytest.param({"prefix": 7}, "invalid_field", id="prefix-is-no-text"),
        pytest.param({"prefix": "x" * 601}, "invalid_field", id="prefix-too-long"),
        pytest.param({"bucket": "UPPER"}, "invalid_field", id="no-bucket-name"),
        pytest.param({"bucket": CONTROL}, "own_bucket", id="the-control-bucket"),
    ],
)
def test_a_folder_that_is_in_doubt_is_refused_before_anything_is_listed(
    world: World, changes: dict[str, object], code: str
) -> None:
    world.upload("run", 1)
    world.store.calls.clear()
    with pytest.raises(InvalidInput) as refusal:
        start_job(world.context, {**GOOD, **changes})
    assert [problem.code for problem in refusal.value.problems] == [code]
    assert world.store.calls["entries"] == 0


def test_too_many_samples_are_refused_before_any_file_is_read() -> None:
    world = World().with_settings(max_samples=2)
    world.upload("run", 3)
    with pytest.raises(InvalidInput, match="at most 2 samples, found 3"):
        start_job(world.context, GOOD)


def test_what_gems_wrote_itself_is_never_input(world: World) -> None:
    world.upload("run", 1)
    world.store.put(DATA, "run/gems/some-job/samples/K001/K001_S1_L001_R1_001.fastq.gz", fastq_gz())
    outcome = start_job(world.context, {**GOOD, "dry_run": True})
    assert isinstance(outcome, DryRun)
    assert outcome.problems == []
    assert len(outcome.plan.shares) == 1


def test_the_manifest_keeps_the_entity_tag_of_each_file(world: World) -> None:
    world.upload("run", 2)
    for read in (1, 2):
        world.store.put(DATA, f"run/K001_S1_L002_R{read}_001.fastq.gz", fastq_gz(7))
    started = start_job(world.context, GOOD)
    manifest = world.context.jobs.manifest(started.session_key)  # type: ignore[union-attr]
    assert manifest is not None
    files = [file for sample in manifest.samples for file in sample.files]
    listed = {entry.key: entry.etag for entry in world.store.entries(DATA, "run/")}
    assert {file.key: file.etag for file in files} == listed
    assert all(listed.values())


def test_a_folder_of_more_objects_than_a_job_may_have_is_refused_without_being_listed_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preflight_module, "OBJECTS_PER_SAMPLE", 4)
    world = World(settings=replace(SETTINGS, max_samples=2))
    world.upload("run", 2)
    for name in ("gems/job/K001/typing.json", "gems/job/report.json", "gems2.txt", "a.txt", "z.txt"):
        world.store.put(DATA, f"run/{name}", b"x")
    outcome = start_job(world.context, {**GOOD, "dry_run": True})
    assert isinstance(outcome, DryRun)
    assert outcome.problems == [], "its own results do not count"
    for number in range(10):
        world.store.put(DATA, f"run/other-{number}.txt", b"x")
    with pytest.raises(InvalidInput) as refusal:
        start_job(world.context, GOOD)
    assert codes(refusal.value.problems) == {"s3://direct.typing/run": "too_many_objects"}
    assert "at most 8 objects" in str(refusal.value)


def test_a_dry_run_tells_plan_price_and_problems_and_does_nothing() -> None:
    world = World()
    world.set_prices({"c5.xlarge": InstancePrice(0.2, 0.08)})
    world.upload("run", 7)
    world.store.put(DATA, "run/K009_S9_L001_R1_001.fastq.gz", fastq_gz())
    outcome = start_job(world.context, {**GOOD, "dry_run": True})
    assert isinstance(outcome, DryRun)
    plan = outcome.plan.as_json(100_000)
    assert (plan["workers"], plan["samples"]) == (3, 7)
    # Three workers that each take three minutes to start; a few hundred bytes take no time.
    assert outcome.estimate.as_json() == {
        "workers": 3, "minutes": 3.0, "instance_hours": 0.15, "instance_type": "c5.xlarge", "hint": "",
        "price": {"currency": "USD", "on_demand": 0.03, "spot": 0.012},
    }  # fmt: skip
    assert codes(outcome.problems) == {"run/K009_S9_L001_R1_001.fastq.gz": "unpaired_file"}
    assert world.fleet.launches == []


def test_files_not_read_in_time_are_named_and_not_refused(world: World) -> None:
    world.upload("run", 2)
    request, _ = parse_job_request(GOOD, SETTINGS)
    ticks = itertools.count(0, SETTINGS.preflight_seconds)
    plan, problems = preflight(world.store, request, SETTINGS, lambda: float(next(ticks)))
    assert problems == []
    assert len(plan.unread) == 4
    assert len(plan.shares) == 1


@pytest.mark.parametrize("prefix", ["ä" * 301, "😀" * 151, "p" * 601])
def test_a_prefix_is_measured_in_bytes_for_so_are_keys(prefix: str) -> None:
    _, problems = parse_job_request({**GOOD, "prefix": prefix}, SETTINGS)
    assert codes(problems) == {"prefix": "invalid_field"}
    assert "at most 600 bytes" in problems[0].expected


@pytest.mark.parametrize("prefix", ["ä" * 300, "😀" * 150, "/" + "p" * 600 + "/"])
def test_below_the_longest_prefix_even_the_longest_key_of_a_result_fits_s3(prefix: str) -> None:
    request, problems = parse_job_request({**GOOD, "prefix": prefix}, SETTINGS)
    assert problems == []
    session_key = SessionKey.make("b" * 63, prefix, "all", datetime(2026, 11, 23, tzinfo=UTC), "0" * 10)
    reads = (StoredFile(f"{'s' * 100}_S1_L001_R{read}_001.fastq.gz", 99) for read in (1, 2))
    ((sample,), _) = pair_files(reads)
    assert len(sample_result_key(request.prefix, session_key, sample.name, "unexplained.fasta").encode()) <= 1024


@pytest.mark.parametrize(
    ("more", "unread"), [({"workers": 1}, 0), ({"workers": 3}, 6), ({"workers": 3, "dry_run": True}, 0)]
)
def test_a_launch_of_many_workers_leaves_the_files_less_time(
    world: World, monkeypatch: pytest.MonkeyPatch, more: dict[str, object], unread: int
) -> None:
    monkeypatch.setattr(preflight_module, "LAUNCH_SECONDS_PER_WORKER", 1.0)
    world.upload("run", 3)
    request, _ = parse_job_request({**GOOD, "samples_per_worker": 1, **more}, SETTINGS)
    ticks = itertools.chain([0.0], itertools.repeat(SETTINGS.preflight_seconds - 2.0))
    plan, problems = preflight(world.store, request, SETTINGS, lambda: next(ticks))
    assert (problems, len(plan.unread)) == ([], unread)


def test_however_many_workers_there_are_the_files_have_a_second(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight_module, "LAUNCH_SECONDS_PER_WORKER", 100.0)
    world.upload("run", 1)
    request, _ = parse_job_request(GOOD, SETTINGS)
    ticks = itertools.chain([0.0], itertools.repeat(0.9))
    plan, _ = preflight(world.store, request, SETTINGS, lambda: next(ticks))
    assert plan.unread == []


def test_of_a_run_too_large_to_be_read_in_time_both_ends_of_every_file_are_seen_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight_module, "FILES_PER_SECOND", 1)
    world.upload("run", 50)
    world.store.put(
        DATA, "run/K050_S50_L001_R2_001.fastq.gz", b"no gzip at all, but long enough to be taken for a file"
    )
    request, _ = parse_job_request(GOOD, SETTINGS)
    # A read takes 40 ms here: time for all first looks and for some whole files.
    ticks = itertools.count(0, 0.04)
    plan, problems = preflight(world.store, request, SETTINGS, lambda: next(ticks))
    assert codes(problems) == {"run/K050_S50_L001_R2_001.fastq.gz": "not_gzip"}
    assert 0 < len(plan.unread) < 100
    assert sum(len(share.samples) for share in plan.shares) == 49


@given(records=st.integers(1, 50), data=st.data())
def test_any_cut_of_a_small_file_is_found(records: int, data: st.DataObject) -> None:
    whole = fastq_gz(records)
    cut = data.draw(st.integers(3, len(whole) - 1))
    assert check_whole([whole]) is None
    finding = check_whole([whole[:cut]])
    assert finding is not None
    assert finding.code == "truncated_file"


def test_members_one_after_the_other_are_one_good_file() -> None:
    assert check_whole([fastq_gz(2) + fastq_gz(3)]) is None
    finding = check_whole([fastq_gz(2) + b"garbage"])
    assert finding is not None
    assert finding.code == "damaged_file"


@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4), piece_bytes=st.integers(3, 90), data=st.data())
def test_the_pieces_in_which_a_file_is_read_change_nothing(
    sizes: list[int], piece_bytes: int, data: st.DataObject
) -> None:
    whole = b"".join(fastq_gz(records) for records in sizes) + data.draw(st.sampled_from([b"", b"\0" * 5, b"@M"]))
    cut = whole[: data.draw(st.integers(3, len(whole)))]
    pieces = [cut[start : start + piece_bytes] for start in range(0, len(cut), piece_bytes)]
    one, many = check_whole([cut]), check_whole(pieces)
    assert (one and one.code) == (many and many.code)


@pytest.mark.timeout(20)
def test_a_file_of_many_small_members_takes_no_longer_than_another_of_its_size() -> None:
    # A second; a minute when each member's end copies the rest of the file.
    assert check_whole([fastq_gz(1) * 200_000]) is None


def test_a_gzip_bomb_is_told_after_a_small_part_of_it(world: World) -> None:
    bomb = gzip.compress(READS * 2_000_000, 1)
    inflated: list[None] = []
    finding = check_whole([bomb], lambda: inflated.append(None))
    assert finding is not None
    assert finding.code == "inflates_too_far"
    assert len(inflated) <= ALWAYS_INFLATED_BYTES // 2**20 + 2, "of 50 MB no more than the first 16 and a step"
    for read in (1, 2):
        world.store.put(DATA, f"run/K1_S1_L001_R{read}_001.fastq.gz", bomb)
    with pytest.raises(InvalidInput) as refusal:
        start_job(world.context, GOOD)
    assert {problem.code for problem in refusal.value.problems} == {"inflates_too_far"}


def test_what_is_short_inflated_is_let_be_whatever_its_ratio() -> None:
    assert check_whole([gzip.compress(READS * (ALWAYS_INFLATED_BYTES // len(READS)), 1)]) is None


def test_the_clock_is_looked_at_within_a_piece() -> None:
    class Late(Exception):
        pass

    def late() -> None:
        raise Late

    with pytest.raises(Late):
        check_whole([gzip.compress(READS)], late)


def test_reading_stops_in_the_middle_of_a_file_when_the_time_is_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight_module, "PIECE_BYTES", 10)
    monkeypatch.setattr(preflight_module, "READERS", 1)  # two would share the clock in no order
    world.upload("run", 1)
    lengths, honest = [], world.store.read_range

    def read_range(bucket: str, key: str, start: int, length_bytes: int) -> bytes:
        lengths.append(length_bytes)
        return honest(bucket, key, start, length_bytes)

    monkeypatch.setattr(world.store, "read_range", read_range)
    request, _ = parse_job_request(GOOD, SETTINGS)
    ticks = itertools.count(0, SETTINGS.preflight_seconds / 5)  # each piece is read, and inflated
    plan, problems = preflight(world.store, request, SETTINGS, lambda: float(next(ticks)))
    assert (problems, len(plan.unread)) == ([], 2)
    assert lengths == [10, 10]


def test_a_flipped_bit_is_found() -> None:
    whole = bytearray(fastq_gz(50))
    whole[len(whole) // 2] ^= 0x10
    finding = check_whole([bytes(whole)])
    assert finding is not None
    assert finding.code in ("damaged_file", "truncated_file")


def test_a_large_bgzf_file_must_end_in_its_end_block() -> None:
    block = fastq_gz(100)
    head = block[:3] + b"\x04" + block[4:10] + struct.pack("<H2sHH", 6, b"BC", 2, len(block) + 7) + block[10:]
    assert check_ends(head, BGZF_END) is None
    finding = check_ends(head, b"\x01" * 28)
    assert finding is not None
    assert finding.code == "truncated_file"


def test_a_large_plain_file_is_judged_by_its_first_record_and_its_last_four_bytes() -> None:
    assert check_ends(fastq_gz(100), fastq_gz(100)[-28:]) is None
    zeros = check_ends(fastq_gz(100), b"\0" * 28)
    assert zeros is not None
    assert zeros.code == "truncated_file"
    other = check_ends(gzip.compress(b"hello\n" * 100), b"\1" * 28)
    assert other is not None
    assert other.code == "not_fastq"


@pytest.mark.parametrize("value", [2, "2", "class2", " ALL "])
def test_hla_class_is_read_as_number_or_word(value: object) -> None:
    request, problems = parse_job_request({**GOOD, "hla_class": value}, SETTINGS)
    assert problems == []
    assert request.hla_class in ("2", "all")


@pytest.mark.parametrize(
    "body",
    [None, [], "x", {}, {**GOOD, "bucket": "../etc"}, {**GOOD, "bucket": None}, {**GOOD, "prefix": 7},
     {**GOOD, "prefix": "a\nb"}, {**GOOD, "dry_run": "yes"}, {**GOOD, "workers": True}, {**GOOD, "email": "nobody"}],
)  # fmt: skip
def test_hostile_bodies_are_refused_with_a_reason(body: object) -> None:
    _, problems = parse_job_request(body, SETTINGS)
    assert problems
    assert all(problem.repair for problem in problems)


def planned(world: World) -> DryRun:
    outcome = start_job(world.context, {**GOOD, "dry_run": True})
    assert isinstance(outcome, DryRun)
    return outcome


def placements_of(outcome: DryRun) -> dict[str, tuple[str, str]]:
    samples = [sample for share in outcome.plan.shares for sample in share.samples]
    return {sample.name: (sample.placed.well, sample.placed.role.value) for sample in samples}


def test_wells_and_roles_come_from_the_sheets_and_go_into_the_job(world: World) -> None:
    world.upload("run", 3)
    illumina = b"[Data]\nSample_ID,Sample_Well\nK001,A01\nK002,B01\n"
    world.store.put(DATA, "run/SampleSheet.csv", illumina)
    world.store.put(DATA, "run/samples.csv", b"sample,role\nK002,negative_control\n")
    world.store.put(DATA, "run/old/SampleSheet.csv", b"[Data]\nSample_ID,Sample_Well\nK001,H12\n")
    outcome = planned(world)
    assert placements_of(outcome) == {
        "K001": ("A1", "sample"),
        "K002": ("B1", "negative_control"),
        "K003": ("", "sample"),
    }
    assert outcome.plan.warnings == []
    started = start_job(world.context, GOOD)
    assert isinstance(started, Started)
    manifest = world.context.jobs.manifest(started.session_key)
    assert manifest is not None
    assert {name: placed.well for name, placed in manifest.plate.items()} == {"K001": "A1", "K002": "B1"}


@pytest.mark.parametrize("sheet", [b"", b"\0\1", b"name\nK001\n", b"sample,well\nK001,Z0\n", b"x" * ((1 << 20) + 1)])
def test_a_sheet_that_cannot_be_read_is_a_warning_and_stops_no_job(world: World, sheet: bytes) -> None:
    world.upload("run", 1)
    world.store.put(DATA, "run/samples.csv", sheet)
    outcome = planned(world)
    assert (outcome.problems, len(outcome.plan.warnings)) == ([], 1)
    assert outcome.plan.warnings[0].where.startswith("run/samples.csv")
    assert isinstance(start_job(world.context, GOOD), Started)


def test_a_sheet_that_s3_refuses_is_a_warning(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.upload("run", 1)
    world.store.put(DATA, "run/samples.csv", b"sample\nK001\n")
    honest = world.store.read_range

    def read_range(bucket: str, key: str, start: int, length_bytes: int) -> bytes:
        if key.endswith(".csv"):
            raise CloudRefused("no key to decrypt it")
        return honest(bucket, key, start, length_bytes)

    monkeypatch.setattr(world.store, "read_range", read_range)
    assert [problem.found for problem in planned(world).plan.warnings] == ["no key to decrypt it"]


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)], ids=["no-bytes", "no-reads"])
def test_a_negative_control_may_have_no_reads_and_other_samples_may_not(world: World, content: bytes) -> None:
    world.upload("run", 2)
    for name in ("K002_S2", "NTC_S3"):
        for read in (1, 2):
            world.store.put(DATA, f"run/{name}_L001_R{read}_001.fastq.gz", content)
    world.store.put(DATA, "run/samples.csv", b"sample,role\nNTC,negative_control\n")
    outcome = planned(world)
    assert codes(outcome.problems) == {
        "run/K002_S2_L001_R1_001.fastq.gz": "empty_file",
        "run/K002_S2_L001_R2_001.fastq.gz": "empty_file",
    }
    assert set(placements_of(outcome)) == {"K001", "NTC"}


def dry_run_of_single_reads(world: World, panel: str) -> DryRun:
    world.publish("panel", panel)
    world.store.put(DATA, "run/K001_S1_L001_R1_001.fastq.gz", fastq_gz())
    answer = start_job(world.context, {**GOOD, "panel": panel, "dry_run": True})
    assert isinstance(answer, DryRun)
    return answer


def test_single_reads_are_typed_without_a_panel_and_a_warning_tells_of_them(world: World) -> None:
    answer = dry_run_of_single_reads(world, "none-0123456789ab")
    assert answer.problems == []
    assert [warning.code for warning in answer.plan.warnings] == ["single_reads"]


def test_with_a_panel_a_lone_file_is_a_file_whose_mate_was_lost(world: World) -> None:
    answer = dry_run_of_single_reads(world, "our-kit-0123456789ab")
    assert [problem.code for problem in answer.problems] == ["unpaired_file"]
