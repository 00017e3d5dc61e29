"""The report of a job, in each of its formats."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gems_core.layout import REPORT_CONTENT_TYPES
from gems_report.formats import (
    csv_report,
    gl_report,
    hml_report,
    html_report,
    json_report,
    multiqc_report,
    pdf_report,
    xml_report,
)
from gems_report.model import Report

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Format:
    """How a report becomes a file; the same report always gives the same bytes.

    Attributes:
        may_fail: whether the other files of a report stand without this one.
    """

    render: Callable[[Report], bytes]
    content_type: str
    may_fail: bool = False


@dataclass(frozen=True)
class ReportFile:
    """One written file of a report; ``extension`` goes behind ``report.``."""

    extension: str
    data: bytes
    content_type: str


_RENDER: Mapping[str, Callable[[Report], bytes]] = {
    "json": json_report.render,
    "csv": csv_report.render,
    "xml.gz": xml_report.render,
    "html": html_report.render,
    "pdf": pdf_report.render,
    "hml": hml_report.render,
    "gl.txt": gl_report.render,
    "stats_mqc.json": multiqc_report.render_stats,
    "calls_mqc.json": multiqc_report.render_calls,
}
# What rests on a library of others.
_MAY_FAIL = frozenset({"pdf"})

FORMATS: Mapping[str, Format] = {
    extension: Format(_RENDER[extension], content_type, extension in _MAY_FAIL)
    for extension, content_type in REPORT_CONTENT_TYPES.items()
    if extension in _RENDER
}
"""By file extension, in the order of ``REPORT_FORMATS``."""


def files_of(report: Report) -> Iterator[ReportFile]:
    """Every file of a report; one that may fail and does is left out, with a line in the log.

    Raises:
        ODD_CONTENT: a result has not the shape that a format needs.
    """
    for extension, one in FORMATS.items():
        try:
            data = one.render(report)
        except Exception as error:
            if not one.may_fail:
                raise
            _log.warning("report.%s is not written: %r", extension, error)
            continue
        yield ReportFile(extension, data, one.content_type)
