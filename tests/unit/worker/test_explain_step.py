"""The verdicts in a sample's files and in the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from explain_library import OTHER, REFERENCE, make_library, product, reference_pieces, substituted
from fake_java import typing as synthetic_typing
from worker_fakes import DATA, SESSION_KEY, MemoryStore, make_work

from gems_core.layout import sample_result_key
from gems_core.protocol.done_marker import SampleOutcome
from gems_report.errors import UnreadableTyping
from gems_report.typing_json import Typing, read_typing
from worker.errors import SampleFailed, ShareFailed
from worker.explain.documents import Explainer, add_to_typings
from worker.explain.library import Library
from worker.explain.sequences import read_unexplained
from worker.steps.way import STEPS

NEW = product(reference_pieces() | {"exon3": substituted(reference_pieces()["exon3"], 200)})


def sample_folder(folder: Path, fasta: str, name: str = "K1") -> Path:
    typing = synthetic_typing(name, "1")
    for locus in typing["loci"]:
        names = (REFERENCE, OTHER) if locus["locus"] == "B" else ()
        locus["alleles"] = [{"name": allele, "ambiguities": [allele], "share": 0.5} for allele in names]
    (folder / name).mkdir(parents=True)
    (folder / name / "typing.json").write_text(json.dumps(typing, indent=1))
    (folder / name / "unexplained.fasta").write_text(fasta)
    return folder / name


def explained(folder: Path, library: Path, panel: Path = Path("no-panel")) -> list[dict[str, Any]]:
    typing = Typing.of(read_typing((folder / "typing.json").read_bytes(), folder.name))
    add_to_typings(folder.parent, [(typing, Explainer.of(library, panel).explain(folder, typing))])
    return list(json.loads((folder / "typing.json").read_bytes())["unexplained"])


def library_folder(tmp_path: Path) -> Path:
    make_library(tmp_path / "library")
    return tmp_path / "library"


def test_the_verdicts_are_added_and_every_other_byte_stays(tmp_path: Path) -> None:
    folder = sample_folder(tmp_path, f">B|Exon 3|1 pairs=61 share=0.355\n{NEW}\n")
    before = (folder / "typing.json").read_bytes()
    (entry,) = explained(folder, library_folder(tmp_path))
    after = (folder / "typing.json").read_bytes()
    assert after.startswith(before.rstrip()[:-1].rstrip())
    held = json.loads(after)
    del held["unexplained"]
    assert held == json.loads(before)
    assert (entry["verdict"], entry["reads"], entry["share"]) == ("new_allele", 61, 0.355)
    assert entry["differences"][0]["change"].startswith("exon3 201")
    assert sorted(path.name for path in folder.iterdir()) == ["typing.json", "unexplained.fasta"]


RESULT = """cross_match unexplained.fasta exons.fasta -masklevel 0 -tags -discrep_lists
cross_match version 1.090518

ALIGNMENT  250  0.37 0.00 0.00  B|Exon       46   315 (51)    B|exon3|B*91:01        1   270 (6)
ALIGNMENT   40  0.37 0.00 0.00  B|Exon        1   100 (0)    B|exon2|B*91:01        1   100 (170)

