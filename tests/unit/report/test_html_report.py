"""report.html: one file, nothing from elsewhere, nothing of a sample's taken for markup, readable by everybody."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import product
from typing import Any

import pytest
from report_builders import FACTS, allele, call_of, contract_report, locus, report_of, sample_of

from gems_core.hla import loci_of_class
from gems_core.plate import Placement, Role
from gems_report.candidates import candidate_table
from gems_report.formats import html_report
from gems_report.formats.markup import el, join, void
from gems_report.model import Report, failed_sample
from gems_report.reported import depth_of

VOID = {"meta", "wbr"}
HOSTILE = '<script>alert("1")</script>&\x00\ud800'


class Page(HTMLParser):
    """Elements by name with their attributes and texts; fails where an element is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(report: Report) -> Page:
    return Page(html_report.render(report).decode())


def hostile() -> Report:
    flag = {"code": "low_depth", "message": HOSTILE, "evidence": {"amplicon": HOSTILE}}
    pairs = {"places": [HOSTILE], "rows": [{"allele": HOSTILE, "called": True, "pairs": [None]}]}
    call = locus("A", "homozygous", [allele(HOSTILE)], HOSTILE, flags=[flag], candidate_pairs=pairs)
    entry = {"gene": HOSTILE, "amplicon": HOSTILE, "verdict": HOSTILE, "message": HOSTILE, "reads": 3}
    return report_of(sample_of(HOSTILE, call, unexplained=[entry], flags=[flag]), failed_sample(f"2{HOSTILE}", HOSTILE))


def test_what_comes_from_outside_is_text_and_never_markup() -> None:
    found = page(hostile())
    assert not found.named("script")
    assert '<script>alert("1")</script>' in found.text
    assert "\x00" not in found.text


def test_the_file_needs_nothing_from_elsewhere_and_allows_no_script() -> None:
    found = page(contract_report())
    assert not any(found.named(tag) for tag in ("script", "link", "img", "iframe", "form"))
    assert {name for _, attributes in found.elements for name in attributes} & {"onclick", "src", "style"} == set()
    assert any(one.get("content") == "default-src 'none'; style-src 'unsafe-inline'" for one in found.named("meta"))
    assert all(str(one["href"]).startswith("#") for one in found.named("a"))


def test_links_lead_to_samples_and_names_are_used_once() -> None:
    found = page(report_of(*contract_report().samples, failed_sample("S2", "R2 is cut")))
    ids = [str(attributes["id"]) for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(one["href"])[1:] for one in found.named("a")} <= set(ids)
    assert "R2 is cut" in found.text


def test_the_page_says_what_the_run_is_its_verdict_and_what_to_do() -> None:
    text = page(contract_report()).text
    for told in ("IPD-IMGT/HLA 0.0.1", "2026-11-29", "synthetic-1", "REVIEW", "1316", "Check first that panel"):
        assert told in text


def test_tables_have_captions_or_labels_and_heads_with_a_scope() -> None:
    found = page(contract_report())
    assert all(one.get("scope") in ("row", "col") for one in found.named("th"))
    regions = [one for _, one in found.elements if one.get("role") == "region"]
    assert regions
    assert all(one.get("tabindex") == "0" and one.get("aria-label") for one in regions)
    assert found.named("html") == [{"lang": "en"}]


def test_a_severity_has_a_letter_beside_its_colour() -> None:
    text = html_report.render(contract_report()).decode()
    assert set(re.findall(r">(!!|!|i)</abbr>", text)) == {"!!", "!", "i"}


def test_the_same_report_gives_the_same_page() -> None:
    assert html_report.render(contract_report()) == html_report.render(contract_report())


def test_of_more_samples_than_a_plate_those_that_pass_are_in_the_table_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_report, "MOST_DETAILED", 1)
    enough = {"pairs": 100, "used_pairs": 100, "filters": []}
    good = [
        sample_of(
            f"S{number}",
            *(locus(name, "homozygous", [allele(f"{name}*02:0{number}")]) for name in loci_of_class("all")),
            reads=enough,
        )
        for number in (1, 2)
    ]
    text = page(report_of(*good, failed_sample("S3", "R2 is cut"))).text
    assert "S1: passed; its calls are in the table." in text
    assert text.count("R2 is cut") == 2


