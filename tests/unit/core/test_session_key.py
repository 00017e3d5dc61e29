"""A job's name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gems_core.errors import InvalidInput
from gems_core.session_key import SessionKey

MOMENT = datetime(2016, 12, 13, 22, 58, tzinfo=UTC)


def test_a_key_has_the_shape_that_its_users_know() -> None:
    key = SessionKey.make("direct.typing", "2016-10-27-PT140", "2", MOMENT, "9397645206")
    assert str(key) == "direct.typing-2016-10-27-PT140-class-2-161213-22:58:9397645206"
    assert SessionKey.parse(str(key)) == key


def test_slashes_in_a_prefix_are_written_as_underscores() -> None:
    key = SessionKey.make("bucket", "runs/2026/a b/", "all", MOMENT, "0000000001")
    assert str(key) == "bucket-runs_2026_a_b-class-all-161213-22:58:0000000001"


def test_the_moment_is_told_in_utc() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=5)))
    assert str(SessionKey.make("b", "p", "1", there, "0" * 10)) == f"b-p-class-1-161213-22:58:{'0' * 10}"


def test_the_longest_bucket_and_prefix_still_fit_a_tag() -> None:
    assert len(str(SessionKey.make("b" * 63, "p" * 900, "all", MOMENT, "0" * 10))) <= 256


@pytest.mark.parametrize(
    "text",
    ["", "x", "a-class-3-161213-22:58:9397645206", "a-class-2-161313-22:58:9397645206", "../a-class-2-161213-22:58:9397645206",
     "a-class-2-161213-22:58:9397645206\n", "a-class-2-161213-25:58:9397645206", "a-class-2-161213-22:58:93976452061"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        SessionKey.parse(text)