2 matching entries (first file).
"""


def test_the_best_match_of_cross_match_stands_beside_the_verdict(tmp_path: Path) -> None:
    folder = sample_folder(tmp_path, f">B|Exon 3|1 pairs=61 share=0.355\n{NEW}\n")
    (folder / "cross_match.txt").write_text(RESULT)
    (entry,) = explained(folder, library_folder(tmp_path))
    assert entry["verdict"] == "new_allele"
    assert (entry["cross_match"]["subject"], entry["cross_match"]["score"]) == ("B|exon3|B*91:01", 250)


@pytest.mark.parametrize("result", ["ALIGNMENT  x\n", ""])
def test_a_result_of_cross_match_that_cannot_be_used_leaves_the_verdict_as_it_is(result: str, tmp_path: Path) -> None:
    folder = sample_folder(tmp_path, f">B|Exon 3|1 pairs=61 share=0.355\n{NEW}\n")
    (folder / "cross_match.txt").write_text(result)
    (entry,) = explained(folder, library_folder(tmp_path))
    assert entry["verdict"] == "new_allele"
    assert "cross_match" not in entry


def test_sequences_that_cross_match_cannot_tell_apart_get_no_match(tmp_path: Path) -> None:
    two = f">B|Exon 3|1 pairs=61 share=0.355\n{NEW}\n>B|Exon 3|2 pairs=30 share=0.2\n{NEW}\n"
    folder = sample_folder(tmp_path, two)
    (folder / "cross_match.txt").write_text(RESULT)
    assert all("cross_match" not in entry for entry in explained(folder, library_folder(tmp_path)))


def test_sequences_of_one_amplicon_each_get_their_own_match(tmp_path: Path) -> None:
    two = f">B|Exon 3|1 pairs=61 share=0.355\n{NEW}\n>B|Exon 3|2 pairs=30 share=0.2\n{NEW}\n"
    folder = sample_folder(tmp_path, two)
    (folder / "cross_match.txt").write_text(RESULT.replace("B|Exon   ", "B|Exon_3|2"))
    found = {entry["name"][:10]: entry.get("cross_match") for entry in explained(folder, library_folder(tmp_path))}
    assert found["B|Exon 3|1"] is None
    assert found["B|Exon 3|2"]["score"] == 250


def test_what_was_explained_once_stays(tmp_path: Path) -> None:
    folder = sample_folder(tmp_path, f">B|Exon 3|1 pairs=61 share=0.355\n{NEW}\n")
    typing = json.loads((folder / "typing.json").read_bytes())
    document = json.dumps({**typing, "unexplained": [{"verdict": "of the laboratory's typer"}]}).encode()
    (folder / "typing.json").write_bytes(document)
    explained(folder, library_folder(tmp_path))
    assert (folder / "typing.json").read_bytes() == document


@pytest.mark.parametrize("document", [b"[]", b"{}", b"{"])
def test_nothing_is_added_to_what_is_no_typing(document: bytes) -> None:
    with pytest.raises(UnreadableTyping, match=r"typing\.json of K1: expected"):
        read_typing(document, "K1")


@pytest.mark.parametrize("alleles", [7, [{"name": OTHER}], [{"name": OTHER, "ambiguities": [OTHER], "share": None}]])
def test_a_sample_of_odd_calls_keeps_its_file_and_costs_no_other_sample_its_verdicts(
    alleles: object, store: MemoryStore, tmp_path: Path
) -> None:
    work = make_work(tmp_path, store, {"K1": "NOVEL", "K2": "GOOD"})
    for step in STEPS:
        if step.name == "explain":
            path = work.out / "K2" / "typing.json"
            odd = json.loads(path.read_bytes())
            odd["loci"][0]["alleles"] = alleles
            path.write_text(json.dumps(odd))
            work.typings["K2"] = Typing.of(read_typing(path.read_bytes(), "K2"))
        step.run(work)
    results = {
        name: json.loads(store.read(DATA, sample_result_key("run1", SESSION_KEY, name, "typing.json")))
        for name in ("K1", "K2")
    }
    assert [entry["amplicon"] for entry in results["K1"]["unexplained"]] == ["Exon 2"]
    assert results["K2"] == odd


def test_a_sample_without_such_sequences_has_an_empty_list(tmp_path: Path) -> None:
    assert explained(sample_folder(tmp_path, ""), library_folder(tmp_path)) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ACGT\n", 1),
        (">B|Exon 3|1 pairs=x share=0.4\nACGT\n", 1),
        (">B|Exon 3|1 pairs=9 share=0.4\nAC-T\n", 2),
        (">B|Exon 3|1 pairs=9 share=0.4\n", 2),
    ],
)
def test_a_file_that_is_none_is_told_in_the_list_with_its_line(text: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(SampleFailed, match=f"line {line}: expected"):
        read_unexplained(text)
    (entry,) = explained(sample_folder(tmp_path, text), library_folder(tmp_path))
    assert entry["verdict"] == "unknown"
    assert f"line {line}" in entry["reason"]


@pytest.mark.parametrize("damage", ["library.json", "B.sequences.tsv", "B.alleles.tsv"])
def test_a_library_that_cannot_be_read_is_told_in_each_entry(damage: str, tmp_path: Path) -> None:
    library = library_folder(tmp_path)
    (library / damage).write_text("feature\tindex\nx\n")
    with pytest.raises(ShareFailed, match="Build the library again"):
        Library(library).gene("B")
    (entry,) = explained(sample_folder(tmp_path, f">B|Exon 3|1 pairs=61 share=0.355\n{NEW}\n"), library)
    assert entry["verdict"] == "unknown"
    assert "could not be compared" in entry["reason"]


def test_sequences_beyond_the_most_that_are_compared_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.explain.thresholds.MOST_SEQUENCES", 1)
    few = f">B|Exon 3|1 pairs=9 share=0.1\n{NEW}\n>B|Exon 3|2 pairs=61 share=0.4\n{NEW}\n"
    first, second = explained(sample_folder(tmp_path, few), library_folder(tmp_path))
    assert (first["reads"], first["verdict"]) == (61, "new_allele")
    assert (second["reads"], second["verdict"]) == (9, "unknown")
    assert "most pairs are compared" in second["reason"]


def test_a_share_explains_its_samples_and_no_fault_of_it_fails_one(store: MemoryStore, tmp_path: Path) -> None:
    work = make_work(tmp_path, store, {"K1": "NOVEL", "K2": "GOOD"})
    for step in STEPS:
        step.run(work)
    found = {}
    for name in ("K1", "K2"):
        assert store.marker(name).outcome is SampleOutcome.TYPED
        data = store.read(DATA, sample_result_key("run1", SESSION_KEY, name, "typing.json"))
        found[name] = json.loads(data)["unexplained"]
    assert [entry["amplicon"] for entry in found["K1"]] == ["Exon 2"]
    assert found["K2"] == []
