"""What real programs print, in synthetic words; and what is refused, with its line."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from worker.cross_match.line import LONGEST_LINE, UnreadableResult
from worker.cross_match.parser import parse
from worker.cross_match.records import Alignment, Discrepancy, Kind, Match, ResultFile
from worker.cross_match.writer import write

HEADER = """\
cross_match mine.fa theirs.fa others.fa -tags -discrep_lists
cross_match version 1.090518

Run date:time 261123:120000
Query file(s):  mine.fa
Subject file(s):   theirs.fa  others.fa
Presumed sequence type: DNA

Score matrix (set by value of penalty: -2)
    A   C   G   T   N   X
A   1  -2  -2  -2   0  -3

Gap penalties: gap_init: -4, gap_ext: -3, ins_gap_ext: -3, del_gap_ext: -3,
Using complexity-adjusted scores. Assumed background frequencies:
 A: 0.250  C: 0.250  G: 0.250  T: 0.250  N: 0.000  X: 0.000
minmatch: 14, maxmatch: 20, minscore: 30, bandwidth: 14
Sequence file: mine.fa    3 entries
Residue counts:
  A         40
Num. pairs: 4

Maximal single base matches (low complexity regions):

"""
FORWARD = "ALIGNMENT   58  1.67 0.00 0.00  mine_1        1    60 (5)    theirs_1       11    70 (130)"
COMPLEMENT = "  32  5.13 0.00 0.00  mine_2      327   365 (165)  C others_1   (0)    39     1 *"
FOOTER = """
3 matching entries (first file).
Discrepancy summary:
Qual algn  cum    rcum    (%)    unalgn X    N  sub del ins  total (%)   cum  rcum (%)
15    120    120    120 (100.00)    11  0    0  10   0   0    10 (8.33)   10   10 (8.33)

Score histogram of some kind:
>1000    1     1 1.000
"""
BLOCKS = """
ALIGNMENT   45  5.77 1.92 0.00  a_name_of_more_than_15        2    53 (0)  C theirs_1  (10)    92    40 *
DISCREPANCY   S      33  A(15)     60  acgtacAcgtacg
DISCREPANCY   D      43  T(-1)     50  acgtT
DISCREPANCY   I-2    10  TT(0)     82  ggcacgTTgttggc

C a_name_of_more_     53 ACGTACGTAC-GTACGTACGTACGTACGTACGTACGTACGTACGTACGTA 5
                                   -         i  v   ?
  theirs_1            40 ACGTACGTACTGTACGTACGCACTTACNTACGTACGTACGTACGTACGTA 89

C a_name_of_more_      4 TAC 2

  theirs_1            90 TAC 92

Transitions / transversions = 1.00 (1 / 1); Gap_init rate = 0.02 (1 / 52), avg. gap size = 1.00 (1 / 1)

