"""``report.xml.gz``: the content of report.json as XML.

A JSON object becomes an element, its plain values attributes, its objects and lists child elements; each item of a list
is an element named by the singular. A key that is no XML name (the typer's evidence may hold any) becomes
``<entry name="...">``.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gems_report.formats.json_report import document_of
from gems_report.formats.xml_text import xml_text
from gems_report.model import Report

ROOT = "gems_report"
_SINGULAR = {
    "samples": "sample",
    "loci": "locus",
    "alleles": "allele",
    "ambiguities": "ambiguity",
    "candidates": "candidate",
    "coverage": "amplicon",
    "filters": "filter",
    "flags": "flag",
    "links": "link",
    "amplicons": "amplicon",
    "phase_blocks": "phase_block",
    "phase_block": "exon",
    "unexplained": "sequence",
    "differences": "difference",
    "alike": "allele",
    "parents": "allele",
    "reasons": "reason",
    "runs": "run",
    "lanes": "lane",
    "controls": "control",
    "shows": "sample",
    "contamination": "trace",
    "identical": "group",
    "group": "sample",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def render(report: Report) -> bytes:
    """The file's bytes, gzipped without a time so that the same report gives the same file."""
    root = Element(ROOT)
    _fill(root, document_of(report))
    indent(root, " ")
    return gzip.compress(tostring(root, encoding="utf-8", xml_declaration=True), mtime=0)


def _fill(element: Element, value: Any) -> None:  # noqa: ANN401 - JSON values
    if isinstance(value, Mapping):
        for key, part in value.items():
            _add(element, str(key), part)
    elif isinstance(value, list | tuple):
        for item in value:
            _fill(SubElement(element, _SINGULAR.get(element.tag, "item")), item)
    elif value is not None:
        element.text = xml_text(value)


def _add(element: Element, key: str, value: Any) -> None:  # noqa: ANN401 - JSON values
    plain = not isinstance(value, Mapping | list | tuple)
    named = _NAME.fullmatch(key) is not None
    if plain and value is None:
        return
    if plain and named:
        element.set(key, xml_text(value))
        return
    child = SubElement(element, key) if named else SubElement(element, "entry", name=xml_text(key))
    _fill(child, value)
