"""The replacement as its user sees it: a command line, a result, an exit code."""

from __future__ import annotations

import dataclasses
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gems_core.bases import reverse_complement
from worker.cross_match import program
from worker.cross_match.compare import Comparison
from worker.cross_match.fasta import Sequence
from worker.cross_match.options import Options
from worker.cross_match.parser import parse
from worker.cross_match.records import Kind, Match, ResultFile

DOCS = Path(__file__).parents[3] / "docs" / "cross_match.md"


def random_bases(seed: int, length: int) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=length))


EXON = random_bases(1, 120)
OTHER = random_bases(2, 150)


@dataclasses.dataclass
class Folder:
    """Where the files of a run are, and how to run it."""

    path: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, **sequences: str) -> str:
        text = "".join(f">{title} more words\n{bases}\n" for title, bases in sequences.items())
        (self.path / name).write_text(text)
        return str(self.path / name)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = program.main(arguments)
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def compare(self, query: str, subjects: dict[str, str], *options: str) -> ResultFile:
        files = self.write("query.fasta", read=query), self.write("subjects.fasta", **subjects)
        code, out, err = self.run(*files, *options)
        assert (code, err) == (0, "")
        return parse(out.splitlines())


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    return Folder(tmp_path, capsys)


def changed(bases: str, position: int, base: str) -> str:
    """With another base at a position from 1."""
    return bases[: position - 1] + base + bases[position:]


def other_base(base: str) -> str:
    return "ACGT"[("ACGT".index(base) + 1) % 4]


def differences(match: Match) -> list[tuple[Kind, int, int, int]]:
    return [(found.kind, found.length, found.query_position, found.subject_position) for found in match.discrepancies]


def test_a_new_allele_is_told_with_its_changed_base(folder: Folder) -> None:
    new = other_base(EXON[59])
    result = folder.compare(changed(EXON, 60, new), {"exon": EXON, "other": OTHER}, "-discrep_lists", "-tags")
    (match,) = result.matches
    assert (match.score, match.subject, match.complement) == (117, "exon", False)
    assert (match.query_start, match.query_end, match.subject_start, match.subject_end) == (1, 120, 1, 120)
    assert match.percent_sub == 0.83
    assert differences(match) == [(Kind.SUBSTITUTION, 1, 60, 60)]
    assert match.discrepancies[0].base == new
    assert match.discrepancies[0].context == EXON[53:59].lower() + new + EXON[60:66].lower()


def test_positions_of_a_complement_are_on_both_forward_strands(folder: Folder) -> None:
    query = "TT" + reverse_complement(changed(EXON, 20, other_base(EXON[19])))
    result = folder.compare(query, {"exon": EXON}, "-discrep_lists", "-alignments")
    (match,) = result.matches
    assert match.complement
    assert (match.query_start, match.query_end, match.query_left) == (3, 122, 0)
    assert (match.subject_start, match.subject_end, match.subject_left) == (1, 120, 0)
    assert differences(match) == [(Kind.SUBSTITUTION, 1, 2 + 101, 20)]
    assert match.alignment is not None
    assert match.alignment.subject == EXON


@pytest.mark.parametrize("complement", [False, True])
def test_bases_that_the_query_lacks_are_deletions_told_after_the_base_before_them(
    folder: Folder, complement: bool
) -> None:
    subject = EXON[:60] + ("GT" if EXON[59] != "G" and EXON[60] != "T" else "CA") + EXON[60:]
    shown = reverse_complement(subject) if complement else subject
    (match,) = folder.compare(EXON, {"exon": shown}, "-discrep_lists").matches
    (found,) = match.discrepancies
    assert (found.kind, found.length, found.base) == (Kind.DELETION, 2, EXON[found.query_position - 1])
    assert match.score == 120 - 4 - 3
    assert match.percent_del == 1.67
    opposite = found.subject_position if not complement else 123 - found.subject_position
    assert opposite == found.query_position + 1


def test_bases_that_the_query_has_more_are_insertions(folder: Folder) -> None:
    (match,) = folder.compare(EXON[:60] + "GATT" + EXON[60:], {"exon": EXON}, "-discrep_lists").matches
    (found,) = match.discrepancies
    assert (found.kind, found.length) == (Kind.INSERTION, 4)
    assert found.subject_position == found.query_position - 1
    assert match.percent_ins == 3.23


def test_qualities_beside_the_query_are_told_with_the_differing_bases(folder: Folder) -> None:
    (folder.path / "query.fasta.qual").write_text(">read\n" + " ".join(str(number % 50) for number in range(120)))
    result = folder.compare(changed(EXON, 60, other_base(EXON[59])), {"exon": EXON}, "-discrep_lists")
    assert result.matches[0].discrepancies[0].quality == 59 % 50


