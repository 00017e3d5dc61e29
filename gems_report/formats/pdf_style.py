"""How report.pdf looks: paragraphs, tables and breaks of reportlab, made in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SIZES = {"title": 15, "heading": 10, "body": 8, "cell": 6.2, "dense": 5.6, "small": 6.2}


def latin(text: str) -> str:
    """Text as PDF's own fonts can show it; other signs become ``?``, and report.html has them."""
    return text.encode("latin-1", "replace").decode("latin-1")


@dataclass(frozen=True)
class Style:
    """Makes the parts of a story; texts are reportlab's markup, so what comes from outside is escaped before.

    Attributes:
        paragraphs: reportlab's ParagraphStyle by name.
    """

    paragraphs: dict[str, Any]

    @classmethod
    def make(cls) -> Style:
        """With reportlab, which is imported here."""
        from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - see pdf_report

        made = {}
        for name, size in _SIZES.items():
            is_heading = name in ("title", "heading")
            made[name] = ParagraphStyle(
                name,
                fontName="Helvetica-Bold" if is_heading else "Helvetica",
                fontSize=size,
                leading=size * 1.25,
                spaceBefore=size * 0.7 if is_heading else 0,
                spaceAfter=size * 0.35 if name not in ("cell", "dense") else 0,
                splitLongWords=1,
            )
        return cls(made)

    def text(self, markup: str, kind: str = "body") -> Any:  # noqa: ANN401 - reportlab has no types
        """A paragraph."""
        from reportlab.platypus import Paragraph  # noqa: PLC0415

        return Paragraph(latin(markup), self.paragraphs[kind])

    def table(
        self,
        rows: Sequence[Sequence[Any]],
        widths_mm: Sequence[float] | None = None,
        *,
        font_size: float = 6.6,
        shaded: Sequence[int] = (),
        greyed: Sequence[tuple[int, int]] = (),
    ) -> Any:  # noqa: ANN401
        """A table whose first row is its head.

        Args:
            rows: of texts and paragraphs.
            widths_mm: of the columns; None as wide as needed.
            font_size: in points.
            shaded: rows to shade.
            greyed: cells (column, row) to grey.
        """
        from reportlab.lib.colors import HexColor  # noqa: PLC0415
        from reportlab.platypus import LongTable, TableStyle  # noqa: PLC0415

        look = [
            ("FONT", (0, 0), (-1, -1), "Helvetica", font_size, font_size * 1.2),
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", font_size, font_size * 1.2),
            ("GRID", (0, 0), (-1, -1), 0.3, HexColor("#9aa1aa")),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eceff3")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *((side, (0, 0), (-1, -1), 2) for side in ("LEFTPADDING", "RIGHTPADDING")),
            *((side, (0, 0), (-1, -1), 1.2) for side in ("TOPPADDING", "BOTTOMPADDING")),
            *(("BACKGROUND", (0, row), (-1, row), HexColor("#dcefe2")) for row in shaded),
            *(("BACKGROUND", cell, cell, HexColor("#d9dce1")) for cell in greyed),
        ]
        widths = [self.millimetres(width) for width in widths_mm] if widths_mm else None
        return LongTable([list(row) for row in rows], widths, repeatRows=1, style=TableStyle(look), hAlign="LEFT")

    def page_break(self) -> Any:  # noqa: ANN401
        """What follows starts on a new page."""
        from reportlab.platypus import PageBreak  # noqa: PLC0415

        return PageBreak()

    def together(self, *parts: Any) -> Any:  # noqa: ANN401
        """Parts that stay on one page where they fit."""
        from reportlab.platypus import KeepTogether  # noqa: PLC0415

        return KeepTogether(list(parts))

    @staticmethod
    def millimetres(count: float) -> float:
        """In points."""
        return count * 72 / 25.4
