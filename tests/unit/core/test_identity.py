"""The header in which an instance proves which one it is, as anybody might send it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gems_core.identity import LONGEST_HEADER, IdentityProof

KEY = "reads-run1-class-1-261123-12:00:0123456789"
NAMES = "content-type;host;x-amz-date;x-amz-security-token;x-gems-session-key"
SCOPE = "ASIA1234567890123456/20261123/eu-west-1/sts/aws4_request"
GOOD = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders={NAMES}, Signature={'0a' * 32}",
    "X-Amz-Date": "20261123T120000Z",
    "X-Amz-Security-Token": "FQoGZXIvYXdzEBYaD+/=",
    "X-Gems-Session-Key": KEY,
}


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_a_proof_is_read_as_it_was_written() -> None:
    proof = IdentityProof.parse(encoded(GOOD))
    assert (str(proof.session_key), proof.signed_at.isoformat()) == (KEY, "2026-11-23T12:00:00+00:00")
    assert IdentityProof.parse(proof.encode()) == proof
    assert {name: proof.headers()[name] for name in GOOD} == GOOD


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"Host": "sts.evil.example"}, "nothing else"),
        ({"X-Amz-Target": "x"}, "nothing else"),
        ({"Authorization": None}, "texts"),
        ({"Authorization": ["x"]}, "texts"),
        ({"Authorization": GOOD["Authorization"].replace("/sts/", "/s3/")}, "SigV4 authorization for sts"),
        ({"Authorization": GOOD["Authorization"].replace(";x-gems-session-key", "")}, "signed headers"),
        ({"Authorization": GOOD["Authorization"].replace("host;", "")}, "signed headers"),
        ({"Authorization": GOOD["Authorization"].replace(NAMES, NAMES + ";x-more")}, "signed headers"),
        ({"Authorization": GOOD["Authorization"].replace("SHA256", "SHA1")}, "SigV4"),
        ({"Authorization": GOOD["Authorization"] + "\r\nX-Injected: 1"}, "SigV4"),
        ({"Authorization": GOOD["Authorization"] + "\n"}, "SigV4"),
        ({"Authorization": GOOD["Authorization"].replace("0a" * 32, "0A" * 32)}, "SigV4"),
        ({"Authorization": "Bearer x"}, "SigV4"),
        ({"X-Amz-Date": "20261124T000000Z"}, "of the day"),
        ({"X-Amz-Date": "20261123T256161Z"}, "X-Amz-Date"),
        ({"X-Amz-Date": "2026-11-23T12:00:00Z"}, "X-Amz-Date"),
        ({"X-Amz-Date": "20261123T12000\u0660Z"}, "X-Amz-Date"),
        ({"X-Amz-Security-Token": ""}, "security token"),
        ({"X-Amz-Security-Token": "a b"}, "security token"),
        ({"X-Amz-Security-Token": "a\r\nb"}, "security token"),
        ({"X-Amz-Security-Token": "\u00e9"}, "security token"),
        ({"X-Gems-Session-Key": "another"}, "session key"),
        ({"X-Gems-Session-Key": KEY + "\n"}, "session key"),
    ],
)
def test_each_malformed_header_is_refused_with_its_reason_and_quoted_nowhere(
    changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason) as refusal:
        IdentityProof.parse(encoded({**GOOD, **changed}))
    assert "FQoGZX" not in str(refusal.value)
    assert "0a0a" not in str(refusal.value)


@pytest.mark.parametrize("name", list(GOOD))
def test_no_header_may_be_missing(name: str) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        IdentityProof.parse(encoded({key: value for key, value in GOOD.items() if key != name}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "\x00",
        "\u20ac",
        encoded(GOOD) + "!",
        encoded([]),
        encoded("text"),
        encoded(None),
        base64.b64encode(b"{half").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"[" * 6000).decode(),
        encoded({**GOOD, "X-Amz-Security-Token": "x" * LONGEST_HEADER}),
    ],
)
def test_what_is_no_such_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        IdentityProof.parse(text)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: base64.b64encode(data).decode()))
def test_whatever_comes_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        IdentityProof.parse(text)


def test_a_proof_does_not_show_itself() -> None:
    assert "FQoGZX" not in repr(IdentityProof.parse(encoded(GOOD)))
