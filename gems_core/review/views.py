"""What overrides and approvals are shown as: tables of fields, for the API and for report.json."""

from __future__ import annotations

from gems_core.fields import MOMENT, TEXT, Field, Shape
from gems_core.review.events import REASON
from gems_core.review.state import Approval, Override

OVERRIDE: Shape[Override] = Shape(
    "ReviewOverride",
    "override",
    (
        Field("locus", TEXT, "where"),
        Field("original", TEXT, "what the typer called"),
        Field("call", TEXT, "what stands instead"),
        Field("reason", REASON, "why"),
        Field("words", TEXT, "the person's own"),
        Field("by", TEXT, "who"),
        Field("at", MOMENT, "when"),
    ),
)
APPROVAL: Shape[Approval] = Shape(
    "ReviewApproval",
    "approval",
    (
        Field("by", TEXT, "who"),
        Field("at", MOMENT, "when"),
        Field("results", TEXT, "the SHA-256 of what was approved"),
    ),
)
