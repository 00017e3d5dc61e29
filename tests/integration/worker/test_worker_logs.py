"""Where a worker's log goes: CloudWatch Logs and S3, over HTTP, and what an outage or a SIGKILL takes away of it."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest
from test_worker_process import INSTANCE, Site, a_site, is_typing
from waiting import eventually
from worker_cloud import LocalAws
from worker_fakes import CONTROL, SESSION_KEY

from gems_core.layout import logs_prefix

GROUP = "/gems/test/workers"
BOOT = "2026-11-23T12:00:00Z bootstrap: starting the worker"


def kept(site: Site) -> list[dict[str, object]]:
    """The worker's lines as S3 has them, in the order of the parts' names."""
    keys = [key for key in site.aws.keys(CONTROL, logs_prefix(SESSION_KEY, INSTANCE)) if key.endswith(".jsonl")]
    return [json.loads(line) for key in keys for line in site.aws.get(CONTROL, key).decode().splitlines()]


def on_disk(site: Site) -> list[dict[str, object]]:
    return [json.loads(line) for line in (site.root / "worker.log").read_text().splitlines()]


def boots(site: Site) -> None:
    """The machine's own log is there before its worker is."""
    site.root.mkdir(exist_ok=True)
    (site.root / "bootstrap.log").write_text(f"{BOOT}\n")


def test_the_whole_log_is_in_s3_and_in_cloudwatch_when_the_worker_has_left(aws: LocalAws, tmp_path: Path) -> None:
    logs = aws.session.client("logs", endpoint_url=aws.url)
    with a_site(aws, tmp_path, {1: {"K1": "GOOD", "K2": "NOVEL"}}) as site:
        logs.create_log_group(logGroupName=GROUP)
        boots(site)
        site.run(GEMS_LOG_GROUP=GROUP)
        assert kept(site) == on_disk(site)
        assert site.aws.get(CONTROL, f"{logs_prefix(SESSION_KEY, INSTANCE)}bootstrap.log").decode() == f"{BOOT}\n"
        events = logs.get_log_events(logGroupName=GROUP, logStreamName=INSTANCE, startFromHead=True)["events"]
    told = [json.loads(event["message"]) for event in events]
    assert (told[0]["logger"], told[0]["message"]) == ("bootstrap", BOOT)
    assert told[-1]["message"] == "left"
    assert all((line["job"], line["worker"]) == (str(SESSION_KEY), INSTANCE) for line in told)
    typed = [line for line in told if str(line["message"]).startswith("cross_match of K2")]
    assert [(line["step"], line["sample"], line["share"]) for line in typed] == [("cross_match", "K2", 1)]


@pytest.mark.parametrize("outage", ["refused", "mute"])
def test_an_outage_of_cloudwatch_neither_hurts_nor_holds_up_the_job(aws: LocalAws, tmp_path: Path, outage: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, a_site(aws, tmp_path, {1: {"K1": "GOOD"}}) as site:
        port = server.getsockname()[1]
        if outage == "refused":
            server.close()
        site.run(GEMS_LOG_GROUP=GROUP, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=f"http://127.0.0.1:{port}")
        assert site.api.stopped_by == [INSTANCE]
        assert kept(site) == on_disk(site)


def test_a_group_that_is_not_there_costs_the_job_nothing(aws: LocalAws, tmp_path: Path) -> None:
    with a_site(aws, tmp_path, {1: {"K1": "GOOD"}}) as site:
        site.run(GEMS_LOG_GROUP="/gems/nowhere")
        assert site.api.stopped_by == [INSTANCE]


def test_a_worker_that_is_killed_loses_no_more_than_what_it_said_since_the_last_copy(
    aws: LocalAws, tmp_path: Path
) -> None:
    with a_site(aws, tmp_path, {1: {"K1": "HANG"}}) as site:
        process = site.start(GEMS_LOG_COPY_SECONDS="1")
        eventually(is_typing(site), "it types")
        eventually(lambda: any(line.get("message") == "status TYPING" for line in kept(site)), "the minute's copy")
        assert (site.root / "position").read_text().splitlines() == ["type", "K1"]
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL
        assert kept(site) == on_disk(site)[: len(kept(site))]


def test_after_a_failure_the_log_is_copied_at_once(aws: LocalAws, tmp_path: Path) -> None:
    with a_site(aws, tmp_path, {1: {"K1": "CRASH"}}) as site:
        site.start(GEMS_LOG_COPY_SECONDS="3600").communicate(timeout=120)  # it fails until it leaves
        keys = [key for key in site.aws.keys(CONTROL, logs_prefix(SESSION_KEY, INSTANCE)) if key.endswith(".jsonl")]
        assert len(keys) > 1, "the failure's copy, and that of the end"
        assert any("failed in type" in str(line["message"]) for line in kept(site))
