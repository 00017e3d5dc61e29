"""``--source ipd`` against a site on this machine: a miniature release, broken lines, pointers, pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from ipd_site import VERSION, ZIP, FakeSite, served

from gems_cli.reference.commands import reference
from gems_core.errors import InvalidInput
from gems_reference.ipd import OutOfReach, Site, fetch_release, newest_release
from gems_reference.library import open_library


@pytest.fixture
def site() -> Iterator[tuple[FakeSite, str]]:
    with served() as fake:
        yield fake


def build(url: str, tmp_path: Path, release: str | None = "9.1.0"):  # noqa: ANN201 - click's result type is not public
    named = [] if release is None else ["--release", release]
    options = ["--source", "ipd", *named, "--ipd-url", url, "--cache", str(tmp_path / "cache")]
    return CliRunner().invoke(reference, ["build", *options, "--force", "-o", str(tmp_path / "library")])


def fetch(url: str, tmp_path: Path) -> Path:
    return fetch_release(Site(url, attempts=3, wait_seconds=0.01), "9.1.0", tmp_path / "cache", lambda *told: None)


def test_a_release_is_fetched_checked_and_built_and_fetched_once(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    built = build(url, tmp_path)
    assert built.exit_code == 0, built.output
    library = open_library(tmp_path / "library")
    assert (library.summary["source"], library.release, library.loci) == ("ipd", "9.1.0", ("A",))
    assert library.locus("A").sequence("A*01:02", "exon1") == "ACCTA"
    assert library.locus("A").alleles["A*01:02"].g_group == "A*01:01:01G"
    assert (library.summary["has_g_groups"], library.summary["has_p_groups"]) == (True, False)
    assert build(url, tmp_path).exit_code == 0
    assert fake.paths().count(ZIP) == 1


def test_a_download_that_broke_off_goes_on_where_it_stopped(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    fake.faults = ["cut", "503"]
    folder = fetch(url, tmp_path)
    assert fake.asked[:3] == [(ZIP, None), (ZIP, "bytes=60-"), (ZIP, "bytes=60-")]
    assert (folder / "Alignments_Rel_910.zip").read_bytes() == fake.files[ZIP]


def test_a_site_that_stays_down_is_an_error_with_what_to_do(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    fake.faults = ["503"] * 3
    with pytest.raises(OutOfReach, match=r"not fetched in 3 attempts .*HTTP 503.*--source PATH"):
        fetch(url, tmp_path)


def test_a_site_that_asks_to_wait_is_asked_again(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    fake.faults = ["429"]
    assert (fetch(url, tmp_path) / "Alignments_Rel_910.zip").is_file()


def test_a_site_that_refuses_is_told_with_its_answer_and_not_asked_again(
    site: tuple[FakeSite, str], tmp_path: Path
) -> None:
    fake, url = site
    fake.faults = ["403"]
    with pytest.raises(OutOfReach, match=r"HTTP 403\. Check the address"):
        fetch(url, tmp_path)
    assert fake.paths() == [ZIP]


def test_without_a_release_the_newest_is_built_and_named_at_once(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    built = build(url, tmp_path, None)
    assert built.exit_code == 0, built.output
    assert built.stderr.startswith("IPD's newest release is 9.1.0\n")
    assert open_library(tmp_path / "library").release == "9.1.0"
    assert fake.paths()[:2] == [VERSION, ZIP]


def test_which_release_is_the_newest_is_asked_anew_each_time(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    assert newest_release(Site(url)) == "9.1.0"
    fake.files[VERSION] = fake.files[VERSION].replace(b"9.1.0", b"9.2.1")
    assert newest_release(Site(url)) == "9.2.1"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "found no such file. Name the release"),
        (b"9.1.0\n", r"found '9.1.0\n'. Name the release"),
        (b"# version: IPD-IMGT/HLA ../../etc/passwd\n", "Name the release"),
        (b"# version: IPD-IMGT/HLA " + b"9" * 5000 + b".1.0\n", "Name the release"),
        (b"\xff\xfe# version: IPD-IMGT/HLA 9.1.0\n", "Name the release"),
        (b"<html>log in</html>", "found a web page"),
    ],
)
def test_a_site_that_does_not_tell_its_newest_release_is_told(
    site: tuple[FakeSite, str], tmp_path: Path, content: bytes | None, found: str
) -> None:
    fake, url = site
    fake.files.pop(VERSION)
    if content is not None:
        fake.files[VERSION] = content
    built = build(url, tmp_path, None)
    assert isinstance(built.exception, InvalidInput)
    assert found in str(built.exception)
    assert f"{VERSION}: expected" in str(built.exception)
    assert not (tmp_path / "library").exists()


def test_a_release_that_is_none_is_named(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    built = build(site[1], tmp_path, "9.9.0")
    assert "Is 9.9.0 a release?" in str(built.exception)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git-LFS pointer"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
    ],
)
def test_a_pointer_or_a_page_is_refused_and_not_kept(
    site: tuple[FakeSite, str], tmp_path: Path, content: bytes, found: str
) -> None:
    fake, url = site
    fake.files[ZIP] = content
    with pytest.raises(InvalidInput, match=found):
        fetch(url, tmp_path)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_file_with_another_sum_is_refused_and_forgotten(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    good, fake.files[ZIP] = fake.files[ZIP], fake.files[ZIP] + b"x"
    assert "expected MD5" in str(build(url, tmp_path).exception)
    fake.files[ZIP] = good
    assert build(url, tmp_path).exit_code == 0
