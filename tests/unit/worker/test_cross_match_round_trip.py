"""Whatever a result says, reading what was written gives it back."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy, composite

from worker.cross_match.header import QUERY_FILES, RUN_AT, SUBJECT_FILES, VERSION
from worker.cross_match.line import BLANKS, Line, UnreadableResult
from worker.cross_match.match_line import is_match
from worker.cross_match.parser import LOW_COMPLEXITY, ResultReader, parse
from worker.cross_match.records import Alignment, Discrepancy, Kind, Match, ResultFile
from worker.cross_match.writer import write

_RESERVED = (VERSION, RUN_AT, QUERY_FILES, SUBJECT_FILES, LOW_COMPLEXITY, "ALIGNMENT", "DISCREPANCY")
_POSITIONS = st.integers(1, 10**11)
_BASES = st.sampled_from("ACGTNXacgtRY")

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30).map(lambda text: text.strip(BLANKS))
lines = texts.filter(bool)
_odd_names = st.sampled_from(
    ["C", "*", "(5)", "S", "D-3", "12", "0.00", "ALIGNMENT", "DISCREPANCY", "-", "i", "1 matching"]
)
names: SearchStrategy[str] = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=" "), min_size=1, max_size=40),
    _odd_names.filter(lambda name: " " not in name),
)


@composite
def discrepancies(draw: st.DrawFn, match: Match) -> Discrepancy:
    kind = draw(st.sampled_from(Kind))
    length = 1 if kind is Kind.SUBSTITUTION else draw(st.integers(1, 200))
    return Discrepancy(
        kind=kind,
        length=length,
        query_position=draw(st.integers(match.query_start, match.query_end)),
        base=draw(st.text(_BASES, min_size=1, max_size=length)),
        quality=draw(st.none() | st.integers(0, 255)),
        subject_position=draw(st.integers(match.subject_start, match.subject_end)),
        context=draw(st.text(_BASES, min_size=1, max_size=40)),
    )


@composite
def alignments(draw: st.DrawFn) -> Alignment:
    """Stretches of aligned bases and gaps, some longer than a line; each sequence has a base."""
    query, subject = draw(_BASES), draw(_BASES)
    for gap_in, length in draw(st.lists(st.tuples(st.sampled_from("qs "), st.integers(1, 120)), max_size=5)):
        bases = draw(st.text(_BASES, min_size=length, max_size=length))
        query += "-" * length if gap_in == "q" else bases
        subject += "-" * length if gap_in == "s" else bases[::-1]
    return Alignment(query, subject)


@composite
def spans(draw: st.DrawFn, bases: str | None) -> tuple[int, int]:
    start = draw(_POSITIONS)
    length = draw(st.integers(1, 10**6)) if bases is None else len(bases) - bases.count("-")
    return start, start + length - 1


@composite
def matches(draw: st.DrawFn) -> Match:
    alignment = draw(st.none() | alignments())
    query_start, query_end = draw(spans(alignment.query if alignment else None))
    subject_start, subject_end = draw(spans(alignment.subject if alignment else None))
    hundredths = draw(st.integers(0, 10000))
    bare = Match(
        score=draw(st.integers(0, 10**6)),
        percent_sub=hundredths / 100,
        percent_del=draw(st.integers(0, 10000)) / 100,
        percent_ins=draw(st.integers(0, 10000 - hundredths)) / 100,
        query=draw(names),
        query_start=query_start,
        query_end=query_end,
        query_left=draw(st.integers(0, 10**6)),
        complement=draw(st.booleans()),
        subject=draw(names),
        subject_start=subject_start,
        subject_end=subject_end,
        subject_left=draw(st.integers(0, 10**6)),
        overlapped=draw(st.booleans()),
        alignment=alignment,
    )
    listed = draw(st.lists(discrepancies(bare), max_size=3))
    return Match(**{**vars(bare), "discrepancies": tuple(listed)})


def _is_parameter(named: tuple[str, str]) -> bool:
    """Whether a header line of this name and value is nothing else."""
    line = f"{named[0]}: {named[1]}" if named[1] else named[0]
    is_other = line.startswith(_RESERVED) or " matching entries" in line or not line.strip(BLANKS)
    return not is_other and not is_match(Line("", 1, line))


parameters = st.tuples(texts.filter(lambda text: ":" not in text), texts).filter(_is_parameter)


@composite
def results(draw: st.DrawFn) -> ResultFile:
    has_header = draw(st.booleans())
    found = tuple(draw(st.lists(matches(), min_size=0 if has_header else 1, max_size=4)))
    is_complete = draw(st.booleans())
    if not has_header:
        return ResultFile("", "", "", (), (), (), found, is_complete)
    files = st.lists(names, max_size=3).map(tuple)
    return ResultFile(
        command=draw(lines.map(lambda text: f"cross_match {text}").filter(lambda text: not text.startswith(VERSION))),
        version=draw(lines),
        run_at=draw(texts),
        query_files=draw(files),
        subject_files=draw(files),
        parameters=tuple(draw(st.lists(parameters, max_size=4))),
        matches=found,
        is_complete=is_complete,
    )


@given(results(), st.booleans())
def test_reading_what_was_written_gives_the_same_records(result: ResultFile, tags: bool) -> None:
    text = write(result, tags=tags)
    assert parse(text.split("\n")) == result
    assert parse(text.replace("\n", "\r\n").split("\n")) == result


@given(results())
def test_matches_come_one_by_one_as_they_come_together(result: ResultFile) -> None:
    reader = ResultReader(write(result).split("\n"), "text")
    assert tuple(reader.matches()) == result.matches
    assert reader.is_complete is result.is_complete


@given(
    st.lists(
        st.text(max_size=60)
        | st.sampled_from(write(ResultFile("cross_match a", "1", "", (), (), (), (), True)).split("\n"))
    )
)
def test_no_text_at_all_breaks_the_reader(text: list[str]) -> None:
    with contextlib.suppress(UnreadableResult):
        parse(text, file="text")
