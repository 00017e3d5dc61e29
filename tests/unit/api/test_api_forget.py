"""``gems forget``: nothing of a person's results is left, everybody else's stand, and the log is still proven."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from api_world import CONTROL, DATA, World
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from results_world import Json
from test_api_work_list import Laboratory

from gems_api.aws.s3 import S3Store
from gems_api.services.storage.read_cache import ReadCache
from gems_api.services.storage.review_log import ReviewLog
from gems_cli.main import gems, run_command
from gems_core import layout
from gems_core.people import Role
from gems_core.review.events import EVENT, Event, Kind
from gems_core.review.verify import verified
from gems_core.session_key import SessionKey
from gems_deploy.versioned_objects import VersionedObjects
from gems_report.forgetting import FORGOTTEN, without_sample
from gems_report.formats import FORMATS
from gems_report.pages import SamplePage
from gems_report.reading import judged_report
from gems_report.result_digest import digest_of_page

REGION, GONE, STAYS = "eu-west-1", "K002", "K001"


def telling(document: Json) -> None:
    """A sample that shows alleles of the one that is to be forgotten, and says so in words."""
    document["flags"] = [
        {"code": "contamination_suspected", "message": f"alleles of {GONE}, not of K0021", "evidence": {}}
    ]


class Died(BaseException):
    """The machine went away."""


class Site:
    """A laboratory whose buckets lie in a stand-in for S3 that keeps versions."""

    def __init__(self) -> None:
        self.lab = Laboratory(World())
        self.lab.world.person("adam", Role.ADMINISTRATOR)
        self.key = self.lab.run(samples=3, changes={0: telling})
        self.lab.approve(self.key, STAYS, GONE)
        self.s3 = boto3.client("s3", region_name=REGION)
        for bucket in (DATA, CONTROL):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        manifest = self.lab.world.job(self.key).manifest
        self.prefix = layout.results_prefix(manifest.prefix, self.key)
        store = self.lab.world.store
        document = store.read(DATA, layout.report_key(manifest.prefix, self.key, "json"))
        assert document is not None
        report = judged_report(json.loads(document.body))
        for extension, form in FORMATS.items():
            store.put(DATA, layout.report_key(manifest.prefix, self.key, extension), form.render(report))
        for name in ("typing.json", "cross_match.txt"):
            store.put(DATA, f"{self.prefix}samples/{GONE}/{name}", b"results")
        for bucket in (DATA, CONTROL):
            for key, held in store.buckets[bucket].items():
                self.s3.put_object(Bucket=bucket, Key=key, Body=held.body)
        self.s3.put_object(Bucket=DATA, Key=f"{self.prefix}samples/{GONE}/typing.json", Body=b"older results")

    def call(self, *arguments: str, sample: str = GONE, by: str = "adam", words: str = "asked to") -> int:
        command = ["forget", sample, "--job", str(self.key), "--by", by, "--words", words, *arguments]
        return run_command(lambda: gems(command, standalone_mode=False))

    def everything(self, bucket: str) -> dict[str, list[bytes]]:
        """Each version of each object, packed ones opened."""
        found: dict[str, list[bytes]] = {}
        listed = self.s3.list_object_versions(Bucket=bucket)
        assert not listed["IsTruncated"]
        for one in listed.get("Versions", []):
            body = self.s3.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
            found.setdefault(one["Key"], []).append(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        return found

    def log(self) -> ReviewLog:
        return ReviewLog(S3Store(self.s3, time.sleep), CONTROL, ReadCache())

    def digest(self, sample: str) -> str:
        body = self.s3.get_object(Bucket=DATA, Key=f"{self.prefix}samples/{sample}/page.json.gz")["Body"].read()
        return digest_of_page(SamplePage.from_bytes(body))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("GEMS_CONTROL_BUCKET", CONTROL)
    monkeypatch.setenv("GEMS_REGION", REGION)
    with mock_aws():
        yield Site()


def test_a_dry_run_tells_everything_and_changes_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    before = (site.everything(DATA), site.everything(CONTROL))
    assert site.call() == 0
    told = capsys.readouterr()
    assert "review's log\ttombstone" in told.out
    assert f"samples/{GONE}/typing.json\tremoved, with all versions" in told.out
    assert "report.csv\twritten again without the sample" in told.out
    assert "stays: the reads in your own bucket" in told.err
    assert "this was a dry run" in told.err
    assert (site.everything(DATA), site.everything(CONTROL)) == before


def test_nothing_of_the_results_is_left_in_any_version_and_the_others_stand(site: Site) -> None:
    approved = site.digest(STAYS)
    assert site.call("--yes") == 0
    results = {key: bodies for key, bodies in site.everything(DATA).items() if key.startswith(site.prefix)}
    assert not [key for key in results if f"/samples/{GONE}/" in key]
    assert [
        key for key, bodies in results.items() for body in bodies if GONE.encode() in body.replace(b"K0021", b"")
    ] == []
    assert {len(bodies) for bodies in results.values()} == {1}
    for extension in layout.REPORT_FORMATS:
        assert f"{site.prefix}report.{extension}" in results
    assert STAYS.encode() in results[f"{site.prefix}report.csv"][0]
    assert site.digest(STAYS) == approved
    notes = {key: bodies for key, bodies in site.everything(CONTROL).items() if key.startswith("worklist/open/")}
    assert [key for key, bodies in notes.items() for body in bodies if GONE.encode() in body] == []


def test_the_log_has_a_tombstone_and_is_proven(site: Site) -> None:
    gone = site.digest(GONE)
    assert site.call("--yes") == 0
    proofs = site.log().read_all()
    found = verified(proofs)
    assert (list(found.faults), found.unsealed) == ([], {})
    last = proofs[str(site.key)].last
    assert last is not None
    assert {name: last.content[name] for name in ("kind", "by", "role", "sample", "results", "words")} == {
        "kind": "forget",
        "by": "adam",
        "role": "administrator",
        "sample": GONE,
        "results": gone,
        "words": "asked to",
    }


def test_doing_it_again_finds_nothing_left(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.call("--yes") == 0
    before = (site.everything(DATA), site.everything(CONTROL))
    capsys.readouterr()
    assert site.call("--yes") == 0
    assert "there is nothing left to forget" in capsys.readouterr().err
    assert (site.everything(DATA), site.everything(CONTROL)) == before


@pytest.mark.parametrize("steps", [0, 1, 3, 6, 9])
def test_what_was_broken_off_is_gone_on_with(site: Site, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    done, remove = [], VersionedObjects.remove

    def dying(self: VersionedObjects, bucket: str, key: str, **more: Any) -> None:
        if len(done) >= steps:
            raise Died
        done.append(key)
        remove(self, bucket, key, **more)

    with monkeypatch.context() as patch:
        patch.setattr(VersionedObjects, "remove", dying)
        with pytest.raises(Died):
            site.call("--yes")
    assert site.call("--yes") == 0
    left = [
        key
        for key, bodies in site.everything(DATA).items()
        for body in bodies
        if key.startswith(site.prefix) and (GONE in key or GONE.encode() in body.replace(b"K0021", b""))
    ]
    assert left == []
    assert [entry.content["kind"] for entry in site.log().read(str(site.key)).entries].count("forget") == 1


REFUSED = {
    "no administrator": ({"by": "anna"}, 2),
    "nobody": ({"by": "nobody"}, 2),
    "no sample of the job": ({"sample": "K009"}, 3),
    "no words": ({"words": " "}, 2),
}


@pytest.mark.parametrize(("more", "code"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(site: Site, more: dict[str, str], code: int) -> None:
    before = site.everything(CONTROL)
    assert site.call("--yes", **more) == code
    assert site.everything(CONTROL) == before


def test_what_is_no_lock_is_refused_before_anybody_is_asked(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.call("--yes", "--lock", "ten years", by="nobody") == 2
    assert "--lock: expected governance or compliance" in capsys.readouterr().err


def test_a_tombstone_is_locked_where_the_log_is(site: Site) -> None:
    before = set(site.everything(CONTROL))
    # moto turns it on for new buckets alone.
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[CONTROL].object_lock_enabled = True
    assert site.call("--yes", "--lock", "governance:3653") == 0
    added = set(site.everything(CONTROL)) - before
    assert len(added) == 2, "the tombstone and its checkpoint"
    for key in added:
        assert site.s3.head_object(Bucket=CONTROL, Key=key)["ObjectLockMode"] == "GOVERNANCE"


def test_a_bucket_that_cannot_lock_is_told_and_nothing_is_forgotten(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    before = site.everything(DATA)
    assert site.call("--yes", "--lock", "governance:3653") == 4
    assert "Bucket is missing Object" in capsys.readouterr().err
    assert site.everything(DATA) == before


def test_a_job_that_is_looked_after_is_left_alone(site: Site) -> None:
    site.s3.put_object(Bucket=CONTROL, Key=layout.active_key(site.key), Body=b"")
    assert site.call("--yes") != 0
    assert f"{site.prefix}samples/{GONE}/page.json.gz" in site.everything(DATA)


def test_the_api_takes_no_tombstone_and_nothing_after_one() -> None:
    lab = Laboratory(World())
    lab.world.person("adam", Role.ADMINISTRATOR)
    lab.tokens["adam"] = lab.world.user_token("adam")
    key = lab.run()
    for name in ("adam", "anna"):
        lab.say(name, key, STAYS, "forget", 422, words="x")
    bury(lab, key)
    lab.say("rita", key, GONE, "comment", 409, words="x")
    assert [row["sample"] for row in lab.list()["samples"]] == [STAYS]
    answer = lab.ask("rita", f"/job/{quote(str(key), safe=':')}/reviewed.csv")
    assert answer.status_code == 200


def bury(lab: Laboratory, key: SessionKey) -> None:
    """Write the tombstone alone."""
    event = Event(Kind.FORGET, "adam", Role.ADMINISTRATOR, lab.world.clock(), GONE, "0" * 64, words="x")
    entry = lab.world.context.review_log.append(str(key), None, EVENT.write(event))
    assert entry is not None
    lab.world.context.review_log.seal(entry)


MASKED: dict[str, tuple[Any, Any]] = {
    "words": ("K1 and K10 and K1.", f"{FORGOTTEN} and K10 and {FORGOTTEN}."),
    "a read file": ("s3://b/K1_S1_L001_R1_001.fastq.gz", f"s3://b/{FORGOTTEN}_S1_L001_R1_001.fastq.gz"),
    "a longer name": ("K1-2", "K1-2"),
    "a list of names": (["K1", "K10"], ["K10"]),
    "its own object": ([{"sample": "K1"}, {"sample": "K10", "source": "K1"}, {"sample": "K10"}], [{"sample": "K10"}]),
    "a key": ({"K1": 1, "K10": 2}, {"K10": 2}),
    "numbers": ([1, None, True], [1, None, True]),
}


@pytest.mark.parametrize(("before", "after"), MASKED.values(), ids=MASKED)
def test_a_name_is_gone_from_what_is_said_of_others(before: Any, after: Any) -> None:
    assert without_sample(before, "K1", ["K1", "K10", "K1-2"]) == after
