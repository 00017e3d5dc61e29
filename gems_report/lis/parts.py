"""What several resources of FHIR are made of."""

from __future__ import annotations

import re
from typing import Any

from gems_report.model import Report
from gems_report.reported import date_of

Json = dict[str, Any]
_NOT_FHIR = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def when(report: Report) -> Json:
    """The day of the run; nothing where nobody knows it."""
    day = date_of(report)
    return {"effectiveDateTime": day} if day else {}


def coded(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept of one code."""
    return {"coding": [coding(system, code, display)]}


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding."""
    return {"system": system, "code": code, **({"display": display} if display else {})}


def text(words: str) -> str:
    """Text as FHIR's ``string`` may hold it: no control characters, and something to read."""
    return _NOT_FHIR.sub("\ufffd", words).strip() or "unknown"
