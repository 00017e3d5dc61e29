"""The pages that lay typings and people beside each other."""

from __future__ import annotations

import io

import pytest
from api_world import World
from results_world import Json, address, with_results
from ui_browser import Browser, signed_in, words_of

from gems_core.session_key import SessionKey

HOSTILE = "\"'><script>alert(1)</script>"


def other_a(document: Json) -> None:
    """Another pair of HLA-A alleles."""
    locus = document["loci"][0]
    for allele, name in zip(locus["alleles"], ("A*01:01:01:01", "A*68:01:02"), strict=True):
        allele["name"], allele["ambiguities"] = name, [name]
    locus["gl_string"] = "A*01:01:01:01+A*68:01:02"


def sent(browser: Browser, key: SessionKey, name: str, data: bytes, **fields: str) -> str:
    return browser.send(address(key, "/compare"), file=(io.BytesIO(data), name), **fields).text


def test_a_run_is_laid_beside_another_job(world: World) -> None:
    first, second = with_results(world, {0: other_a}), with_results(world)
    told = words_of(signed_in(world).get(address(second, f"/compare?with={first}")).text)
    assert "K001 A different A*01:01:01:01+A*68:01:02" in told
    assert "K002 A" not in told, "what is the same is not shown unless it is asked for"


def test_what_is_the_same_is_shown_where_it_is_asked_for(world: World) -> None:
    first, second = with_results(world), with_results(world)
    browser = signed_in(world)
    assert "Nothing differs." in browser.get(address(second, f"/compare?with={first}")).text
    assert "K002 A same" in words_of(browser.get(address(second, f"/compare?with={first}&everything=yes")).text)


def test_a_file_of_another_laboratory_is_compared(world: World) -> None:
    key = with_results(world)
    table = b"sample,locus,allele_1,allele_2\nK001,A,A*02:01,A*03:01\nK001,B,08:01,\nK003,A,01:01,01:01\n"
    told = words_of(sent(signed_in(world), key, "theirs.csv", table))
    assert "K001 A more resolved A*02:01+A*03:01" in told
    assert "K003 only in first" in told


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", b"\xff\xfe"),
        ("x.pdf", b"%PDF"),
        ("x.json", b"{}"),
        ("x.hml", b"<a>"),
        ("<script>alert(1).csv", b"a,b\n1,2"),
    ],
)
def test_a_file_that_is_no_typing_is_told_so(world: World, name: str, data: bytes) -> None:
    page = sent(signed_in(world), with_results(world), name, data)
    assert 'role="alert"' in page
    assert "expected" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("other", ["nonsense", HOSTILE, "b-p-class-1-161213-22:58:9397645206"])
def test_a_job_that_is_none_is_told_so(world: World, other: str) -> None:
    key = with_results(world)
    answer = signed_in(world).get(address(key, "/compare"))
    assert answer.status_code == 200
    asked = signed_in(world).client.get(
        address(key, "/compare"), query_string={"with": other}, base_url="https://api.example.org"
    )
    assert asked.status_code in (303, 422)
    assert "<script>alert" not in asked.text


def test_two_people_match_where_their_proteins_do(world: World) -> None:
    key = with_results(world, {1: other_a})
    told = words_of(signed_in(world).get(address(key, "/match?donor=K001&recipient=K002")).text)
    assert "A mismatch 0 of 2 A*01:01, A*68:01 A*02:01, A*03:01" in told
    assert "B match 2 of 2" in told


def test_a_person_that_the_run_has_not_is_told(world: World) -> None:
    key = with_results(world)
    answer = signed_in(world).get(address(key, "/match?donor=K001&recipient=K9"))
    assert answer.status_code == 422
    assert "This run has no typed sample K9." in answer.text


@pytest.mark.parametrize("part", ["/compare", "/match"])
def test_nobody_compares_unsigned(world: World, part: str) -> None:
    assert Browser(world).get(address(with_results(world), part)).status_code == 303


def test_a_file_from_another_sites_form_is_refused(world: World) -> None:
    key = with_results(world)
    answer = signed_in(world).post(address(key, "/compare"), form_token="of another", file=(io.BytesIO(b"a"), "a.csv"))
    assert answer.status_code == 403


def test_a_file_that_leaves_billions_of_pairs_open_is_answered_at_once(world: World) -> None:
    key = with_results(world)
    names = "/".join(f"A*{number % 90 + 10}:{number:05}" for number in range(5000))
    table = f"sample,locus,allele_1,allele_2,gl_string\nK001,A,A*02:01,A*03:01,\nK002,A,,,{names}+{names}\n"
    told = words_of(sent(signed_in(world), key, "theirs.csv", table.encode()))
    assert "K002 A not compared" in told
    assert "K001 A more resolved" in told