def test_the_coverage_table_is_the_typers_with_zero_and_unknown() -> None:
    pairs = {
        "places": ["Exon 1", "Exon 2", "Exon 3"],
        "rows": [
            {"allele": "A*24:07:01", "called": True, "pairs": [85, 617, 7]},
            {"allele": "A*11:01:46", "called": False, "pairs": [None, 402, 0]},
        ],
    }
    call = locus("A", "homozygous", [allele("A*24:07:01")], candidate_pairs=pairs)
    text = html_report.render(report_of(sample_of("S1", call))).decode()
    assert '<td>85</td><td>617</td><td class="low">7</td>' in text
    assert '<td class="unknown">?</td><td>402</td><td class="zero">0</td>' in text
    assert '<tr class="is-called">' in text


def test_of_an_older_typer_the_called_alleles_are_counted() -> None:
    row = {"amplicon": "Exon 2", "allele": "A*02:01", "pairs": 7.5, "known_bp": 9, "mean_depth": 7, "minimum_depth": 7}
    unknown = {**row, "amplicon": "Exon 3", "known_bp": 0}
    table = candidate_table(call_of("A", "homozygous", [allele("A*02:01")], coverage=[row, unknown]))
    assert (table.places, [one.pairs for one in table.rows]) == (("Exon 2", "Exon 3"), [(7.5, None)])


def test_markup_escapes_texts_and_attributes_and_leaves_its_own() -> None:
    assert el("a", "<&>", join(el("b", 1), None), class_="x", href='"#"') == (
        '<a class="x" href="&quot;#&quot;">&lt;&amp;&gt;<b>1</b></a>'
    )
    assert void("meta", http_equiv="a", name=None) == '<meta http-equiv="a">'


def colours() -> dict[str, dict[str, str]]:
    """The colours of the stylesheet in its three schemes; what a scheme leaves out is as in the light one."""
    css = files("gems_report").joinpath("data/report.css").read_text()
    light, dark, paper = (
        dict(re.findall(r"--(\w+): (#[0-9a-fA-F]{3,6})", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)
    )
    return {"light": light, "dark": dark, "print": {**light, **paper}}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(one * 2 for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_every_text_stands_out_from_what_it_stands_on(scheme: str) -> None:
    found = colours()[scheme]
    on_paper = product(("ink", "muted", "error", "warning", "note", "good", "link", "low"), ("paper",))
    in_tables = [("ink", "soft"), ("ink", "called"), ("low", "called"), ("ink", "zero")]
    for text, ground in [*on_paper, *in_tables]:
        one, two = sorted((luminance(found[text]), luminance(found[ground])), reverse=True)
        assert (one + 0.05) / (two + 0.05) >= 4.5, (scheme, text, ground)


def test_controls_wells_and_the_runs_own_reasons_are_shown() -> None:
    plate = {"NTC": Placement("H12", Role.NEGATIVE_CONTROL), "S1": Placement("A1")}
    call = locus("A", "homozygous", [allele("A*02:01")])
    samples = [sample_of(name, call, reads={"pairs": 500, "used_pairs": 500, "filters": []}) for name in ("NTC", "S1")]
    text = page(report_of(*samples, facts=replace(FACTS, plate=plate))).text
    for told in ("negative control", "H12", "Quality of the run", "500 of 500 pairs"):
        assert told in text


@pytest.mark.parametrize(
    "found", [{"coverage": [{"amplicon": "Exon 2"}]}, {"candidate_pairs": {"rows": [1]}}, {"candidate_pairs": 7}]
)
def test_depth_that_is_told_in_another_way_leaves_the_table_empty(found: dict[str, Any]) -> None:
    call = call_of("A", "homozygous", [allele("A*02:01")], **found)
    assert candidate_table(call).rows == ()
    assert depth_of(call) is None
