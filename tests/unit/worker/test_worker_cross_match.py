from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from worker_fakes import DATA, SESSION_KEY, MemoryStore, make_library, make_work, program

from gems_core.layout import sample_result_key
from gems_core.protocol.done_marker import SampleOutcome
from worker.cross_match.programs import find
from worker.cross_match.runner import QUERY_FILE, CrossMatch, State
from worker.cross_match.subject import exon_fasta
from worker.interruption import Cause, Interrupted, Interruption
from worker.steps import cross_match
from worker.steps.way import STEPS

HEADER = (
    "cross_match unexplained.fasta exons-1.fasta\ncross_match version 0.990329\nQuery file(s): unexplained.fasta\n\n"
)
RECORDED = f"""{HEADER}Maximal single base matches (low complexity regions):

ALIGNMENT   57  1.64 0.00 0.00  A|Exon        1    61 (0)    A|exon1|A*91:01        1    61 (0) *
DISCREPANCY   S      30  A(-1)     30  acgtacAcgtacg
"""
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


def key(name: str, sample: str = "K1") -> str:
    return sample_result_key("run1", SESSION_KEY, sample, name)


def test_a_sites_cross_match_is_run_and_its_output_kept(store: MemoryStore, tmp_path: Path) -> None:
    state = outcome(store, tmp_path, MATCHES)
    assert state == {
        "state": "done",
        "reason": "",
        "command": ["cross_match", "unexplained.fasta", "exons-1.fasta", "-masklevel", "0", "-tags", "-discrep_lists"],
        "program": "site",
        "version": "1.090518",
    }
    assert b"ALIGNMENT   8  0.00" in store.read(DATA, key("cross_match.txt"))


def test_recorded_output_of_the_old_version_without_its_footer_is_honoured(store: MemoryStore, tmp_path: Path) -> None:
    state = outcome(store, tmp_path, f"print({RECORDED!r}, end='')")
    assert (state["state"], state["reason"], state["version"]) == ("done", "", "0.990329")
    assert store.read(DATA, key("cross_match.txt")).decode() == RECORDED


def test_output_that_cannot_be_read_is_not_believed_and_kept(store: MemoryStore, tmp_path: Path) -> None:
    damaged = RECORDED.replace("61 (0) *", "61 *")
    state = outcome(store, tmp_path, f"print({damaged!r}, end='')")
    assert state["state"] == "failed"
    assert str(state["reason"]).startswith("cross_match.txt, line 7: expected ")
    assert state["version"] == "0.990329"
    assert store.read(DATA, key("cross_match.txt")).decode() == damaged


