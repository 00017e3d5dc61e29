"""Text as XML can hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, indent, tostring

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(value: object) -> str:
    """A plain JSON value as text; characters that XML cannot hold become U+FFFD."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _NOT_XML.sub("\ufffd", text)


def written(root: Element, parts: Iterable[tuple[str, int, Iterable[Element]]]) -> bytes:
    """A document whose large parts are made and written one by one, for a whole tree takes ten times its text.

    Args:
        root: all but the parts; where they go it has an empty element.
        parts: in the document's order the name of that element, how deep it lies (1 below the root), and what takes its
            place, which is at least one element.

    Returns:
        what ``tostring`` makes of the whole document when it is indented by one space.
    """
    indent(root, " ")
    rest = str(tostring(root, encoding="unicode"))
    pieces = ["<?xml version='1.0' encoding='utf-8'?>\n"]
    for name, level, elements in parts:
        before, _, rest = rest.partition(f"<{name} />")
        pieces += [before, f"\n{' ' * level}".join(_text(element, level) for element in elements)]
    return "".join([*pieces, rest]).encode()


def _text(element: Element, level: int) -> str:
    indent(element, " ", level)
    element.tail = None
    return str(tostring(element, encoding="unicode"))
