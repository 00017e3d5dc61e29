"""What a laboratory information system gets: what two people have approved, valid FHIR, with codes that have a source."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from report_builders import FACTS, allele, locus, report_of, sample_of
from review_builders import BOTH, FAMILY, KEY, OVERRIDE, Step, document, log_of, review_of, reviewed

from gems_core.plate import Placement, Role
from gems_report.errors import LisMissing, UnreadableReport
from gems_report.formats import json_report
from gems_report.lis import codes
from gems_report.lis.export import bundle_of, left_out, render
from gems_report.model import Choices, Report, RunFacts
from gems_report.reading import reviewed_report
from gems_report.result_digest import digest_of_report

Json = dict[str, Any]
APPROVED: list[Step] = [("rita", "accept", {}), ("anna", "approve", {}), ("bert", "approve", {})]
HOSTILE = 'a "b" \\ <x> | ^ ~ & \x00\x1b[2J \ud800'


def of_kind(bundle: Json, kind: str) -> list[Json]:
    return [entry["resource"] for entry in bundle.get("entry", []) if entry["resource"]["resourceType"] == kind]


def approved(*loci: Json, steps: list[Step] | None = None, **facts: Any) -> Report:
    """A report of one sample that two people have approved."""
    made = report_of(sample_of("S1", *loci), facts=RunFacts(**{**vars(FACTS), "session_key": KEY, **facts}))
    return reviewed(steps or APPROVED, of=json.loads(json_report.render(made)))


@pytest.mark.parametrize(("steps", "standing"), FAMILY.values(), ids=FAMILY)
def test_only_what_two_people_have_approved_is_sent(steps: list[Step], standing: str) -> None:
    report = reviewed(steps)
    missing = left_out(report)
    bundle = bundle_of(report)
    assert bool(of_kind(bundle, "DiagnosticReport")) == (standing == "approved")
    if standing != "approved":
        (one,) = missing
        assert (one.sample, one.is_due) == ("S1", True)
        assert one.why.startswith("NOT ")
        assert "S1" not in json.dumps(bundle)
    Bundle.model_validate(bundle)


def test_a_bundle_is_valid_and_comes_back_the_same_from_the_library() -> None:
    data = render(reviewed(BOTH))
    again = Bundle.model_validate_json(data)
    assert json.loads(again.model_dump_json(exclude_none=True)).keys() == json.loads(data).keys()
    assert Bundle.model_validate_json(again.model_dump_json()).model_dump() == again.model_dump()
    assert render(reviewed(BOTH)) == data, "the same results and review give the same bytes"


def test_every_reference_leads_to_a_resource_of_the_bundle() -> None:
    bundle = bundle_of(reviewed(BOTH))
    addresses = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(addresses) == len(bundle["entry"])
    found = set(references(bundle))
    assert found
    assert found <= addresses
    (summary,) = of_kind(bundle, "DiagnosticReport")
    assert len(summary["result"]) == len(of_kind(bundle, "Observation")) == 2


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for part in value for one in references(part)]
    if not isinstance(value, dict):
        return []
    here = [value["reference"]] if "reference" in value else []
    return here + [one for part in value.values() for one in references(part)]


def test_who_approved_when_and_what_is_told() -> None:
    report = reviewed(BOTH)
    digest = digest_of_report(document()["samples"][0])
    bundle = bundle_of(report)
    (summary,) = of_kind(bundle, "DiagnosticReport")
    assert [one["display"] for one in summary["resultsInterpreter"]] == ["anna", "bert"]
    assert summary["identifier"][0]["value"] == digest
    assert summary["issued"] == bundle["timestamp"] == "2026-11-30T10:03:00+00:00"
    first, second = of_kind(bundle, "Provenance")
    assert [one["agent"][0]["who"]["display"] for one in (first, second)] == ["anna", "bert"]
    assert [one["recorded"] for one in (first, second)] == ["2026-11-30T10:02:00+00:00", "2026-11-30T10:03:00+00:00"]
    assert {one["entity"][0]["what"]["identifier"]["value"] for one in (first, second)} == {digest}


def test_a_genotype_is_a_gl_string_code_with_the_codes_of_its_gene() -> None:
    (first, _) = of_kind(bundle_of(reviewed(APPROVED, choices=Choices(center="Lab 7"))), "Observation")
    assert first["code"]["coding"] == [
        {"system": "http://loinc.org", "code": "84413-4", "display": "Genotype display name"},
        {"system": "http://loinc.org", "code": "57290-9", "display": "HLA-A [Type] by High resolution"},
    ]
    coding = first["valueCodeableConcept"]["coding"]
    assert coding == [{"system": "http://glstring.org", "code": "hla#0.0.1#HLA-A*02:01+HLA-A*03:01"}]
    assert first["component"][0]["valueCodeableConcept"]["coding"][0]["code"] == "HGNC:4931"
    assert first["performer"] == [{"display": "Lab 7"}]


def test_an_override_is_what_stands_and_the_typers_call_is_in_the_note() -> None:
    (first, _) = of_kind(bundle_of(reviewed(BOTH)), "Observation")
    assert first["valueCodeableConcept"]["coding"][0]["code"] == "hla#0.0.1#HLA-A*68:01+HLA-A*03:01"
    (note,) = first["note"]
    assert OVERRIDE["original"] in note["text"]
    assert OVERRIDE["words"] in note["text"]


TYPED_CALLS = {
    "with spaces and prefix": ("HLA-A*68:01 + HLA-A*03:01", "hla#0.0.1#HLA-A*68:01+HLA-A*03:01"),
    "another gene": ("B*07:02+B*08:01", ""),
    "words": ("homozygous, I think", ""),
    "several loci": ("A*68:01^B*07:02", ""),
    "half a name": ("A*68:01+", ""),
    "an antigen": ("A28", ""),
}


@pytest.mark.parametrize(("call", "code"), TYPED_CALLS.values(), ids=TYPED_CALLS)
def test_a_call_that_a_person_typed_has_a_code_only_if_it_is_a_gl_string(call: str, code: str) -> None:
    steps = [("rita", "override", {**OVERRIDE, "call": call}), *APPROVED[1:]]
    value = of_kind(bundle_of(reviewed(steps)), "Observation")[0]["valueCodeableConcept"]
    assert [one["code"] for one in value.get("coding", [])] == ([code] if code else [])
    assert value["text"] == (code.rpartition("#")[2] or call)


def test_drb345_are_genes_of_their_own_or_said_to_be_absent() -> None:
    two = locus("DRB345", "heterozygous", [allele("DRB3*01:01"), allele("DRB4*01:03")], "DRB3*01:01+DRB4*01:03")
    found = of_kind(bundle_of(approved(two)), "Observation")
    assert [one["code"]["coding"][1]["code"] for one in found] == ["57294-1", "57295-8"]
    (none,) = of_kind(bundle_of(approved(locus("DRB345", "no_drb345"))), "Observation")
    assert none["valueCodeableConcept"] == {"text": "absent"}
    assert none["code"]["text"] == "HLA-DRB3, DRB4, DRB5 genotype"


@pytest.mark.parametrize(
    ("state", "reason"),
    [("no_call", "unknown"), ("not_in_panel", "not-performed"), ("not_in_library", "not-performed")],
)
def test_a_gene_without_a_call_says_why(state: str, reason: str) -> None:
    (one,) = of_kind(bundle_of(approved(locus("A", state))), "Observation")
    assert one["dataAbsentReason"]["coding"][0]["code"] == reason
    assert "valueCodeableConcept" not in one


def test_what_nobody_is_sure_of_has_no_code() -> None:
    call = locus("C", "homozygous", [allele("C*07:01")], "C*07:01+C*07:01")
    (one,) = of_kind(bundle_of(approved(call)), "Observation")
    assert [coding["code"] for coding in one["code"]["coding"]] == ["84413-4"]
    assert one["code"]["text"] == "HLA-C genotype"
    assert "C" not in codes.LOCUS


def test_flags_and_cut_lists_are_notes() -> None:
    flag = {"code": "low_depth", "message": "few", "evidence": {"amplicon": "Exon 2"}}
    call = locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01", flags=[flag], genotypes_cut=True)
    (one,) = of_kind(bundle_of(approved(call)), "Observation")
    assert [note["text"] for note in one["note"]] == [
        "warning: Too few reads show this place to see both alleles. (Exon 2)",
        "More genotypes fit than are listed.",
    ]


def test_a_control_is_never_sent_and_nobody_waits_for_it() -> None:
    plate = {"S1": Placement("H12", Role.NEGATIVE_CONTROL)}
    report = approved(locus("A", "no_call"), plate=plate)
    (one,) = left_out(report)
    assert (one.why, one.is_due) == ("a negative control", False)
    assert "entry" not in bundle_of(report)


def test_a_failed_sample_has_nothing_to_send_even_when_it_is_approved() -> None:
    read = document()
    failed = {"outcome": "failed", "reason": "R2 is cut", "loci": [], "flags": [], "reads": None, "cross_match": None}
    read["samples"][0] |= failed
    (one,) = left_out(reviewed(APPROVED, of=read))
    assert one.why == "approved, and without results: R2 is cut"


def test_the_others_are_sent_without_the_one_that_waits() -> None:
    read = document(others=["S2"])
    report = reviewed(BOTH, of=read)
    assert [one.sample for one in left_out(report)] == ["S2"]
    assert [one["accessionIdentifier"]["value"] for one in of_kind(bundle_of(report), "Specimen")] == ["S1"]


def test_hostile_words_are_text() -> None:
    steps = [("rita", "override", {**OVERRIDE, "call": HOSTILE[:-2], "words": HOSTILE[:-2]}), *APPROVED[1:]]
    data = render(reviewed(steps, choices=Choices(center=HOSTILE)))
    assert b"\\u0000" not in data
    assert b"\\u001b" not in data
    (first, _) = of_kind(json.loads(data), "Observation")
    assert first["valueCodeableConcept"] == {"text": 'a "b" \\ <x> | ^ ~ & \ufffd\ufffd[2J'}


def test_a_name_that_fhir_cannot_hold_is_told() -> None:
    call = locus("A", "homozygous", [allele("A* \n02")], "A* \n02+A* \n02")
    with pytest.raises(UnreadableReport, match="do not make valid FHIR"):
        render(approved(call))


def test_without_the_library_the_line_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fhir.resources.R4B.bundle", None)
    with pytest.raises(LisMissing, match=r'pip install "gems-hla\[fhir\]"'):
        render(reviewed(BOTH))


def test_without_a_release_or_a_day_neither_is_made_up() -> None:
    call = locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01")
    read = json.loads(json_report.render(report_of(sample_of("S1", call, versions={"typer": "1"}), facts=replace(FACTS, session_key=KEY, created_at=None))))  # fmt: skip
    entries = log_of(APPROVED, digest_of_report(read["samples"][0]))
    (one,) = of_kind(bundle_of(reviewed_report(read, review_of(entries))), "Observation")
    assert "effectiveDateTime" not in one
    assert one["valueCodeableConcept"] == {"text": "HLA-A*02:01+HLA-A*02:01"}


AGAIN = [("anna", "reopen", {"words": "another look"}), *APPROVED]
ROUNDS = {
    "once": (APPROVED, "final"),
    "opened after the first approval": ([*APPROVED[:2], *AGAIN], "final"),
    "opened after the second": ([*APPROVED, *AGAIN], "amended"),
}


@pytest.mark.parametrize(("steps", "status"), ROUNDS.values(), ids=ROUNDS)
def test_what_was_sent_before_it_was_opened_again_is_amended(steps: list[Step], status: str) -> None:
    bundle = bundle_of(reviewed(steps))
    kinds = ("DiagnosticReport", "Observation")
    assert {one["status"] for kind in kinds for one in of_kind(bundle, kind)} == {status}
