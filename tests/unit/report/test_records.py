"""Records are read as they are written, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_builders import STATE, person, report_of

from gems_core.json_input import parse_json
from gems_report.errors import UnreadableDocument
from gems_report.model import typed_sample
from gems_report.pages import RunPage, SamplePage
from gems_report.pages.typing_parts import CandidateRow, Coverage
from gems_report.records import from_json, to_json

CONTRACT = Path(__file__).parents[2] / "contract"
ODD = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.just([]) | st.just({}) | st.just([[1]])


def run_document() -> dict[str, Any]:
    return dict(parse_json(json.dumps(to_json(RunPage.of(report_of(person("K1"), person("K2"))))).encode()))


def sample_document() -> dict[str, Any]:
    typing = json.loads((CONTRACT / "typing.sample.json").read_text())
    result = typed_sample(typing["sample"], typing, STATE)
    page = SamplePage.of(report_of(result, hla_class="all"), result, typing)
    return dict(json.loads(json.dumps(to_json(page))))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def changed(document: dict[str, Any], place: tuple[Any, ...], odd: Any) -> Any:
    copy = json.loads(json.dumps(document))
    if not place:
        return odd
    part = copy
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = odd
    return copy


def read_or_told(kind: type[Any], document: Any) -> Any:
    """The record; None where the document is told to be none."""
    try:
        return from_json(kind, document, "page")
    except UnreadableDocument:
        return None


@pytest.mark.parametrize(("kind", "document"), [(RunPage, run_document()), (SamplePage, sample_document())])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_document_with_something_odd_in_it_is_read_or_told(
    kind: type[Any], document: dict[str, Any], data: st.DataObject
) -> None:
    odd = changed(document, data.draw(st.sampled_from(places(document))), data.draw(ODD))
    record = read_or_told(kind, odd)
    assert record is None or read_or_told(kind, to_json(record)) == record


def test_unknown_keys_are_left_alone_and_missing_ones_have_their_defaults() -> None:
    row = from_json(Coverage, {"amplicon": "Exon 2", "allele": "A*01:01", "pairs": 3, "later": 1}, "row")
    assert (row.pairs, row.depth) == (3, ())


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "row: expected a JSON object"),
        ({"allele": "A*01:01", "called": True}, "row: expected a key pairs"),
        ({"allele": 7, "called": True, "pairs": []}, "row.allele: expected a value of type str"),
        ({"allele": "A", "called": 1, "pairs": []}, "row.called: expected a value of type bool"),
        ({"allele": "A", "called": True, "pairs": [1, True]}, r"row.pairs\[1\]: expected a value of type float"),
    ],
)
def test_an_error_says_where_what_was_expected_and_what_was_found(document: Any, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=words):
        from_json(CandidateRow, document, "row")
