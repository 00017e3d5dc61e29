"""What MIRING asks of an HML document, by the numbers of nmdp-bioinformatics/miring-validator's rules, in our own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

NS = "{http://schemas.nmdp.org/spec/hml/1.0.1}"
_REQUIRED = {
    "hmlid": ("root", "extension"),
    "reporting-center": ("reporting-center-id", "reporting-center-context"),
    "typing": ("gene-family", "date"),
    "allele-assignment": ("date", "allele-db", "allele-version"),
    "sbt-ngs": ("locus", "test-id", "test-id-source"),
    "raw-reads": ("uri", "format", "paired", "pooled", "availability", "adapter-trimmed", "quality-trimmed"),
    "reference-database": ("availability", "curated"),
    "reference-sequence": ("id", "name", "start", "end", "accession", "uri"),
    "consensus-sequence-block": (
        *("reference-sequence-id", "start", "end", "phase-set", "continuity", "expected-copy-number", "description"),
    ),
    "variant": ("id", "start", "end", "reference-bases", "alternate-bases", "quality-score", "filter"),
}


def infractions(root: Element) -> list[str]:
    """Every rule that the document breaks, in words; none of a good one."""
    return [*_missing(root), *_identity(root), *_assignments(root), *_blocks(root)]


def _missing(root: Element) -> Iterator[str]:
    for name in ("hmlid", "reporting-center", "sample"):
        if root.find(f"{NS}{name}") is None:
            yield f"1: no {name}"
    for name, attributes in _REQUIRED.items():
        for element in root.iter(f"{NS}{name}"):
            yield from (f"{name} has no {attribute}" for attribute in attributes if not element.get(attribute))


def _identity(root: Element) -> Iterator[str]:
    for element in root.iter(f"{NS}hmlid"):
        if not re.fullmatch(r"\d+(\.\d+)+", element.get("root", "")):
            yield "1.1.c: the root is no OID"


def _assignments(root: Element) -> Iterator[str]:
    for typing in root.iter(f"{NS}typing"):
        if not typing.findall(f"{NS}allele-assignment"):
            yield "3: a typing without an assignment"
        if not typing.findall(f"{NS}typing-method/{NS}sbt-ngs/{NS}raw-reads"):
            yield "1.6: a typing without raw reads"
    for assignment in root.iter(f"{NS}allele-assignment"):
        texts = [element.text for element in assignment.findall(f"{NS}glstring")]
        if not texts or not all(texts):
            yield "3.2.a: an assignment without a GL String"


def _blocks(root: Element) -> Iterator[str]:
    references = {element.get("id"): element for element in root.iter(f"{NS}reference-sequence")}
    for block in root.iter(f"{NS}consensus-sequence-block"):
        start, end = int(block.get("start", "")), int(block.get("end", ""))
        reference = references[block.get("reference-sequence-id")]
        if not int(reference.get("start", "")) <= start <= end <= int(reference.get("end", "")):
            yield "4.2.3.d: a block beyond its reference"
        if len(block.findtext(f"{NS}sequence", "")) != end - start:
            yield "4.2.3.e: a sequence of another length than its block"
        if block.get("phasing-group"):
            yield "4.2.4.b: phasing-group is deprecated"
        for number, variant in enumerate(block.findall(f"{NS}variant")):
            if variant.get("id") != str(number):
                yield "5.3.b: variants are not numbered from 0"
            if not start <= int(variant.get("start", "")) <= int(variant.get("end", "")) <= end:
                yield "5.2: a variant beyond its block"
