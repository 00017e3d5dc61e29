"""Which versions of its artefacts a job that starts now is to use: the current ones, or those that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gems_api.services.store_ports import Store
from gems_core import layout
from gems_core.errors import CloudRefused, Problem
from gems_core.json_input import parse_json
from gems_core.manifest import Artefact, artefacts_from_json
from gems_core.published import (
    NoSuchVersion,
    PublishedVersion,
    artefact_of,
    choose,
    descriptor_key,
    published_versions,
)

# What a job may choose, by the field of its request; the worker belongs to the release, and is nobody's choice.
CHOICES = {"reference": "reference", "typer": "hla-typer", "panel": "panel"}


class ArtefactsMissing(CloudRefused):
    """Nothing has been published that workers could run."""


@dataclass(frozen=True)
class PublishedArtefacts:
    """What is published in the control bucket, and what of it ``artefacts/current.json`` names."""

    store: Store
    bucket: str

    def current(self) -> Mapping[str, Artefact]:
        """The current version of each kind.

        Raises:
            ArtefactsMissing: the document is absent, unreadable or lacks an entry.
        """
        stored = self.store.read(self.bucket, layout.CURRENT_ARTEFACTS_KEY)
        try:
            document = parse_json(stored.body) if stored else {}
            return artefacts_from_json(document)
        except (ValueError, KeyError, TypeError) as error:
            raise ArtefactsMissing(
                f"s3://{self.bucket}/{layout.CURRENT_ARTEFACTS_KEY}: expected an entry for each of "
                f"{', '.join(layout.ARTEFACT_KINDS)}, found {'no such object' if stored is None else repr(error)}. "
                "Publish the artefacts, then start the job again."
            ) from error

    def published(self, kind: str) -> list[PublishedVersion]:
        """The versions of a kind that jobs may name."""
        return published_versions(entry.key for entry in self.store.entries(self.bucket, f"artefacts/{kind}/"))

    def chosen(self, names: Mapping[str, str]) -> tuple[Mapping[str, Artefact], list[Problem]]:
        """The artefacts of a job.

        Args:
            names: by field of the request, what people call a version; '' for the current one.

        Returns:
            one of each kind, and a problem for each name that means none; the current one stands in its place.

        Raises:
            ArtefactsMissing: see ``current``.
        """
        found, problems = dict(self.current()), []
        for field, name in names.items():
            if name:
                kind = CHOICES[field]
                try:
                    found[kind] = self._named(kind, name, found[kind])
                except NoSuchVersion as error:
                    problems.append(_unknown(field, name, error.expected))
        return found, problems

    def _named(self, kind: str, name: str, current: Artefact) -> Artefact:
        if name == current.version:
            return current
        version = choose(name, self.published(kind), current.version).version
        if version == current.version:
            return current
        stored = self.store.read(self.bucket, descriptor_key(kind, version))
        try:
            artefact = artefact_of(dict(parse_json(stored.body)) if stored else {}, kind, version)
        except (ValueError, KeyError, TypeError) as error:
            raise NoSuchVersion(f"the description of {version}, found {error!r}") from error
        if not self.store.exists(self.bucket, artefact.key):
            raise NoSuchVersion(f"the file of {version}, which is gone")
        return artefact


def _unknown(field: str, name: str, expected: str) -> Problem:
    repair = "Choose one of these, leave it out for the current one, or publish it with `gems artefacts publish`."
    return Problem("unknown_artefact", field, expected, repr(name)[:120], repair)
