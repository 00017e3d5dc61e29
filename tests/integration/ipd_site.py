"""A site on this machine that serves a miniature release as IPD's does, counts what is asked, and can fail as sites do."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ALIGNMENT = (
    "# version: IPD-IMGT/HLA 9.1.0\n\n gDNA              1\n                   |\n"
    " A*01:01           ACGT|ACGTA|CC\n A*01:02           ----|--C--|--\n\nPlease see the terms.\n"
)
CODING = (
    "# version: IPD-IMGT/HLA 9.1.0\n\n cDNA              1\n AA codon          1\n                   |\n"
    " A*01:01           ACGTA\n A*01:02           --C--\n\nPlease see the terms.\n"
)
ZIP = "/910/Alignments_Rel_910.zip"
SUMS = "/910/md5checksum.txt"
VERSION = "/Latest/release_version.txt"


class FakeSite:
    """A site whose newest release is 9.1.0, with one gene.

    Attributes:
        asked: path and range of every request.
        faults: of the next requests: a status such as ``503``, ``cut`` for a line that breaks off, or ``""`` for none.
    """

    def __init__(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("alignments/A_gen.txt", ALIGNMENT)
            archive.writestr("alignments/A_nuc.txt", CODING)
        content = buffer.getvalue()
        md5 = hashlib.md5(content).hexdigest()
        self.files = {
            ZIP: content,
            SUMS: f"MD5 (Alignments_Rel_910.zip) = {md5}\n".encode(),
            "/910/wmda/hla_nom_g.txt": b"A*;01:01/01:02;01:01:01G\n",
            VERSION: b"# file: release_version.txt\n# date: 2030-01-14\n# version: IPD-IMGT/HLA 9.1.0\n# author: nobody\n",
        }
        self.asked: list[tuple[str, str | None]] = []
        self.faults: list[str] = []

    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [path for path, _ in self.asked]


@contextmanager
def served() -> Iterator[tuple[FakeSite, str]]:
    """The site, and the base address of a release on it."""
    fake = FakeSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append((self.path, self.headers["Range"]))
            fault = fake.faults.pop(0) if fake.faults else ""
            content = fake.files.get(self.path)
            if content is None or fault.isdigit():
                self.send_error(int(fault or 404))
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
