"""``--source ipd`` against a site on this machine: a miniature release, broken lines, pointers, pages."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from gems_cli.reference.commands import reference
from gems_cli.reference.ipd import Site, fetch_release
from gems_cli.reference.library import open_library
from gems_core.errors import GemsError, InvalidInput

ALIGNMENT = (
    "# version: IPD-IMGT/HLA 9.1.0\n\n gDNA              1\n                   |\n"
    " A*01:01           ACGT|ACGTA|CC\n A*01:02           ----|--C--|--\n\nPlease see the terms.\n"
)
ZIP = "/910/Alignments_Rel_910.zip"


class FakeSite:
    """A site that serves a release, counts what is asked, and can fail as sites do."""

    def __init__(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("alignments/A_gen.txt", ALIGNMENT)
        content = buffer.getvalue()
        md5 = hashlib.md5(content).hexdigest()
        self.files = {
            ZIP: content,
            "/910/md5checksum.txt": f"MD5 (Alignments_Rel_910.zip) = {md5}\n".encode(),
            "/910/wmda/hla_nom_g.txt": b"A*;01:01/01:02;01:01:01G\n",
        }
        self.asked: list[tuple[str, str | None]] = []
        self.faults: list[str] = []


@pytest.fixture
def site() -> Iterator[tuple[FakeSite, str]]:
    fake = FakeSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append((self.path, self.headers["Range"]))
            fault = fake.faults.pop(0) if fake.faults else ""
            content = fake.files.get(self.path)
            if content is None or fault == "503":
                self.send_error(503 if fault else 404)
                return
            start = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start : 60 if fault == "cut" else None])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield fake, f"http://127.0.0.1:{server.server_port}/{{digits}}"
    server.shutdown()
    server.server_close()
    thread.join()


def build(url: str, tmp_path: Path, release: str = "9.1.0"):  # noqa: ANN201 - click's result type is not public
    options = ["--source", "ipd", "--release", release, "--ipd-url", url, "--cache", str(tmp_path / "cache")]
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
    assert [path for path, _ in fake.asked].count(ZIP) == 1


def test_a_download_that_broke_off_goes_on_where_it_stopped(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    fake.faults = ["cut", "503"]
    folder = fetch(url, tmp_path)
    assert fake.asked[:3] == [(ZIP, None), (ZIP, "bytes=60-"), (ZIP, "bytes=60-")]
    assert (folder / "Alignments_Rel_910.zip").read_bytes() == fake.files[ZIP]


def test_a_site_that_stays_down_is_an_error_with_what_to_do(site: tuple[FakeSite, str], tmp_path: Path) -> None:
    fake, url = site
    fake.faults = ["503"] * 3
    with pytest.raises(GemsError, match=r"not fetched in 3 attempts .*HTTP 503.*--source PATH"):
        fetch(url, tmp_path)


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
