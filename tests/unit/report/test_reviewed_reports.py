"""Every report with a review says whether the results stand, who said what, and keeps the typer's call beside an override."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from report_builders import CONTRACT
from review_builders import (
    BOTH,
    FAMILY,
    FIRST,
    KEY,
    OTHER_RESULTS,
    OVERRIDDEN,
    OVERRIDE,
    Step,
    document,
    log_of,
    review_of,
    reviewed,
)

from gems_core.review.chain import prove
from gems_core.review.document import REVIEW_DOCUMENT, Part, review_of_document
from gems_core.review.job import JobReview, ReviewFaulty
from gems_report.errors import UnreadableReport
from gems_report.formats import FORMATS, json_report
from gems_report.formats.csv_report import COLUMNS, REVIEW_COLUMNS
from gems_report.lis.export import render
from gems_report.model import Report
from gems_report.reading import report_of, reviewed_report
from gems_report.result_digest import digest_of_report

Json = dict[str, Any]
WITH_THE_LOG = ("json", "csv", "xml.gz", "html", "hml", "pdf")
HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> \"&| ]]> O'Hara"


class Words(HTMLParser):
    """What a browser shows of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tag = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tag = tag

    def handle_data(self, data: str) -> None:
        if self.tag != "style":
            self.found.append(data)


def shown(extension: str, report: Report) -> str:
    """What a person or a program reads in a file."""
    data = FORMATS[extension].render(report)
    if extension == "pdf":
        return pdf_words(report)
    text = (gzip.decompress(data) if extension.endswith(".gz") else data).decode()
    if extension == "html":
        reader = Words()
        reader.feed(text)
        return "".join(reader.found)
    if extension == "gl.txt":
        return text
    if extension in ("hml", "xml.gz"):
        root = ElementTree.fromstring(text)
        return "\n".join(f"{one.text or ''} {' '.join(one.attrib.values())}" for one in root.iter())
    if extension == "csv":
        return "\n".join(cell for row in csv.reader(io.StringIO(text)) for cell in row)
    return "\n".join(texts(json.loads(text)))


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    return [text for part in value for text in texts(part)] if isinstance(value, list) else [str(value)]


def pdf_words(report: Report) -> str:
    """The texts of a PDF's story, as they were given to reportlab."""
    from gems_report.formats import pdf_report  # noqa: PLC0415
    from gems_report.formats.pdf_style import Style  # noqa: PLC0415

    style = Style.make()
    story = [*pdf_report._overview(report, style, "t"), *pdf_report._samples(report, style)]
    return "\n".join(part.getPlainText() for part in story if hasattr(part, "getPlainText"))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("extension", FORMATS)
def test_a_report_without_a_review_says_nothing_of_one(extension: str) -> None:
    told = shown(extension, report_of(document()))
    assert not any(word in told for word in ("APPROVED", "approved", "overridden", "review_log", *REVIEW_COLUMNS[:3]))


@pytest.mark.parametrize(("steps", "standing"), FAMILY.values(), ids=FAMILY)
def test_the_standing_is_the_same_in_every_format(steps: list[Step], standing: str) -> None:
    report = reviewed(steps)
    (sample,) = report.samples
    signed = report.signed(sample)
    assert signed is not None
    assert signed.standing.value == standing
    for extension in (*WITH_THE_LOG, "gl.txt"):
        assert signed.headline in squeezed(shown(extension, report)), extension
    assert ("NOT" in signed.headline) == (standing != "approved")


@pytest.mark.parametrize("extension", WITH_THE_LOG)
@pytest.mark.parametrize(("steps", "standing"), FAMILY.values(), ids=FAMILY)
def test_everything_that_was_said_is_told(extension: str, steps: list[Step], standing: str) -> None:
    told = squeezed(shown(extension, reviewed(steps)))
    for number, (by, _, more) in enumerate(steps):
        wanted = [by, str(more.get("words", "")), str(more.get("assignee", "")), str(more.get("call", ""))]
        for text in wanted:
            assert text in told, (extension, number, text)
    for minute in range(len(steps)):
        assert f"10:0{minute}:00" in told, "when"


@pytest.mark.parametrize("extension", [*WITH_THE_LOG, "gl.txt", "calls_mqc.json"])
def test_an_override_stands_beside_the_typers_call_and_not_in_its_place(extension: str) -> None:
    plain, told = report_of(document()), reviewed(OVERRIDDEN)
    text = shown(extension, told)
    assert OVERRIDE["call"] in text
    assert "A*02:01" in text
    assert "overrid" in text.lower()
    if extension == "csv":
        old = list(csv.DictReader(io.StringIO(FORMATS["csv"].render(plain).decode())))
        new = list(csv.DictReader(io.StringIO(FORMATS["csv"].render(told).decode())))
        assert [{name: row[name] for name in COLUMNS} for row in new] == old
        assert [row["override_call"] for row in new] == [OVERRIDE["call"], ""]
        assert (new[0]["override_original"], new[0]["override_by"]) == (OVERRIDE["original"], "rita")


