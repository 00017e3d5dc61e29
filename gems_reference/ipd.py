"""A release from IPD's own site: its files fetched by HTTPS into the cache, from where they are read like any copy.

What is in the cache is not fetched again, and a download that broke off goes on where it stopped. Sums are checked when the
copy is read (``release.read_release``); a file with a wrong sum is removed from the cache by ``forget``. Which release is the
newest is asked again each time.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import requests
import stamina

from gems_core.errors import GemsError, InvalidInput, one_problem
from gems_reference.checks import refuse_impostor
from gems_reference.release import GROUP_NAMES, MD5_NAME, VERSION_NAME, release_digits

DEFAULT_URL = "https://raw.githubusercontent.com/ANHIG/IMGTHLA/{digits}"
NEWEST = "Latest"
"""IPD's name for the newest release, where an address has another release's number."""
CHUNK_BYTES = 1 << 18

HTTP_PARTIAL = 206
HTTP_NOT_FOUND = 404
HTTP_RANGE_NOT_SATISFIABLE = 416
HTTP_TOO_MANY_REQUESTS = 429
HTTP_SERVER_ERROR = 500

_VERSION = re.compile(
    r"^# version: IPD-IMGT/HLA (?P<release>[0-9]{1,3}(?:\.[0-9]{1,3}){2,3})\s*$", re.MULTILINE | re.ASCII
)
_ADDRESS = re.compile(r"https?://[^/\s]+")

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes it has, and the bytes it will have (0 if the server does not say)."""


@dataclass(frozen=True)
class Site:
    """Where releases are.

    Attributes:
        url: base address of a release; ``{digits}`` and ``{release}`` stand for ``3510`` and ``3.51.0``.
        attempts: tries a file before giving up.
        wait_seconds: before the second try; it doubles from there.
        connect_seconds: to wait for a connection to one of the site's addresses.
        read_seconds: to wait for the next bytes.
    """

    url: str = DEFAULT_URL
    attempts: int = 5
    wait_seconds: float = 1.0
    connect_seconds: float = 10.0
    read_seconds: float = 60.0

    def __post_init__(self) -> None:
        if _ADDRESS.match(self.url) is None:
            raise one_problem(
                "ipd_url",
                "option --ipd-url",
                f"an address such as {DEFAULT_URL}",
                repr(self.url),
                "Give the base address of a release.",
            )

    def address(self, release: str, path: str) -> str:
        """The address of one of a release's files."""
        base = self.url.replace("{digits}", release_digits(release)).replace("{release}", release)
        return f"{base.rstrip('/')}/{path}"

    def impatient(self) -> Site:
        """The site for who has another source.

        A host with four addresses that drop every packet is given up after half a minute, as is one that accepts and says nothing.
        """
        return replace(
            self, attempts=2, wait_seconds=min(self.wait_seconds, 0.5), connect_seconds=3.0, read_seconds=15.0
        )


class OutOfReach(GemsError):
    """The site does not answer, or answers that it does not give the file to us or now.

    Attributes:
        reason: in a few words; the message says all, with the repair.
    """

    def __init__(self, address: str, reason: str, message: str) -> None:
        self.reason = f"{address}: {reason}"
        super().__init__(message)


class _TryAgain(Exception):
    """A fault that may pass."""


def newest_release(site: Site) -> str:
    """Ask the site which release is its newest.

    Returns:
        e.g. ``3.58.0``.

    Raises:
        InvalidInput: the site does not tell it.
        OutOfReach: the site cannot be reached.
    """
    address = site.address(NEWEST, VERSION_NAME)
    content = _ask(site, address)
    told = None if content is None else content.decode(errors="replace")
    match = _VERSION.search(told or "")
    if match is None:
        raise one_problem(
            "no_newest_release",
            address,
            "a line such as '# version: IPD-IMGT/HLA 3.58.0'",
            "no such file" if told is None else repr(told[:60]),
            "Name the release, e.g. --release 3.51.0, or check the address (--ipd-url).",
        )
    return match["release"]


