"""A release from IPD's own site: its files fetched by HTTPS into the cache, from where they are read like any copy.

What is in the cache is not fetched again, and a download that broke off goes on where it stopped. Sums are checked when the
copy is read (``release.read_release``); a file with a wrong sum is removed from the cache by ``forget``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import requests
import stamina

from gems_cli.reference.checks import refuse_impostor
from gems_cli.reference.release import GROUP_NAMES, MD5_NAME, release_digits
from gems_core.errors import GemsError, InvalidInput

DEFAULT_URL = "https://raw.githubusercontent.com/ANHIG/IMGTHLA/{digits}"
CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 60.0
CHUNK_BYTES = 1 << 18

HTTP_PARTIAL = 206
HTTP_NOT_FOUND = 404
HTTP_RANGE_NOT_SATISFIABLE = 416
HTTP_SERVER_ERROR = 500

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes it has, and the bytes it will have (0 if the server does not say)."""


@dataclass(frozen=True)
class Site:
    """Where releases are.

    Attributes:
        url: base address of a release; ``{digits}`` and ``{release}`` stand for ``3510`` and ``3.51.0``.
        attempts: tries a file before giving up.
        wait_seconds: before the second try; it doubles from there.
    """

    url: str = DEFAULT_URL
    attempts: int = 5
    wait_seconds: float = 1.0

    def address(self, release: str, path: str) -> str:
        """The address of one of a release's files."""
        return f"{self.url.format(digits=release_digits(release), release=release).rstrip('/')}/{path}"


class _TryAgain(Exception):
    """A fault that may pass."""


def fetch_release(site: Site, release: str, cache: Path, progress: Progress) -> Path:
    """Bring a release's files into the cache.

    Args:
        site: where from.
        release: e.g. ``3.51.0``.
        cache: a folder of ours; the release gets a folder in it.
        progress: is told of each chunk.

    Returns:
        a folder for ``read_release``.

    Raises:
        InvalidInput: the site answers with a Git-LFS pointer or a web page.
        GemsError: the site has no such release, or cannot be reached.
    """
    folder = cache / f"ipd-{release_digits(release)}"
    names = [MD5_NAME, f"wmda/{MD5_NAME}", *(f"wmda/{name}" for name in GROUP_NAMES.values())]
    with requests.Session() as session:
        zip_name = f"Alignments_Rel_{release_digits(release)}.zip"
        address = site.address(release, zip_name)
        if not _fetch(session, site, address, folder / zip_name, progress):
            raise GemsError(
                f"{address}: no such file. Is {release} a release? The list is on www.ebi.ac.uk/ipd/imgt/hla."
            )
        for name in names:
            if not _fetch(session, site, site.address(release, name), folder / name, progress):
                progress(f"{name} (the site has none)", 0, 0)
    return folder


def forget(folder: Path) -> None:
    """Remove a release's files from the cache, so that the next build fetches them again."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file():
            path.unlink()


def _fetch(session: requests.Session, site: Site, address: str, target: Path, progress: Progress) -> bool:
    """Fetch one file unless the cache has it; False if the site has none of that name."""
    if target.is_file():
        return True
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.part")
    try:
        for attempt in _attempts(site):
            with attempt:
                _download(session, address, partial, lambda have, of: progress(target.name, have, of))
    except FileNotFoundError:
        return False
    except (requests.RequestException, _TryAgain) as error:
        raise GemsError(
            f"{address}: not fetched in {site.attempts} attempts ({error}). Try again later (what was fetched is kept), or "
            "download the release elsewhere and build with --source PATH."
        ) from error
    try:
        refuse_impostor(address, partial.read_bytes())
    except InvalidInput:
        partial.unlink()
        raise
    partial.replace(target)
    return True


def _attempts(site: Site) -> Iterable[stamina.Attempt]:
    return stamina.retry_context(
        on=(requests.RequestException, _TryAgain),
        attempts=site.attempts,
        wait_initial=site.wait_seconds,
        wait_jitter=site.wait_seconds,
        timeout=None,
    )


def _download(session: requests.Session, address: str, partial: Path, progress: Callable[[int, int], None]) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    timeout = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)
    with session.get(address, headers=headers, stream=True, timeout=timeout) as answer:
        if answer.status_code == HTTP_NOT_FOUND:
            raise FileNotFoundError(address)
        if answer.status_code == HTTP_RANGE_NOT_SATISFIABLE:
            partial.unlink()
            raise _TryAgain("the part in the cache does not fit the file; fetching it from the start")
        if answer.status_code >= HTTP_SERVER_ERROR:
            raise _TryAgain(f"HTTP {answer.status_code}")
        if not answer.ok:
            raise GemsError(f"{address}: HTTP {answer.status_code}. Check the address (--ipd-url).")
        resumed = answer.status_code == HTTP_PARTIAL
        have = have if resumed else 0
        expected = have + int(answer.headers.get("Content-Length", 0))
        # The length is held against what came below; urllib3 would drop the last bytes of a broken download.
        answer.raw.enforce_content_length = False
        with partial.open("ab" if resumed else "wb") as sink:
            for chunk in answer.iter_content(CHUNK_BYTES):
                sink.write(chunk)
                have += len(chunk)
                progress(have, expected)
    if have < expected:
        raise _TryAgain(f"{have} of {expected} bytes came")
