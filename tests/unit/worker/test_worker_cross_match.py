from __future__ import annotations

import json
from pathlib import Path

import pytest
from worker_fakes import DATA, SESSION_KEY, MemoryStore, make_library, make_work, program

from gems_core.layout import sample_result_key
from gems_core.protocol import SampleOutcome
from worker.cross_match.subject import exon_fasta
from worker.steps import STEPS

MATCHES = """
import sys
assert open(sys.argv[1]).read().startswith('>'), sys.argv
assert '>A|exon1|A*91:01' in open(sys.argv[2]).read()
print(' '.join(['cross_match', *sys.argv[1:]]))
print('cross_match version 1.090518')
print('ALIGNMENT   8  0.00 0.00 0.00  A|Exon 1 8 (0)  A|exon1|A*91:01 1 8 (0)')
"""


def outcome(store: MemoryStore, tmp_path: Path, python: str, word: str = "NOVEL") -> dict[str, object]:
    cross_match = program(tmp_path / "site" / "cross_match", python)
    work = make_work(tmp_path, store, {"K1": word}, cross_match=str(cross_match))
    for step in STEPS:
        step.run(work)
    assert store.marker("K1").outcome is SampleOutcome.TYPED
    return dict(json.loads(store.read(DATA, key("cross_match.json"))))


def key(name: str) -> str:
    return sample_result_key("run1", SESSION_KEY, "K1", name)


def test_a_sites_cross_match_is_run_and_its_output_kept(store: MemoryStore, tmp_path: Path) -> None:
    state = outcome(store, tmp_path, MATCHES)
    assert state == {
        "state": "done",
        "reason": "",
        "command": ["cross_match", "unexplained.fasta", "exons-1.fasta", "-masklevel", "0", "-tags", "-discrep_lists"],
        "version": "1.090518",
    }
    assert b"ALIGNMENT   8  0.00" in store.read(DATA, key("cross_match.txt"))


def test_exit_code_141_means_that_nothing_matched(store: MemoryStore, tmp_path: Path) -> None:
    state = outcome(store, tmp_path, "print('cross_match version 1.1')\nraise SystemExit(141)")
    assert (state["state"], state["reason"], state["version"]) == ("done", "nothing matched", "1.1")


def test_a_cross_match_that_breaks_is_noted_and_fails_no_sample(store: MemoryStore, tmp_path: Path) -> None:
    state = outcome(store, tmp_path, "import sys\nprint('FATAL ERROR: odd', file=sys.stderr)\nsys.exit(1)")
    assert state["state"] == "failed"
    assert state["reason"] == "exit code 1: FATAL ERROR: odd"
    assert (DATA, key("cross_match.txt")) not in store.objects


def test_a_cross_match_that_cannot_be_started_is_noted(store: MemoryStore, tmp_path: Path) -> None:
    cross_match = program(tmp_path / "site" / "cross_match", "")
    cross_match.write_text("#!/no/such/interpreter\n")
    work = make_work(tmp_path, store, {"K1": "NOVEL"}, cross_match=str(cross_match))
    for step in STEPS:
        step.run(work)
    state = json.loads(store.read(DATA, key("cross_match.json")))
    assert state["state"] == "failed"
    assert "cannot be started" in state["reason"]


def test_cross_match_is_not_run_where_everything_is_explained(store: MemoryStore, tmp_path: Path) -> None:
    state = outcome(store, tmp_path, "raise SystemExit(9)", word="GOOD")
    assert state["state"] == "skipped"
    assert state["reason"] == "the typer explained every well-supported sequence"


def test_the_subject_holds_distinct_known_exons_without_gaps(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library")
    path = exon_fasta(library, "1", tmp_path)
    # exon 1 of A*92:01 has unknown bases, of A*93:01 is the same without its gaps; exon 2 of A*92:01 is all gap
    assert path.read_text() == ">A|exon1|A*91:01\nACGT\n>A|exon2|A*91:01\nCCCC\n"


def test_the_subject_is_written_once_a_library(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library")
    path = exon_fasta(library, "1", tmp_path)
    path.write_text("kept")
    assert exon_fasta(library, "1", tmp_path).read_text() == "kept"


@pytest.mark.parametrize("damage", ["allele\n", "\n"])
def test_a_library_that_cannot_be_read_is_noted_and_fails_no_sample(
    store: MemoryStore, tmp_path: Path, damage: str
) -> None:
    cross_match = program(tmp_path / "site" / "cross_match", MATCHES)
    work = make_work(tmp_path, store, {"K1": "NOVEL"}, cross_match=str(cross_match))
    (work.tools.typer.library / "A.sequences.tsv").write_text(damage + "x\n")
    for step in STEPS:
        step.run(work)
    state = json.loads(store.read(DATA, key("cross_match.json")))
    assert state["state"] == "failed"
    assert "exons cannot be read" in state["reason"]