def reach(site: Site, release: str, cache: Path) -> None:
    """Learn whether the site can be reached, by a release's smallest file; not asked where the cache has the alignments.

    Raises:
        InvalidInput: the site answers with something else.
        OutOfReach: it cannot be reached.
    """
    if not (_folder(cache, release) / _zip_name(release)).is_file():
        _ask(site, site.address(release, MD5_NAME))


def _ask(site: Site, address: str) -> bytes | None:
    """The content of a small file, which is not kept; None if the site has none of that name."""
    with tempfile.TemporaryDirectory() as folder, requests.Session() as session:
        file = Path(folder) / "answer"
        return file.read_bytes() if _fetch(session, site, address, file, _say_nothing) else None


def _say_nothing(name: str, have: int, expected: int) -> None:
    """Of a file of a few bytes there is no progress to tell."""


def _zip_name(release: str) -> str:
    return f"Alignments_Rel_{release_digits(release)}.zip"


def _folder(cache: Path, release: str) -> Path:
    return cache / f"ipd-{release_digits(release)}"


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
        OutOfReach: the site cannot be reached.
        GemsError: the site has no such release.
    """
    folder = _folder(cache, release)
    names = [MD5_NAME, f"wmda/{MD5_NAME}", *(f"wmda/{name}" for name in GROUP_NAMES.values())]
    with requests.Session() as session:
        address = site.address(release, _zip_name(release))
        if not _fetch(session, site, address, folder / _zip_name(release), progress):
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
            path.unlink(missing_ok=True)  # another build may forget it too


def _fetch(session: requests.Session, site: Site, address: str, target: Path, progress: Progress) -> bool:
    """Fetch one file unless the cache has it; False if the site has none of that name."""
    if target.is_file():
        return True
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.part")
    try:
        for attempt in _attempts(site):
            with attempt:
                _download(session, site, address, partial, lambda have, of: progress(target.name, have, of))
    except FileNotFoundError:
        return False
    except (requests.RequestException, _TryAgain) as error:
        raise OutOfReach(
            address,
            _in_short(error),
            f"{address}: not fetched in {site.attempts} attempts ({error}). Try again later (what was fetched is kept), or "
            "download the release elsewhere and build with --source PATH.",
        ) from error
    try:
        refuse_impostor(address, partial.read_bytes())
    except InvalidInput:
        partial.unlink()
        raise
    partial.replace(target)
    return True


def _in_short(error: Exception) -> str:
    """What went wrong, without the addresses and objects that the HTTP library names."""
    match error:
        case requests.Timeout():
            return "no answer in time"
        case requests.exceptions.ProxyError():
            return "the proxy does not let it through"
        case requests.exceptions.SSLError():
            return "no connection that can be trusted (TLS)"
        case requests.ConnectionError():
            return "no connection"
        case _:
            return str(error)


def _attempts(site: Site) -> Iterable[stamina.Attempt]:
    return stamina.retry_context(
        on=(requests.RequestException, _TryAgain),
        attempts=site.attempts,
        wait_initial=site.wait_seconds,
        wait_jitter=site.wait_seconds,
        timeout=None,
    )


def _download(
    session: requests.Session, site: Site, address: str, partial: Path, progress: Callable[[int, int], None]
) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    timeout = (site.connect_seconds, site.read_seconds)
    with session.get(address, headers=headers, stream=True, timeout=timeout) as answer:
        if answer.status_code == HTTP_NOT_FOUND:
            raise FileNotFoundError(address)
        if answer.status_code == HTTP_RANGE_NOT_SATISFIABLE:
            partial.unlink()
            raise _TryAgain("the part in the cache does not fit the file; fetching it from the start")
        said = f"HTTP {answer.status_code}"
        if answer.status_code >= HTTP_SERVER_ERROR or answer.status_code == HTTP_TOO_MANY_REQUESTS:
            raise _TryAgain(said)
        if not answer.ok:
            raise OutOfReach(address, said, f"{address}: {said}. Check the address (--ipd-url).")
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
