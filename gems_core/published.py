"""What is published under ``artefacts/``: which versions there are, told by their keys alone, and which one a name means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gems_core.layout import ARTEFACT_KINDS, OPTIONAL_ARTEFACT_KINDS, artefact_key
from gems_core.manifest import Artefact

DESCRIPTOR = "artefact.json"
BILL_OF_MATERIALS = "sbom.cdx.json"
LOG_PREFIX = "artefacts/log/"
SHORTEST_COMMIT = 7
# The end of a version that names its content: the beginning of a SHA-256.
_BY_CONTENT = re.compile(r"(?P<name>.+)-[0-9a-f]{12}")
_KEY = re.compile(r"artefacts/(?P<kind>[a-z_-]+)/(?P<version>[^/]+)/(?P<rest>.+)")
_PROVENANCE = re.compile(r"provenance/(?P<commit>[^/]+)\.json")
MOST_LISTED = 20
# The name of the panel that says that there is none.
NO_PANEL = "none"


def descriptor_key(kind: str, version: str) -> str:
    """Says what a version is; written last, so a version is published when it is there."""
    return artefact_key(kind, version, DESCRIPTOR)


def provenance_key(kind: str, version: str, commit: str) -> str:
    """Who made a version of which commit, and with what; one for each commit that makes these bytes."""
    return artefact_key(kind, version, f"provenance/{commit}.json")


def move_key(move: str) -> str:
    """An entry of the log: one move of ``artefacts/current.json``."""
    return f"{LOG_PREFIX}{move}.json"


@dataclass(frozen=True, order=True)
class PublishedVersion:
    """One version that workers can be told to fetch.

    Attributes:
        commits: those that made it; some end in ``-dirty``.
    """

    kind: str
    version: str
    commits: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The version without its content: a release, a panel's name; the version itself where there is no such part."""
        match = _BY_CONTENT.fullmatch(self.version)
        return match["name"] if match else self.version

    def answers_to(self, name: str) -> bool:
        """Whether people may mean this version when they say ``name``: its version, name, or the beginning of a commit."""
        if name in (self.version, self.name):
            return True
        return len(name) >= SHORTEST_COMMIT and any(commit.startswith(name) for commit in self.commits)


def is_no_panel(version: str) -> bool:
    """Whether a panel's version is that of the file that says that there is none."""
    return PublishedVersion("panel", version).name == NO_PANEL


class NoSuchVersion(ValueError):
    """A name means no version, or several.

    Attributes:
        expected: what there is, or that the name is not enough.
    """

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(expected)


def published_versions(keys: Iterable[str]) -> list[PublishedVersion]:
    """The versions that keys of the control bucket tell of, in order; what is half published is none."""
    complete: set[tuple[str, str]] = set()
    commits: dict[tuple[str, str], list[str]] = {}
    for key in keys:
        match = _KEY.fullmatch(key)
        if match is None or match["kind"] not in (*ARTEFACT_KINDS, *OPTIONAL_ARTEFACT_KINDS):
            continue
        one = match["kind"], match["version"]
        if match["rest"] == DESCRIPTOR:
            complete.add(one)
        elif made := _PROVENANCE.fullmatch(match["rest"]):
            commits.setdefault(one, []).append(made["commit"])
    return sorted(PublishedVersion(*one, tuple(sorted(commits.get(one, ())))) for one in complete)


def choose(name: str, among: Collection[PublishedVersion], current: str) -> PublishedVersion:
    """The version that a name means; of several the current one.

    Args:
        name: a version, a release or panel's name, or at least seven digits of a commit.
        among: the published versions of one kind.
        current: the version that ``artefacts/current.json`` names.

    Raises:
        NoSuchVersion: none answers to the name, or several do and none of them is current.
    """
    found = [version for version in among if version.answers_to(name)]
    exact = [version for version in found if version.version in (name, current)]
    if len(found) == 1 or exact:
        return min(exact or found, key=lambda version: version.version != name)
    if found:
        raise NoSuchVersion(f"a name of one version only; this one means {listed(found)}")
    raise NoSuchVersion(f"one of the published: {listed(among)}" if among else "a published version; there is none yet")


def listed(versions: Collection[PublishedVersion]) -> str:
    """Versions with their commits, as a problem tells them; of many the last in order."""
    shown = sorted(versions)[-MOST_LISTED:]
    told = [f"{one.version} ({', '.join(one.commits)})" if one.commits else one.version for one in shown]
    return ", ".join(told) + (f" and {len(versions) - len(shown)} more" if len(versions) > len(shown) else "")


def descriptor(kind: str, artefact: Artefact, size_bytes: int, at: datetime) -> dict[str, object]:
    """The content of ``artefact.json``."""
    return {**artefact.as_json(), "kind": kind, "bytes": size_bytes, "published_at": at.isoformat()}


def artefact_of(document: dict[str, Any], kind: str, version: str) -> Artefact:
    """The artefact that a descriptor tells of.

    Raises:
        ValueError, KeyError, TypeError: it is not a descriptor of this version.
    """
    found = Artefact.from_json(document)
    if found.version != version or not found.key.startswith(artefact_key(kind, version, "")):
        raise ValueError(f"expected the descriptor of {kind} {version}, found one of {found.key!r}, {found.version!r}")
    return found
