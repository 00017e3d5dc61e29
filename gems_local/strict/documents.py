"""Reading and changing EC2's XML answers."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from gems_local.strict.call import EC2_NAMESPACE

ElementTree.register_namespace("", EC2_NAMESPACE)


def parse(body: bytes) -> Element:
    """An answer of moto: our own process wrote it, so that it is not hostile XML."""
    return ElementTree.fromstring(body)  # noqa: S314 - see above


def as_bytes(tree: Element) -> bytes:
    """The document again."""
    document: bytes = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return document


def name(tag: str) -> str:
    """A tag in EC2's namespace."""
    return f"{{{EC2_NAMESPACE}}}{tag}"


def items(tree: Element, tag: str) -> Element:
    """The list of this name; an empty one where there is none."""
    found = tree.find(name(tag))
    return Element(name(tag)) if found is None else found


def text_of(tree: Element, tag: str) -> str:
    """The text of a child, or ''."""
    return tree.findtext(name(tag)) or ""


def add(tree: Element, tag: str, text: str | None = None) -> Element:
    """A new child."""
    child = ElementTree.SubElement(tree, name(tag))
    child.text = text
    return child
