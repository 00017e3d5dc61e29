"""A worker copies a file from the stand-in's presigned link, through breaks, damage and changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from stand_in import StandIn

from gems_core.fastq_names import StoredFile
from gems_core.file_links import FileLink
from worker import copying
from worker.copying import Copier
from worker.errors import SampleFailed, TransferBroken
from worker.interruption import Cause, Interrupted, Interruption

CONTENT = bytes(range(256)) * 8000
FILE = StoredFile("basespace/1/2/K_S1_L001_R1_001.fastq.gz", len(CONTENT))


class Links:
    """Says where the file is, as the API does, and counts how often it is asked."""

    def __init__(self, basespace: StandIn, content: bytes = CONTENT, etag: str | None = None) -> None:
        sample = basespace.account.add_sample("K", {FILE.name: content})
        (held,) = basespace.account.samples[sample][1]
        self.url = f"{basespace.url}/store/{held.file_id}?signature=stand-in"
        self.etag = hashlib.md5(content).hexdigest() if etag is None else etag
        self.asked = 0

    def __call__(self, key: str) -> FileLink:
        assert key == FILE.key
        self.asked += 1
        return FileLink(self.url, self.etag)


def copied(links: Links, path: Path, interruption: Interruption | None = None) -> bytes:
    Copier(links, interruption or Interruption(), pause_seconds=0.01).copy(FILE, path)
    assert not path.with_name(path.name + ".part").exists()
    return path.read_bytes()


def test_a_file_is_copied_whole(basespace: StandIn, tmp_path: Path) -> None:
    links = Links(basespace)
    assert copied(links, tmp_path / "reads") == CONTENT
    assert links.asked == 1


def test_a_break_is_resumed_where_it_was_with_a_new_link(basespace: StandIn, tmp_path: Path) -> None:
    links = Links(basespace)
    basespace.faults.plan("/store/", "truncated", times=8)
    assert copied(links, tmp_path / "reads") == CONTENT
    assert links.asked == 9, "what came before a break was kept: else eight halves would have come to nothing"


@pytest.mark.parametrize("kind", ["500", "503", "429", "expired"])
def test_a_refusal_of_the_store_is_tried_again(basespace: StandIn, tmp_path: Path, kind: str) -> None:
    links = Links(basespace)
    basespace.faults.plan("/store/", kind, times=3)
    assert copied(links, tmp_path / "reads") == CONTENT


def test_a_store_that_gives_nothing_is_given_up(basespace: StandIn, tmp_path: Path) -> None:
    basespace.faults.plan("/store/", "500", times=99)
    with pytest.raises(TransferBroken, match="expected bytes from 0 on, found 500"):
        copied(Links(basespace), tmp_path / "reads")
    assert not (tmp_path / "reads").exists()


def test_a_slow_store_is_asked_anew(basespace: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_TIMEOUT_SECONDS", (1.0, 0.2))
    basespace.faults.plan("/store/", "slow", times=2)
    assert copied(Links(basespace), tmp_path / "reads") == CONTENT


def test_damage_is_found_by_the_etag_and_the_file_is_copied_again(basespace: StandIn, tmp_path: Path) -> None:
    basespace.faults.plan("/store/", "damaged", times=2)
    assert copied(Links(basespace), tmp_path / "reads") == CONTENT


def test_a_file_that_always_arrives_damaged_fails_its_sample(basespace: StandIn, tmp_path: Path) -> None:
    basespace.faults.plan("/store/", "damaged", times=99)
    with pytest.raises(SampleFailed, match="found another one 3 times"):
        copied(Links(basespace), tmp_path / "reads")
    assert not (tmp_path / "reads").exists()


def test_an_etag_that_is_no_md5_says_nothing(basespace: StandIn, tmp_path: Path) -> None:
    assert copied(Links(basespace, etag="0123abcd-7"), tmp_path / "reads") == CONTENT


@pytest.mark.parametrize("content", [CONTENT + b"x", CONTENT[:-1]])
def test_a_file_of_another_size_than_the_job_was_made_with_fails_its_sample(
    basespace: StandIn, tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(SampleFailed, match=f"expected {len(CONTENT)} bytes as when the job was made"):
        copied(Links(basespace, content), tmp_path / "reads")


def test_a_break_never_tells_the_link(basespace: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    links = Links(basespace)
    links.url = "http://127.0.0.1:9/store/1?signature=secret"
    with pytest.raises(TransferBroken) as broken:
        copied(links, tmp_path / "reads")
    assert "secret" not in str(broken.value) + caplog.text


def test_a_redirect_is_not_followed(basespace: StandIn, tmp_path: Path) -> None:
    links = Links(basespace)
    links.url = f"{basespace.url}/launch"
    with pytest.raises(TransferBroken, match="found 405"):
        copied(links, tmp_path / "reads")


def test_a_worker_that_is_told_to_leave_stops_copying(basespace: StandIn, tmp_path: Path) -> None:
    interruption = Interruption()
    interruption.request(Cause.TOLD, "leave")
    with pytest.raises(Interrupted):
        copied(Links(basespace), tmp_path / "reads", interruption)


def test_an_empty_file_is_copied_too(basespace: StandIn, tmp_path: Path) -> None:
    links = Links(basespace, b"")
    Copier(links, Interruption()).copy(StoredFile(FILE.key, 0), tmp_path / "reads")
    assert (tmp_path / "reads").read_bytes() == b""
