"""Which published version a name means."""

from __future__ import annotations

import pytest

from gems_core.layout import artefact_key
from gems_core.manifest import Artefact
from gems_core.published import (
    MOST_LISTED,
    NoSuchVersion,
    PublishedVersion,
    artefact_of,
    choose,
    descriptor_key,
    provenance_key,
    published_versions,
)

OLD = PublishedVersion("reference", "3.57.0-000000000001", ("aaaaaaaaaaaa",))
NEW = PublishedVersion("reference", "3.58.0-000000000002", ("bbbbbbbbbbbb", "cccccccccccc-dirty"))
AGAIN = PublishedVersion("reference", "3.58.0-000000000003", ("dddddddddddd",))
ALL = [OLD, NEW, AGAIN]


@pytest.mark.parametrize(
    ("name", "current", "found"),
    [
        ("3.57.0", NEW.version, OLD),
        ("3.58.0-000000000003", OLD.version, AGAIN),
        ("aaaaaaa", "", OLD),
        ("cccccccccccc", "", NEW),
        ("3.58.0", AGAIN.version, AGAIN),
        ("3.58.0", NEW.version, NEW),
    ],
)
def test_a_version_is_meant_by_its_version_name_or_commit(name: str, current: str, found: PublishedVersion) -> None:
    assert choose(name, ALL, current) == found


@pytest.mark.parametrize("name", ["3.59.0", "aaaaaa", "", "3.5", "58", "*", "../worker"])
def test_a_name_of_nothing_is_answered_with_what_there_is(name: str) -> None:
    with pytest.raises(NoSuchVersion, match=r"one of the published: 3\.57\.0-000000000001 \(aaaaaaaaaaaa\), 3\.58\.0-"):
        choose(name, ALL, OLD.version)


def test_a_name_of_several_is_not_guessed() -> None:
    with pytest.raises(NoSuchVersion, match=r"means 3\.58\.0-000000000002 .*, 3\.58\.0-000000000003"):
        choose("3.58.0", ALL, OLD.version)


def test_where_nothing_is_published_that_is_said_and_a_long_list_is_cut() -> None:
    with pytest.raises(NoSuchVersion, match="there is none yet"):
        choose("3.58.0", [], "")
    many = [PublishedVersion("panel", f"p{number:03d}") for number in range(100)]
    with pytest.raises(NoSuchVersion, match=f"and {100 - MOST_LISTED} more"):
        choose("kit", many, "")


def test_keys_tell_what_is_published_and_what_is_half_published_is_not() -> None:
    keys = [
        "artefacts/current.json",
        "artefacts/log/20261101T120000Z-00000000.json",
        descriptor_key("panel", "kit-1"),
        provenance_key("panel", "kit-1", "bbbbbbb"),
        provenance_key("panel", "kit-1", "aaaaaaa"),
        artefact_key("panel", "kit-1", "panel.tsv"),
        provenance_key("panel", "kit-2", "aaaaaaa"),
        artefact_key("java", "17", "artefact.json"),
    ]
    assert published_versions(keys) == [PublishedVersion("panel", "kit-1", ("aaaaaaa", "bbbbbbb"))]


def test_a_description_must_be_of_its_own_version() -> None:
    right = Artefact("kit-1", artefact_key("panel", "kit-1", "panel.tsv"), "0" * 64)
    assert artefact_of(dict(right.as_json()), "panel", "kit-1") == right
    for wrong in (right.as_json() | {"version": "kit-2"}, right.as_json() | {"key": "jobs/secret"}, {}):
        with pytest.raises((ValueError, KeyError)):
            artefact_of(dict(wrong), "panel", "kit-1")
