"""The sample of typing.json that both the typer's tests and the worker's read, and its schema."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gems_core.hla import loci_of_class

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads((HERE / "typing.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture
def sample() -> Any:
    return json.loads((HERE / "typing.sample.json").read_text())


def test_the_sample_keeps_the_schema(validator: Draft202012Validator, sample: Any) -> None:
    assert list(validator.iter_errors(sample)) == []


def test_its_loci_stand_in_the_order_of_every_report(sample: Any) -> None:
    assert [locus["locus"] for locus in sample["loci"]] == list(loci_of_class(sample["hla_class"]))


def test_no_pair_of_reads_is_lost_without_a_count(sample: Any) -> None:
    reads = sample["reads"]
    assert reads["used_pairs"] + sum(lost["pairs"] for lost in reads["filters"]) == reads["pairs"]


def test_a_flag_of_the_sample_tells_what_its_reads_count(sample: Any) -> None:
    (flag,) = sample["flags"]
    evidence, reads = flag["evidence"], sample["reads"]
    (at_filter,) = (lost["pairs"] for lost in reads["filters"] if lost["name"] == evidence["filter"])
    assert (evidence["pairs"], evidence["lost"]) == (reads["pairs"], at_filter)
    assert evidence["share"] == round(evidence["lost"] / evidence["pairs"], 3) >= evidence["threshold"]


def test_the_flags_of_a_sample_may_be_absent(validator: Draft202012Validator, sample: Any) -> None:
    del sample["flags"]
    assert validator.is_valid(sample)


def test_a_call_is_the_first_of_its_ambiguities(sample: Any) -> None:
    alleles = [allele for locus in sample["loci"] for allele in locus["alleles"]]
    assert alleles
    assert all(allele["ambiguities"][0] == allele["name"] for allele in alleles)


def test_the_called_genotype_is_the_first_of_the_gl_string(sample: Any) -> None:
    for locus in sample["loci"]:
        first = locus["gl_string"].split("|")[0]
        copies = [copy.split("/")[0] for copy in first.split("+") if copy]
        assert set(copies) == {allele["name"] for allele in locus["alleles"]}


def test_what_is_drawn_of_an_amplicon_has_a_place_for_each_base(sample: Any) -> None:
    rows = [row for locus in sample["loci"] for row in locus["coverage"]]
    assert rows
    for row in rows:
        assert sum(run["bases"] for run in row["runs"]) == len(row["depth"])


def test_exons_are_drawn_of_the_called_alleles_alone(sample: Any) -> None:
    for locus in sample["loci"]:
        drawn = {exon["allele"] for exon in locus.get("exons", [])}
        assert drawn == {allele["name"] for allele in locus["alleles"]}


@pytest.mark.parametrize("damage", ["state", "alleles", "reads", "flags"])
def test_the_schema_refuses_what_is_no_typing(damage: str, validator: Draft202012Validator, sample: Any) -> None:
    broken = copy.deepcopy(sample)
    if damage == "reads":
        del broken["reads"]
    elif damage == "flags":
        del broken["flags"][0]["message"]
    else:
        broken["loci"][0][damage] = "perhaps"
    assert not validator.is_valid(broken)
