"""The pages of results: what they show of a run and of a sample, to whom, and that nothing from outside breaks them."""

from __future__ import annotations

import gzip
import json
import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from api_world import World
from results_world import Json, address, with_results
from ui_browser import Browser, below, signed_in, words_of

from gems_core.layout import run_page_key, sample_page_key
from gems_core.session_key import SessionKey

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"


def flagged(code: str, **evidence: Any) -> Any:
    def change(document: Json) -> None:
        document["loci"][0]["flags"] = [{"code": code, "message": "as it is", "evidence": evidence}]

    return change


def test_the_run_shows_each_samples_calls_and_its_verdict(world: World) -> None:
    key = with_results(world)
    told = words_of(signed_in(world).get(address(key, "/run")).text)
    assert "02:01:01 03:01:01" in told
    assert "3*01:01:02 -" in told, "one copy of DRB3 has nothing beside it"
    assert told.count("08:01:01 08:01:01") == 2, "a homozygous allele stands twice"


def test_the_worst_reason_comes_first(world: World) -> None:
    def change(document: Json) -> None:
        flags = [("low_depth", "few"), ("several_people_suspected", "two people")]
        document["loci"][0]["flags"] = [{"code": code, "message": text, "evidence": {}} for code, text in flags]

    key = with_results(world, {0: change})
    told = words_of(signed_in(world).get(address(key, "/samples/K001")).text)
    assert told.index("FAIL A : two people") < told.index("REVIEW A : few")


@pytest.mark.parametrize(("query", "rows"), [("", 3), ("verdict=FAIL", 1), ("sample=k00", 3), ("sample=none", 0)])
def test_the_table_is_filtered(world: World, query: str, rows: int) -> None:
    key = with_results(world, samples=3, failed="its reads are damaged")
    page = signed_in(world).get(address(key, f"/run?{query}")).text
    assert page.count('<th scope="row">') == rows
    assert ("No sample passes" in page) == (rows == 0)


def test_a_filter_that_makes_no_sense_is_as_none(world: World) -> None:
    key = with_results(world)
    assert signed_in(world).get(address(key, "/run?verdict=x&order=y&view=z")).text.count('<th scope="row">') == 2


def test_the_worst_samples_come_first_where_that_is_asked(world: World) -> None:
    key = with_results(world, samples=2, failed="its reads are damaged")
    page = signed_in(world).get(address(key, "/run?order=verdict")).text
    assert page.index("its reads are damaged") < page.index("02:01:01")


@pytest.mark.parametrize("view", ["calls", "plate", "quality", "new"])
def test_every_view_of_a_run_is_a_whole_page(world: World, view: str) -> None:
    key = with_results(world)
    answer = signed_in(world).get(address(key, f"/run?view={view}"))
    assert answer.status_code == 200
    assert f'view={view}" aria-current="page"' in answer.text


def test_the_sample_shows_its_genes_and_what_is_flagged_in_words(world: World) -> None:
    key = with_results(world, {0: flagged("low_depth", amplicon="Exon 2", share=0.1, threshold=0.2)})
    told = words_of(signed_in(world).get(address(key, "/samples/K001")).text)
    assert "A E A*02:01:01:01 A*03:01:01:01 ! Too few reads show this place to see both alleles. Exon 2" in told
    assert "DRB345 1 DRB3*01:01:02:01 -" in told


def test_the_coverage_table_tells_zeros_low_numbers_and_what_nobody_knows(world: World) -> None:
    def change(document: Json) -> None:
        document["loci"][0]["candidate_pairs"] = {
            "places": ["Exon 2", "Exon 3", "Exon 4"],
            "rows": [
                {"allele": "A*02:01:01:01", "called": True, "pairs": [85, 3, 90]},
                {"allele": "A*11:01:46", "called": False, "pairs": [None, 402, 0]},
            ],
        }

    key = with_results(world, {0: change})
    page = signed_in(world).get(address(key, "/samples/K001")).text
    assert '<tr class="called one"><th scope="row">A*02:01:01:01' in page
    assert '<td class="number low">3</td>' in page
    assert '<td class="number">?</td><td class="number">402</td><td class="number zero">0</td>' in page


def test_every_picture_is_sound_and_says_what_it_shows(world: World) -> None:
    key = with_results(world)
    pictures = re.findall(r"<svg.*?</svg>", signed_in(world).get(address(key, "/samples/K001")).text, re.S)
    assert len(pictures) > 3
    for picture in pictures:
        assert ElementTree.fromstring(picture).get("aria-label")
        assert "style=" not in picture


