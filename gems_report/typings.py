"""Typings that can be compared: of a report, or of another laboratory's CSV or HML.

A typing is the genotypes of each gene of each sample. DRB3, DRB4 and DRB5 are genes of their own here, as HML has them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from gems_core.hla import CLASS_1_LOCI, CLASS_2_LOCI, DRB345_GENES
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_report.errors import UnreadableReport
from gems_report.gl import Genotype, by_gene, genotypes_of, gl_of

Genes = Mapping[str, tuple[Genotype, ...]]
Typings = Mapping[str, Genes]
"""By sample, then by gene; the called genotype first. A gene without a call is not there."""

_DRB345 = "DRB345"
_SUFFIXES = (".json", ".csv", ".tsv", ".hml", ".xml")
_COLUMNS = frozenset({"sample", "locus", "allele_1", "allele_2"})
_DEFUSED = ("'=", "'+", "'-", "'@", "'\t", "'\r", "'\n")
_NO_ALLELE = frozenset({"", "-", "N/A", "NA", "BLANK", "X", "NNNN"})
_DRAWN_LOCI = CLASS_1_LOCI + CLASS_2_LOCI


def typings_of(name: str, data: bytes) -> Typings:
    """The typings in a file, by what it is called.

    Args:
        name: of the file; its ending tells JSON (report.json), CSV or TSV, and HML.
        data: its content.

    Raises:
        UnreadableReport: it is none of these, or not in their form.
    """
    suffix = next((one for one in _SUFFIXES if name.lower().endswith(one)), "")
    try:
        if suffix == ".json":
            return _printable(_of_json(parse_json(data)))
        if suffix in (".csv", ".tsv"):
            return _printable(_of_csv(data.decode("utf-8-sig")))
        if suffix in (".hml", ".xml"):
            return _printable(_of_hml(data))
    except (*ODD_CONTENT, csv.Error, ElementTree.ParseError) as error:
        raise UnreadableReport(f"{name}: expected {_FORMS[suffix]}, found another form ({error})") from error
    raise UnreadableReport(f"{name}: expected a file that ends in {', '.join(_SUFFIXES)}")


_FORMS = {
    ".json": "a report.json of GeMS",
    ".csv": "rows with sample, locus, allele_1 and allele_2",
    ".tsv": "rows with sample, locus, allele_1 and allele_2",
    ".hml": "an HML document",
    ".xml": "an HML document",
}


def _printable(typings: Typings) -> Typings:
    """The typings, if a page can show their names: JSON may hold halves of characters."""
    for sample, genes in typings.items():
        sample.encode()
        for genotypes in genes.values():
            gl_of(genotypes).encode()
    return typings


def genes_of(gl_strings: Iterable[str]) -> Genes:
    """A sample's genes from the GL Strings of its loci, as typing.json and the pages' documents have them."""
    found: dict[str, tuple[Genotype, ...]] = {}
    for gl_string in gl_strings:
        found.update(by_gene(genotypes_of(gl_string)))
    return found


def ordered_genes(genes: Iterable[str]) -> list[str]:
    """Genes in the order of every report."""
    order = {gene: place for place, gene in enumerate(_all_genes())}
    return sorted(genes, key=lambda gene: (order.get(gene, len(order)), gene))


def _all_genes() -> Iterator[str]:
    for locus in _DRAWN_LOCI:
        yield from DRB345_GENES if locus == _DRB345 else (locus,)


def _of_json(document: Any) -> Typings:  # noqa: ANN401 - JSON of anybody
    return {str(sample["sample"]): genes_of(map(_gl_string, sample["loci"])) for sample in document["samples"]}


def _gl_string(locus: Mapping[str, Any]) -> str:
    """A locus's; of typers that write none that of the called genotype."""
    called = "+".join("/".join(map(str, allele["ambiguities"])) for allele in locus["alleles"])
    return str(locus.get("gl_string") or called)


def _of_csv(text: str) -> Typings:
    """Rows of ours, or of anybody who has the four columns; a GL String says more and is taken where it is there."""
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    found: dict[str, dict[str, tuple[Genotype, ...]]] = {}
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    missing = sorted(_COLUMNS - set(reader.fieldnames or ()))
    if missing:
        raise ValueError(f"no column {', '.join(missing)}")
    for told in reader:
        row = {column: _armed(cell) for column, cell in told.items() if isinstance(cell, str)}
        genes = found.setdefault(row["sample"], {})
        cells = [_named(row["locus"], row.get(column) or "") for column in ("allele_1", "allele_2")]
        called = "+".join(cell for cell in cells if cell)
        genes.update(by_gene(genotypes_of(_bare((row.get("gl_string") or "").strip() or called))))
    return found


def _armed(cell: str) -> str:
    """A cell without the apostrophe that report.csv puts before what a spreadsheet would take for a formula."""
    return cell[1:] if cell.startswith(_DEFUSED) else cell


def _named(locus: str, cell: str) -> str:
    """An allele, or alleles joined by ``/``, with the gene before each."""
    gene = locus.strip().removeprefix("HLA-")
    if cell.strip().upper() in _NO_ALLELE:
        return ""
    names = [name.strip().removeprefix("HLA-") for name in cell.split("/")]
    return "/".join(name if "*" in name else f"{gene}*{name}" for name in names if name)


def _of_hml(data: bytes) -> Typings:
    root = ElementTree.fromstring(data, ElementTree.XMLParser(target=_WithoutDocumentType()))  # noqa: S314 - see there
    found: dict[str, dict[str, tuple[Genotype, ...]]] = {}
    for sample in _children(root, "sample"):
        genes = found.setdefault(sample.get("id", ""), {})
        for typing in _children(sample, "typing"):
            for assignment in _children(typing, "allele-assignment"):
                for locus in _gl_strings(assignment):
                    genes.update(by_gene(genotypes_of(locus)))
    if not found:
        raise ValueError("no sample")
    return found


class _WithoutDocumentType(ElementTree.TreeBuilder):
    """Reads no document type, in whichever encoding it comes: without one there are no entities to expand."""

    def doctype(self, name: str, pubid: str, system: str) -> None:  # noqa: ARG002 - as ElementTree calls it
        """Called before the entities of the document type are read."""
        raise ValueError("a document type, which HML does not have")


def _gl_strings(assignment: ElementTree.Element) -> Iterator[str]:
    """The GL String of each locus of an assignment; where it has none, its haploids."""
    texts = [_bare(text) for one in _children(assignment, "glstring") if (text := (one.text or "").strip())]
    if texts:
        yield from (locus for text in texts for locus in text.split("^"))
        return
    copies: dict[str, list[str]] = {}
    for haploid in _children(assignment, "haploid"):
        name = _named(haploid.get("locus", ""), haploid.get("type", ""))
        if name:
            copies.setdefault(name.split("*", 1)[0], []).append(name)
    yield from ("+".join(names) for names in copies.values())


def _bare(gl_string: str) -> str:
    """Without ``HLA-`` before each allele; what is in phase counts as copies of their genes."""
    return re.sub(r"HLA-", "", gl_string).replace(" ", "").replace("~", "+")


def _children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """The children of a name, whatever version of HML names their namespace."""
    return (child for child in element if child.tag.rsplit("}", 1)[-1] == name)
