"""A few elements of SVG. Whatever text goes in is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

Number = float


def picture(width: Number, height: Number, label: str, look: str = "") -> Element:
    """An empty picture.

    Args:
        width: in units of its own, which are pixels where it is shown at its full width.
        height: in the same units.
        label: what it shows, for whoever cannot see it.
        look: a class.
    """
    return Element(
        "svg",
        {
            "width": _text(width),
            "height": _text(height),
            "viewBox": f"0 0 {_text(width)} {_text(height)}",
            "class": look,
            "role": "img",
            "aria-label": label,
            "xmlns": "http://www.w3.org/2000/svg",
        },
    )


def box(parent: Element, place: tuple[Number, Number, Number, Number], look: str, title: str = "") -> Element:
    """A rectangle: x, y, width and height."""
    x, y, width, height = (_text(number) for number in place)
    return _titled(SubElement(parent, "rect", {"x": x, "y": y, "width": width, "height": height, "class": look}), title)


def line(parent: Element, points: Iterable[tuple[Number, Number]], look: str, title: str = "") -> Element:
    """A line through points."""
    text = " ".join(f"{_text(x)},{_text(y)}" for x, y in points)
    return _titled(SubElement(parent, "polyline", {"points": text, "class": look}), title)


def curve(parent: Element, path: str, look: str, title: str = "") -> Element:
    """A path, of the caller's own numbers."""
    return _titled(SubElement(parent, "path", {"d": path, "class": look}), title)


def words(parent: Element, place: tuple[Number, Number], text: str, look: str = "", anchor: str = "start") -> Element:
    """A text that begins, ends or has its middle (``anchor``) at a point of its base line."""
    x, y = place
    element = SubElement(parent, "text", {"x": _text(x), "y": _text(y), "class": look, "text-anchor": anchor})
    element.text = text
    return element


def drawn(root: Element) -> str:
    """The picture as text to be put into HTML."""
    return tostring(root, encoding="unicode")


def _titled(element: Element, title: str) -> Element:
    if title:
        SubElement(element, "title").text = title
    return element


def _text(number: Number) -> str:
    return f"{round(number, 1):g}"