def test_a_failed_sample_says_why(world: World) -> None:
    key = with_results(world, failed="line 8: expected +, found nothing")
    told = words_of(signed_in(world).get(address(key, "/samples/K002")).text)
    assert "This sample was not typed: line 8: expected +, found nothing" in told


@pytest.mark.parametrize("part", ["/run", "/samples/K001"])
def test_nobody_sees_results_unsigned(world: World, part: str) -> None:
    key = with_results(world)
    answer = Browser(world).get(address(key, part))
    assert answer.status_code == 303
    assert below(answer.headers["Location"]).startswith("/sign-in?")
    assert "02:01" not in answer.text


@pytest.mark.parametrize("part", ["/run", "/samples/K001", "/samples/nobody"])
def test_before_the_report_is_written_there_is_nothing_to_see(world: World, part: str) -> None:
    key = world.start(2)
    assert signed_in(world).get(address(key, part)).status_code == 404


@pytest.mark.parametrize("part", ["/run", "/samples/K001"])
def test_a_damaged_document_is_told_as_one(world: World, part: str) -> None:
    key = with_results(world)
    manifest = world.job(key).manifest
    for name in (run_page_key(manifest.prefix, key), sample_page_key(manifest.prefix, key, "K001")):
        world.cloud.store.put(manifest.bucket, name, b"none")
    answer = signed_in(world).get(address(key, part))
    assert answer.status_code == 500
    assert "of another release of GeMS" in answer.text


@pytest.mark.parametrize("part", ["/run", "/run?view=quality", "/run?view=new", "/samples/K001"])
def test_nothing_that_a_typing_says_becomes_markup(world: World, part: str) -> None:
    def change(document: Json) -> None:
        locus = document["loci"][0]
        locus["flags"] = [{"code": "low_depth", "message": HOSTILE, "evidence": {"amplicon": HOSTILE}}]
        locus["alleles"][0]["name"] = f"A*{HOSTILE}"
        locus["candidate_pairs"] = {"places": [HOSTILE], "rows": [{"allele": HOSTILE, "called": True, "pairs": [1]}]}
        locus["coverage"][0]["amplicon"] = locus["coverage"][0]["allele"] = HOSTILE
        locus["phase_blocks"] = [[HOSTILE]]
        document["reads"]["filters"][0]["meaning"] = HOSTILE

    key = with_results(world, {0: change})
    page = signed_in(world).get(address(key, part)).text
    assert "<script>alert" not in page
    assert "<img" not in page


def put_document(world: World, key: SessionKey, name: str, change: Any) -> None:
    """Somebody who may write the bucket replaces a document."""
    bucket = world.job(key).manifest.bucket
    stored = world.cloud.store.read(bucket, name)
    assert stored is not None
    document = json.loads(gzip.decompress(stored.body))
    change(document)
    world.cloud.store.put(bucket, name, gzip.compress(json.dumps(document).encode()))


def page_key(world: World, key: SessionKey, sample: str = "K001") -> str:
    return sample_page_key(world.job(key).manifest.prefix, key, sample)


ODD_ENTRY = {"gene": "A", "amplicon": "Exon 2", "reads": 3, "share": 0.1, "verdict": "new_allele", "message": "m"}


@pytest.mark.parametrize(
    "entry",
    [
        1,
        {},
        {"gene": None},
        {**ODD_ENTRY, "share": "x"},
        {**ODD_ENTRY, "differences": None},
        {**ODD_ENTRY, "differences": [1]},
        {**ODD_ENTRY, "differences": [{"position": -5, "cdna_position": 10**14, "old": "A", "new": "C"}]},
        {**ODD_ENTRY, "differences": [{"position": 10**400}]},
        {**ODD_ENTRY, "sequence": [1, 2]},
    ],
)
def test_what_another_typer_tells_of_a_sequence_hides_no_call(world: World, entry: Any) -> None:
    key = with_results(world)
    put_document(world, key, page_key(world, key), lambda document: document.update(unexplained=[entry]))
    answer = signed_in(world).get(address(key, "/samples/K001"))
    if entry == 1:  # no such document comes from a merge
        assert "of another release of GeMS" in answer.text
    else:
        assert answer.status_code == 200
        assert "A*02:01:01:01" in answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": "yesterday"},
        {"sample": "K002"},
        {"session_key": "2026-11-23_12-00-00-000001:other"},
        {"losses": {"pairs": 10**400, "used_pairs": 1}},
        {"reason": "\ud800"},
        {"verdict": "OK"},
    ],
)
def test_a_document_that_is_not_this_samples_or_cannot_be_drawn_is_told_as_damaged(
    world: World, change: dict[str, Any]
) -> None:
    key = with_results(world)
    put_document(world, key, page_key(world, key), lambda document: document.update(change))
    answer = signed_in(world).get(address(key, "/samples/K001"))
    assert answer.status_code == 500
    assert "of another release of GeMS" in answer.text


