"""report.pdf, and that the other files stand without it."""

from __future__ import annotations

import builtins
import logging
import re
from typing import Any

import pytest
from report_builders import allele, contract_report, locus, report_of, sample_of

from gems_core.hla import loci_of_class
from gems_core.layout import REPORT_FORMATS
from gems_report.formats import files_of, pdf_report
from gems_report.model import failed_sample


def pages(data: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", data))


def test_each_sample_begins_a_page_behind_the_overview() -> None:
    samples = [*contract_report().samples, failed_sample("S2", 'cut "here" <b>&\x00 €')]
    data = pdf_report.render(report_of(*samples))
    assert data.startswith(b"%PDF-")
    assert pages(data) >= 3


def test_the_same_report_gives_the_same_bytes() -> None:
    assert pdf_report.render(contract_report()) == pdf_report.render(contract_report())


def test_texts_from_outside_are_no_markup() -> None:
    odd = "<b><para>&lt;" * 3
    flag = {"code": "low_depth", "message": odd, "evidence": {"amplicon": odd}}
    call = locus("A", "homozygous", [allele(odd)], odd, flags=[flag])
    assert pdf_report.render(report_of(sample_of(odd, call), failed_sample("ü日本", odd))).startswith(b"%PDF-")


def test_the_other_files_stand_where_the_pdf_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain = builtins.__import__

    def without_reportlab(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith("reportlab"):
            raise ImportError(name)
        return plain(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without_reportlab)
    with caplog.at_level(logging.WARNING):
        written = [file.extension for file in files_of(contract_report())]
    assert written == [extension for extension in REPORT_FORMATS if extension != "pdf"]
    assert "report.pdf is not written" in caplog.text


def test_of_more_samples_than_a_plate_those_that_pass_have_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_report, "MOST_DETAILED", 1)
    enough = {"pairs": 100, "used_pairs": 100, "filters": []}
    good = [
        sample_of(
            f"S{number}",
            *(locus(name, "homozygous", [allele(f"{name}*02:0{number}")]) for name in loci_of_class("all")),
            reads=enough,
        )
        for number in (1, 2)
    ]
    assert pages(pdf_report.render(report_of(*good, failed_sample("S3", "R2 is cut")))) == 2
