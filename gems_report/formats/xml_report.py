"""``report.xml.gz``: the desktop GeMS-UI's form, and in it the content of report.json.

The frame is what the desktop program writes: ``project``, ``sample``, ``cwd``, ``locus``, and a ``cwd-item`` for each
allele that the reads leave possible. The library has no accession numbers and none of the two older catalogues of common
alleles, so ``accession-number``, ``cwd100`` and ``cwd200`` are empty; ``ciwd`` is the newer catalogue's category.

In a report with a review, each sample has an ``edit-log``: its standing, its approvals, and an ``edit`` for each entry of the log.
How the desktop program writes its own edit log is not published, so the names are ours.

Behind the samples stands ``gems_report``, report.json as XML. A JSON object becomes an element, its plain values attributes, its objects and lists child elements; each item of a list
is an element named by the singular. A key that is not an XML name (the typer's evidence may hold any) becomes
``<entry name="...">``.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from gems_core.review.events import EVENT
from gems_core.review.views import APPROVAL
from gems_report.formats.json_report import head_of, sample_of
from gems_report.formats.xml_text import written, xml_text
from gems_report.gl import genotypes_of, names_in
from gems_report.model import Report, SampleResult
from gems_report.reported import MadeBy, gl_string_of, project_of
from gems_report.review import SignedSample

ROOT = "gems_report"
# Where the samples go. No key of a typer becomes such a name: elements are named by keys of ASCII alone.
_DESKTOP, _CONTENT = "désktop", "côntent"
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
    "places": "place",
    "rows": "row",
    "pairs": "count",
    "approvals": "approval",
    "overrides": "override",
    "entries": "entry",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def render(report: Report) -> bytes:
    """The file's bytes, gzipped without a time so that the same report gives the same file."""
    root = Element("project", _identity(report))
    if report.samples:
        SubElement(root, _DESKTOP)
    content = SubElement(root, ROOT)
    _fill(content, head_of(report))
    samples = SubElement(content, "samples")
    if report.samples:
        SubElement(samples, _CONTENT)
    parts = [
        (_DESKTOP, 1, (_desktop_sample(report, sample) for sample in report.samples)),
        (_CONTENT, 3, (_content_sample(report, sample) for sample in report.samples)),
    ]
    return gzip.compress(written(root, parts if report.samples else ()), mtime=0)


def _content_sample(report: Report, sample: SampleResult) -> Element:
    element = Element("sample")
    _fill(element, sample_of(report, sample))
    return element


def _identity(report: Report) -> dict[str, str]:
    created = report.facts.created_at
    return {"id": xml_text(project_of(report)), "timestamp": created.isoformat() if created else ""}


def _desktop_sample(report: Report, sample: SampleResult) -> Element:
    """A sample as the desktop program has it; a failed one has no loci."""
    element = Element("sample", id=xml_text(sample.sample))
    cwd = SubElement(element, "cwd", id=xml_text(MadeBy.of(report, sample).release))
    for call in sample.loci:
        locus = SubElement(cwd, "locus", id=xml_text(call.locus))
        categories = {str(allele["name"]): str(allele.get("ciwd", "")) for allele in call.document["alleles"]}
        for name in names_in(genotypes_of(gl_string_of(call))):
            facts = {"accession-number": "", "allele-name": xml_text(name), "cwd100": "", "cwd200": ""}
            SubElement(locus, "cwd-item", {**facts, "ciwd": xml_text(categories.get(name, ""))})
    signed = report.signed(sample)
    if signed is not None:
        _add_edit_log(element, signed)
    return element


def _add_edit_log(sample: Element, signed: SignedSample) -> None:
    """The two approvals, and the edit log, with all that was said."""
    facts = {"standing": signed.standing, "told": signed.headline, "results": signed.results}
    log = SubElement(sample, "edit-log", {name: xml_text(value) for name, value in facts.items()})
    for number, approval in enumerate(signed.review.approvals, start=1):
        _fill(SubElement(log, "approval", number=str(number)), APPROVAL.write(approval))
    for said in signed.said:
        entry = SubElement(log, "edit", number=str(said.number), sha256=said.sha256)
        _fill(entry, {name: value for name, value in EVENT.write(said.event).items() if name != "sample"})


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
