"""The digest that people approve: the same from report.json and from a page, and another one when a call changes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gems_report.formats import json_report
from gems_report.model import RunFacts, failed_sample, make_report, typed_sample
from gems_report.pages import SamplePage
from gems_report.result_digest import call_of, digest_of_page, digest_of_report

CONTRACT = Path(__file__).parents[2] / "contract" / "typing.sample.json"
STATE = {"state": "done", "reason": "", "program": "cross_match", "version": "1.1"}
FACTS = RunFacts("key", "bucket", "run", "all", None, {})
Json = dict[str, Any]


def typing_of(sample: str) -> Json:
    return {**json.loads(CONTRACT.read_text()), "sample": sample}


def documents() -> tuple[list[SamplePage], list[Json]]:
    """The pages and the parts of report.json of a typed and a failed sample."""
    results = [typed_sample("S1", typing_of("S1"), STATE), failed_sample("S2", "no reads")]
    report = make_report(FACTS, results)
    pages = [SamplePage.of(report, result, typing_of("S1") if result.loci else None) for result in results]
    return pages, json.loads(json_report.render(report))["samples"]


def test_page_and_report_have_the_same_digest() -> None:
    pages, samples = documents()
    digests = [digest_of_page(page) for page in pages]
    assert digests == [digest_of_report(sample) for sample in samples]
    assert len(set(digests)) == 2
    assert [digest_of_page(SamplePage.from_bytes(page.to_bytes())) for page in pages] == digests


CHANGES: dict[str, Callable[[Json], object]] = {
    "the name": lambda sample: sample.update(sample="S9"),
    "the outcome": lambda sample: sample.update(outcome="failed"),
    "the verdict": lambda sample: sample.update(verdict="FAIL"),
    "a flag": lambda sample: sample["flags"].append({"code": "new"}),
    "a locus less": lambda sample: sample["loci"].pop(),
    "a state": lambda sample: sample["loci"][0].update(state="other"),
    "an allele": lambda sample: sample["loci"][0]["alleles"][0].update(name="A*99:99"),
    "a name that fits too": lambda sample: sample["loci"][0]["alleles"][0]["ambiguities"].append("A*99:99"),
    "a GL String": lambda sample: sample["loci"][0].update(gl_string="HLA-A*99:99"),
    "a flag of a locus": lambda sample: sample["loci"][0]["flags"].append({"code": "new"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_what_was_called_changes_the_digest(change: Callable[[Json], object]) -> None:
    _, (sample, _) = documents()
    changed = copy.deepcopy(sample)
    change(changed)
    assert digest_of_report(changed) != digest_of_report(sample)


def test_depth_and_words_do_not_change_it() -> None:
    _, (sample, _) = documents()
    changed = copy.deepcopy(sample)
    changed["loci"][0]["coverage"] = []
    changed["reason"] = "other words"
    assert digest_of_report(changed) == digest_of_report(sample)


def test_a_call_is_told_by_its_alleles_or_why_there_is_none() -> None:
    (page, _), _ = documents()
    for locus in page.loci:
        assert call_of(locus) == ("+".join(allele.name for allele in locus.alleles) or locus.state)
