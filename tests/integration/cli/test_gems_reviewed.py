"""`gems review show`, `gems job report --reviewed` and `gems job lis` against an API over HTTP."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from stub_api import StubApi

sys.path[:0] = [str(Path(__file__).parents[2] / "unit" / "report")]

from review_builders import BOTH, FIRST, OVERRIDE, Step, document, log_of, review_of  # noqa: E402 - after the path is set

from gems_cli.main import gems, run_command  # noqa: E402
from gems_core.review.chain import Entry  # noqa: E402
from gems_core.review.document import REVIEW_DOCUMENT, Part  # noqa: E402
from gems_report.result_digest import digest_of_report  # noqa: E402

Json = dict[str, Any]
KEY = "gems-data-run-class-all-260102-03:04:1234567890"
PATH = f"/job/{quote(KEY, safe='')}"
ELSEWHERE = {"code": "made_elsewhere", "detail": "expected one of json, found pdf", "status": 422}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[StubApi]:
    with StubApi() as server:
        monkeypatch.setenv("GEMS_API_URL", server.url)
        monkeypatch.setenv("GEMS_API_TOKEN", "the-user-token")
        yield server
        server.shutdown()


def call(*arguments: str) -> int:
    return run_command(lambda: gems(list(arguments), standalone_mode=False))


def log(steps: list[Step]) -> list[Entry]:
    read = document(key=KEY)
    return log_of(steps, digest_of_report(read["samples"][0]), key=KEY)


def serve(api: StubApi, steps: list[Step], *, others: tuple[str, ...] = ()) -> None:
    """A job with a report, and with what was said of its first sample."""
    read = document(key=KEY, others=others)
    entries = log(steps)
    api.answer(f"GET {PATH}/review.json", 200, REVIEW_DOCUMENT.write(Part.whole(review_of(entries, KEY))))
    api.answer(f"GET {PATH}/report.json", 302, {}, {"Location": f"{api.url}/signed"})
    api.answer("GET /signed", 200, json.dumps(read).encode())


def test_who_said_what_is_shown(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    serve(api, FIRST)
    assert call("review", "show", KEY) == 0
    told = capsys.readouterr().out
    assert f"{KEY}  3 entries" in told
    for text in ("approved once", "overridden", "anna 2026-11-30 10:02:00 UTC", f"A {OVERRIDE['call']}"):
        assert text in told
    assert (
        'rita (reviewer) overrode a call of A: A*02:01+A*03:01, now A*68:01+A*03:01 (phase): "the reads show it"'
        in told
    )
    assert all(headers["Authorization"] == "Bearer the-user-token" for _, _, headers, _ in api.asked)


def test_a_review_of_which_nobody_has_said_anything(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    serve(api, [])
    assert call("review", "show", KEY) == 0
    assert "nobody has said anything yet" in capsys.readouterr().out


def test_one_sample_alone_is_shown_where_it_is_named(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    serve(api, FIRST)
    assert call("review", "show", KEY, "--sample", "S9") == 0
    assert "rita" not in capsys.readouterr().out


def test_words_that_would_steer_a_terminal_or_be_markup_are_text(
    api: StubApi, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(api, [("rita", "comment", {"words": "\x1b[2J[red]x[/red]\x07\r\nnext"})])
    assert call("review", "show", KEY) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "\ufffd[2J[red]x[/red]\ufffd\ufffd\ufffdnext" in told


def test_the_parts_of_a_long_log_are_put_together(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    review = review_of(log(BOTH), KEY)
    entries = review.proof.entries
    for part in (Part(review, entries[:2], 2), Part(review, entries[2:3], 3), Part(review, entries[3:])):
        api.answer(f"GET {PATH}/review.json", 200, REVIEW_DOCUMENT.write(part))
    assert call("review", "show", KEY, "--json") == 0
    assert json.loads(capsys.readouterr().out) == REVIEW_DOCUMENT.write(Part.whole(review))
    assert [path.rpartition("?")[2] for _, path, _, _ in api.asked] == ["after=0", "after=2", "after=3"]


def forged(made: Json) -> None:
    made["entries"][2]["event"]["by"] = "mallory"


def cut(made: Json) -> None:
    made["entries"].pop()


@pytest.mark.parametrize("change", [forged, cut], ids=["forged", "cut"])
def test_a_log_that_does_not_prove_itself_is_refused(
    api: StubApi, capsys: pytest.CaptureFixture[str], change: Any
) -> None:
    made = REVIEW_DOCUMENT.write(Part.whole(review_of(log(BOTH), KEY)))
    change(made)
    api.answer(f"GET {PATH}/review.json", 200, made)
    assert call("review", "show", KEY) == 3
    assert "gems: " in capsys.readouterr().err


def test_what_is_no_answer_of_gems_is_told(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer(f"GET {PATH}/review.json", 200, {"hello": "world"})
    assert call("review", "show", KEY) == 4
    assert "expected GeMS to answer, found another document" in capsys.readouterr().err


def test_a_report_with_review_is_what_the_api_made(api: StubApi, tmp_path: Path) -> None:
    api.answer(f"GET {PATH}/reviewed.html", 200, b"<!DOCTYPE html>")
    assert call("job", "report", KEY, "--reviewed", "--format", "html", "-o", str(tmp_path / "r.html")) == 0
    assert (tmp_path / "r.html").read_bytes() == b"<!DOCTYPE html>"


@pytest.mark.parametrize("extension", ["pdf", "csv", "hml"])
def test_what_the_api_leaves_to_its_clients_is_made_here(
    api: StubApi, tmp_path: Path, capsys: pytest.CaptureFixture[str], extension: str
) -> None:
    serve(api, BOTH)
    api.answer(f"GET {PATH}/reviewed.{extension}", 422, ELSEWHERE)
    made = tmp_path / f"report.{extension}"
    assert call("job", "report", KEY, "--reviewed", "--format", extension, "-o", str(made)) == 0
    if extension == "pdf":
        assert made.read_bytes().startswith(b"%PDF")
    if extension == "csv":
        rows = list(csv.DictReader(io.StringIO(made.read_text())))
        assert {row["standing"] for row in rows} == {"approved"}
    assert ("the HML has no consensus sequences" in capsys.readouterr().err) == (extension == "hml")


def test_another_refusal_is_told_and_nothing_is_made_here(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"code": "report_not_written", "detail": "job has no report yet", "type": "/docs#x"}
    api.answer(f"GET {PATH}/reviewed.csv", 404, problem)
    assert call("job", "report", KEY, "--reviewed") == 3
    assert "job has no report yet" in capsys.readouterr().err
    assert len(api.asked) == 1


def test_approved_results_are_written_for_a_lis_and_the_others_named(
    api: StubApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(api, BOTH, others=("S2",))
    out = tmp_path / "lis.json"
    assert call("job", "lis", KEY, "--center", "Lab 7", "-o", str(out)) == 1
    told = capsys.readouterr().err
    assert "S2: left out: NOT APPROVED: nobody has accepted its calls" in told
    assert "1 of 2 samples are sent" in told
    text = out.read_text()
    assert '"Lab 7"' in text
    assert "S2" not in text


def test_where_all_are_approved_nothing_is_left_to_do(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    serve(api, BOTH)
    assert call("job", "lis", KEY) == 0
    assert json.loads(capsys.readouterr().out)["resourceType"] == "Bundle"


def test_where_nobody_has_approved_nothing_is_written(
    api: StubApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(api, FIRST)
    out = tmp_path / "lis.json"
    assert call("job", "lis", KEY, "-o", str(out)) == 1
    assert "no sample is approved: nothing is written" in capsys.readouterr().err
    assert not out.exists()


@pytest.fixture
def files(api: StubApi, tmp_path: Path) -> tuple[Path, Path]:
    """report.json and the file of `gems review show --json`, as somebody keeps them."""
    serve(api, BOTH)
    report, review = tmp_path / "job" / "report.json", tmp_path / "review.json"
    report.parent.mkdir()
    report.write_text(json.dumps(document(key=KEY)))
    review.write_text(json.dumps(REVIEW_DOCUMENT.write(Part.whole(review_of(log(BOTH), KEY)))))
    return report, review


def test_kept_files_become_any_format_and_a_lis_export(files: tuple[Path, Path], tmp_path: Path) -> None:
    report, review = files
    csv_file, lis = tmp_path / "r.csv", tmp_path / "lis.json"
    assert call("report", "convert", str(report), "-f", "csv", "--review", str(review), "-o", str(csv_file)) == 0
    assert "approved_by_1" in csv_file.read_text()
    out = tmp_path / "out"
    assert call("report", "build", str(report.parent), "--review", str(review), "-o", str(out)) == 0
    assert b"APPROVED by anna" in (out / "report.html").read_bytes()
    assert call("report", "lis", str(report), "--review", str(review), "-o", str(lis)) == 0
    again = tmp_path / "again.json"
    assert call("report", "lis", str(out), "-o", str(again)) == 0, "report.json has its review in it now"
    assert again.read_bytes() == lis.read_bytes()


def test_the_reports_of_a_job_are_not_overwritten_by_those_with_review(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    report, review = files
    before = report.read_bytes()
    assert call("report", "build", str(report.parent), "--review", str(review)) == 2
    assert call("report", "build", str(report.parent), "--review", str(review), "-o", str(report.parent)) == 2
    assert "expected another folder" in capsys.readouterr().err
    assert [one.name for one in report.parent.iterdir()] == ["report.json"]
    assert report.read_bytes() == before


def test_a_review_that_is_none_or_of_another_job_is_refused(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, review = files
    assert call("report", "lis", str(report)) == 2
    assert "expected a review, found none" in capsys.readouterr().err
    odd = tmp_path / "odd.json"
    for text in ("{", "[]", review.read_text().replace("bert", "carl")):
        odd.write_text(text)
        assert call("report", "lis", str(report), "--review", str(odd)) == 3
        assert str(odd) in capsys.readouterr().err
    report.write_text(json.dumps(document(key="another")))
    assert call("report", "convert", str(report), "-f", "csv", "--review", str(review)) == 3
    assert "Name the report and the review of one job" in capsys.readouterr().err
    typed = tmp_path / "typed" / "K1"
    typed.mkdir(parents=True)
    (typed / "error.json").write_text('{"message": "cut"}')
    assert call("report", "convert", str(typed.parent), "-f", "csv", "--review", str(review)) == 3
    assert "expected report.json of the job that was reviewed" in capsys.readouterr().err
