"""The pages of results: what they show of a run and of a sample, to whom, and that nothing from outside breaks them."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from api_world import World
from results_world import Json, address, with_results
from ui_browser import Browser, below, signed_in

from gems_core.layout import run_page_key, sample_page_key

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"


def words_of(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


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
