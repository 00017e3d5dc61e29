"""The setting of S3 Object Lock."""

from datetime import UTC, datetime

import pytest

from gems_core.review.lock import Hold, Lock, LockMode, holding


@pytest.mark.parametrize("text", ["governance:1", "compliance:36500"])
def test_a_setting_is_read_and_written_alike(text: str) -> None:
    assert str(Lock.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", ":", "governance", "governance:", "governance:0", "governance:36501", "governance:-1", "governance:1.5",
     "governance:٣", "legal:10", "3653", "governance:10:10"],
)  # fmt: skip
def test_all_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Lock.parse(text)


def test_an_entry_is_held_from_now_on_in_whole_seconds() -> None:
    now = datetime(2026, 11, 30, 12, 0, 0, 5, tzinfo=UTC)
    lock = Lock(LockMode.GOVERNANCE, 2)
    assert holding(lock, lambda: now)() == Hold(LockMode.GOVERNANCE, datetime(2026, 12, 2, 12, tzinfo=UTC))
    assert holding(None, lambda: now)() is None
