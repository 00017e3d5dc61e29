"""report.json keeps its schema, which comes with the package."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gems_core.layout import REPORT_CONTENT_TYPES, REPORT_FORMATS
from gems_report.formats import FORMATS, json_report
from gems_report.model import RunFacts, failed_sample, make_report, typed_sample

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "unit" / "worker" / "golden" / "report.json"
NOT_RUN = {"state": "skipped", "reason": "none on PATH", "program": None, "version": None}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads((HERE / "report.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_golden_report_keeps_the_schema(validator: Draft202012Validator) -> None:
    assert list(validator.iter_errors(json.loads(GOLDEN.read_text()))) == []


def test_a_report_of_the_typers_sample_keeps_the_schema(validator: Draft202012Validator) -> None:
    typing: dict[str, Any] = json.loads((HERE / "typing.sample.json").read_text())
    samples = [typed_sample(typing["sample"], typing, NOT_RUN), failed_sample("S2", "R2 is cut")]
    report = make_report(RunFacts("", "", "", "all", None, {}), samples)
    assert list(validator.iter_errors(json.loads(json_report.render(report)))) == []


@pytest.mark.parametrize(("key", "value"), [("outcome", "lost"), ("reads", 7), ("loci", None), ("flags", [{}])])
def test_a_report_of_another_shape_does_not(validator: Draft202012Validator, key: str, value: object) -> None:
    document = json.loads(GOLDEN.read_text())
    document["samples"][0][key] = value
    assert not validator.is_valid(document)


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029", "\x1c", "\r", "\n"])
def test_a_text_stays_as_it_is_whatever_signs_end_a_line_elsewhere(sign: str) -> None:
    report = make_report(RunFacts("", "", "", "all", None, {}), [failed_sample("S1", f"R2 {sign} is cut")])
    assert json.loads(json_report.render(report)) == json_report.document_of(report)


def test_the_schema_comes_with_the_package() -> None:
    shipped = files("gems_report").joinpath("data/report.schema.json").read_text()
    assert shipped == (HERE / "report.schema.json").read_text()


def test_every_format_of_the_list_is_written_in_its_order_with_its_content_type() -> None:
    assert tuple(FORMATS) == REPORT_FORMATS
    assert {extension: one.content_type for extension, one in FORMATS.items()} == REPORT_CONTENT_TYPES
