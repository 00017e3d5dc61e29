"""report.xml.gz in the desktop GeMS-UI's form."""

from __future__ import annotations

import gzip
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from report_builders import allele, locus, report_of, sample_of

from gems_report.formats import xml_report
from gems_report.model import Choices, Report, failed_sample


def project() -> Element:
    two = [{**allele("A*02:01", "A*02:02"), "ciwd": "C"}, {**allele("A*03:01"), "ciwd": ""}]
    call = locus("A", "heterozygous", two, "A*02:01/A*02:02+A*03:01|A*02:05+A*03:02N")
    report = report_of(sample_of("S<1>", call), failed_sample("S2", "cut\x00"), choices=Choices(project="Plate 7"))
    return read(report)


def read(report: Report) -> Element:
    return ElementTree.fromstring(gzip.decompress(xml_report.render(report)))


def test_the_frame_is_the_desktop_programs() -> None:
    root = project()
    assert (root.tag, root.get("id"), root.get("timestamp")) == ("project", "Plate 7", "2026-11-29T12:00:00+00:00")
    assert [sample.get("id") for sample in root.findall("sample")] == ["S<1>", "S2"]
    assert [one.get("id") for one in root.findall("sample/cwd")] == ["0.0.1", "0.0.1"]


def test_every_allele_that_is_left_possible_is_an_item_and_what_is_not_known_is_empty() -> None:
    items = project().findall("sample/cwd/locus[@id='A']/cwd-item")
    assert [item.get("allele-name") for item in items] == ["A*02:01", "A*02:02", "A*03:01", "A*02:05", "A*03:02N"]
    assert {(item.get("accession-number"), item.get("cwd100"), item.get("cwd200")) for item in items} == {("", "", "")}
    assert [item.get("ciwd") for item in items] == ["C", "", "", "", ""]


def test_the_content_of_report_json_stands_behind_the_samples() -> None:
    root = project()
    assert [child.tag for child in root] == ["sample", "sample", "gems_report"]
    assert root.find("gems_report/samples/sample[2]").get("reason") == "cut\ufffd"  # type: ignore[union-attr]


def test_a_key_that_a_typer_makes_up_takes_nothings_place() -> None:
    odd = {"côntent": {}, "content": {}, "désktop": {}}
    call = locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01", odd=odd)
    report = report_of(sample_of("S1", call, versions={"typer": odd, "reference_release": "1"}))
    content = read(report).find("gems_report")
    assert content is not None
    assert [child.tag for child in content][-1] == "samples"
    assert [sample.get("sample") for sample in content.findall("samples/sample")] == ["S1"]


def test_a_report_without_samples_is_a_document_too() -> None:
    root = read(report_of())
    assert ([child.tag for child in root], len(root.findall("gems_report/samples/*"))) == (["gems_report"], 0)
