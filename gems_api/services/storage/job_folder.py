"""What lies where in a job's folder, and how it is listed in few calls. Pure but for the listing itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gems_api.services.store_ports import Entry
from gems_core import layout
from gems_core.digits import is_digits
from gems_core.manifest import Manifest

CLAIMS, WORKERS, HEARTBEATS, DONE = "claims", "workers", "heartbeat", "done"
# S3 lists a thousand objects a call; a smaller job's folder is listed whole, events and all.
PAGE = 1000
LISTED_WHOLE = 600


@dataclass(frozen=True)
class Range:
    """One listing: the keys under ``prefix`` that come after ``after`` and not after ``until`` ('' means no limit)."""

    prefix: str
    after: str = ""
    until: str = ""


def is_small(manifest: Manifest) -> bool:
    """Whether one call lists the whole folder."""
    return len(manifest.samples) + len(manifest.shares) + 2 * manifest.workers <= LISTED_WHOLE


def ranges(manifest: Manifest, folders: Iterable[str]) -> list[Range]:
    """Listings, to be made at once, that cover some subfolders; those of a small job cover all it has."""
    prefix = layout.job_prefix(manifest.session_key)
    if is_small(manifest):
        return [Range(prefix)]
    return [found for folder in folders for found in _ranges_of(manifest, prefix, folder)]


def _ranges_of(manifest: Manifest, prefix: str, folder: str) -> list[Range]:
    """The done-markers' names are known beforehand, so that their pages need not wait for each other."""
    if folder != DONE:
        return [Range(f"{prefix}{folder}/")]
    names = manifest.names_in_order
    bounds = ["", *(layout.done_key(manifest.session_key, name) for name in names[PAGE - 1 : -1 : PAGE]), ""]
    return [Range(f"{prefix}{folder}/", after, until) for after, until in pairwise(bounds)]


def by_folder(prefix: str, entries: Iterable[Entry]) -> Mapping[str, Sequence[Entry]]:
    """Entries by the subfolder that they lie in; '' is the job's folder itself."""
    found: dict[str, list[Entry]] = {"": [], CLAIMS: [], WORKERS: [], HEARTBEATS: [], DONE: []}
    for entry in entries:
        folder = entry.key.removeprefix(prefix).rpartition("/")[0]
        if folder in found:
            found[folder].append(entry)
    return found


def misnamed(folders: Mapping[str, Sequence[Entry]]) -> Entry | None:
    """An object that should be named by a number and is not, if there is one: GeMS did not write it."""
    numbered = (entry for folder in (CLAIMS, WORKERS, HEARTBEATS) for entry in folders[folder])
    return next((entry for entry in numbered if not is_digits(name_of(entry.key))), None)


def name_of(key: str) -> str:
    """The file's name without its ending: a sample, or a number."""
    return key.rpartition("/")[2].removesuffix(".json")
