"""``gems-cross-match``: compares DNA sequences as cross_match does, where a site has no cross_match."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from itertools import chain
from pathlib import Path

from gems_core import __version__
from gems_core.errors import InvalidInput, Problem
from worker.cross_match.align import LARGEST_QUERY_BP
from worker.cross_match.compare import Comparison, cores
from worker.cross_match.fasta import Sequence as Dna
from worker.cross_match.fasta import read_fasta, read_query
from worker.cross_match.options import Command, WrongUsage, parse
from worker.cross_match.reading import main_read
from worker.cross_match.records import Match, ResultFile
from worker.cross_match.screen import write_screened
from worker.cross_match.writer import result_lines

NAME = "gems-cross-match"
DONE, USAGE, BAD_INPUT, INTERNAL = 0, 2, 3, 70

HELP = f"""\
Usage: {NAME} QUERY SUBJECT... [options]     compare each query sequence with the subjects (FASTA)
       {NAME} --read FILE                    print a result file's records as JSON lines
       {NAME} --help | --version

Compares both strands by Smith-Waterman alignment of the pairs that share a word, and prints the
matches as cross_match does. QUERY.qual, if there is one, gives the base qualities.

  -penalty N      score of a mismatch, where a match counts 1         (-2)
  -gap_init N     score of a gap's first base                         (-4)
  -gap_ext N      score of each further base of a gap                 (-3)
  -minmatch N     bases of the words that a pair must share, 4 to 31  (14)
  -maxmatch N     understood; the words here are never longer than -minmatch
  -minscore N     least score of a match                              (30)
  -bandwidth N    diagonals beside a match within which a shared word counts as its own  (14)
  -masklevel N    tell a match if at least (100 - N)% of its query bases are in no better match;
                  0 the best of each query alone, 101 every match     (80)
  -raw            understood; scores are raw always, as the header says
  -alignments     print the alignments
  -discrep_lists  print each difference
  -tags           begin match lines with ALIGNMENT and differences with DISCREPANCY
  -screen         write QUERY.screen: the queries, what matched as X

Exit codes: 0 done, also when nothing matched; 2 wrong usage; 3 a file cannot be read or is not as
it should be; 70 a process was killed.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in ([], ["--help"], ["-h"]):
        sys.stdout.write(HELP)
        return DONE if arguments else USAGE
    if arguments == ["--version"]:
        sys.stdout.write(f"{NAME} {__version__}\n")
        return DONE
    if len(arguments) == len(("--read", "FILE")) and arguments[0] == "--read":
        return main_read(arguments[1])
    return _compare(arguments)


def _compare(arguments: Sequence[str]) -> int:
    try:
        sys.stdout.writelines(f"{line}\n" for line in _result(parse(arguments), arguments))
        sys.stdout.flush()
    except WrongUsage as error:
        return _failed(USAGE, f"{error}. See {NAME} --help.")
    except BrokenPipeError:
        # Whoever read the output has enough of it; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except InvalidInput as error:
        return _failed(BAD_INPUT, str(error))
    except OSError as error:
        return _failed(BAD_INPUT, f"{error.filename}: {error.strerror}. Check the path and its permissions.")
    except (BrokenProcessPool, MemoryError):
        return _failed(INTERNAL, "a process was killed, most likely because memory ran out. Compare fewer at a time.")
    return DONE


def _result(command: Command, arguments: Sequence[str]) -> Iterable[str]:
    comparison = Comparison(_queries(command.query), _subjects(command.subjects), command.options)
    matches = list(comparison.run(cores()))
    if command.options.screen:
        write_screened(command.query, comparison.queries, matches)
    result = _file(command, arguments, tuple(chain.from_iterable(matches)))
    return result_lines(result, tags=command.options.tags)


def _file(command: Command, arguments: Sequence[str], matches: tuple[Match, ...]) -> ResultFile:
    return ResultFile(
        command=" ".join((NAME, *arguments)),
        version=f"gems-{__version__}",
        run_at=datetime.now().astimezone().strftime("%y%m%d:%H%M%S"),
        query_files=(str(command.query),),
        subject_files=tuple(map(str, command.subjects)),
        parameters=command.options.shown(),
        matches=matches,
        is_complete=True,
    )


def _queries(path: Path) -> list[Dna]:
    queries = read_query(path)
    for query in queries:
        if len(query.bases) > LARGEST_QUERY_BP:
            expected, found = f"at most {LARGEST_QUERY_BP} bases a query", f"{len(query.bases)} in {query.name}"
            repair = "Cut it, or make it the subject and the other file the query."
            raise InvalidInput([Problem("query_too_long", str(path), expected, found, repair)])
    return queries


def _subjects(paths: Iterable[Path]) -> list[Dna]:
    """All files' sequences; a name may be there once, for a match names its subject by it alone."""
    subjects: dict[str, Dna] = {}
    for path in paths:
        for subject in read_fasta(path):
            if subject.name in subjects:
                repair = "Give each subject a name of its own."
                expected = "names that no earlier subject file has"
                raise InvalidInput([Problem("duplicate_name", str(path), expected, subject.name, repair)])
            subjects[subject.name] = subject
    return list(subjects.values())


def _failed(code: int, message: str) -> int:
    sys.stderr.write(f"{NAME}: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
