"""Reports with their review over HTTP: to whom, in which formats, with everything in the log, and of which size."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from api_world import DATA, World
from results_world import typing_of, with_results
from test_api_gateway_events import rest_event
from test_api_review import OVERRIDE, PEOPLE, SAMPLE, Laboratory
from ui_browser import signed_in
from werkzeug.test import TestResponse

from gems_api.app import create_app
from gems_api.services.review import exports
from gems_api.web import gateway
from gems_core.layout import REPORT_CONTENT_TYPES, REPORT_FORMATS, report_key, sample_page_key
from gems_core.review.document import review_of_document
from gems_core.review.events import LONGEST_WORDS
from gems_report.formats import FORMATS, json_report

Json = dict[str, Any]


@pytest.fixture
def lab(world: World) -> Laboratory:
    return Laboratory(world)


def fetch(lab: Laboratory, extension: str, name: str = "vera", **headers: str) -> TestResponse:
    url = f"/job/{quote(str(lab.key), safe=':')}/reviewed.{extension}"
    credential = {"Authorization": f"Bearer {lab.tokens.get(name, name)}"}
    return lab.app.test_client().get(url, headers=credential | headers)


def whole_log(lab: Laboratory, name: str = "vera") -> Json:
    """The document, read part by part."""
    url = f"/job/{quote(str(lab.key), safe=':')}/review.json"
    headers = {"Authorization": f"Bearer {lab.tokens[name]}"}
    made = lab.app.test_client().get(url, headers=headers).get_json()
    while made["next"] is not None:
        more = lab.app.test_client().get(f"{url}?after={made['next']}", headers=headers).get_json()
        made = {**more, "entries": made["entries"] + more["entries"]}
    return dict(made)


def approved(lab: Laboratory) -> None:
    lab.done("rita", **OVERRIDE)
    lab.done("anna", "approve")
    lab.done("bert", "approve", words="as I see it")


@pytest.mark.parametrize("extension", exports.MADE_HERE)
def test_each_format_is_made_with_the_review_as_it_stands_now(lab: Laboratory, extension: str) -> None:
    before = fetch(lab, extension)
    approved(lab)
    answer = fetch(lab, extension)
    assert (before.status_code, answer.status_code) == (200, 200)
    assert answer.content_type == REPORT_CONTENT_TYPES[extension]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="report-reviewed.{extension}"'
    assert answer.headers["Cache-Control"] == "no-store"
    told = (gzip.decompress(answer.data) if extension.endswith(".gz") else answer.data).decode()
    assert any(word in told for word in ("approved", "APPROVED", "overridden"))
    assert "A*68:01" in told or extension == "stats_mqc.json"
    assert answer.data != before.data


def test_who_may_read_jobs_may_take_the_review_along(lab: Laboratory) -> None:
    for name in (*PEOPLE, "user-secret"):
        assert fetch(lab, "csv", name).status_code == 200, name
    assert fetch(lab, "csv", "none").status_code == 401
    assert fetch(lab, "csv", "worker-secret").status_code == 401
    browser = signed_in(lab.world)
    for part in ("reviewed.csv", "review.json"):
        assert browser.get(f"/job/{quote(str(lab.key), safe=':')}/{part}").status_code == 200


def test_the_export_says_what_the_review_says(lab: Laboratory) -> None:
    approved(lab)
    lab.done("rita", "repeat", sample="K002", words="too few reads")
    rows = list(csv.DictReader(io.StringIO(fetch(lab, "csv").data.decode())))
    mine = [row for row in rows if row["sample"] == SAMPLE]
    assert {row["standing"] for row in mine} == {"approved"}
    assert {(row["approved_by_1"], row["approved_by_2"]) for row in mine} == {("anna", "bert")}
    assert {row["results"] for row in mine} == {lab.seen()["results"]} == {row["approved_results"] for row in mine}
    assert [row["override_call"] for row in mine if row["locus"] == "A"] == ["A*68:01"]
    assert {row["standing"] for row in rows if row["sample"] == "K002"} == {"not_approved"}
    assert all("too few reads" in row["review_log"] for row in rows if row["sample"] == "K002")


def test_results_that_were_changed_after_their_approval_are_told_as_others(lab: Laboratory) -> None:
    approved(lab)
    manifest = lab.world.job(lab.key).manifest
    key = report_key(manifest.prefix, lab.key, "json")
    stored = lab.world.store.read(manifest.bucket, key)
    assert stored is not None
    report = json.loads(stored.body)
    report["samples"][0]["loci"][0]["alleles"][0]["name"] = "A*99:99"
    lab.world.store.put(manifest.bucket, key, json.dumps(report).encode())
    (standing,) = {row["standing"] for row in csv.DictReader(io.StringIO(fetch(lab, "csv").data.decode())) if row["sample"] == SAMPLE}  # fmt: skip
    assert standing == "changed"
    assert b"NOT THE RESULTS THAT WERE JUDGED" in fetch(lab, "html").data


def test_hml_has_the_sequences_that_report_json_does_not_have(lab: Laboratory) -> None:
    def blocks() -> int:
        return fetch(lab, "hml").data.decode().count("<consensus-sequence-block ")

    exons = sum(len(locus.get("exons", ())) for locus in typing_of(SAMPLE)["loci"])
    assert blocks() == 2 * exons > 0
    manifest = lab.world.job(lab.key).manifest
    lab.world.store.put(manifest.bucket, sample_page_key(manifest.prefix, lab.key, "K002"), b"none")
    assert blocks() == exons, "one page that cannot be read takes no other sample's sequences"


def test_a_pdf_and_what_is_too_large_are_left_to_the_command_line(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = fetch(lab, "pdf")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "made_elsewhere")
    assert f"`gems job report {lab.key} --reviewed --format pdf`" in answer.get_json()["detail"]
    monkeypatch.setattr(exports, "LARGEST_REPORT_BYTES", 100)
    answer = fetch(lab, "csv")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "made_elsewhere")
    assert "expected a report.json of at most 100 bytes, found " in answer.get_json()["detail"]


@pytest.mark.parametrize("extension", ["doc", "JSON", "%0d%0ax"])
def test_a_format_that_no_report_has_is_refused(lab: Laboratory, extension: str) -> None:
    answer = fetch(lab, extension)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")


def test_without_a_report_there_is_no_export(world: World) -> None:
    key = world.start(2)
    client = create_app(world.settings, world.cloud, world.clock).test_client()
    for asked, code in ((str(key), "report_not_written"), (str(key).replace("run", "gone"), "job_not_found")):
        url = f"/job/{quote(asked, safe=':')}/reviewed.csv"
        answer = client.get(url, headers={"Authorization": "Bearer user-secret"})
        assert (answer.status_code, answer.get_json()["code"]) == (404, code)


def test_a_report_of_another_job_in_its_place_is_not_exported(lab: Laboratory) -> None:
    manifest = lab.world.job(lab.key).manifest
    key = report_key(manifest.prefix, lab.key, "json")
    for body in (b'{"session_key": "other"}', b"{", b"[" * 1000):
        lab.world.store.put(DATA, key, body)
        answer = fetch(lab, "csv")
        assert (answer.status_code, answer.get_json()["code"]) == (500, "results_unreadable")


def test_who_accepts_gzip_gets_it_and_the_same_bytes_in_it(lab: Laboratory) -> None:
    plain, packed = fetch(lab, "html"), fetch(lab, "html", **{"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    whole = fetch(lab, "xml.gz", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in whole.headers
    ElementTree.fromstring(gzip.decompress(whole.data))


@pytest.mark.parametrize("extension", ["json", "xml.gz", "html"])
def test_of_the_largest_run_the_longest_formats_fit_into_lambdas_answer(world: World, extension: str) -> None:
    """A report.json as long as the API reads, of samples that are all alike in nothing but their form."""
    key = with_results(world, samples=2)
    manifest = world.job(key).manifest
    stored = world.store.read(manifest.bucket, report_key(manifest.prefix, key, "json"))
    assert stored is not None
    report = json.loads(stored.body)
    (first, *_) = report["samples"]
    count = exports.LARGEST_REPORT_BYTES // len(json.dumps(first, indent=2)) - 10
    report["samples"] = [{**first, "sample": f"K{number:05d}"} for number in range(count)]
    body = json.dumps(report, indent=1).encode()
    assert len(body) <= exports.LARGEST_REPORT_BYTES
    world.store.put(manifest.bucket, report_key(manifest.prefix, key, "json"), body)
    headers = {"Authorization": ["Bearer user-secret"], "Accept-Encoding": ["gzip"]}
    event = rest_event(f"/job/{quote(str(key), safe=':')}/reviewed.{extension}", multiValueHeaders=headers)
    app = create_app(world.settings, world.cloud, world.clock)
    answer = gateway.answer_rest_api(app.wsgi_app, gateway.of_rest_api(event))
    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"]


def test_the_log_is_read_in_parts_and_proves_itself(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(lab)
    in_one = whole_log(lab)
    monkeypatch.setattr(exports, "LARGEST_BYTES", 100)
    in_parts = whole_log(lab)
    assert in_parts == in_one
    assert [entry["number"] for entry in in_one["entries"]] == [1, 2, 3]
    review = review_of_document(in_one)
    assert (review.session_key, review.reviews[SAMPLE].is_final) == (str(lab.key), True)
    assert review.head == lab.ask("vera").get_json()["head"]


def test_a_part_of_the_longest_words_fits_into_lambdas_answer(lab: Laboratory) -> None:
    for _ in range(3):
        lab.done("rita", "comment", words='"' * LONGEST_WORDS)
    event = rest_event(
        f"/job/{quote(str(lab.key), safe=':')}/review.json",
        multiValueHeaders={"Authorization": ["Bearer user-secret"]},
    )
    answer = gateway.answer_rest_api(lab.app.wsgi_app, gateway.of_rest_api(event))
    entry = len(json.dumps(answer)) / 3
    stored = lab.world.context.review_log.read(str(lab.key)).entries[0]
    assert entry / len(stored.body) * exports.LARGEST_BYTES < gateway.LARGEST_ANSWER_BYTES


@pytest.mark.parametrize("after", ["x", "-1", "1" * 10, ""])
def test_an_argument_that_is_no_number_is_refused(lab: Laboratory, after: str) -> None:
    url = f"/job/{quote(str(lab.key), safe=':')}/review.json?after={after}"
    answer = lab.app.test_client().get(url, headers={"Authorization": "Bearer user-secret"})
    assert answer.status_code == 422


def test_a_number_behind_the_end_finds_nothing_more(lab: Laboratory) -> None:
    approved(lab)
    url = f"/job/{quote(str(lab.key), safe=':')}/review.json?after=77"
    made = lab.app.test_client().get(url, headers={"Authorization": "Bearer user-secret"}).get_json()
    assert (made["entries"], made["next"], made["last"]) == ([], None, 3)


def test_formats_of_the_api_and_of_the_workers_are_the_same_but_the_pdf() -> None:
    assert {*exports.MADE_HERE, "pdf"} == set(REPORT_FORMATS) == set(FORMATS)


def test_a_report_that_says_it_is_reviewed_already_is_read_with_the_log_as_it_is_now(lab: Laboratory) -> None:
    approved(lab)
    manifest = lab.world.job(lab.key).manifest
    forged = json.loads(fetch(lab, "json").data)
    lab.done("anna", "reopen", words="another look")
    lab.world.store.put(DATA, report_key(manifest.prefix, lab.key, "json"), json.dumps(forged).encode())
    made = json.loads(fetch(lab, "json").data)
    assert made["review"]["last"] == 4
    assert [one["review"]["standing"] for one in made["samples"]] == ["not_approved"] * 2
    assert made["schema_version"] == json_report.SCHEMA_VERSION


def test_a_job_under_another_setting_serves_exports_too(lab: Laboratory) -> None:
    settings = replace(lab.world.settings, shared_user=False)
    app = create_app(settings, lab.world.cloud, lab.world.clock)
    url = f"/job/{quote(str(lab.key), safe=':')}/reviewed.csv"
    assert app.test_client().get(url, headers={"Authorization": "Bearer user-secret"}).status_code == 401
    mine = {"Authorization": f"Bearer {lab.tokens['vera']}"}
    assert app.test_client().get(url, headers=mine).status_code == 200