def test_both_halves_of_a_chimera_are_told_when_they_come_from_one_subject(folder: Folder) -> None:
    result = folder.compare(OTHER[100:] + EXON[:60], {"both": EXON + OTHER})
    spans = [(match.query_start, match.query_end, match.subject_start) for match in result.matches]
    assert spans == [(1, 50, 221), (51, 110, 1)]


def test_tandem_copies_are_each_told_when_all_matches_are_asked_for(folder: Folder) -> None:
    result = folder.compare(EXON, {"twice": EXON + OTHER[:40] + EXON}, "-masklevel", "101")
    assert sorted(match.subject_start for match in result.matches) == [1, 161]


def test_the_best_of_each_query_alone_is_told_at_masklevel_0(folder: Folder) -> None:
    subjects = {"near": changed(EXON, 60, other_base(EXON[59])), "same": EXON, "again": reverse_complement(EXON)}
    (match,) = folder.compare(EXON, subjects, "-masklevel", "0").matches
    assert (match.subject, match.overlapped) == ("same", False)


def test_a_match_that_a_better_one_covers_has_a_star_when_it_is_told(folder: Folder) -> None:
    subjects = {"near": changed(EXON, 60, other_base(EXON[59])), "same": EXON}
    result = folder.compare(EXON, subjects, "-masklevel", "101")
    assert {match.subject: match.overlapped for match in result.matches} == {"near": True, "same": False}


def test_nothing_that_matches_is_a_result_and_no_error(folder: Folder) -> None:
    result = folder.compare(EXON, {"other": OTHER})
    assert (result.matches, result.is_complete) == ((), True)


def test_an_ambiguous_base_matches_nothing(folder: Folder) -> None:
    ambiguous = changed(EXON, 60, "N")
    (match,) = folder.compare(ambiguous, {"exon": ambiguous}, "-discrep_lists").matches
    assert (match.score, differences(match)) == (117, [(Kind.SUBSTITUTION, 1, 60, 60)])


def test_the_screened_query_has_x_where_it_matched(folder: Folder) -> None:
    folder.compare(OTHER[:33] + EXON, {"exon": EXON}, "-screen")
    lines = (folder.path / "query.fasta.screen").read_text().splitlines()
    assert lines[0] == ">read"
    assert "".join(lines[1:]) == OTHER[:33] + "X" * 120
    assert not list(folder.path.glob("*.part"))


def test_the_header_states_raw_scores_and_the_options_in_force(folder: Folder) -> None:
    result = folder.compare(EXON, {"exon": EXON}, "-minscore", "40")
    assert dict(result.parameters)["raw"] == "1"
    assert dict(result.parameters)["minscore"] == "40"


def test_several_processes_give_what_one_gives() -> None:
    queries = [Sequence(f"q{seed}", random_bases(seed, 80)) for seed in range(10, 50)]
    subjects = [Sequence(f"s{seed}", random_bases(seed, 60) + OTHER) for seed in range(30, 70)]
    comparison = Comparison(queries, subjects, Options())
    alone = list(comparison.run(1))
    assert list(comparison.run(2)) == alone
    assert [bool(matches) for matches in alone] == [False] * 20 + [True] * 20


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-word_raw"], "-word_raw is not supported"),
        (["-minmatch"], "-minmatch: expected a whole number, found nothing"),
        (["-minscore", "many"], "-minscore: expected a whole number, found many"),
        (["-masklevel", "102"], "-masklevel: expected 0 to 101, found 102"),
        (["-minmatch", "3"], "-minmatch: expected 4 to 31, found 3"),
        (["-maxmatch", "12"], "-maxmatch: expected 14"),
        (["-penalty", "1"], "-penalty: expected"),
        (["-gap_ext", "-5"], "-gap_ext -5 may not cost more than -gap_init -4"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(folder: Folder, options: list[str], told: str) -> None:
    code, out, err = folder.run("query.fasta", "subjects.fasta", *options)
    assert (code, out) == (2, "")
    assert told in err


def test_a_query_needs_a_subject(folder: Folder) -> None:
    assert folder.run("query.fasta")[0] == 2
    assert folder.run()[0] == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "line 1: expected a FASTA file with at least one sequence"),
        (b"ACGT\n", "line 1: expected a header that starts with >"),
        (b">a\n\n>b\nACGT\n", "line 1: expected bases for a"),
        (b">a\nACGT\n>a\nACGT\n", "line 3: expected a name that no earlier sequence has, found a"),
        (b">a\nACGT\nAC1T\n", "line 3: expected bases: A, C, G, T, an ambiguity code or X, found b'1' as character 3"),
        (b"> a\nACGT\n", "line 1: expected a name"),
        (b">\xff\nACGT\n", "line 1: expected a name"),
        (b">a\nAC\x00T\n", "line 2: expected bases"),
    ],
)
def test_a_damaged_file_is_told_with_its_line(folder: Folder, text: bytes, told: str) -> None:
    (folder.path / "bad.fasta").write_bytes(text)
    code, out, err = folder.run(str(folder.path / "bad.fasta"), folder.write("subject.fasta", exon=EXON))
    assert (code, out) == (3, "")
    assert f"bad.fasta, {told}" in err


