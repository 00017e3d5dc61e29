"""Groups and frequency categories."""

from __future__ import annotations

import pytest

from gems_core.errors import InvalidInput
from gems_reference.nomenclature import Nomenclature, ciwd_version, parse_ciwd, parse_groups

CIWD = {"A*01:01": "C", "A*01:01:01": "I", "A*02:01:01G": "C", "A*03:01P": "WD", "A*01:01:01:03": "R", "A*24:09N": "WD"}


@pytest.mark.parametrize(
    ("allele", "category"),
    [
        ("A*01:01:01:01", "I"),
        ("A*01:01:01:03", "R"),
        ("A*01:01:02", "C"),
        ("A*02:01:01:05", "C"),
        ("A*02:09", ""),
        ("A*03:01:07", "WD"),
        ("A*01:01:01:02N", ""),
        ("A*24:09N", "WD"),
        ("A*24:09", ""),
        ("A*01:010", ""),
    ],
)
def test_a_category_is_that_of_the_longest_name_that_begins_the_alleles(allele: str, category: str) -> None:
    groups = {"A*02:01:01:05": "A*02:01:01G", "A*02:09": "A*02:01:01G"}
    assert Nomenclature(groups, None, CIWD, "3.0.0").category(allele) == category


def test_a_group_holds_its_alleles_and_a_single_allele_has_none() -> None:
    text = "# file\nA*;01:01:01:01/01:01:01:02N;01:01:01G\nA*;01:01:02;\n"
    assert parse_groups(text, "hla_nom_g.txt") == {"A*01:01:01:01": "A*01:01:01G", "A*01:01:01:02N": "A*01:01:01G"}


def test_a_damaged_group_line_is_refused_with_its_number() -> None:
    with pytest.raises(InvalidInput, match=r"hla_nom_g.txt line 2: expected 'LOCUS\*;ALLELES;GROUP'"):
        parse_groups("# file\nA*;01:01\n", "hla_nom_g.txt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("NAME,TOTAL\nA,C\n", "columns ALLELE and TOTAL"), ("ALLELE,TOTAL\nA*01,X\n", "line 2: expected a category")],
)
def test_a_damaged_ciwd_table_is_refused(text: str, expected: str) -> None:
    with pytest.raises(InvalidInput, match=expected):
        parse_ciwd(text, "ciwd.csv")


def test_the_tables_version_is_in_its_name() -> None:
    assert ciwd_version("ciwd.3.0.0.csv") == "3.0.0"
    assert ciwd_version("ours.csv") == "ours.csv"
