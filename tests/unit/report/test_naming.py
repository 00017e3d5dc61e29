"""The name of a call at a laboratory's level, which never hides an allele that is not expressed."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_builders import allele, call_of

from gems_report import ard
from gems_report.errors import ArdFailed, ArdMissing
from gems_report.naming import Level, Named, Naming, suffix_of
from gems_report.reported import names_at_level, repeats

PLAIN_LEVELS = [Level.TWO_FIELDS, Level.THREE_FIELDS, Level.G_GROUP, Level.P_GROUP]
AMBIGUOUS = Named(("A*02:01:01:01", "A*02:01:01:02", "A*02:01:02"), "A*02:01:01G", "A*02:01P")
WITH_NULL = Named(("A*01:01:01:01", "A*01:01:01:02N", "A*01:02"), "A*01:01:01G", "A*01:01P")


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (Level.TWO_FIELDS, "A*02:01"),
        (Level.THREE_FIELDS, "A*02:01:01/A*02:01:02"),
        (Level.G_GROUP, "A*02:01:01G"),
        (Level.P_GROUP, "A*02:01P"),
    ],
)
def test_alleles_of_one_protein_have_a_short_name(level: Level, name: str) -> None:
    assert Naming(level).name(AMBIGUOUS) == name


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (Level.TWO_FIELDS, "A*01:01/A*01:01N/A*01:02"),
        (Level.THREE_FIELDS, "A*01:01:01/A*01:01:01N/A*01:02"),
        (Level.G_GROUP, "A*01:01:01G/A*01:01N/A*01:02"),
        (Level.P_GROUP, "A*01:01P/A*01:01N/A*01:02"),
    ],
)
def test_a_null_and_another_protein_stand_in_the_name(level: Level, name: str) -> None:
    assert Naming(level).name(WITH_NULL) == name


def test_a_table_of_groups_says_which_proteins_the_group_holds() -> None:
    groups = {"A*01:01:01:01": "A*01:01:01G", "A*01:01:01:02N": "A*01:01:01G", "A*01:02": "A*01:01:01G"}
    assert Naming(Level.G_GROUP, groups=groups).name(WITH_NULL) == "A*01:01:01G/A*01:01N"


def test_an_allele_in_no_group_is_named_by_two_fields() -> None:
    assert Naming(Level.G_GROUP).name(Named(("DPB1*09:01:01",))) == "DPB1*09:01"


def test_a_laboratorys_own_name_of_a_new_allele_stays() -> None:
    assert Naming().name(Named(("A*02:new-7",))) == "A*02:new-7"


fields = st.lists(st.integers(1, 999).map(lambda number: f"{number:02d}"), min_size=2, max_size=4)
names = st.builds(
    lambda parts, suffix: f"A*{':'.join(parts)}{suffix}", fields, st.sampled_from(["", "N", "L", "Q", "S", "C", "A"])
)
copies = st.builds(
    lambda found, g, p: Named(tuple(dict.fromkeys(found)), g, p),
    st.lists(names, min_size=1, max_size=6),
    st.sampled_from(["", "A*01:01:01G"]),
    st.sampled_from(["", "A*01:01P"]),
)


@given(level=st.sampled_from(PLAIN_LEVELS), call=copies, groups=st.booleans())
def test_no_level_hides_an_allele_with_an_expression_suffix(level: Level, call: Named, groups: bool) -> None:
    table = dict.fromkeys(call.names, "A*01:01:01G") if groups else {}
    named = Naming(level, groups=table).name(call).split("/")
    for name in call.names:
        if suffix_of(name):
            protein = ":".join(name.split(":")[:2]).rstrip("NLQSCA")
            assert any(part.startswith(protein) and suffix_of(part) == suffix_of(name) for part in named)


@given(level=st.sampled_from(PLAIN_LEVELS), call=copies)
def test_a_name_is_the_same_each_time_and_says_nothing_twice(level: Level, call: Named) -> None:
    named = Naming(level).name(call)
    assert named == Naming(level).name(call)
    assert len(set(named.split("/"))) == len(named.split("/"))


def test_a_null_that_only_another_genotype_has_stands_with_the_nearest_copy() -> None:
    call = call_of(
        "A", "heterozygous", [allele("A*02:01:01"), allele("A*24:02:01")], "A*02:01:01+A*24:02:01|A*02:05:01+A*24:09N"
    )
    assert names_at_level(call, Naming()) == ("A*02:01", "A*24:02/A*24:09N")


@pytest.mark.parametrize("state", ["absent", "no_drb345"])
def test_drb345_that_is_absent_is_not_applicable(state: str) -> None:
    assert names_at_level(call_of("DRB345", state), Naming()) == ("N/A", "N/A")


def test_a_single_copy_has_one_name_and_no_second() -> None:
    call = call_of("DRB345", "single_copy", [allele("DRB3*01:01:02")], "DRB3*01:01:02")
    assert names_at_level(call, Naming()) == ("DRB3*01:01", "N/A")
    assert not repeats(call)


def test_copies_that_are_uncertain_are_not_told_twice() -> None:
    call = call_of("DRB345", "copies_uncertain", [allele("DRB3*01:01:02")], "DRB3*01:01:02")
    assert names_at_level(call, Naming()) == ("DRB3*01:01", "")


def test_a_homozygous_call_is_named_twice_and_no_call_not_at_all() -> None:
    assert names_at_level(call_of("A", "homozygous", [allele("A*02:01:01")]), Naming()) == ("A*02:01", "A*02:01")
    assert names_at_level(call_of("A", "no_call"), Naming()) == ("", "")


class FakeArd:
    """py-ard's own object, as far as it is asked."""

    def lookup_mac(self, text: str) -> str:
        if "A*99" in text:
            raise ValueError("no code")
        return "A*02:AB" if text == "A*02:01/A*02:02" else "A*01:XX"

    def redux(self, name: str, kind: str) -> str:
        if name == "A*01:02":
            raise ValueError("unknown")
        return {"A*02:01": "A2", "A*01:01": "A1"}.get(name, name)


@pytest.fixture
def py_ard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    asked: list[Any] = []
    module = types.ModuleType("pyard")
    module.init = lambda release, data_dir: asked.append((release, data_dir)) or FakeArd()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyard", module)
    ard.open_ard.cache_clear()
    yield asked
    ard.open_ard.cache_clear()


def test_a_multiple_allele_code_leaves_nulls_out_of_the_code(py_ard: list[Any]) -> None:
    naming = Naming(Level.MULTIPLE_ALLELE_CODE, "3.51.0")
    assert naming.name(Named(("A*02:01:01", "A*02:02:01"))) == "A*02:AB"
    assert naming.name(Named(("A*02:01:01",))) == "A*02:01"
    assert naming.name(WITH_NULL) == "A*01:XX/A*01:01N"
    assert py_ard == [("3510", None)]
    with pytest.raises(ArdFailed, match=r"A\*99:01/A\*02:01"):
        naming.name(Named(("A*99:01", "A*02:01")))


def test_serology_names_antigens_and_by_its_own_name_what_has_none(py_ard: list[Any]) -> None:
    naming = Naming(Level.SEROLOGY, "3.51.0")
    assert naming.name(Named(("A*02:01:01", "A*02:01:04"))) == "A2"
    assert naming.name(WITH_NULL) == "A1/A*01:01N/A*01:02"


def test_withoutpy_ard_the_message_has_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyard", None)
    ard.open_ard.cache_clear()
    with pytest.raises(ArdMissing, match="pip install"):
        Naming(Level.SEROLOGY).name(AMBIGUOUS)