def test_output_without_end_is_cut_and_not_believed(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.cross_match.runner._LARGEST_OUTPUT_CHARACTERS", len(HEADER) + 10)
    state = outcome(store, tmp_path, f"print({RECORDED!r}, end='')")
    assert state["state"] == "failed"
    assert store.read(DATA, key("cross_match.txt")).decode() == HEADER


def test_a_result_without_matches_says_that_nothing_matched(store: MemoryStore, tmp_path: Path) -> None:
    state = outcome(store, tmp_path, f"print({HEADER!r} + '0 matching entries (first file).')")
    assert (state["state"], state["reason"]) == ("done", "nothing matched")


def test_sequences_of_one_amplicon_are_told_apart(tmp_path: Path) -> None:
    names = program(tmp_path / "site" / "cross_match", f"import sys\nprint({HEADER!r}, open(sys.argv[1]).read())")
    folder = tmp_path / "K1"
    folder.mkdir()
    (folder / QUERY_FILE).write_text(">B|Exon 3|1 pairs=6 share=0.4\nAC\n>B|Exon 3|2 pairs=5 share=0.3\nGT\n")
    assert CrossMatch(str(names), 10).run(folder, tmp_path / "exons.fasta", Interruption()).state is State.DONE
    text = (folder / "cross_match.txt").read_text()
    assert ">B|Exon_3|1 pairs=6 share=0.4\nAC\n>B|Exon_3|2 pairs=5 share=0.3\nGT\n" in text
    assert sorted(path.name for path in folder.iterdir()) == ["cross_match.json", "cross_match.txt", QUERY_FILE]


def test_exit_code_141_without_a_word_means_that_nothing_matched(store: MemoryStore, tmp_path: Path) -> None:
    state = outcome(store, tmp_path, "raise SystemExit(141)")
    assert (state["state"], state["reason"], state["version"]) == ("done", "nothing matched", None)


def test_a_cross_match_that_does_not_end_is_ended(store: MemoryStore, tmp_path: Path) -> None:
    sleeper = program(tmp_path / "site" / "cross_match", "import time\ntime.sleep(60)")
    folder = tmp_path / "K1"
    folder.mkdir()
    (folder / QUERY_FILE).write_text(">q\nACGT\n")
    ended = CrossMatch(str(sleeper), 1).run(folder, tmp_path / "exons.fasta", Interruption())
    assert (ended.state, ended.reason) == (State.FAILED, "not finished within 1 s")


def run_with(store: MemoryStore, tmp_path: Path, **site: Any) -> dict[str, object]:
    work = make_work(tmp_path, store, {"K1": "NOVEL"}, **site)
    for step in STEPS:
        step.run(work)
    return dict(json.loads(store.read(DATA, key("cross_match.json"))))


def test_without_a_sites_program_the_replacement_runs(store: MemoryStore, tmp_path: Path) -> None:
    state = run_with(store, tmp_path)
    assert (state["state"], state["program"], state["version"]) == ("done", "gems", "0.0-stand-in")
    assert state["command"][0] == "gems-cross-match"


def test_the_sites_artefact_runs_where_its_machine_has_none(store: MemoryStore, tmp_path: Path) -> None:
    state = run_with(store, tmp_path, artefact=program(tmp_path / "sha" / "cross_match.bin", MATCHES))
    assert (state["state"], state["program"], state["version"]) == ("done", "site", "1.090518")


def test_a_program_that_the_settings_name_comes_before_the_artefact(store: MemoryStore, tmp_path: Path) -> None:
    named = program(tmp_path / "site" / "cross_match", f"print({RECORDED!r})")
    artefact = program(tmp_path / "sha" / "cross_match", MATCHES)
    state = run_with(store, tmp_path, cross_match=str(named), artefact=artefact)
    assert state["version"] == "0.990329"


def test_a_named_program_that_is_not_there_is_told_though_another_runs(store: MemoryStore, tmp_path: Path) -> None:
    state = run_with(store, tmp_path, cross_match="/no/such/cross_match")
    assert state["program"] == "gems"
    assert "GEMS_CROSS_MATCH names /no/such/cross_match, which is not a program on this machine" in str(state["reason"])


def test_gems_own_program_is_a_module_of_the_worker() -> None:
    found = find("cross_match-that-nobody-has", None)
    assert found.command == (sys.executable, "-P", "-m", "worker.cross_match.program")


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


TOGETHER = """
import pathlib, sys, time
here = pathlib.Path(sys.argv[0]).parent
mine = here / f"{len(list(here.glob('run-*')))}-{time.monotonic_ns()}"
(here / f"run-{mine.name}").touch()
for _ in range(100):
    if len(list(here.glob('run-*'))) >= 2:
        break
    time.sleep(0.1)
else:
    sys.exit(9)
print('cross_match version 1')
"""


def test_several_samples_are_compared_at_once(store: MemoryStore, tmp_path: Path) -> None:
    """Each program waits until another one runs too."""
    site = program(tmp_path / "site" / "cross_match", TOGETHER)
    work = make_work(tmp_path, store, {"K1": "NOVEL", "K2": "NOVEL"}, cross_match=str(site))
    work.tools = replace(work.tools, typer=replace(work.tools.typer, threads=2))
    seen: list[tuple[str, ...]] = []
    work.at = lambda *samples: seen.append(samples)
    for step in STEPS:
        step.run(work)
    assert {"K1", "K2"} in [set(names) for names in seen]
    states = [json.loads(store.read(DATA, key("cross_match.json", sample))) for sample in ("K1", "K2")]
    assert [state["state"] for state in states] == ["done", "done"]


def test_nothing_is_compared_once_the_work_is_laid_down(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "NOVEL", "K2": "NOVEL"})
    for step in STEPS[:2]:
        step.run(work)
    work.tools.interruption.request(Cause.MACHINE_GOES, "spot notice")
    with pytest.raises(Interrupted, match="spot notice"):
        cross_match.run(work)
    assert not list(work.out.glob("*/cross_match.*"))


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
