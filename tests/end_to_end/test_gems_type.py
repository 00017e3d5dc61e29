"""`gems type`: the same results as a job, without a cloud, from files, folders, tables and standard input."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tiny_run import TinyRun

from gems_core.layout import REPORT_FORMATS

WITHOUT_A_CLOUD = """
import sys
for name in ("boto3", "botocore", "moto", "flask", "zappa", "credstash", "waitress", "watchtower"):
    sys.modules[name] = None
from gems_cli.main import main
main()
"""


@dataclass(frozen=True)
class Typed:
    code: int
    output: Path
    said: str
    told: str

    @property
    def report(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.output / "report.json").read_bytes())
        return document

    def calls(self) -> dict[str, dict[str, tuple[str, ...]]]:
        return {
            sample["sample"]: {
                locus["locus"]: tuple(sorted(allele["name"] for allele in locus["alleles"]))
                for locus in sample["loci"]
                if locus["alleles"]
            }
            for sample in self.report["samples"]
        }


@pytest.fixture(scope="module")
def place(typer_jar: Path, tiny_run: TinyRun, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tiny_run, typer_jar, tmp_path_factory.mktemp("type"))


@dataclass(frozen=True)
class Place:
    run: TinyRun
    jar: Path
    folder: Path

    def reads(self, sample: str) -> tuple[Path, Path]:
        read_1, read_2 = sorted(self.run.reads.glob(f"{sample}_*.fastq.gz"))
        return read_1, read_2

    def type(self, *words: str | Path, name: str, stdin: bytes = b"") -> Typed:
        """Type with the client alone: what a cloud needs cannot be imported."""
        output = self.folder / name
        command = [sys.executable, "-c", WITHOUT_A_CLOUD, "type", *map(str, words), "-o", str(output)]
        options = ["--library", str(self.run.library), "--panel", str(self.run.panel), "--typer-jar", str(self.jar)]
        done = subprocess.run([*command, *options], input=stdin, capture_output=True, check=False, timeout=120)
        return Typed(done.returncode, output, done.stdout.decode(), done.stderr.decode())


def test_a_folder_is_typed_as_a_job_types_it(place: Place) -> None:
    typed = place.type(place.run.reads, name="folder")
    assert typed.code == 0, typed.told
    assert typed.calls() == place.run.truth
    assert {path.name for path in typed.output.glob("report.*")} == {f"report.{name}" for name in REPORT_FORMATS}
    for sample in place.run.truth:
        found = {path.name for path in (typed.output / "samples" / sample).iterdir()}
        assert found == {"typing.json", "unexplained.fasta", "cross_match.json"}
    assert typed.said.startswith("library 9.1.0-")
    assert [path.name for path in typed.output.iterdir() if path.name.startswith(".")] == []


def test_paths_may_be_as_from_where_one_is(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sample = min(place.run.truth)
    monkeypatch.chdir(tmp_path)
    for path in place.reads(sample):
        shutil.copy(path, tmp_path)
    here = replace(place, folder=Path("results"))
    assert here.type(*(path.name for path in place.reads(sample)), name="here").calls() == {
        sample: place.run.truth[sample]
    }


def test_two_files_are_one_sample_named_after_the_first_or_as_it_is_said(place: Place) -> None:
    sample = min(place.run.truth)
    assert place.type(*place.reads(sample), name="files").calls() == {sample: place.run.truth[sample]}
    named = place.type(*place.reads(sample), "--sample", "K1", name="named")
    assert named.calls() == {"K1": place.run.truth[sample]}


def test_a_table_names_files_wherever_they_lie_and_a_broken_one_fails_alone(place: Place, tmp_path: Path) -> None:
    good, broken = sorted(place.run.truth)[:2]
    read_1, read_2 = place.reads(broken)
    shutil.copy(read_1, tmp_path / "cut_R1.fastq.gz")
    (tmp_path / "cut_R2.fastq.gz").write_bytes(read_2.read_bytes()[:-200])
    sheet = tmp_path / "samples.tsv"
    rows = [("sample", "r1", "r2"), ("good", *place.reads(good)), ("broken", "cut_R1.fastq.gz", "cut_R2.fastq.gz")]
    sheet.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    typed = place.type("--sheet", sheet, name="sheet")
    assert typed.code == 1
    outcomes = {sample["sample"]: sample for sample in typed.report["samples"]}
    assert typed.calls()["good"] == place.run.truth[good]
    assert outcomes["broken"]["outcome"] == "failed"
    assert str(tmp_path / "cut_R2.fastq.gz") in outcomes["broken"]["reason"]
    assert (typed.output / "samples" / "broken" / "error.json").exists()
    assert "Traceback" not in typed.told


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_interleaved_pairs_come_on_standard_input(place: Place, *, packed: bool) -> None:
    sample = max(place.run.truth)
    first, second = (gzip.decompress(path.read_bytes()).splitlines(keepends=True) for path in place.reads(sample))
    pairs = zip(*(zip(*[iter(lines)] * 4, strict=True) for lines in (first, second)), strict=True)
    data = b"".join(line for pair in pairs for read in pair for line in read)
    stdin = gzip.compress(data) if packed else data
    typed = place.type("-", "--interleaved", "--sample", "K1", name=f"stdin-{packed}", stdin=stdin)
    assert typed.code == 0, typed.told
    assert typed.calls() == {"K1": place.run.truth[sample]}


def test_json_is_all_that_standard_output_gets(place: Place) -> None:
    sample = min(place.run.truth)
    typed = place.type(*place.reads(sample), "--json", name="json")
    assert json.loads(typed.said) == typed.report
    assert "library 9.1.0-" in typed.told


REFUSED = [
    ([], 2, "found none"),
    (["a.fastq.gz", "--sheet", "b.tsv"], 2, "found both"),
    (["a", "b", "c"], 2, "found 3 files"),
    (["-"], 2, "--sample: expected the sample's name"),
    (["a", "b", "--interleaved"], 2, "--interleaved: expected reads on standard input"),
    (["no_R1.fastq.gz", "no_R2.fastq.gz"], 3, "no_R1.fastq.gz: expected a file of reads, found no file"),
    (["--sheet", "no.tsv"], 3, "no.tsv: expected a table of samples as text, found no file"),
    (["-", "--sample", "K1"], 3, "standard input: expected reads, found nothing"),
    (["a_R1.fastq.gz", "--sample", "a b"], 2, "--sample: expected letters"),
]


@pytest.mark.parametrize(("words", "code", "told"), REFUSED, ids=[told for _, _, told in REFUSED])
def test_what_names_no_reads_is_refused_with_words(place: Place, words: list[str], code: int, told: str) -> None:
    typed = place.type(*words, name=f"refused-{len(told)}-{len(words)}")
    assert (typed.code, told in typed.told) == (code, True), typed.told
    assert "Traceback" not in typed.told


def test_a_table_that_cannot_be_read_is_told_with_its_line(place: Place, tmp_path: Path) -> None:
    sheet = tmp_path / "samples.tsv"
    sheet.write_text('sample\tr1\n\n"' + "x" * 140_000)
    typed = place.type("--sheet", sheet, name="odd-table")
    assert typed.code == 3
    assert f"{sheet}, line 3: expected tab or comma separated values" in typed.told
    sheet.write_text("sample\tr1\n\na b\tx.fastq.gz\n")
    assert f"{sheet}, line 3: expected a name of its own" in place.type("--sheet", sheet, name="odd-name").told


def test_somebody_elses_folder_is_not_written_to(place: Place) -> None:
    (place.folder / "thesis").mkdir()
    (place.folder / "thesis" / "thesis.doc").write_text("years")
    typed = place.type(*place.reads(min(place.run.truth)), name="thesis")
    assert typed.code == 3
    assert [path.name for path in typed.output.iterdir()] == ["thesis.doc"]
