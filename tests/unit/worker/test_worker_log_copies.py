"""Copies of the log in S3, with a store that fails as told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gems_core.errors import CloudRefused
from worker.log_copies import LARGEST_PART_BYTES, LogCopies


@dataclass
class Shelf:
    """Takes copies, or refuses them for a while."""

    copies: dict[str, bytes] = field(default_factory=dict)
    refusals: int = 0
    moment: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def write(self, name: str, data: bytes) -> None:
        if self.refusals:
            self.refusals -= 1
            raise CloudRefused("S3 PutObject was refused (SlowDown)")
        self.copies[name] = data

    def clock(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    @property
    def text(self) -> bytes:
        return b"".join(data for name, data in sorted(self.copies.items()) if name.startswith("worker/"))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def say(tmp_path: Path) -> Callable[[bytes], None]:
    def append(text: bytes) -> None:
        with (tmp_path / "worker.log").open("ab") as log:
            log.write(text)

    return append


def test_all_lines_are_copied_at_the_end_though_no_minute_has_passed(
    tmp_path: Path, shelf: Shelf, say: Callable[[bytes], None]
) -> None:
    with LogCopies(tmp_path, shelf.write, shelf.clock, 3600):
        say(b'{"a": 1}\n{"b": 2}\n')
    assert shelf.copies == {"worker/20261123T120001.000000Z.jsonl": b'{"a": 1}\n{"b": 2}\n'}


def test_nothing_new_is_no_copy_and_half_a_line_waits_for_its_other_half(
    tmp_path: Path, shelf: Shelf, say: Callable[[bytes], None]
) -> None:
    copies = LogCopies(tmp_path, shelf.write, shelf.clock, 3600)
    copies._copy()
    say(b"whole\nhal")
    copies._copy()
    copies._copy()
    assert list(shelf.copies.values()) == [b"whole\n"]
    say(b"f\n")
    copies._copy()
    assert shelf.text == b"whole\nhalf\n"


def test_what_s3_refuses_is_copied_the_next_time_once(
    tmp_path: Path, shelf: Shelf, say: Callable[[bytes], None]
) -> None:
    copies = LogCopies(tmp_path, shelf.write, shelf.clock, 3600)
    shelf.refusals = 2
    say(b"one\n")
    copies._copy()
    say(b"two\n")
    copies._copy()
    copies._copy()
    assert list(shelf.copies.values()) == [b"one\ntwo\n"]


def test_a_flood_of_lines_is_copied_in_parts_of_whole_lines(
    tmp_path: Path, shelf: Shelf, say: Callable[[bytes], None]
) -> None:
    text = b"".join(b"%07d %s\n" % (number, b"x" * 1000) for number in range(2500))
    say(text)
    LogCopies(tmp_path, shelf.write, shelf.clock, 3600)._copy()
    assert shelf.text == text
    assert len(shelf.copies) == 3
    assert all(len(part) <= LARGEST_PART_BYTES and part.endswith(b"\n") for part in shelf.copies.values())


def test_a_line_longer_than_a_part_is_copied_all_the_same(
    tmp_path: Path, shelf: Shelf, say: Callable[[bytes], None]
) -> None:
    text = b"x" * (LARGEST_PART_BYTES + 100) + b"\n"
    say(text)
    LogCopies(tmp_path, shelf.write, shelf.clock, 3600)._copy()
    assert shelf.text == text


def test_the_end_of_the_scripts_log_is_copied_too_where_there_is_one(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "bootstrap.log").write_bytes(b"begun\n")
    (tmp_path / "worker.log").touch()
    with LogCopies(tmp_path, shelf.write, shelf.clock, 3600):
        pass
    assert shelf.copies == {"bootstrap.log": b"begun\n"}