def test_the_summary_of_another_job_is_not_shown_as_this_ones(world: World) -> None:
    first, second = with_results(world), with_results(world)
    store, manifest = world.cloud.store, world.job(second).manifest
    other = store.read(manifest.bucket, run_page_key(world.job(first).manifest.prefix, first))
    assert other is not None
    store.put(manifest.bucket, run_page_key(manifest.prefix, second), other.body)
    assert "of another release of GeMS" in signed_in(world).get(address(second, "/run")).text


@pytest.mark.parametrize("number", [math.nan, math.inf, 10**400])
def test_numbers_that_cannot_be_drawn_are_told_as_damaged(world: World, number: float) -> None:
    def change(document: Json) -> None:
        document["loci"][0]["candidates"] = [{"rank": 1, "alleles": ["x"], "log_likelihood": number}]

    key = with_results(world)
    put_document(world, key, page_key(world, key), change)
    assert "of another release of GeMS" in signed_in(world).get(address(key, "/samples/K001")).text


def test_a_page_of_thousands_of_genotypes_and_sequences_stays_short(world: World) -> None:
    def change(document: Json) -> None:
        document["loci"][0]["gl_string"] = "|".join(["A*01:01+A*02:01"] * 20_000)
        document["unexplained"] = [ODD_ENTRY] * 10_000

    key = with_results(world)
    put_document(world, key, page_key(world, key), change)
    page = signed_in(world).get(address(key, "/samples/K001")).text
    assert len(page) < 300_000
    assert "and 19800 more in report.csv" in page
    assert "and 9900 more in typing.json" in page


@pytest.mark.parametrize("part", ["/run", "/samples/K001"])
def test_a_job_of_before_pages_were_written_says_so(world: World, part: str) -> None:
    key = with_results(world)
    store, manifest = world.cloud.store, world.job(key).manifest
    for name in (run_page_key(manifest.prefix, key), page_key(world, key)):
        store.delete(manifest.bucket, name)
    answer = signed_in(world).get(address(key, part))
    assert answer.status_code == 404
    assert "merged by an earlier release of GeMS" in answer.text


def test_calls_stand_under_their_own_loci_in_whichever_order_a_typer_tells_them(world: World) -> None:
    def change(document: Json) -> None:
        document["loci"] = [document["loci"][1], document["loci"][0]]

    key = with_results(world, {0: change})
    page = signed_in(world).get(address(key, "/run")).text
    table = page.partition("<tbody>")[2]
    row = re.sub(r"<br>", " ", table[table.index("K001</a>") : table.index("K002</a>")])
    cells = [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", row, re.S)]
    assert cells[1].startswith("02:01:01 03:01:01"), "HLA-A comes first"
    assert "nothing told" in cells[3]


def test_a_null_that_may_be_there_and_a_flag_of_the_whole_sample_stand_in_the_table(world: World) -> None:
    def change(document: Json) -> None:
        document["loci"][0]["alleles"][0]["ambiguities"].append("A*24:09N")
        document["flags"] = [{"code": "several_people_suspected", "message": "two", "evidence": {}}]

    key = with_results(world, {0: change})
    browser = signed_in(world)
    assert "or 24:09N" in words_of(browser.get(address(key, "/run")).text)
    assert re.search(r'K001</a> <b class="bad" title="error[^"]*">!!</b>', browser.get(address(key, "/run")).text)
    assert "or A*24:09N" in words_of(browser.get(address(key, "/samples/K001")).text)


def test_a_look_at_the_headers_alone_is_led_to_sign_in_and_back_to_the_same_page(world: World) -> None:
    key = with_results(world)
    browser = Browser(world)
    places = [
        ask(address(key, "/samples/K001"), base_url=browser.base, headers={"Accept": "text/html"}).headers["Location"]
        for ask in (browser.client.get, browser.client.head)
    ]
    assert places[0] == places[1]
    assert "/samples/K001" in places[0]


@pytest.mark.parametrize("part", ["", "/live", "/run", "/samples/K001", "/compare", "/match?donor=K001&recipient=K002"])
def test_no_cache_keeps_a_page_of_somebody_who_has_signed_in(world: World, part: str) -> None:
    assert signed_in(world).get(address(with_results(world), part)).headers["Cache-Control"] == "no-store"