"""


def read(text: str) -> ResultFile:
    return parse(text.split("\n"), file="recorded.txt")


def refused(text: str) -> UnreadableResult:
    with pytest.raises(UnreadableResult) as caught:
        read(text)
    return caught.value


def test_a_whole_result_is_read_with_its_header_and_footer() -> None:
    result = read(HEADER + FORWARD + "\n" + COMPLEMENT + "\n" + FOOTER)
    assert result.command == "cross_match mine.fa theirs.fa others.fa -tags -discrep_lists"
    assert (result.version, result.run_at) == ("1.090518", "261123:120000")
    assert result.query_files == ("mine.fa",)
    assert result.subject_files == ("theirs.fa", "others.fa")
    assert ("Presumed sequence type", "DNA") in result.parameters
    assert ("minmatch", "14, maxmatch: 20, minscore: 30, bandwidth: 14") in result.parameters
    assert ("A   1  -2  -2  -2   0  -3", "") in result.parameters
    assert [match.query for match in result.matches] == ["mine_1", "mine_2"]
    assert result.is_complete


def test_a_forward_match_has_its_numbers_in_their_places() -> None:
    (match,) = read(FORWARD).matches
    assert (match.score, match.percent_sub, match.percent_del, match.percent_ins) == (58, 1.67, 0.0, 0.0)
    assert (match.query, match.query_start, match.query_end, match.query_left) == ("mine_1", 1, 60, 5)
    assert (match.subject, match.subject_start, match.subject_end, match.subject_left) == ("theirs_1", 11, 70, 130)
    assert not match.complement
    assert not match.overlapped


def test_a_complement_counts_on_the_subjects_forward_strand() -> None:
    (match,) = read(COMPLEMENT).matches
    assert (match.subject_start, match.subject_end, match.subject_left) == (1, 39, 0)
    assert match.complement
    assert match.overlapped


def test_the_bases_left_may_be_padded_inside_their_parentheses() -> None:
    padded = COMPLEMENT.replace("(165)", "(  165)").replace("(0)", "(    0)")
    assert read(padded).matches == read(COMPLEMENT).matches


@pytest.mark.parametrize("name", ["C", "*", "(5)", "ALIGNMENT", "S", "12", "0.00", "HLA|A*01:01", "é\u00a0x"])
def test_a_sequence_may_have_any_name(name: str) -> None:
    line = f"  50 0.00 0.00 0.00 {name} 1 50 (0) {name} 1 50 (0)"
    complement = f"  50 0.00 0.00 0.00 {name} 1 50 (0) C {name} (0) 50 1 *"
    matches = read(f"{line}\n{line} *\n{complement}").matches
    assert [(match.query, match.subject) for match in matches] == [(name, name)] * 3
    assert [(match.complement, match.overlapped) for match in matches] == [(False, False), (False, True), (True, True)]


def test_discrepancies_and_an_alignment_belong_to_the_match_before_them() -> None:
    result = read(HEADER + FORWARD + BLOCKS + FOOTER)
    assert result.matches[0].discrepancies == ()
    match = result.matches[1]
    assert match.discrepancies == (
        Discrepancy(Kind.SUBSTITUTION, 1, 33, "A", 15, 60, "acgtacAcgtacg"),
        Discrepancy(Kind.DELETION, 1, 43, "T", None, 50, "acgtT"),
        Discrepancy(Kind.INSERTION, 2, 10, "TT", 0, 82, "ggcacgTTgttggc"),
    )
    assert match.alignment == Alignment(
        "ACGTACGTAC-GTACGTACGTACGTACGTACGTACGTACGTACGTACGTATAC",
        "ACGTACGTACTGTACGTACGCACTTACNTACGTACGTACGTACGTACGTATAC",
    )
    assert BLOCKS.strip() in write(result, tags=True)


def test_discrepancies_need_no_tag_and_no_quality() -> None:
    match = read(FORWARD.removeprefix("ALIGNMENT ") + "\n   S    12  G     22  acgtacGacgtac\n").matches[0]
    assert match.discrepancies == (Discrepancy(Kind.SUBSTITUTION, 1, 12, "G", None, 22, "acgtacGacgtac"),)


def test_windows_line_ends_and_blanks_at_the_end_do_not_matter() -> None:
    text = HEADER + FORWARD + "\n" + BLOCKS + FOOTER
    assert read(text.replace("\n", "  \t\r\n")) == read(text)


def test_tabs_and_other_indents_do_not_matter() -> None:
    assert read("\t" + FORWARD.replace("  ", " \t")) == read(FORWARD)


def test_a_file_without_header_and_footer_is_read_and_known_to_be_cut() -> None:
    result = read(FORWARD)
    assert result.version == ""
    assert not result.is_complete


def test_a_header_cut_at_its_beginning_is_read() -> None:
    result = read(HEADER.split("\n", 4)[4] + FORWARD)
    assert result.query_files == ("mine.fa",)
    assert result.version == ""
    assert len(result.matches) == 1


def test_a_result_of_nothing_is_read() -> None:
    result = read(HEADER + "0 matching entries (first file).")
    assert result.matches == ()
    assert result.is_complete
    assert read(HEADER).matches == ()


def test_low_complexity_regions_are_passed_over() -> None:
    assert len(read(HEADER.rstrip("\n") + "\n  mine_1   A   12  40  29\n\n" + FORWARD).matches) == 1


def test_a_histogram_after_a_match_is_passed_over() -> None:
    table = "Discrepancy histogram\nQual algn  cum (%)\n15  120  120 (100.00)\n\n"
    assert len(read(f"{FORWARD}\n{table}{COMPLEMENT}\n").matches) == 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ALIGNMENT 58 1.67 0.00 0.00 q 1 60 (5) s 11 70", "a match (score"),
        ("58 1.67 0.00 0.00 q", "a match (score"),
        ("58 1.67 0.00 0.00 q 60 1 (5) s 11 70 (0)", "its start not after its end"),
        ("58 1.67 0.00 0.00 q 0 60 (5) s 11 70 (0)", "a query from 1 on"),
        ("58 1.67 0.00 0.00 q 1 60 (5) C s (0) 11 70", "its start not after its end"),
        ("58 1.67 0.00 0.00 q 1 60 5 s 11 70 (0)", "in parentheses"),
        ("58 1.67 0.00 0.00 q 1 60 (5) D s (0) 70 11", "'C subject (left) end start'"),
        ("58 1.67 0.00 0.00 q 1 60 (5) s 11 70 (0) +", "'C subject (left) end start'"),
        ("58 100.50 0.00 0.00 q 1 60 (5) s 11 70 (0)", "percentages of 60 aligned"),
        ("58 60.00 0.00 41.00 q 1 60 (5) s 11 70 (0)", "percentages of 60 aligned"),
        ("58 0.00 101.00 0.00 q 1 60 (5) s 11 70 (0)", "percentages of 60 aligned"),
        ("58 nan 0.00 0.00 q 1 60 (5) s 11 70 (0)", "a percentage"),
        ("58 -1.00 0.00 0.00 q 1 60 (5) s 11 70 (0)", "a percentage"),
        ("-58 1.00 0.00 0.00 q 1 60 (5) s 11 70 (0)", "a match, then"),
        ("58 1.00 0.00 0.00 q 1 9999999999999 (5) s 11 70 (0)", "at most 12 digits"),
        ("٥٨ 1.00 0.00 0.00 q 1 60 (5) s 11 70 (0)", "a match, then"),
        ("DISCREPANCY   S      99  A(15)     21  acgtacAcgtacg", "a query position within the match's 1 to 60"),
        ("DISCREPANCY   S      12  A(15)     99  acgtacAcgtacg", "a subject position within the match's 11 to 70"),
        ("DISCREPANCY   S-2    12  A(15)     22  acgtacAcgtacg", "1 for a substitution"),
        ("DISCREPANCY   D-0    12  A(15)     22  acgtacAcgtacg", "a length of at least 1"),
        ("DISCREPANCY   X      12  A(15)     22  acgtacAcgtacg", "S, D or I"),
        ("DISCREPANCY   S      12  A(q)      22  acgtacAcgtacg", "a base with its quality"),
        ("DISCREPANCY   S      12  A(15)     22  acgt4cAcgtacg", "the bases around"),
        ("DISCREPANCY   S      12  A(15)", "a discrepancy ("),
        ("something else", "a match, then"),
        ("a\x00b", "a line of text"),
        ("a" * (LONGEST_LINE + 1), "a line of at most"),
        ("  somebody             1 ACGT 4", "the first 15 characters of 'mine_1'"),
        ("  mine_1             2 ACGT 5", "the query's 4 bases from 1 to 4"),
        ("  mine_1             1 ACGT 5", "the query's 4 bases from 1 to 4"),
        ("C mine_1             1 ACGT 4", "no C before the query"),
        (f"  mine_1             1 {'A' * 61} 61", "no base of the query beyond 60"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_number(line: str, expected: str) -> None:
    error = refused(f"{HEADER}{FORWARD}\n{line}\n")
    assert error.number == HEADER.count("\n") + 2
    assert expected in error.expected
    assert str(error).startswith(f"recorded.txt, line {error.number}: expected ")


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("", 2, "a cross_match result"),
        ("\n\n", 4, "a cross_match result"),
        ("cross_match a b\n", 3, "a cross_match result"),
        ("hello\n", 1, "a command and 'cross_match version'"),
        ("hello\nworld\n", 1, "a command and 'cross_match version'"),
        (f"hello\n{FORWARD}\n", 1, "a command and 'cross_match version'"),
        (f"{HEADER}{FORWARD}\n{FOOTER}{FORWARD}\n", 33, "nothing but a summary"),
        (f"{FORWARD}\n{FOOTER}{HEADER}", 11, "nothing but a summary"),
        ("DISCREPANCY   S 12  A(15) 22  acA\n", 1, "a match, then its discrepancies"),
        ("cross_match a\ncross_match version 1\ncross_match version 2\n", 3, "a file holds one result"),
        (f"{FORWARD}\n\n  mine_1      1 ACGT 4\n\nDISCREPANCY S 1 A(1) 11 A\n", 5, "marks or the subject's"),
        (f"{FORWARD}\n\n  mine_1      1 ACGT 4\n\n  theirs_1   11 ACG 13\n", 5, "4 aligned bases"),
        (f"{FORWARD}\n\n  mine_1      1 ACGT 4\n\n  theirs_1   11 ACGT 14\n{FORWARD}", 6, "up to its base 60"),
        (f"{FORWARD}\n\n  mine_1      1 ACGT 4\n", 5, "up to its base 60"),
    ],
)
def test_what_is_no_result_is_told_with_its_line(text: str, number: int, expected: str) -> None:
    error = refused(text)
    assert (error.number, expected in error.expected) == (number, True), str(error)


def test_the_writer_keeps_the_programs_widths() -> None:
    result = read(FORWARD + "\nDISCREPANCY   D-3    16  T(-1)     24  atccctTtgctcc\n" + COMPLEMENT)
    assert write(result, tags=True).split("\n")[:3] == [
        FORWARD,
        "DISCREPANCY   D-3    16  T(-1)     24  atccctTtgctcc",
        "ALIGNMENT   32  5.13 0.00 0.00  mine_2      327   365 (165)  C others_1   (0)    39     1 *",
    ]


def test_the_writer_marks_each_difference_under_its_base() -> None:
    rows = "  q  1 AAANA 5\n\n  s  1 GACR-A 5".replace("AAANA 5", "AAANTA 6")
    result = read(f"6 50.00 0.00 16.67 q 1 6 (0) s 1 5 (0)\n{rows}\n")
    assert write(result).split("\n")[2:5] == [
        "  q                    1 AAANTA 6",
        " " * 25 + "i v?-",
        "  s                    1 GACR-A 5",
    ]


def run_read(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    code = "import sys\nfrom worker.cross_match.reading import main_read\nsys.exit(main_read(sys.argv[1]))"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], check=False, input=text, capture_output=True, text=True, timeout=60
    )


def test_reading_prints_one_object_a_match(tmp_path: Path) -> None:
    file = tmp_path / "recorded.txt"
    file.write_text(HEADER + FORWARD + "\n" + COMPLEMENT + FOOTER)
    done = run_read(str(file))
    assert (done.returncode, done.stderr) == (0, "")
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [match["query"] for match in objects] == ["mine_1", "mine_2"]
    assert list(objects[0]) == [
        *("score", "percent_sub", "percent_del", "percent_ins"),
        *("query", "query_start", "query_end", "query_left"),
        *("complement", "subject", "subject_start", "subject_end", "subject_left"),
        *("overlapped", "discrepancies", "alignment"),
    ]
    assert objects[0]["alignment"] is None


def test_reading_takes_standard_input_with_bytes_that_are_no_text() -> None:
    done = run_read("-", text=FORWARD + "\n   S    12  G(20)     22  acgtacGacgtac\n")
    assert json.loads(done.stdout)["discrepancies"] == [
        {
            "kind": "S",
            "length": 1,
            "query_position": 12,
            "base": "G",
            "quality": 20,
            "subject_position": 22,
            "context": "acgtacGacgtac",
        }
    ]


def test_reading_prints_the_matches_before_a_bad_line_and_says_which_it_is() -> None:
    done = run_read("-", text=f"{FORWARD}\n{COMPLEMENT}\nnonsense\n")
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.startswith("gems-cross-match: standard input, line 3: expected a match")


def test_a_match_whose_own_lines_are_bad_is_not_printed() -> None:
    done = run_read("-", text=f"{FORWARD}\n{COMPLEMENT}\nDISCREPANCY   S  nonsense\n")
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 1


def test_reading_a_file_that_is_not_there_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    done = run_read(str(tmp_path / "none.txt"))
    assert done.returncode == 3
    assert done.stderr.endswith(
        "none.txt: expected a readable result file, found No such file or directory. Correct the path.\n"
    )


def test_every_key_that_is_printed_is_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "cross_match.md").read_text()
    names = [field.name for record in (Match, Discrepancy, Alignment) for field in fields(record)]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    file = tmp_path / "windows.txt"
    file.write_text(FORWARD, encoding="utf-8-sig")
    assert json.loads(run_read(str(file)).stdout)["score"] == 58


def test_a_reader_of_the_output_may_leave_early() -> None:
    code = "import sys\nfrom worker.cross_match.reading import main_read\nsys.exit(main_read('-'))"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{FORWARD}\n" * 1000)
            process.stdin.close()
        assert process.stderr.read() == ""


def test_bytes_that_are_no_utf8_stay_visible(tmp_path: Path) -> None:
    file = tmp_path / "latin1.txt"
    file.write_bytes(FORWARD.replace("mine_1", "m\u00e9").encode("latin-1"))
    assert json.loads(run_read(str(file)).stdout)["query"] == "m\\xe9"
