"""JSON that anybody may have written."""

from __future__ import annotations

import json

import pytest

from gems_core.json_input import DEEPEST, NestedTooDeeply, parse_json


@pytest.mark.parametrize("depth", [DEEPEST + 1, 900, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_of_too_many_levels_is_a_value_error_however_many_they_are(
    depth: int, opening: bytes, closing: bytes
) -> None:
    with pytest.raises(NestedTooDeeply, match="at most 100 levels"):
        parse_json(opening * depth + b"1" + closing * depth)


@pytest.mark.parametrize("text", [b"", b"{half", b"\xff\xfe", b"1" * 5000])
def test_what_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_json_that_is_wide_or_as_deep_as_may_be_is_read() -> None:
    wide = [{"names": [str(number)]} for number in range(1000)]
    assert parse_json(json.dumps(wide).encode()) == wide
    assert parse_json(b"[" * DEEPEST + b"]" * DEEPEST)
    assert parse_json(b'"' + b"[{" * 1000 + b'"') == "[{" * 1000
