"""`gems report`: build, convert, diff and schema, as they are typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gems_cli.report.commands import report
from gems_core.errors import InvalidInput
from gems_core.layout import REPORT_FORMATS
from gems_formats.library_json import write_library_json
from gems_formats.library_tables import Allele, LocusTables, write_tables
from gems_report.errors import UnreadableReport

CONTRACT = Path(__file__).parents[2] / "contract"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(report, [str(argument) for argument in arguments], catch_exceptions=False)


def put_sample(folder: Path, name: str, **changes: str) -> None:
    document = json.loads((CONTRACT / "typing.sample.json").read_text())
    (folder / name).mkdir(parents=True)
    text = json.dumps({**document, "sample": name})
    for old, new in changes.items():
        text = text.replace(old.replace("_", "*"), new)
    (folder / name / "typing.json").write_text(text)


@pytest.fixture
def typed(tmp_path: Path) -> Path:
    """What the typer leaves: one typed sample, one that failed."""
    folder = tmp_path / "typed"
    put_sample(folder, "K1")
    (folder / "K2").mkdir()
    (folder / "K2" / "error.json").write_text(json.dumps({"sample": "K2", "message": "line 8: cut"}))
    return folder


def test_a_folder_of_the_typers_becomes_a_report_in_every_format(typed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = invoke("build", typed, "-o", out, "--date", "2026-11-29", "--center", "Lab 7")
    assert answer.exit_code == 0
    assert answer.stdout == f"{out / 'report.html'}\n"
    assert {path.name for path in out.iterdir()} == {f"report.{extension}" for extension in REPORT_FORMATS}
    document = json.loads((out / "report.json").read_text())
    assert document["created_at"] == "2026-11-29T00:00:00+00:00"
    assert [(one["sample"], one["outcome"], one["reason"]) for one in document["samples"]] == [
        ("K1", "typed", ""),
        ("K2", "failed", "line 8: cut"),
    ]
    assert 'reporting-center-id="Lab 7"' in (out / "report.hml").read_text()


def test_the_same_folder_gives_the_same_bytes(typed: Path, tmp_path: Path) -> None:
    for out in ("one", "two"):
        invoke("build", typed, "-o", tmp_path / out)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_runs_output_keeps_what_its_report_says_and_gets_sequences(typed: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(typed, run / "samples")
    invoke("build", run, "--date", "2026-11-29")
    before = json.loads((run / "report.json").read_text())
    shutil.copy(run / "report.json", tmp_path / "alone.json")
    invoke("build", run, "--level", "g")
    assert json.loads((run / "report.json").read_text()) == before
    with_sequences = invoke("convert", run / "report.json", "-f", "hml")
    assert "<consensus-sequence " in with_sequences.stdout
    alone = invoke("convert", tmp_path / "alone.json", "-f", "hml")
    assert "<consensus-sequence " not in alone.stdout
    assert "no consensus sequences" in alone.stderr


def test_a_report_is_converted_to_a_file(typed: Path, tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    assert invoke("convert", typed, "-f", "csv", "-o", target).exit_code == 0
    assert target.read_text().startswith("sample,locus,")


def test_typings_that_agree_end_with_0_and_those_that_differ_with_1(typed: Path, tmp_path: Path) -> None:
    for name, changes in (("a", {}), ("b", {"A_02:01:01:01": "A*02:05:01"})):
        put_sample(tmp_path / name, "K1", **changes)
        invoke("build", tmp_path / name)
    same = invoke("diff", tmp_path / "a", tmp_path / "a" / "report.hml")
    assert (same.exit_code, "different" in same.stdout) == (0, False)
    other = invoke("diff", tmp_path / "a" / "report.csv", tmp_path / "b")
    assert other.exit_code == 1
    assert "1 overlapping" in other.stdout
    (found,) = [
        one for one in json.loads(invoke("diff", "--json", tmp_path / "a", tmp_path / "b").stdout) if one["why"]
    ]
    assert (found["gene"], found["relation"]) == ("A", "overlapping")
    listed = invoke("diff", "--all", "--fields", "1", tmp_path / "a", tmp_path / "b")
    assert (listed.exit_code, "DRB1" in listed.stdout, "4 same" in listed.stdout) == (0, True, True)


def test_the_schema_is_printed() -> None:
    assert json.loads(invoke("schema").stdout)["$id"] == "urn:gems:report:1"


def test_a_folder_without_results_and_a_file_that_is_no_report_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="gems run"):
        invoke("build", tmp_path)
    odd = tmp_path / "odd.json"
    odd.write_text("[]")
    with pytest.raises(UnreadableReport, match=r"odd\.json"):
        invoke("convert", odd, "-f", "csv")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of the contract sample's release, with groups that its own typing does not state."""
    folder = tmp_path / "library"
    folder.mkdir()
    names = {"A*02:01:01:01": "A*02:01:01G", "A*02:01:01:02": "A*02:01:01G", "A*03:01:01:01": "A*03:01:01G"}
    alleles = {name: Allele(name, group, "", "", (0,)) for name, group in names.items()}
    sums = write_tables(folder, "A", LocusTables(("exon1",), alleles, (("ACGT",),)))
    loci = {"A": {"reference_allele": "A*02:01:01:01", "features": ["exon1"]}}
    write_library_json(folder, {"format": 1, "release": "0.0.1", "loci": loci}, sums)
    return folder


def test_a_library_tells_the_group_of_every_allele(typed: Path, library: Path) -> None:
    told = invoke("convert", typed, "-f", "csv", "--level", "g", "--library", library).stdout
    assert ",A*02:01:01G,A*03:01:01G," in told
    assert ",A*02:01,A*03:01," in invoke("convert", typed, "-f", "csv", "--level", "g").stdout


def test_a_library_of_another_release_or_one_that_is_damaged_is_refused(typed: Path, library: Path) -> None:
    about = (library / "library.json").read_text()
    (library / "library.json").write_text(about.replace("0.0.1", "3.51.0"))
    with pytest.raises(InvalidInput, match=r"expected release 0\.0\.1"):
        invoke("convert", typed, "-f", "csv", "--level", "g", "--library", library)
    (library / "library.json").write_text(about)
    (library / "A.alleles.tsv").unlink()
    with pytest.raises(InvalidInput, match="Build the library again"):
        invoke("convert", typed, "-f", "csv", "--level", "g", "--library", library)
