"""The client of BaseSpace before the stand-in: what it makes of good days and bad ones."""

from __future__ import annotations

import time
from typing import Any

import pytest
from stand_in import CLIENT, REDIRECT, StandIn

from gems_api.basespace import http
from gems_api.basespace.answers import Node
from gems_api.services.remote_ports import (
    Choices,
    RemoteChanged,
    RemoteRefused,
    RemoteTokenRefused,
    RemoteUnavailable,
)
from gems_local.basespace.account import OWNER, PROJECT, STRANGER


def test_a_launch_is_read_with_our_own_key(basespace: StandIn) -> None:
    launched = basespace.launch("K1")
    session = basespace.client().session(launched.session_id)
    assert (session.session_id, session.user_id, session.status) == (launched.session_id, OWNER, "Running")
    assert not session.is_over


def test_after_a_rotation_the_key_before_is_tried_too(basespace: StandIn) -> None:
    launched = basespace.launch("K1")
    client = basespace.client("v1pre3", "new-key:new-secret", CLIENT)
    assert client.session(launched.session_id).user_id == OWNER
    with pytest.raises(RemoteTokenRefused):
        basespace.client("v1pre3", "new-key:new-secret").session(launched.session_id)


def test_a_code_is_good_for_one_token_and_only_at_our_own_address(basespace: StandIn) -> None:
    client, code = basespace.client(), basespace.account.new_code(OWNER, REDIRECT)
    token = client.token(code, REDIRECT)
    assert client.user_id(token) == OWNER
    with pytest.raises(RemoteRefused, match="invalid_grant"):
        client.token(code, REDIRECT)
    with pytest.raises(RemoteRefused, match="invalid_grant"):
        client.token(basespace.account.new_code(OWNER, REDIRECT), "https://elsewhere.example.org/")


@pytest.mark.parametrize("generation", ["v1pre3", "v2"])
def test_the_choices_and_their_reads_are_found_in_both_generations_of_the_api(
    basespace: StandIn, generation: str
) -> None:
    sample = basespace.sample("K1", lanes=4)
    launched = basespace.account.launch([sample], "2", "lab@example.org")
    client, token = basespace.client(generation), basespace.token()
    choices = client.choices(launched.session_id, token)
    assert choices == Choices(PROJECT, (sample,), "2", "lab@example.org")
    reads = client.reads(choices, token, 100)
    assert len(reads) == 8
    assert {(read.sample_id, read.name) for read in reads} >= {(sample, "K1_S1_L004_R2_001.fastq.gz")}
    link = client.link(reads[0].file_id, token)
    assert link.url.startswith(f"{basespace.url}/store/")
    assert len(link.etag) == 32


@pytest.mark.parametrize("generation", ["v1pre3", "v2"])
def test_three_thousand_files_are_listed_page_by_page_and_more_than_allowed_are_refused(
    basespace: StandIn, generation: str
) -> None:
    names = [f"K_S1_L{lane:03}_R{read}_001.fastq.gz" for lane in range(1500) for read in (1, 2)]
    sample = basespace.account.add_sample("K", dict.fromkeys(names, b"x"))
    client, token, choices = basespace.client(generation), basespace.token(), Choices(PROJECT, (sample,), "2")
    assert sorted(read.name for read in client.reads(choices, token, 3000)) == sorted(names)
    with pytest.raises(RemoteRefused, match="at most 2999 items, found 3000"):
        client.reads(choices, token, 2999)


def test_files_that_are_no_reads_are_left_out(basespace: StandIn) -> None:
    sample = basespace.account.add_sample("K", {"K_S1_L001_R1_001.fastq.gz": b"x", "K.bam": b"x"})
    found = basespace.client().reads(Choices(PROJECT, (sample,), "2"), basespace.token(), 10)
    assert [read.name for read in found] == ["K_S1_L001_R1_001.fastq.gz"]


@pytest.mark.parametrize("kind", ["429", "500", "503"])
def test_what_passes_is_tried_again(basespace: StandIn, kind: str) -> None:
    launched = basespace.launch("K1")
    basespace.faults.plan("appsessions", kind, times=2)
    assert basespace.client().session(launched.session_id).user_id == OWNER


@pytest.mark.parametrize("kind", ["429", "500"])
def test_what_does_not_pass_is_told_within_the_patience(basespace: StandIn, kind: str) -> None:
    basespace.faults.plan("appsessions", kind, times=99)
    began = time.monotonic()
    with pytest.raises(RemoteUnavailable, match=f"answered {kind}: stand-in {kind}"):
        basespace.client(patience_seconds=1).session("1")
    assert time.monotonic() - began < 5


