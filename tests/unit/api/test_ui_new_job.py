"""Starting a job on its page: choosing a folder, the look before, problems beside what they are about, and one start."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from api_world import CONTROL, DATA, World
from test_ui_jobs import HOSTILE, Tags, words_of
from ui_browser import Browser, below, field, signed_in
from werkzeug.test import TestResponse

from gems_core.prices import InstancePrice

FIELDS: dict[str, Any] = {
    "bucket": DATA, "prefix": "run", "hla_class": "2", "email": "", "samples_per_worker": "1", "workers": "9",
    "time_limit_seconds": "3600", "budget_usd": "",
}  # fmt: skip


@pytest.fixture
def world() -> World:
    world = World()
    return World(settings=replace(world.settings, data_buckets=(DATA, "archive.2025")))


def check(browser: Browser, **fields: Any) -> TestResponse:
    return browser.send("/jobs/new", **{**FIELDS, "do": "check", **fields})


def test_folders_lead_to_the_folder_of_a_run(world: World) -> None:
    world.upload("2026/PT150", 2)
    world.upload("2026/PT151", 1)
    world.store.put(DATA, "2026/PT150/gems/old/report.csv", b"")
    browser = signed_in(world)
    root = browser.get("/jobs/new").text
    assert ">archive.2025</option>" in root
    (year,) = re.findall(r'<li><a href="([^"]*)">2026<', root)
    listed = browser.get(year.replace("&amp;", "&")).text
    assert re.findall(r"<li><a [^>]*>(\w+)</a>", listed.partition('class="folders"')[2]) == ["PT151", "PT150"]
    run = browser.get(f"/jobs/new?bucket={DATA}&prefix=2026/PT150/").text
    assert "4 files of reads here" in words_of(run)
    assert ">gems<" not in run
    chosen = browser.get(f"/jobs/new?bucket={DATA}&prefix=2026/PT150/&chosen=yes").text
    assert field(chosen, "bucket") == DATA
    assert 'value="2026/PT150/"' in chosen


@pytest.mark.parametrize(
    ("bucket", "told"),
    [
        ("archive.2025", "NoSuchBucket"),
        ("No%20Bucket", "expected the name of a bucket"),
        (CONTROL, "GeMS's own records"),
    ],
)
def test_a_bucket_that_cannot_be_read_is_told(world: World, bucket: str, told: str) -> None:
    answer = signed_in(world).get(f"/jobs/new?bucket={bucket}")
    assert answer.status_code == 200
    assert told in html.unescape(words_of(answer.text))


def test_looking_starts_nothing_and_tells_plan_and_price(world: World) -> None:
    world.upload("run", 3)
    world.set_prices({"c5.xlarge": InstancePrice(0.2, 0.08)})
    answer = check(signed_in(world))
    assert answer.status_code == 200
    told = words_of(answer.text)
    assert "Ready to start Samples 3 Workers 3 c5.xlarge Expected to take 3 min 00 s Expected price $0.03" in told
    assert "K001_S1_L001_R1_001.fastq.gz, K001_S1_L001_R2_001.fastq.gz" in told
    assert 'value="start"' in answer.text
    assert world.fleet.launches == []


def test_the_price_is_that_of_the_market_which_is_used_first(world: World) -> None:
    spot = World(settings=replace(world.settings, spot=True))
    spot.upload("run", 3)
    spot.set_prices({"c5.xlarge": InstancePrice(20.0, 8.0)})
    assert "Expected price $1.20 on spot instances, $3.00 where there are none" in words_of(check(signed_in(spot)).text)


def test_a_price_that_is_not_known_says_why(world: World) -> None:
    world.upload("run", 1)
    assert "Expected price unknown no price table" in words_of(check(signed_in(world)).text)


def test_each_problem_stands_beside_its_file_and_nothing_can_be_started(world: World) -> None:
    world.upload("run", 1)
    world.store.put(DATA, "run/EMPTY_S2_L001_R1_001.fastq.gz", b"")
    world.store.put(DATA, "run/oddly named.fastq.gz", b"x" * 30)
    answer = check(signed_in(world))
    assert answer.status_code == 422
    told = words_of(answer.text)
    assert "EMPTY_S2_L001_R1_001.fastq.gz Expected a gzip file with reads, found 0 bytes." in told
    assert "oddly named.fastq.gz Expected a MiSeq name" in told
    assert "Rename the file" in told
    assert told.index("Files that cannot be typed") < told.index("K001_S1_L001_R1_001")
    assert 'value="start"' not in answer.text


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("bucket", "No Bucket", "an S3 bucket name"), ("prefix", "a\tb", "printable characters"), ("hla_class", "3", "1, 2 or all"),
        ("email", "nobody", "an e-mail address"), ("workers", "many", "a whole number"), ("workers", "0", "a whole number from 1"),
        ("workers", "9" * 4000, "a whole number"), ("workers", "\u0663", "a whole number"), ("samples_per_worker", "-1", "a whole number"),
        ("time_limit_seconds", "1e9", "a whole number"), ("budget_usd", "much", "an amount such as 12.50"), ("budget_usd", "nan", "an amount"),
        ("budget_usd", "-3", "US dollars, above 0"), ("budget_usd", "inf", "an amount"), ("email", HOSTILE, "an e-mail address"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_says_so_and_keeps_what_was_typed(
    world: World, name: str, text: str, expected: str
) -> None:
    world.upload("run", 1)
    for do in ("check", "start"):
        answer = check(signed_in(world), **{name: text, "do": do})
        assert answer.status_code == 422
        (complaint,) = re.findall(rf'id="{name}-wrong" class="complaint">([^<]*)<', answer.text)
        assert expected in complaint
        assert [tag for tag, attributes in Tags(answer.text).tags if tag == "script" and "src" not in attributes] == []
        kept = [attributes for _, attributes in Tags(answer.text).tags if attributes.get("name") == name]
        assert name == "hla_class" or kept[0]["value"] == text.strip()
    assert world.fleet.launches == []


def test_a_job_is_started_once_however_often_its_form_is_sent(world: World) -> None:
    world.upload("run", 2)
    browser = signed_in(world)
    page = check(browser).text
    number = field(page, "idempotency_key")
    sent = [check(browser, do="start", idempotency_key=number) for _ in range(2)]
    assert {answer.status_code for answer in sent} == {303}
    (location,) = {answer.headers["Location"] for answer in sent}
    assert below(location).startswith("/jobs/direct.typing-run-class-2-")
    assert len(world.fleet.launches) == 1
    assert "0 of 2 samples typed" in words_of(browser.get(below(location)).text)
    assert field(browser.get("/jobs/new?chosen=yes").text, "idempotency_key") != number


def test_the_number_of_a_form_stays_while_it_is_corrected(world: World) -> None:
    world.upload("run", 1)
    browser = signed_in(world)
    number = field(check(browser, workers="none").text, "idempotency_key")
    assert field(check(browser, idempotency_key=number).text, "idempotency_key") == number


def test_a_run_that_has_become_bad_since_the_look_is_not_started(world: World) -> None:
    world.upload("run", 1)
    browser = signed_in(world)
    number = field(check(browser).text, "idempotency_key")
    world.store.put(DATA, "run/oddly named.fastq.gz", b"x" * 30)
    answer = check(browser, do="start", idempotency_key=number)
    assert answer.status_code == 422
    assert "oddly named.fastq.gz" in answer.text
    assert world.fleet.launches == []


def test_a_folder_without_reads_and_a_budget_that_is_too_small_are_told_of_the_run(world: World) -> None:
    world.set_prices({"c5.xlarge": InstancePrice(36.0, 8.0)})
    browser = signed_in(world)
    assert "s3://direct.typing/run : expected FASTQ files, found none" in words_of(check(browser).text)
    world.upload("run", 2)
    told = words_of(check(browser, budget_usd="0.01").text)
    assert "budget of 0.01 USD : expected a job that costs no more" in told


def test_a_launch_that_is_refused_is_told_as_a_page(world: World) -> None:
    world.upload("run", 1)
    world.fleet.refusal = "UnauthorizedOperation"
    answer = check(signed_in(world), do="start")
    assert answer.status_code == 503
    assert "UnauthorizedOperation" in answer.text
    assert answer.mimetype == "text/html"
