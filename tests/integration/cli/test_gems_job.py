"""`gems job` against an API over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from stub_api import StubApi

from gems_cli.jobs.client import ApiClient
from gems_cli.jobs.watch import LONGEST_PAUSE_SECONDS, watch_job
from gems_cli.main import gems, run_command
from gems_core.errors import CloudUnreachable

KEY = "gems-data-run-class-all-260102-03:04:1234567890"
PATH = f"/job/{quote(KEY, safe='')}"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[StubApi]:
    with StubApi() as server:
        monkeypatch.setenv("GEMS_API_URL", server.url)
        monkeypatch.setenv("GEMS_API_TOKEN", "the-user-token")
        monkeypatch.setattr("gems_cli.jobs.watch.POLL_SECONDS", 0.01)
        monkeypatch.setattr("gems_cli.jobs.client.PAUSE_SECONDS", 0.01)
        yield server
        server.shutdown()


def job(status: str, done: int = 0) -> dict[str, Any]:
    worker = {"instance_id": "i-1", "instance_index": 0, "samples": [], "status": "TYPING", "detail": f"sample {done}"}
    return {
        "bucket": "gems-data",
        "prefix": "run",
        "hla_class": "all",
        "session_key": KEY,
        "overall_status": status,
        "workers": [worker],
        "samples_total": 3,
        "samples_done": done,
        "samples_failed": 0,
    }


def call(*arguments: str) -> int:
    return run_command(lambda: gems(list(arguments), standalone_mode=False))


def test_start_sends_what_was_asked_with_the_token_in_the_header(
    api: StubApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answer("POST /job", 202, {"session_key": KEY})
    assert call("job", "start", "gems-data", "run", "--hla-class", "2", "--workers", "4", "--idempotency-key", "k") == 0
    assert capsys.readouterr().out.strip() == KEY
    ((method, path, headers, body),) = api.asked
    assert (method, path) == ("POST", "/job")
    assert body == {"bucket": "gems-data", "prefix": "run", "hla_class": "2", "workers": 4}
    assert headers["Authorization"] == "Bearer the-user-token"
    assert headers["Idempotency-Key"] == "k"


def test_a_start_names_published_versions(api: StubApi) -> None:
    api.answer("POST /job", 202, {"session_key": KEY})
    assert call("job", "start", "b1", "run", "--reference", "3.58.0", "--typer", "3f2a91c", "--panel", "our-kit") == 0
    assert {name: api.asked[0][3][name] for name in ("reference", "typer", "panel")} == {
        "reference": "3.58.0", "typer": "3f2a91c", "panel": "our-kit",
    }  # fmt: skip


def test_retype_asks_for_a_new_job_over_the_reads_of_an_old_one(
    api: StubApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answer("GET /job", 200, [{"session_key": KEY, "bucket": "b1", "prefix": "run", "hla_class": "2"}])
    api.answer("POST /job", 202, {"session_key": f"{KEY[:-1]}9"})
    assert call("job", "retype", KEY, "--reference", "3.58.0") == 0
    assert capsys.readouterr().out.strip() == f"{KEY[:-1]}9"
    assert api.asked[1][3] == {
        "bucket": "b1", "prefix": "run", "hla_class": "2", "retype_of": KEY, "reference": "3.58.0",
    }  # fmt: skip


def test_retyping_a_job_that_is_not_there_is_told(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer("GET /job", 200, [])
    assert call("job", "retype", KEY) == 3
    assert KEY in capsys.readouterr().err


PLAN = {
    "dry_run": True,
    "plan": {
        "workers": 2, "samples": 5, "bytes": 12_300_000, "shares": [{}, {}], "shares_total": 2,
        "files_not_read": [], "files_not_read_total": 0,
    },
    "estimate": {
        "workers": 2, "minutes": 6.4, "instance_hours": 0.2, "instance_type": "c7i.large", "hint": "",
        "price": {"currency": "USD", "on_demand": 0.04, "spot": None},
    },
    "artefacts": {"worker": "0.1.0", "reference": "3.58.0-0a1b2c3d4e5f"},
    "problems": [],
    "problems_total": 0,
}  # fmt: skip


def test_a_dry_run_shows_plan_time_and_price(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer("POST /job", 200, PLAN)
    assert call("job", "start", "gems-data", "run", "--dry-run", "--budget", "2.5", "--time-limit", "90") == 0
    assert capsys.readouterr().out.splitlines() == [
        "5 samples, 12.3 MB, in 2 shares",
        "2 workers (c7i.large), about 6 minutes, 0.20 instance-hours",
        "on demand 0.04 USD, spot at an unknown price",
        "with worker 0.1.0, reference 3.58.0-0a1b2c3d4e5f",
        "no problems",
    ]
    sent = api.asked[0][3]
    assert (sent["dry_run"], sent["budget_usd"], sent["time_limit_seconds"]) == (True, 2.5, 5400)


def test_a_dry_run_with_problems_lists_them_and_ends_with_bad_input(
    api: StubApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answer(
        "POST /job",
        200,
        {**PLAN, "problems": [{"code": "x", "message": "a_R1: expected its mate"}], "problems_total": 1},
    )
    assert call("job", "start", "gems-data", "run", "--dry-run") == 3
    assert "  - a_R1: expected its mate" in capsys.readouterr().out
    assert call("job", "start", "gems-data", "run", "--dry-run", "--json") == 3
    assert json.loads(capsys.readouterr().out)["plan"]["samples"] == 5


def test_a_job_is_shown_with_its_cost_and_reason(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    price = {"currency": "USD", "amount": 0.21, "as_of": "2026-01-01T00:00:00+00:00"}
    more = {"instance_hours": 1.25, "price": price, "reason": "asked for 3 instances, got 1"}
    api.answer("GET /job", 200, [{**job("RUNNING", 1), **more}])
    assert call("job", "show", KEY) == 0
    said = capsys.readouterr().out
    assert "1.25 instance-hours, 0.21 USD" in said
    assert "asked for 3 instances, got 1" in said


def test_refusals_are_listed_and_end_with_bad_input(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    problems = [{"code": "unpaired_file", "message": "a_R1: expected its mate"}, {"code": "x", "message": "b is empty"}]
    refused = {"title": "Refused", "detail": "2 problems", "problems": problems, "problems_total": 1002}
    api.answer("POST /job", 422, refused)
    assert call("job", "start", "gems-data", "run") == 3
    said = capsys.readouterr().err
    assert "1002 to repair" in said
    assert "  - a_R1: expected its mate\n  - b is empty" in said


@pytest.mark.parametrize(
    "detail", ["expected the user token, found another one", "expected the user token, found another one."]
)
def test_a_refused_token_is_told_with_the_repair(api: StubApi, capsys: pytest.CaptureFixture[str], detail: str) -> None:
    api.answer("POST /job", 401, {"title": "Unauthorized", "detail": detail})
    assert call("job", "start", "gems-data", "run") == 3
    said = capsys.readouterr().err
    assert "(401): expected the user token, found another one. Set GEMS_API_TOKEN" in said
    assert "the-user-token" not in said


def test_watching_follows_changes_until_the_end(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    for view in (job("LAUNCHING"), job("RUNNING", 1), job("RUNNING", 1), job("COMPLETE", 3)):
        api.answer("GET /job", 200, [view])
    api.answer(f"GET {PATH}/report.json", 404, {"detail": "job has no report.json"})
    assert call("job", "watch", KEY) == 0
    lines = [line.split(" ", 1)[1] for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("job:")] == [
        "job: LAUNCHING, 0 of 3 samples typed",
        "job: RUNNING, 1 of 3 samples typed",
        "job: COMPLETE, 3 of 3 samples typed",
    ]


def test_watching_ends_with_the_new_alleles(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    entry = {"verdict": "new_allele", "gene": "B", "message": "B: 61 pairs (36%) of Exon 3 are a new allele"}
    api.answer("GET /job", 200, [job("COMPLETE", 3)])
    api.answer(f"GET {PATH}/report.json", 302, {}, {"Location": f"{api.url}/signed"})
    api.answer("GET /signed", 200, {"samples": [{"sample": "K1", "unexplained": [entry]}]})
    assert call("job", "watch", KEY) == 0
    assert "K1 B: 61 pairs (36%) of Exon 3 are a new allele" in " ".join(capsys.readouterr().out.split())


def test_watching_ends_with_the_flags_of_whole_samples(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    flag = {"code": "most_pairs_lost", "message": "700 of 1000 pairs were lost", "evidence": {"pairs": 1000}}
    api.answer("GET /job", 200, [job("COMPLETE", 3)])
    api.answer(f"GET {PATH}/report.json", 302, {}, {"Location": f"{api.url}/signed"})
    samples = [{"sample": "K1", "flags": [flag]}, {"sample": "K2", "flags": []}, {"sample": "K3"}]
    api.answer("GET /signed", 200, {"samples": samples})
    assert call("job", "watch", KEY) == 0
    said = capsys.readouterr().out
    assert "K1: 700 of 1000 pairs were lost (most_pairs_lost)" in " ".join(said.split())
    assert "K2" not in said


@pytest.mark.parametrize("status", ["COMPLETE_WITH_FAILURES", "FAILED", "CANCELLED"])
def test_a_job_that_did_not_type_everything_ends_with_one(api: StubApi, status: str) -> None:
    api.answer("GET /job", 200, [job(status)])
    api.answer(f"GET {PATH}/report.json", 404, {"detail": "job has no report.json"})
    assert call("job", "watch", KEY) == 1


def test_an_unknown_job_is_told(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer("GET /job", 200, [])
    assert call("job", "show", KEY) == 3
    assert "no job has the session_key" in capsys.readouterr().err


def test_list_passes_its_filters_on_and_prints_json_for_programs(
    api: StubApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answer("GET /job", 200, [job("RUNNING")])
    assert call("job", "list", "--status", "RUNNING", "--bucket", "gems-data", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["session_key"] == KEY
    assert api.asked[0][1] == "/job?bucket=gems-data&overall_status=RUNNING&limit=20"


def test_list_follows_the_pages_though_one_is_empty_and_never_to_where_a_link_points(
    api: StubApi, capsys: pytest.CaptureFixture[str]
) -> None:
    link = {"Link": '<https://elsewhere.example.org/job?limit=3&before=12-KEY>; rel="next"'}
    api.answer("GET /job", 200, [job("RUNNING")], link)
    api.answer("GET /job", 200, [], link)
    api.answer("GET /job", 200, [job("RUNNING"), job("RUNNING")], link)
    assert call("job", "list", "--limit", "3", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    assert [asked[1] for asked in api.asked] == [
        "/job?limit=3",
        "/job?limit=2&before=12-KEY",
        "/job?limit=2&before=12-KEY",
    ]


def test_a_report_of_this_machine_is_fetched_past_a_proxy(
    api: StubApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", ".example.org")
    api.answer(f"GET {PATH}/report.csv", 302, {}, {"Location": f"{api.url}/signed"})
    api.answer("GET /signed", 200, b"sample,locus\n")
    assert call("job", "report", KEY, "-o", str(tmp_path / "r.csv")) == 0
    assert (tmp_path / "r.csv").read_bytes() == b"sample,locus\n"


def test_a_report_is_fetched_from_where_the_api_points_without_our_token(api: StubApi, tmp_path: Path) -> None:
    api.answer(f"GET {PATH}/report.csv", 302, {}, {"Location": f"{api.url}/signed"})
    api.answer("GET /signed", 200, b"sample,locus\n")
    assert call("job", "report", KEY, "-o", str(tmp_path / "r.csv")) == 0
    assert (tmp_path / "r.csv").read_bytes() == b"sample,locus\n"
    assert "Authorization" not in api.asked[-1][2]


SIGNATURE = "X-Amz-Signature=0123abcd"


def test_a_storage_that_is_not_there_is_told_without_the_signed_address(
    api: StubApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMS_TRACEBACK", "1")
    signed = f"http://127.0.0.1:9/data/run/report.csv?{SIGNATURE}"
    api.answer(f"GET {PATH}/report.csv", 302, {}, {"Location": signed})
    assert call("job", "report", KEY) == 4
    said = capsys.readouterr().err
    assert "the report's storage (127.0.0.1) does not answer: ConnectionError" in said
    assert "report.csv" not in said
    assert SIGNATURE not in said
    with pytest.raises(CloudUnreachable) as failure:
        ApiClient(api.url).report(KEY, "csv")
    assert (failure.value.__cause__, failure.value.__context__) == (None, None)


def test_a_storage_that_refuses_is_not_taken_for_the_service(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer(f"GET {PATH}/report.csv", 302, {}, {"Location": f"{api.url}/signed?{SIGNATURE}"})
    api.answer("GET /signed", 403, b"<Error><Code>AccessDenied</Code></Error>")
    assert call("job", "report", KEY) == 4
    said = capsys.readouterr().err
    assert "the report's storage (127.0.0.1) refused the report (403 Forbidden)" in said
    assert SIGNATURE not in said


def test_a_report_without_an_address_is_no_gems(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer(f"GET {PATH}/report.csv", 200, b"<html>a portal</html>", {"Content-Type": "text/html"})
    assert call("job", "report", KEY) == 4
    assert "expected GeMS to answer, found text/html" in capsys.readouterr().err


def test_a_report_that_is_not_there_leaves_no_file(api: StubApi, tmp_path: Path) -> None:
    api.answer(f"GET {PATH}/report.json", 404, {"detail": "job has no report.json"})
    assert call("job", "report", KEY, "--format", "json", "-o", str(tmp_path / "r.json")) == 3
    assert list(tmp_path.iterdir()) == []


def test_cancel_stops_a_job_and_says_what_is_kept(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    kept = {"samples_kept": 2, "samples_total": 5, "results": "s3://gems-data/run/gems/key/"}
    api.answer(f"POST {PATH}/cancel", 200, {"session_key": KEY, "terminated": ["i-1"], **kept})
    assert call("job", "cancel", KEY) == 0
    said = capsys.readouterr().err
    assert "1 instances terminated. 2 of 5 samples were typed" in said
    assert "s3://gems-data/run/gems/key/" in said
    assert api.asked[0][:2] == ("POST", f"{PATH}/cancel")


def test_retry_runs_a_job_again_and_says_what_is_left(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer(f"POST {PATH}/retry", 202, {"session_key": KEY, "run": 2, "samples": 3})
    assert call("job", "retry", KEY, "--idempotency-key", "k") == 0
    assert "run 2, 3 samples to type" in capsys.readouterr().err
    assert api.asked[0][2]["Idempotency-Key"] == "k"


def test_a_retry_waits_for_the_machines_of_the_last_run(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    not_yet = {"type": "about:blank", "detail": "1 of its instances are not off yet (i-1)", "code": "not_yet"}
    api.answer(f"POST {PATH}/retry", 409, not_yet, {"Retry-After": "0"})
    api.answer(f"POST {PATH}/retry", 202, {"session_key": KEY, "run": 2, "samples": 3})
    assert call("job", "retry", KEY) == 0
    said = capsys.readouterr().err
    assert "waiting: 1 of its instances are not off yet (i-1)" in said
    assert "run 2" in said
    first, second = api.asked
    assert first[2]["Idempotency-Key"] == second[2]["Idempotency-Key"]


def test_a_job_that_cannot_be_retried_is_told(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer(f"POST {PATH}/retry", 409, {"detail": "only an ended job can be retried"})
    assert call("job", "retry", KEY) == 3
    assert "only an ended job" in capsys.readouterr().err


def test_a_failing_service_is_unreachable_not_wrong_input(api: StubApi) -> None:
    api.answer("GET /job", 503, {"detail": "S3 is away"})
    assert call("job", "list") == 4


def test_a_service_that_is_not_there_is_told_with_its_url(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEMS_API_URL", "http://127.0.0.1:9")
    assert call("job", "list") == 4
    assert "http://127.0.0.1:9 does not answer" in capsys.readouterr().err


def test_a_token_that_the_service_may_not_know_yet_is_sent_again(api: StubApi) -> None:
    api.answer(f"POST {PATH}/cancel", 401, {"detail": "send it again"}, {"Retry-After": "0"})
    api.answer(f"POST {PATH}/cancel", 200, {"terminated": [], "samples_kept": 0, "samples_total": 1, "results": ""})
    assert call("job", "cancel", KEY) == 0
    assert len(api.asked) == 2


def test_a_job_is_asked_for_again_with_the_same_key_when_no_answer_came(
    api: StubApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answer("POST /job", 504, {"message": "Endpoint request timed out"})
    api.answer("POST /job", 202, {"session_key": KEY})
    assert call("job", "start", "gems-data", "run") == 0
    assert capsys.readouterr().out.strip() == KEY
    first, second = (headers["Idempotency-Key"] for _, _, headers, _ in api.asked)
    assert first == second
    assert len(first) == 32


def test_two_starts_are_two_jobs(api: StubApi) -> None:
    api.answer("POST /job", 202, {"session_key": KEY})
    assert call("job", "start", "gems-data", "run") == call("job", "start", "gems-data", "run") == 0
    first, second = (headers["Idempotency-Key"] for _, _, headers, _ in api.asked)
    assert first != second


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_trouble_of_the_gateway_ends_no_watching(api: StubApi, status: int) -> None:
    api.answer("GET /job", 200, [job("RUNNING")])
    for _ in range(3):
        api.answer("GET /job", status, {"message": "Too Many Requests, or worse"})
    api.answer("GET /job", 200, [job("COMPLETE", 3)])
    assert call("job", "watch", KEY) == 0


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_the_gateway_asks_for_is_kept_and_counts_against_no_patience(
    api: StubApi, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    now, pauses = [0.0], []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    monkeypatch.setattr("gems_cli.jobs.watch.time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    for after in ("200", "170", "86400", "\u00b2", "9" * 5000):
        api.answer("GET /job", status, {"message": "later"}, {"Retry-After": after})
    api.answer("GET /job", 200, [job("COMPLETE", 3)])
    assert watch_job(ApiClient(api.url), KEY, lambda _job: None)["overall_status"] == "COMPLETE"
    assert pauses == [200, 170, LONGEST_PAUSE_SECONDS, 0.01, 0.01], "a day is too long, and odd digits are no number"


def test_watching_ends_when_the_service_stays_away_and_says_how_to_go_on(
    api: StubApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gems_cli.jobs.watch.PATIENCE_SECONDS", 0.1)
    api.answer("GET /job", 200, [job("RUNNING")])
    api.answer("GET /job", 502, {"message": "Internal server error"})
    assert call("job", "watch", KEY) == 4
    assert f"The job may go on: `gems job watch {KEY}`" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["start", "gems-data", "run", "--watch"], ["watch", KEY], ["watch", KEY, "--json"]]
)
def test_who_stops_watching_is_told_that_the_job_goes_on(
    api: StubApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gems_cli.jobs.watch.time.sleep", interrupted)
    api.answer("POST /job", 202, {"session_key": KEY})
    api.answer("GET /job", 200, [job("RUNNING")])
    assert call("job", *command) == 130
    said = capsys.readouterr().err
    assert f"the job goes on: `gems job watch {KEY}`; stop it with `gems job cancel {KEY}`" in said
    assert said.endswith("interrupted\n")


@pytest.mark.parametrize("page", [b"<html>a portal</html>", b"3", b"[1]"])
def test_an_answer_that_is_not_of_gems_is_told(api: StubApi, capsys: pytest.CaptureFixture[str], page: bytes) -> None:
    api.answer("GET /job", 200, page, {"Content-Type": "text/html"})
    assert call("job", "list") == 4
    assert "expected GeMS to answer, found text/html" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "body"), [(403, {"message": "Forbidden"}), (404, b"<html>not here</html>"), (405, b"")]
)
def test_a_refusal_that_is_not_of_gems_is_not_taken_for_its_own(
    api: StubApi, capsys: pytest.CaptureFixture[str], status: int, body: object
) -> None:
    api.answer("GET /job", status, body)
    assert call("job", "list") == 3
    said = capsys.readouterr().err
    assert "does not seem to be GeMS. Check GEMS_API_URL" in said
    assert "stage (such as /dev)" in said
    assert "token" not in said


def part(worker: int, name: str, text: str, second: int = 0) -> dict[str, Any]:
    written_at = f"2026-11-23T12:00:{second:02d}+00:00"
    return {"worker": worker, "instance_id": f"i-{worker}", "name": name, "written_at": written_at, "text": text}


def page(*parts: dict[str, Any], more: bool = False, missing: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"session_key": KEY, "parts": parts, "missing": missing, "more": more, "next": "n" if parts else ""}


TYPED = '{"at": "12:00", "level": "INFO", "message": "typed", "step": "type", "sample": "K1", "worker": "i-0"}'


def test_logs_are_shown_page_by_page_as_lines_for_people(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    boot = f"boot: begun\n{TYPED}\n"
    api.answer(f"GET {PATH}/logs", 200, page(part(0, "bootstrap.log", boot), more=True))
    api.answer(
        f"GET {PATH}/logs", 200, page(part(0, "worker/1.jsonl", f"{TYPED}\n"), missing=("worker 1 (i-1): none",))
    )
    assert call("job", "logs", KEY, "--worker", "0", "--since", "2026-11-23T12:00:00Z") == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == ["worker 0: boot: begun", "12:00 worker 0 [type K1] INFO typed"]
    assert "missing: worker 1 (i-1): none" in told.err
    queries = [parse_qs(urlsplit(path).query) for _, path, _, _ in api.asked]
    assert queries[0] == {"worker": ["0"], "since": ["2026-11-23T12:00:00+00:00"]}
    assert queries[1]["after"] == ["n"]


def test_raw_logs_are_the_lines_as_they_are(api: StubApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer(f"GET {PATH}/logs", 200, page(part(0, "worker/1.jsonl", f"{TYPED}\n")))
    assert call("job", "logs", KEY, "--raw") == 0
    assert capsys.readouterr().out == f"{TYPED}\n"


def test_logs_are_followed_to_the_jobs_end_and_no_line_is_told_twice(
    api: StubApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gems_cli.jobs.logs.POLL_SECONDS", 0.01)
    for status in ("RUNNING", "RUNNING", "COMPLETE"):
        api.answer("GET /job", 200, [job(status)])
    first, second = part(0, "bootstrap.log", "a\n", 1), part(0, "bootstrap.log", "a\nb\n", 9)
    for answer in (page(first), page(first), page(second, part(1, "worker/1.jsonl", "odd\n", 9))):
        api.answer(f"GET {PATH}/logs", 200, answer)
    assert call("job", "logs", KEY, "--follow") == 0
    assert capsys.readouterr().out.splitlines() == ["worker 0: a", "worker 0: b", "worker 1 worker/1.jsonl: odd"]
    asked = [parse_qs(urlsplit(path).query) for _, path, _, _ in api.asked if "/logs" in path]
    assert asked[1]["since"] == ["2026-11-23T11:59:56+00:00"], "what is written in one second is not listed in order"


def test_a_since_that_is_none_is_refused_before_anything_is_asked(api: StubApi) -> None:
    assert call("job", "logs", KEY, "--since", "soon") != 0
    assert api.asked == []
