"""The report of a job, in each of its formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gems_report.formats import csv_report, json_report, xml_report
from gems_report.model import Report


@dataclass(frozen=True)
class Format:
    """How a report becomes a file; the same report always gives the same bytes."""

    render: Callable[[Report], bytes]
    content_type: str


FORMATS: Mapping[str, Format] = {
    "json": Format(json_report.render, "application/json"),
    "csv": Format(csv_report.render, "text/csv; charset=utf-8"),
    "xml.gz": Format(xml_report.render, "application/gzip"),
}
"""By file extension."""
