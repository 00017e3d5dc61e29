"""HTML out of Python, escaped unless it says otherwise.

The worker has no Jinja2, and xml.etree writes XML, whose empty elements HTML reads otherwise: so a dozen lines on
``html.escape`` do it.
"""

from __future__ import annotations

from html import escape

_NO_HTML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, *range(0xD800, 0xE000)), "\ufffd")


class Markup(str):
    """Text that is HTML already; only this module makes it."""

    __slots__ = ()


Child = str | int | Markup | None


def el(tag: str, *children: Child, **attributes: str | None) -> Markup:
    """An element with its children.

    Args:
        tag: its name.
        children: Markup as it is, all else escaped; None is left out.
        attributes: a trailing ``_`` keeps them off Python's words, other ``_`` become ``-``; None leaves one out.
    """
    return Markup(f"<{tag}{_attributes(attributes)}>{join(*children)}</{tag}>")


def void(tag: str, **attributes: str | None) -> Markup:
    """An element that has no end, such as ``meta``."""
    return Markup(f"<{tag}{_attributes(attributes)}>")


def join(*children: Child) -> Markup:
    """Children one behind the other."""
    return Markup("".join(_escaped(child) for child in children if child is not None))


def trusted(text: str) -> Markup:
    """A text of our own that is HTML; never one that came from outside."""
    return Markup(text)


def _attributes(attributes: dict[str, str | None]) -> str:
    named = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items() if value is not None)
    return "".join(f' {name}="{_escaped(str(value))}"' for name, value in named)


def _escaped(child: str | int) -> str:
    return child if isinstance(child, Markup) else escape(str(child).translate(_NO_HTML))