def test_a_basespace_that_is_not_there_is_unavailable() -> None:
    client = StandIn.client(StandIn(None, None, "http://127.0.0.1:9"), patience_seconds=0.3)  # type: ignore[arg-type]
    with pytest.raises(RemoteUnavailable, match="does not answer"):
        client.session("1")


def test_an_expired_token_is_refused_at_once(basespace: StandIn) -> None:
    basespace.faults.plan("users/current", "expired")
    with pytest.raises(RemoteTokenRefused):
        basespace.client().user_id(basespace.token())


@pytest.mark.parametrize("field", ["Id", "Status", "UserCreatedBy", "Response"])
def test_a_field_that_is_gone_is_named(basespace: StandIn, field: str) -> None:
    launched = basespace.launch("K1")
    basespace.faults.plan("appsessions", "changed", field=field)
    with pytest.raises(RemoteChanged, match=rf"field .*{field}: expected .*no such field"):
        basespace.client().session(launched.session_id)


def test_a_slow_answer_is_waited_for_and_a_slower_one_is_not(
    basespace: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = basespace.launch("K1")
    basespace.faults.plan("appsessions", "slow")
    assert basespace.client().session(launched.session_id).user_id == OWNER
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (1, 0.2))
    basespace.faults.plan("appsessions", "slow", times=9)
    with pytest.raises(RemoteUnavailable, match="ReadTimeout"):
        basespace.client(patience_seconds=0.5).session(launched.session_id)


def test_an_answer_without_end_is_not_read_to_its_end(basespace: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    launched = basespace.launch("K1")
    monkeypatch.setattr(http, "LARGEST_ANSWER_BYTES", 100)
    with pytest.raises(RemoteChanged, match="at most 100 bytes"):
        basespace.client().session(launched.session_id)


def test_a_launchs_state_and_results_are_told_and_its_end_is_the_last_word(basespace: StandIn) -> None:
    launched = basespace.launch("K1")
    client, token = basespace.client(), basespace.token()
    client.tell(launched.session_id, "running", "12/24 typed", token)
    result = client.make_result(launched.session_id, PROJECT, "HLA typing", token)
    client.add_file(result, "", "report.csv", b"sample", token)
    client.add_file(result, "samples/K1", "typing.json", b"{}", token)
    client.tell(launched.session_id, "complete", "24/24 typed", token)
    assert basespace.account.results[result].files == {"report.csv": b"sample", "samples/K1/typing.json": b"{}"}
    assert launched.told == [("running", "12/24 typed"), ("complete", "24/24 typed")]
    assert client.session(launched.session_id).is_over
    with pytest.raises(RemoteRefused, match="STATUS_FINAL"):
        client.tell(launched.session_id, "running", "again", token)


def test_another_persons_launch_is_closed_to_a_token(basespace: StandIn) -> None:
    launched = basespace.launch("K1")
    with pytest.raises(RemoteTokenRefused):
        basespace.client().choices(launched.session_id, basespace.token(STRANGER))


def test_a_person_is_asked_at_basespaces_own_address(basespace: StandIn) -> None:
    url = basespace.client().consent_url("the-state", REDIRECT)
    assert url.startswith(f"{basespace.url}/oauth/authorize?client_id=app-key&redirect_uri=https%3A%2F%2F")
    assert "app-secret" not in url


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://s3.amazonaws.com/bucket/key",
        "https://example.org/K1.fastq.gz",
        "https://amazonaws.com.example.org/x",
        "https://user:word@s3.amazonaws.com/x",
        "https://s3.amazonaws.com:8443/x",
        "file:///etc/passwd",
        "https://s3.amazonaws.com/a\nb",
        "",
        7,
    ],
)
def test_a_link_that_leads_elsewhere_is_never_given_to_a_worker(url: Any) -> None:
    with pytest.raises(RemoteChanged, match="an https address"):
        Node(url, "/files/1, field HrefContent").file_url("https://api.basespace.illumina.com")


def test_links_to_illuminas_own_places_are_good() -> None:
    for url in ("https://b.s3.us-east-1.amazonaws.com/k?sig=1", "https://api.basespace.illumina.com/files/1"):
        assert Node(url, "x").file_url("https://api.basespace.illumina.com") == url


@pytest.mark.parametrize("value", ["../1", "1/2", "", "x" * 65, 12, None, "1?x=2"])
def test_what_is_no_id_never_becomes_part_of_an_address(value: Any) -> None:
    with pytest.raises(RemoteChanged, match="an id"):
        Node(value, "/x, field Id").identifier()


def test_a_file_named_as_a_path_is_refused(basespace: StandIn) -> None:
    sample = basespace.account.add_sample("K", {"../K_S1_L001_R1_001.fastq.gz": b"x"})
    with pytest.raises(RemoteChanged, match="without folders"):
        basespace.client().reads(Choices(PROJECT, (sample,), "2"), basespace.token(), 10)
