"""Copies files from a presigned link to this machine: by ranges, resumed where they broke off, whole or not at all."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from pathlib import Path

import requests

from gems_core.fastq_names import StoredFile
from gems_core.file_links import FileLink
from worker.errors import SampleFailed, TransferBroken
from worker.interruption import Interruption

_log = logging.getLogger(__name__)
# To connect, and between two pieces. A server that is slower is asked again, from where it stopped.
_TIMEOUT_SECONDS = (10.0, 60.0)
# What has come of a piece when the transfer breaks is lost: small pieces keep more.
_PIECE_BYTES = 2**16
# Breaks in a row after which nothing new had come, and copies that arrived damaged.
_ATTEMPTS = 6
_DAMAGED_COPIES = 3
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_MD5 = re.compile(r"[0-9a-f]{32}")
LinkOf = Callable[[str], FileLink]


class Copier:
    """Copies one file at a time.

    Args:
        link_of: asks for a new link to a file by its key in S3; links end.
        interruption: ends a copy.
        pause_seconds: after the first break in a row.
    """

    def __init__(self, link_of: LinkOf, interruption: Interruption, pause_seconds: float = _PAUSE_SECONDS) -> None:
        self._link_of = link_of
        self._interruption = interruption
        self._pause_seconds = pause_seconds

    def copy(self, file: StoredFile, path: Path) -> None:
        """Copy a file, checked by its size and, where the ETag is one, its MD5.

        Raises:
            SampleFailed: it arrives damaged again and again, or is another one than when the job was made.
            TransferBroken: no more of it comes.
            ApiUnavailable, ApiRefused: there is no link.
        """
        part = path.with_name(path.name + ".part")
        for _ in range(_DAMAGED_COPIES):
            part.unlink(missing_ok=True)
            etag = self._whole(file, part)
            if not _MD5.fullmatch(etag) or etag == _md5(part):
                part.replace(path)
                return
            _log.warning("%s arrived damaged", file.name)
        raise SampleFailed(
            f"{file.name} from BaseSpace: expected MD5 {etag} (its ETag), found another one {_DAMAGED_COPIES} times. "
            "It arrives damaged; launch the app again, or look at the file there."
        )

    def _whole(self, file: StoredFile, part: Path) -> str:
        """Read on until all is there; the ETag that the last link told."""
        part.touch()
        link, stalled = self._link_of(file.key), 0
        while (have := part.stat().st_size) < file.size_bytes:
            self._interruption.check()
            try:
                self._read_on(link, file, part, have)
            except TransferBroken as error:
                stalled = 0 if part.stat().st_size > have else stalled + 1
                if stalled >= _ATTEMPTS:
                    raise
                _log.warning("%s; going on from byte %d", error, part.stat().st_size)
                self._interruption.sleep(min(self._pause_seconds * 2**stalled, _LONGEST_PAUSE_SECONDS))
                link = self._link_of(file.key)
        return link.etag

    def _read_on(self, link: FileLink, file: StoredFile, part: Path, have: int) -> None:
        try:
            with requests.get(
                link.url,
                headers={"Range": f"bytes={have}-", "Accept-Encoding": "identity"},
                auth=_nobody,
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as answer:
                self._take(answer, file, part, have)
        except requests.RequestException as error:  # its words would tell the link
            raise TransferBroken(f"{file.name} from BaseSpace: the transfer broke ({type(error).__name__})") from None

    def _take(self, answer: requests.Response, file: StoredFile, part: Path, have: int) -> None:
        start = _start_of(answer, file)
        if start is None or start not in (0, have):
            raise TransferBroken(
                f"{file.name} from BaseSpace: expected bytes from {have} on, found {answer.status_code}"
            )
        with part.open("r+b") as copied:
            copied.seek(start)
            copied.truncate()
            size_bytes = start
            for piece in answer.iter_content(_PIECE_BYTES):
                self._interruption.check()
                size_bytes += len(piece)
                if size_bytes > file.size_bytes:
                    raise _another(file, f"more than {file.size_bytes}")
                copied.write(piece)


def _start_of(answer: requests.Response, file: StoredFile) -> int | None:
    """The byte that an answer begins with; None where it is not one of the file's.

    Raises:
        SampleFailed: the file has another size now.
    """
    if answer.status_code == requests.codes.ok:
        return 0
    told = re.fullmatch(r"bytes ([0-9]{1,15})-[0-9]{1,15}/([0-9]{1,15})", answer.headers.get("Content-Range", ""))
    if answer.status_code != requests.codes.partial_content or told is None:
        return None
    if int(told[2]) != file.size_bytes:
        raise _another(file, told[2])
    return int(told[1])


def _another(file: StoredFile, found: str) -> SampleFailed:
    return SampleFailed(
        f"{file.name} from BaseSpace: expected {file.size_bytes} bytes as when the job was made, found {found}. "
        "The file was replaced meanwhile; launch the app again."
    )


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials, whatever a .netrc says: the link is all."""
    return request


def _md5(path: Path) -> str:
    with path.open("rb") as copied:
        return hashlib.file_digest(copied, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
