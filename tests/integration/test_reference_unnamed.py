"""``gems reference build`` without ``--source``: IPD's site first, and what becomes of it where that cannot be reached."""

from __future__ import annotations

import gzip
import hashlib
import io
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina
from ipd_site import SUMS, VERSION, ZIP, FakeSite, served

from gems_cli.main import gems, run_command
from gems_reference import hlann
from gems_reference.library import open_library

NOWHERE = "http://127.0.0.1:9/{digits}"
TABLE = ",utr5,exon_1,intron_1,exon_2,utr3\nA*01:01,AC,ACGT,GT,CC,TT\nA*02:01,**,AC.T,**,C*,**\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\n"
PANEL_NONE = "so with --panel none no call is made of A"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    stamina.set_testing(True, attempts=5, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def site() -> Iterator[tuple[FakeSite, str]]:
    with served() as fake:
        yield fake


class Builder:
    """Builds in a folder of its own, with a miniature of hlann's wheel in the cache."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.library, self.cache, self._capsys = folder / "library", folder / "cache", capsys
        self.cache.mkdir()

    def build(self, url: str, *options: str) -> tuple[int, list[str], str]:
        """Exit code, the lines on standard error, and standard output."""
        command = [
            "reference",
            "build",
            "--ipd-url",
            url,
            "--cache",
            str(self.cache),
            "-o",
            str(self.library),
            *options,
        ]
        code = run_command(lambda: gems(command, standalone_mode=False))
        said = self._capsys.readouterr()
        return code, said.err.splitlines(), said.out


@pytest.fixture
def builder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Builder:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hlann/data/alignments_A_gen_3510.csv.gz", gzip.compress(TABLE.encode(), mtime=0))
    monkeypatch.setattr(hlann, "WHEEL_SHA256", hashlib.sha256(buffer.getvalue()).hexdigest())
    made = Builder(tmp_path, capsys)
    (made.cache / hlann.WHEEL_NAME).write_bytes(buffer.getvalue())
    return made


def source_of(builder: Builder) -> tuple[str, str]:
    library = open_library(builder.library)
    return library.summary["source"], library.release


def test_ipds_newest_release_is_taken_where_the_site_answers(site: tuple[FakeSite, str], builder: Builder) -> None:
    fake, url = site
    code, told, out = builder.build(url)
    assert (code, source_of(builder)) == (0, ("ipd", "9.1.0"))
    assert told[0] == "IPD's newest release is 9.1.0"
    assert "taken: IPD-IMGT/HLA 9.1.0 from IPD's own site" in told
    assert out == f"{open_library(builder.library).summary['sha256']}\n"
    assert fake.paths()[:2] == [VERSION, ZIP]
    assert not [line for line in told if "a better library" in line]


def test_what_ipds_release_lacks_is_told_too(site: tuple[FakeSite, str], builder: Builder) -> None:
    _, told, _ = builder.build(site[1])
    assert "this library has no pseudogenes (H and others), no B, C, DRB1, DRB3, DRB4, DRB5, " in told[-2]
    assert told[-2].endswith("DPB1, no P groups")
    assert told[-1].startswith(PANEL_NONE)


def test_a_named_release_is_asked_of_ipd_first(site: tuple[FakeSite, str], builder: Builder) -> None:
    fake, url = site
    code, told, _ = builder.build(url, "--release", "9.1.0")
    assert (code, source_of(builder)) == (0, ("ipd", "9.1.0"))
    assert fake.paths()[:2] == [SUMS, ZIP]
    assert not [line for line in told if "newest" in line]


def test_a_release_in_the_cache_needs_no_answer(site: tuple[FakeSite, str], builder: Builder) -> None:
    fake, url = site
    fake.files["/910/wmda/md5checksum.txt"] = b"MD5 (hla_nom.txt) = " + b"0" * 32
    fake.files["/910/wmda/hla_nom_p.txt"] = b"A*;01:01/01:02;01:01P\n"
    assert builder.build(url, "--release", "9.1.0")[0] == 0
    code, told, _ = builder.build(NOWHERE, "--release", "9.1.0")
    assert code == 0
    assert "taken: IPD-IMGT/HLA 9.1.0 from IPD's own site" in told


@pytest.mark.parametrize("release", [None, hlann.RELEASE])
def test_hlann_is_taken_where_ipd_cannot_be_reached_and_what_it_lacks_is_told(
    builder: Builder, release: str | None
) -> None:
    code, told, out = builder.build(NOWHERE, *([] if release is None else ["--release", release]))
    assert (code, source_of(builder)) == (0, ("hlann", "3.51.0"))
    assert told[0].startswith("IPD's site cannot be reached: http://127.0.0.1:9/")
    assert told[0].endswith(": no connection")
    assert told[1] == "taking release 3.51.0 from the package hlann==0.0.5"
    assert out == f"{open_library(builder.library).summary['sha256']}\n"
    assert told[-5] == "taken: IPD-IMGT/HLA 3.51.0 from the package hlann==0.0.5"
    assert "no pseudogenes (H and others)" in told[-4]
    assert "DRB3, DRB4, DRB5" in told[-4]
    assert told[-4].endswith("no G groups, no P groups")
    assert told[-3].startswith(PANEL_NONE)
    assert "this builds a better library" in told[-2]


def test_the_last_line_is_the_command_that_builds_a_better_library(
    site: tuple[FakeSite, str], builder: Builder, tmp_path: Path
) -> None:
    table = tmp_path / "my ciwd.csv"
    table.write_text("ALLELE,TOTAL\nA*01:01,C\n")
    fake, url = site
    fake.faults = ["503"] * 2
    _, told, _ = builder.build(url, "--ciwd", str(table))
    assert source_of(builder) == ("hlann", "3.51.0")
    words = shlex.split(told[-1])
    assert words[0] == "gems"
    assert run_command(lambda: gems(words[1:], standalone_mode=False)) == 0
    assert source_of(builder) == ("ipd", "9.1.0")
    assert open_library(builder.library).locus("A").alleles["A*01:01"].ciwd == "C"


@pytest.mark.parametrize(
    ("faults", "reason"), [(["503"] * 2, "HTTP 503"), (["429"] * 2, "HTTP 429"), (["403"], "HTTP 403")]
)
def test_a_site_that_gives_nothing_is_asked_twice_at_most(
    site: tuple[FakeSite, str], builder: Builder, faults: list[str], reason: str
) -> None:
    fake, url = site
    fake.faults = list(faults)
    code, told, _ = builder.build(url)
    assert (code, source_of(builder)) == (0, ("hlann", "3.51.0"))
    assert told[0].endswith(f"/Latest/release_version.txt: {reason}")
    assert fake.paths() == [VERSION] * len(faults)


@pytest.mark.parametrize(
    ("path", "content", "found"),
    [
        (VERSION, b"<html>log in</html>", "a web page in place of the file"),
        (ZIP, POINTER, "a Git-LFS pointer to it in place of the file"),
    ],
)
def test_what_stands_in_a_files_place_is_no_answer_of_ipd(
    site: tuple[FakeSite, str], builder: Builder, path: str, content: bytes, found: str
) -> None:
    fake, url = site
    fake.files[path] = content
    code, told, _ = builder.build(url)
    assert (code, source_of(builder)) == (0, ("hlann", "3.51.0"))
    assert any(line.startswith("IPD's site cannot be reached") and line.endswith(found) for line in told)


def test_once_the_site_has_answered_its_files_are_fetched_with_patience(
    site: tuple[FakeSite, str], builder: Builder
) -> None:
    fake, url = site
    fake.faults = ["", "cut", "503", "503"]
    assert builder.build(url)[0] == 0
    assert source_of(builder) == ("ipd", "9.1.0")
    assert fake.paths()[:5] == [VERSION, *[ZIP] * 4]


def test_a_release_that_no_source_gives_is_told(builder: Builder) -> None:
    code, told, out = builder.build(NOWHERE, "--release", "3.58.0")
    assert (code, out) == (3, "")
    assert "release 3.58.0: IPD's site cannot be reached, and hlann==0.0.5 has 3.51.0 only." in told[-1]
    assert not builder.library.exists()


def test_what_ipd_itself_says_is_not_hidden_behind_hlann(site: tuple[FakeSite, str], builder: Builder) -> None:
    fake, url = site
    assert "Is 9.9.0 a release?" in builder.build(url, "--release", "9.9.0")[1][-1]
    fake.files[ZIP] += b"x"
    code, told, _ = builder.build(url)
    assert code == 3
    assert "expected MD5" in told[-1]
    del fake.files[VERSION]
    code, told, _ = builder.build(url)
    assert code == 3
    assert "Name the release, e.g. --release 3.51.0" in told[-1]
    assert not builder.library.exists()


def test_where_neither_source_can_be_reached_both_are_told(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    (builder.cache / hlann.WHEEL_NAME).unlink()
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    code, told, _ = builder.build(NOWHERE)
    assert code == 3
    assert told[0].startswith("IPD's site cannot be reached")
    assert "pip could not download hlann==0.0.5" in "\n".join(told)
    assert "give it with --wheel" in told[-1]


def test_the_wheel_is_named_for_when_it_is_needed(builder: Builder, tmp_path: Path) -> None:
    wheel = (builder.cache / hlann.WHEEL_NAME).rename(tmp_path / "hlann.whl")
    code, _, _ = builder.build(NOWHERE, "--wheel", str(wheel))
    assert (code, source_of(builder)) == (0, ("hlann", "3.51.0"))