@pytest.mark.parametrize("extension", WITH_THE_LOG)
def test_the_digest_of_what_was_approved_is_told_whole(extension: str) -> None:
    report = reviewed(BOTH)
    digest = digest_of_report(document()["samples"][0])
    assert digest in shown(extension, report)
    other = shown(extension, reviewed(OTHER_RESULTS))
    assert "f" * 64 in other
    assert digest in other


def test_the_columns_of_a_review_come_behind_all_others() -> None:
    header = FORMATS["csv"].render(reviewed(BOTH)).decode().splitlines()[0]
    assert header == ",".join([*COLUMNS, *REVIEW_COLUMNS])


def test_report_json_keeps_its_schema_with_a_review() -> None:
    validator = Draft202012Validator(json.loads((CONTRACT / "report.schema.json").read_text()))
    for steps, _ in FAMILY.values():
        made = json.loads(json_report.render(reviewed(steps)))
        assert list(validator.iter_errors(made)) == []
        assert made == json_report.document_of(reviewed(steps))


def test_the_log_in_report_json_can_be_proven_again_and_comes_along_when_it_is_read() -> None:
    made = json.loads(json_report.render(reviewed(BOTH)))
    assert review_of_document(made["review"]).last == len(BOTH)
    again = report_of(made)
    for extension in FORMATS:
        assert FORMATS[extension].render(again) == FORMATS[extension].render(reviewed(BOTH)), extension
    made["samples"][0]["loci"][0]["alleles"][0]["name"] = "A*02:06"
    (sample,) = report_of(made).samples
    assert report_of(made).signed(sample).standing == "changed"  # type: ignore[union-attr]


def test_a_verdict_stays_as_it_was_approved_whatever_later_rules_say() -> None:
    old = document()
    reason = {"verdict": "FAIL", "code": "low_depth", "words": "as it was", "advice": "look", "locus": "A"}
    old["samples"][0] |= {"verdict": "FAIL", "reasons": [reason]}
    report = reviewed(BOTH, of=old)
    (sample,) = report.samples
    assert report.judgement_of(sample).verdict == "FAIL"
    assert report.signed(sample).standing == "approved"  # type: ignore[union-attr]
    assert "as it was" in shown("html", report)
    assert digest_of_report(json.loads(json_report.render(report))["samples"][0]) == digest_of_report(old["samples"][0])


def test_a_failed_sample_and_one_without_a_call_have_their_review_in_every_format() -> None:
    read = document(others=["S2"])
    failed = {"outcome": "failed", "reason": "R2 is cut", "loci": [], "flags": [], "reads": None, "cross_match": None}
    read["samples"][0] |= failed
    report = reviewed([("rita", "repeat", {"words": "cut files"})], of=read)
    for extension in WITH_THE_LOG:
        assert "cut files" in shown(extension, report), extension
        assert "NOT APPROVED: it is to be typed again" in squeezed(shown(extension, report)), extension


def test_samples_of_which_the_report_knows_nothing_are_named() -> None:
    read = document()
    entries = log_of([("rita", "accept", {})], "a" * 64, sample="S9")
    report = reviewed_report(read, review_of(entries))
    for extension in ("html", "pdf"):
        assert "The log also tells of samples that are not in this report: S9." in squeezed(shown(extension, report))


@pytest.mark.parametrize("extension", ["html", "pdf"])
def test_of_a_large_run_samples_that_pass_have_their_review_too(
    extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("html_report", "pdf_report"):
        monkeypatch.setattr(f"gems_report.formats.{module}.MOST_DETAILED", 0)
    read = document()
    read["samples"][0] |= {"verdict": "PASS", "reasons": []}
    assert "APPROVED by anna" in squeezed(shown(extension, reviewed(BOTH, of=read)))


@pytest.mark.parametrize("extension", WITH_THE_LOG)
def test_what_people_type_is_text_and_nothing_else(extension: str) -> None:
    override = {**OVERRIDE, "call": HOSTILE, "words": HOSTILE}
    report = reviewed([("rita", "override", override), ("rita", "comment", {"words": HOSTILE})])
    assert HOSTILE in squeezed(shown(extension, report)) or extension == "csv"
    raw = FORMATS[extension].render(report)
    if extension == "html":
        assert b"<script" not in raw
    if extension == "csv":
        (first, _) = csv.DictReader(io.StringIO(raw.decode()))
        assert (first["override_call"], first["override_words"]) == (f"'{HOSTILE}", f"'{HOSTILE}")
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in first.values())


