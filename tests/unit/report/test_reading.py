"""A report is what it was when it is read from its own report.json."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from report_builders import FACTS, allele, contract_report, locus, report_of, sample_of

from gems_core.plate import Placement, Role
from gems_report.errors import UnreadableReport
from gems_report.formats import FORMATS, json_report
from gems_report.model import Report, failed_sample
from gems_report.reading import report_of as read_report


def report() -> Report:
    plate = {"S1": Placement("A1"), "NTC": Placement("H12", Role.NEGATIVE_CONTROL)}
    call = locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01")
    samples = [failed_sample("NTC", "empty"), sample_of("S1", call), *contract_report().samples]
    return report_of(*samples, facts=replace(FACTS, plate=plate))


def written() -> Any:
    return json.loads(json_report.render(report()))


# Sequences are not in report.json, and HML has them.
@pytest.mark.parametrize("extension", [one for one in FORMATS if one != "hml"])
def test_every_format_is_the_same_from_a_report_that_was_read(extension: str) -> None:
    render = FORMATS[extension].render
    assert render(read_report(written())) == render(report())


def test_hml_of_a_report_that_was_read_has_all_but_the_sequences() -> None:
    again = FORMATS["hml"].render(read_report(written())).decode()
    assert "HLA-A*02:01+HLA-A*02:01" in again
    assert "<consensus-sequence" not in again


@pytest.mark.parametrize("key", ["schema_version", "made_by", "samples", "hla_class"])
def test_a_document_without_a_part_is_refused(key: str) -> None:
    document = written()
    del document[key]
    with pytest.raises(UnreadableReport, match=f"expected a report.json of GeMS.*{key}"):
        read_report(document)


@pytest.mark.parametrize("odd", [None, [], {"schema_version": 2}, "x"])
def test_what_is_no_report_is_refused(odd: Any) -> None:
    with pytest.raises(UnreadableReport):
        read_report(odd)
