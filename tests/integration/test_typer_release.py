"""Hard alleles of release 3.33.0 itself.

Six nulls: called on reads of the site that silences them, and never excluded for lack of such reads. And DRB1*03:42, which is also
what DRB1*03:01 makes with a stretch of DRB3.
"""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gems_artefacts.checks import BUILT_JAR
from gems_core.bases import UNKNOWN, reverse_complement
from gems_reference.amplicons import Amplicon, amplicon, panel_locus
from gems_reference.library import Library
from gems_reference.panel import Panel, read_panel

pytestmark = pytest.mark.data

PAIRS = 40
READ_BP = 250
QUALITY = "F"


@dataclass(frozen=True)
class Null:
    """A null allele.

    Attributes:
        name: its name.
        expressed: the allele that it comes from; lends the bases that the release does not state of the null.
        partner: the other allele of the simulated person.
        sites: amplicons that show the site which silences it.
    """

    name: str
    expressed: str
    partner: str
    sites: tuple[str, ...]

    @property
    def sample(self) -> str:
        """Its name, as a sample's."""
        return self.name.replace("*", "-").replace(":", "-")

    @property
    def locus(self) -> str:
        """The reported locus."""
        gene = self.name.partition("*")[0]
        return "DRB345" if gene == "DRB5" else gene


NULLS = (
    Null("A*68:18N", "A*68:02:01:01", "A*01:01:01:01", ("Exon 2", "Bridge 23")),
    Null("A*31:14N", "A*31:01:02:01", "A*01:01:01:01", ("Exon 4",)),
    Null("B*15:26N", "B*15:01:01:01", "B*08:01:01:01", ("Exon 3", "Bridge 23")),
    Null("B*44:19N", "B*44:02:01:01", "B*08:01:01:01", ("Exon 1",)),
    Null("C*04:09N", "C*04:01:01:11", "C*07:01:01:01", ("Exon 6-7",)),
    Null("DRB5*01:10N", "DRB5*01:02", "", ("Exon 2",)),
)


CHIMERA = "chimera"


def _with_a_chimera(library: Library, panel: Panel) -> Iterator[str]:
    """DRB1*03:01 twice, DRB3 beside it, and among eleven molecules of DRB1's exon 2 one as of DRB1*03:42."""
    for name in ("DRB1*03:01:01:01", "DRB3*01:01:02:01"):
        for _, molecule in _of_allele(library, panel, name, name):
            yield from [molecule] * 10
    made = dict(_of_allele(library, panel, "DRB1*03:42", "DRB1*03:01:01:01"))
    yield made["Exon 2"]


@pytest.fixture(scope="module")
def calls(library: Library, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Typings by sample: each null with reads of all amplicons, and without those that show its site (``-blind``)."""
    if not BUILT_JAR.is_file():
        pytest.skip(f"needs {BUILT_JAR} (mvn -q -f hla-typer/pom.xml package)")
    folder = tmp_path_factory.mktemp("nulls")
    panel_path = shared_data / "miseq-dev" / "panel.tsv"
    panel = read_panel(panel_path)
    lines = ["sample\tr1\tr2"]
    for null in NULLS:
        molecules = [*_molecules(library, panel, null)]
        seen = [(made, bases) for made, bases in molecules if made not in null.sites]
        lines.append(_write(folder, null.sample, [bases for _, bases in molecules]))
        lines.append(_write(folder, f"{null.sample}-blind", [bases for _, bases in seen]))
    lines.append(_write(folder, CHIMERA, [*_with_a_chimera(library, panel)]))
    sheet = folder / "sheet.tsv"
    sheet.write_text("".join(f"{line}\n" for line in lines))
    command = ["java", "-Xmx1g", "-jar", BUILT_JAR, "type", "--library", library.directory, "--panel", panel_path]
    command += ["--hla-class", "all", "--samples", sheet, "--out", folder / "out", "--threads", "2"]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, timeout=300)
    samples = [line.split("\t")[0] for line in lines[1:]]
    return {sample: json.loads((folder / "out" / sample / "typing.json").read_text()) for sample in samples}


def _molecules(library: Library, panel: Panel, null: Null) -> Iterator[tuple[str, str]]:
    """Amplicon names and molecules, of the null and of its partner, and of DRB1 beside DRB5."""
    yield from _of_allele(library, panel, null.name, null.expressed)
    if null.partner:
        yield from _of_allele(library, panel, null.partner, null.partner)
    else:
        for drb1 in ("DRB1*15:01:01:01", "DRB1*01:01:01"):
            yield from _of_allele(library, panel, drb1, drb1)


def _of_allele(library: Library, panel: Panel, name: str, lender: str) -> Iterator[tuple[str, str]]:
    gene = name.partition("*")[0]
    locus = panel_locus(library, panel, gene)
    for row in panel.of_locus(gene):
        made, whole = amplicon(locus, row, name), amplicon(locus, row, lender)
        yield row.amplicon, _filled(made, whole).sequence


def _filled(made: Amplicon, whole: Amplicon) -> Amplicon:
    pairs = zip(made.aligned, whole.aligned, strict=True)
    aligned = "".join(other if base == UNKNOWN else base for base, other in pairs)
    sites = (whole.sites[0], whole.sites[1])
    return Amplicon(made.row, made.allele, aligned.replace(UNKNOWN, "A"), sites)


def _write(folder: Path, sample: str, molecules: list[str]) -> str:
    texts: tuple[list[str], list[str]] = ([], [])
    for number in range(PAIRS * len(molecules)):
        molecule = molecules[number % len(molecules)]
        strands = [molecule, reverse_complement(molecule)]
        for read, strand, text in zip(
            (1, 2), strands if number // len(molecules) % 2 else strands[::-1], texts, strict=True
        ):
            bases = strand[:READ_BP]
            text.append(f"@M:1:1:1:1:{number}:1 {read}:N:0:1\n{bases}\n+\n{QUALITY * len(bases)}\n")
    paths = [folder / f"{sample}_R{read}.fastq.gz" for read in (1, 2)]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(gzip.compress("".join(text).encode("ascii"), 1, mtime=0))
    return f"{sample}\t{paths[0]}\t{paths[1]}"


def _locus(typing: dict[str, Any], name: str) -> dict[str, Any]:
    return next(locus for locus in typing["loci"] if locus["locus"] == name)


@pytest.mark.parametrize("null", NULLS, ids=lambda null: null.name)
def test_a_null_is_called_on_reads_of_its_site(null: Null, calls: dict[str, Any]) -> None:
    locus = _locus(calls[null.sample], null.locus)
    assert null.name in [allele["name"] for allele in locus["alleles"]]


@pytest.mark.parametrize("null", NULLS, ids=lambda null: null.name)
def test_a_null_is_not_excluded_for_want_of_reads_of_its_site(null: Null, calls: dict[str, Any]) -> None:
    locus = _locus(calls[f"{null.sample}-blind"], null.locus)
    assert null.name not in [allele["name"] for allele in locus["alleles"]]
    assert any(null.name in allele["ambiguities"] for allele in locus["alleles"])
    assert "null_not_excluded" in [flag["code"] for flag in locus["flags"]]


def test_an_allele_that_a_chimera_would_equal_is_never_silent(calls: dict[str, Any]) -> None:
    flags = {flag["code"]: flag["evidence"] for flag in _locus(calls[CHIMERA], "DRB1")["flags"]}
    evidence = flags["chimera_equals_allele"]
    assert evidence["allele"] == "DRB1*03:42"
    assert evidence["parents"] == "DRB1*03:01:01:01 x DRB3*01:01:02:01"