SAID = st.text(min_size=1, max_size=40).map(lambda text: f"{text}!")


@given(words=SAID, call=SAID)
@settings(max_examples=60)
def test_whatever_people_type_every_format_can_be_read_back(words: str, call: str) -> None:
    report = reviewed([("rita", "override", {**OVERRIDE, "call": call, "words": words}), *BOTH[2:]])
    written = {extension: FORMATS[extension].render(report) for extension in set(FORMATS) - {"pdf"}}
    made = json.loads(written["json"])
    assert made["samples"][0]["review"]["overrides"][0]["words"] == words
    assert review_of_document(made["review"]).reviews["S1"].overrides["A"].call == call
    ElementTree.fromstring(written["hml"])
    ElementTree.fromstring(gzip.decompress(written["xml.gz"]))
    rows = list(csv.DictReader(io.StringIO(written["csv"].decode(), newline="")))
    assert [row["locus"] for row in rows] == ["A", "B"]
    assert rows[0]["override_words"].removeprefix("'") == words.removeprefix("'")
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for row in rows for cell in row.values())
    assert len(written["gl.txt"].decode().splitlines()) >= 1
    assert written["gl.txt"].decode().count("\t") == 3
    Bundle.model_validate_json(render(report))


def test_a_tab_or_a_line_in_somebodys_words_makes_no_column_and_no_line_of_gl_txt() -> None:
    odd = {**OVERRIDE, "call": "A*68:01\tX\nY", "words": "a\r\nb"}
    (line,) = FORMATS["gl.txt"].render(reviewed([("rita", "override", odd)])).decode().splitlines()
    assert len(line.split("\t")) == 4


def test_what_multiqc_would_take_for_html_is_escaped() -> None:
    override = {**OVERRIDE, "call": "<img src=x>"}
    assert "<img" not in FORMATS["calls_mqc.json"].render(reviewed([("rita", "override", override)])).decode()


def test_multiqc_shows_who_is_approved() -> None:
    stats = json.loads(FORMATS["stats_mqc.json"].render(reviewed(FIRST)))
    assert (stats["data"]["S1"]["review"], "review" in stats["headers"]) == ("approved once", True)


def test_the_edit_log_of_the_desktop_form_has_approvals_and_every_entry() -> None:
    root = ElementTree.fromstring(gzip.decompress(FORMATS["xml.gz"].render(reviewed(BOTH))))
    (log,) = root.findall("sample/edit-log")
    assert (log.get("standing"), [one.get("by") for one in log.findall("approval")]) == ("approved", ["anna", "bert"])
    edits = log.findall("edit")
    assert [(one.get("number"), one.get("kind")) for one in edits] == [
        ("1", "comment"),
        ("2", "override"),
        ("3", "approve"),
        ("4", "approve"),
    ]
    assert edits[1].get("original") == OVERRIDE["original"]
    assert all(one.get("locus") == "A" for one in root.findall("gems_report/samples/sample/review/overrides/override"))


def test_the_review_of_another_job_is_refused() -> None:
    with pytest.raises(UnreadableReport, match="Name the report and the review of one job"):
        reviewed_report(document(key="other"), review_of([]))


WRONG: dict[str, Any] = {
    "no object": [],
    "no format": {},
    "another format": {"format": 2},
    "an entry that is gone": lambda made: made["entries"].pop(1),
    "the last entry gone": lambda made: made["entries"].pop(),
    "words that were changed": lambda made: made["entries"][0]["event"].update(words="never said"),
    "another head": lambda made: made.update(head="0" * 64),
    "another job": lambda made: made.update(session_key="other"),
    "an event that is none": lambda made: made["entries"][0].update(event={"kind": "dance"}),
    "no event": lambda made: made["entries"][0].update(event=7),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_review_document_that_was_changed_is_refused(change: Any) -> None:
    made = REVIEW_DOCUMENT.write(Part.whole(review_of(log_of(BOTH, "a" * 64))))
    assert review_of_document(json.loads(json.dumps(made))).reviews["S1"].is_final
    if callable(change):
        change(made)
    else:
        made = change
    with pytest.raises(ReviewFaulty):
        review_of_document(made)
    if callable(change):
        with pytest.raises(UnreadableReport, match="its review: "):
            report_of({**document(), "review": made})


def test_an_empty_log_is_a_review_too() -> None:
    empty = JobReview.of(prove(KEY, []))
    assert review_of_document(REVIEW_DOCUMENT.write(Part.whole(empty))) == empty