def test_a_file_that_is_not_there_is_told(folder: Folder) -> None:
    code, _, err = folder.run(str(folder.path / "none.fasta"), folder.write("subject.fasta", exon=EXON))
    assert code == 3
    assert "none.fasta" in err


def test_queries_may_share_the_first_word_of_their_headers(folder: Folder) -> None:
    query = folder.path / "query.fasta"
    query.write_text(f">B|Exon 2|1\n{EXON}\n>B|Exon 3|1\n{EXON[:90]}\n")
    code, out, _ = folder.run(str(query), folder.write("subject.fasta", exon=EXON[:100]), "-screen")
    assert code == 0
    assert [(match.query, match.score) for match in parse(out.splitlines()).matches] == [
        ("B|Exon", 100),
        ("B|Exon", 90),
    ]
    assert [line.count("X") for line in query.with_name("query.fasta.screen").read_text().split(">")[1:]] == [100, 90]


def test_a_query_that_is_there_twice_is_refused(folder: Folder) -> None:
    (folder.path / "query.fasta").write_text(f">B|Exon 2|1\n{EXON}\n>B|Exon 2|1\n{EXON}\n")
    code, _, err = folder.run(str(folder.path / "query.fasta"), folder.write("subject.fasta", exon=EXON))
    assert code == 3
    assert "query.fasta, line 3: expected a name that no earlier sequence has" in err


def test_one_name_in_two_subject_files_is_refused(folder: Folder) -> None:
    files = [folder.write(name, exon=EXON) for name in ("query.fasta", "one.fasta", "two.fasta")]
    code, _, err = folder.run(*files)
    assert code == 3
    assert "two.fasta: expected names that no earlier subject file has, found exon" in err


@pytest.mark.parametrize("text", [">read\n1 2 3\n", ">read\n1 2 many\n", ">who\n1\n", ">read\n" + "100 " * 120])
def test_qualities_that_do_not_fit_are_refused(folder: Folder, text: str) -> None:
    query = folder.write("query.fasta", read=EXON)
    (folder.path / "query.fasta.qual").write_text(text)
    code, _, err = folder.run(query, folder.write("subject.fasta", exon=EXON))
    assert code == 3
    assert "query.fasta.qual, line " in err


def test_lines_of_any_length_and_ending_and_case_are_read(folder: Folder) -> None:
    long = random_bases(3, 19_000)
    (folder.path / "query.fasta").write_bytes(
        b">read\r\n" + long[:18_000].encode() + b"\r\n\r\n" + long[18_000:].lower().encode()
    )
    code, out, _ = folder.run(str(folder.path / "query.fasta"), folder.write("subject.fasta", exon=long))
    assert code == 0
    assert parse(out.splitlines()).matches[0].score == 19_000


def test_a_query_too_long_to_align_is_refused(folder: Folder) -> None:
    code, _, err = folder.run(folder.write("query.fasta", read="A" * 20_001), folder.write("s.fasta", exon=EXON))
    assert code == 3
    assert "at most 20000 bases a query, found 20001 in read" in err


def test_it_runs_as_a_module_and_tells_help_and_version() -> None:
    command = [sys.executable, "-m", "worker.cross_match.program"]
    told = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    assert told == program.HELP
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"gems-cross-match \d\S+\n", version)


def test_a_reader_that_has_enough_is_no_error(folder: Folder) -> None:
    files = folder.write("query.fasta", read=EXON), folder.write("subject.fasta", exon=EXON)
    command = [sys.executable, "-m", "worker.cross_match.program", *files]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        running.stdout.close()
        running.stdout = None
        assert (running.communicate(timeout=60)[1], running.returncode) == ("", 0)


def test_help_and_docs_name_every_option_and_exit_code() -> None:
    for text in (program.HELP, DOCS.read_text(encoding="utf-8")):
        for field in dataclasses.fields(Options):
            assert f"-{field.name}" in text
        for code in (program.DONE, program.USAGE, program.BAD_INPUT, program.INTERNAL):
            assert re.search(rf"\b{code}\b", text)


def test_a_file_that_is_not_there_is_named_with_what_to_do(folder: Folder) -> None:
    query, absent = folder.write("query.fasta", read=EXON), str(folder.path / "none.fasta")
    code, out, err = folder.run(query, absent)
    assert (code, out) == (3, "")
    assert f"{absent}: No such file or directory. Check the path" in err
