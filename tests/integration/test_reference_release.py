"""Release 3.33.0 itself, where its copy lies beside the project: the whole build, the open panel, the example."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from gems_artefacts.checks import BUILT_JAR
from gems_cli.reference.commands import reference
from gems_core.bases import reverse_complement
from gems_reference.amplicons import panel_locus, window
from gems_reference.gene_level import bases
from gems_reference.library import Library
from gems_reference.panel import open_panel_path, read_panel
from gems_reference.panel_design import conservation
from gems_simulator.example import build_example

pytestmark = pytest.mark.data


def test_every_allele_of_the_releases_list_is_in_the_library(library: Library, shared_data: Path) -> None:
    lines = (shared_data / "imgt-3330" / "Allelelist.txt").read_text().splitlines()
    listed = {line.split(",")[1] for line in lines if line.startswith("HLA")}
    listed = {name for name in listed if name.partition("*")[0] in library.loci}
    held = {allele for name in library.loci for allele in library.locus(name).alleles}
    assert len(held) > 18_000
    assert held - listed == set()
    assert len(listed - held) < 0.001 * len(listed)


def test_reference_alleles_are_known_wherever_the_genomic_alignment_covers(library: Library) -> None:
    for name in library.loci:
        locus = library.locus(name)
        if library.summary["loci"][name]["genomic_alleles"]:
            assert not any("*" in row for row in locus.reference[1:-1]), name
            assert "*" not in locus.reference[0].lstrip("*"), name


def test_rows_of_a_feature_have_one_width(library: Library) -> None:
    for name in library.loci:
        for feature, rows in zip(library.locus(name).features, library.locus(name).rows, strict=True):
            assert len({len(row) for row in rows}) == 1, (name, feature)


def test_groups_and_categories_are_those_of_the_tables(library: Library) -> None:
    allele = library.locus("A").alleles["A*02:01:01:01"]
    assert (allele.g_group, allele.p_group, allele.ciwd) == ("A*02:01:01G", "A*02:01P", "I")
    null = library.locus("A").alleles["A*01:01:01:02N"]
    assert (null.g_group, null.p_group, null.ciwd) == ("A*01:01:01G", "", "")


def test_an_oddly_spliced_null_has_the_exon_that_its_gene_has(library: Library) -> None:
    locus = library.locus("A")
    assert len(locus.sequence("A*03:01:01:02N", "exon4")) == len(locus.sequence("A*03:01:01:01", "exon4"))
    assert library.summary["loci"]["A"]["disagreements"] == 4


def test_the_laboratorys_panel_has_its_primers_where_it_says(library: Library, shared_data: Path) -> None:
    panel = read_panel(shared_data / "miseq-dev" / "panel.tsv")
    for row in panel.rows:
        locus = panel_locus(library, panel, row.locus)
        place, joined = window(locus, row), "".join(locus.reference)
        starts, ends = bases(joined[place.start : place.inner_start]), bases(joined[place.inner_end : place.end])
        # DRB3's primers were taken from another allele than the reference, whose 5UTR begins late (unknown bases count).
        assert differences(starts, row.forward_primer) <= (1 if row.locus == "DRB3" else 0), row
        assert differences(ends, reverse_complement(row.reverse_primer)) <= (2 if row.locus == "DRB3" else 0), row


def differences(found: str, primer: str) -> int:
    """How many known bases differ."""
    return sum(base not in {kept, "*"} for base, kept in zip(found, primer, strict=True))


def test_the_open_panel_fits_most_alleles_and_its_reads_overlap(library: Library) -> None:
    fits = list(conservation(library, read_panel(open_panel_path())))
    assert len(fits) == 49
    assert all(fit.longest_bp <= 490 for fit in fits)
    shares = sorted(share for fit in fits for share in (fit.forward_share, fit.reverse_share))
    assert shares[0] > 0.3
    assert sum(share > 0.9 for share in shares) > 0.8 * len(shares)


def test_the_example_is_made_within_ten_seconds(library: Library, tmp_path: Path) -> None:
    started = time.process_time()
    build_example(library.directory, None, tmp_path, 1)
    assert time.process_time() - started < 10
    loci = {line.split("\t")[2] for line in (tmp_path / "truth.tsv").read_text().splitlines()[1:]}
    assert loci == {"A", "B", "C", "DRB1", "DRB345", "DQA1", "DQB1", "DPA1", "DPB1"}


def test_no_null_of_a_drawn_few_is_missed_in_silence(library: Library) -> None:
    if not BUILT_JAR.is_file():
        pytest.skip("needs the typer (make jar)")
    command = ["check", str(library.directory), "--all-nulls", "--locus", "A", "--locus", "DRB4", "--sample", "3"]
    done = CliRunner().invoke(reference, [*command, "--threads", "2"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "0 of 6 missed in silence" in done.output


def test_a_sample_of_the_releases_alleles_is_typed_as_itself(library: Library) -> None:
    if not BUILT_JAR.is_file():
        pytest.skip("needs the typer (mvn -q -f hla-typer/pom.xml package)")
    done = CliRunner().invoke(
        reference, ["check", str(library.directory), "--sample", "8", "--threads", "2"], catch_exceptions=False
    )
    assert done.exit_code == 0
