"""What `gems reference check --all-nulls` makes of a typing."""

from __future__ import annotations

from typing import Any, cast

import pytest

from gems_cli.reference.nulls import Found, NullCheck, check_nulls, judge
from gems_simulator.fragments import CompletedGenes
from gems_simulator.genotypes import Genotype
from gems_simulator.run import Person
from worker.typer import Typer

NULL, OTHER = "A*24:09N", "A*01:01:01:01"


def typing_of(
    *called: tuple[str, ...], gl_string: str = "", flags: tuple[str, ...] = (), of_sample: tuple[str, ...] = ()
) -> dict[str, Any]:
    alleles = [{"name": names[0], "ambiguities": list(names)} for names in called]
    call = {"locus": "A", "alleles": alleles, "gl_string": gl_string, "flags": [{"code": code} for code in flags]}
    return {"loci": [call], "flags": [{"code": code} for code in of_sample]}


@pytest.mark.parametrize(
    ("typing", "found"),
    [
        (typing_of((OTHER,), (NULL, "A*24:02:01:01")), Found.CALLED),
        (typing_of((OTHER,), ("A*24:02:01:01", NULL)), Found.LISTED),
        (typing_of((OTHER,), ("A*24:02:01:01",), gl_string=f"{OTHER}+A*24:02:01:01|{OTHER}+{NULL}"), Found.LISTED),
        (typing_of((OTHER,), ("A*24:02:01:01",), flags=("possible_new_allele",)), Found.FLAGGED),
        (typing_of((OTHER,), ("A*24:02:01:01",), of_sample=("several_people_suspected",)), Found.FLAGGED),
        (typing_of((OTHER,), ("A*24:02:01:01",), flags=("no_drb345",)), Found.MISSED),
        (typing_of((OTHER,), ("A*24:02:01:01",), gl_string=f"{OTHER}+{NULL}Q"), Found.MISSED),
        (typing_of(), Found.MISSED),
    ],
    ids=["called", "ambiguous", "listed", "flagged", "of the sample", "a note is no flag", "another name", "no call"],
)
def test_a_null_is_found_where_it_is_named_or_its_call_is_flagged(typing: dict[str, Any], found: Found) -> None:
    assert judge(NULL, Person("N1", (Genotype("A", (NULL, OTHER)),)), typing).found is found


class CopiesNothing:
    """Genes of which the primers' places are deleted in every allele."""

    def of_allele(self, _allele: str) -> tuple[()]:
        return ()


def test_an_allele_of_which_nothing_is_copied_is_told_and_not_typed() -> None:
    told: list[int] = []
    products, typer = cast("CompletedGenes", CopiesNothing()), cast("Typer", None)
    assert list(check_nulls(products, [NULL, OTHER], typer, 1, told.append)) == [
        NullCheck(NULL, "", Found.NOT_COPIED, ()),
        NullCheck(OTHER, "", Found.NOT_COPIED, ()),
    ]
    assert told == [2]
