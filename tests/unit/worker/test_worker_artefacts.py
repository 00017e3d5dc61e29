from __future__ import annotations

import hashlib
import json
import os
import tarfile
from pathlib import Path

import pytest
from worker_fakes import CONTROL, SESSION_KEY, MemoryStore, tar_gz

from gems_core.layout import ARTEFACT_KINDS
from gems_core.manifest import Artefact
from worker.artefacts import ArtefactRefused, fetch, fetch_all, unpack
from worker.settings import Settings


def put(store: MemoryStore, data: bytes) -> Artefact:
    store.objects[CONTROL, "artefacts/reference/1/library.tar.gz"] = data
    return Artefact("1", "artefacts/reference/1/library.tar.gz", hashlib.sha256(data).hexdigest())


def link(kind: bytes, name: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def test_an_artefact_is_kept_by_its_hash_and_fetched_once(store: MemoryStore, tmp_path: Path) -> None:
    artefact = put(store, b"content")
    path = fetch(store, CONTROL, artefact, tmp_path)
    assert path == tmp_path / artefact.sha256 / "library.tar.gz"
    store.objects.clear()
    assert fetch(store, CONTROL, artefact, tmp_path).read_bytes() == b"content"


def test_an_artefact_of_another_hash_is_refused_with_both_and_not_kept(store: MemoryStore, tmp_path: Path) -> None:
    found = put(store, b"content").sha256
    artefact = Artefact("1", "artefacts/reference/1/library.tar.gz", "f" * 64)
    with pytest.raises(ArtefactRefused, match=f"expected SHA-256 {'f' * 64}, found {found}"):
        fetch(store, CONTROL, artefact, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("/etc/gems", b""),
        ("../outside", b""),
        ("a/../../outside", b""),
        ("a", link(tarfile.SYMTYPE, "a", "/etc/passwd")),
        ("a", link(tarfile.LNKTYPE, "a", "b")),
        ("a", link(tarfile.FIFOTYPE, "a", "")),
    ],
)
def test_an_archive_that_reaches_outside_is_refused_whole(
    tmp_path: Path, name: str, member: bytes | tarfile.TarInfo
) -> None:
    archive = tmp_path / "cache" / "library.tar.gz"
    archive.parent.mkdir()
    archive.write_bytes(tar_gz({"library.json": b"{}", name: member}))
    with pytest.raises(ArtefactRefused, match="expected plain files inside the archive"):
        unpack(archive)
    assert [path.name for path in tmp_path.rglob("*")] == ["cache", "library.tar.gz"]


@pytest.mark.parametrize(
    "data", [b"", b"not a gzip", tar_gz({"a": b"x" * 9000})[:60]], ids=["empty", "no gzip", "cut off"]
)
def test_an_archive_that_is_none_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    archive = tmp_path / "library.tar.gz"
    archive.write_bytes(data)
    with pytest.raises(ArtefactRefused, match=r"library\.tar\.gz: expected a \.tar\.gz"):
        unpack(archive)
    assert not (tmp_path / "content").exists()


def test_an_archive_is_unpacked_once(tmp_path: Path) -> None:
    archive = tmp_path / "library.tar.gz"
    archive.write_bytes(tar_gz({"lib/library.json": b"{}"}))
    folder = unpack(archive)
    archive.unlink()
    assert unpack(archive) == folder
    assert (folder / "lib" / "library.json").read_bytes() == b"{}"


def test_an_archive_is_unpacked_by_a_python_without_extraction_filters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TypeError("Debian 12's Python 3.11.2 knows no filter")

    monkeypatch.setattr(tarfile.TarFile, "extractall", refuse)
    archive = tmp_path / "library.tar.gz"
    archive.write_bytes(tar_gz({"library.json": b"{}", "deep/er/A.tsv": b"1"}))
    assert (unpack(archive) / "deep" / "er" / "A.tsv").read_bytes() == b"1"


def settings_of(store: MemoryStore, root: Path, contents: dict[str, bytes], **sha256: str) -> Settings:
    """Settings that name these artefacts, which are in the store; a hash may be given instead of the true one."""
    entries = {}
    for kind, content in contents.items():
        store.objects[CONTROL, f"artefacts/{kind}/1/{kind}"] = content
        true = hashlib.sha256(content).hexdigest()
        entries[kind] = Artefact("1", f"artefacts/{kind}/1/{kind}", sha256.get(kind, true)).as_json()
    names = ("GEMS_API_URL", "GEMS_WORKER_CREDENTIAL", "GEMS_CREDENTIAL_TABLE", "AWS_REGION")
    return Settings.from_environment(
        {
            **dict.fromkeys(names, "x"),
            "GEMS_SESSION_KEY": str(SESSION_KEY),
            "GEMS_CONTROL_BUCKET": CONTROL,
            "GEMS_ROOT": str(root),
            "GEMS_ARTEFACTS": json.dumps(entries),
        }
    )


CONTENTS = {kind: tar_gz({"library.json": b"{}"}) for kind in ARTEFACT_KINDS}


def test_a_job_without_a_cross_match_artefact_has_none(store: MemoryStore, tmp_path: Path) -> None:
    assert fetch_all(store, settings_of(store, tmp_path, CONTENTS)).cross_match is None


def test_a_cross_match_artefact_can_be_run_once_its_hash_was_checked(store: MemoryStore, tmp_path: Path) -> None:
    settings = settings_of(store, tmp_path, {**CONTENTS, "cross_match": b"#!/bin/sh\n"})
    path = fetch_all(store, settings).cross_match
    assert path is not None
    assert os.access(path, os.X_OK)
    assert fetch_all(store, settings).cross_match == path


def test_a_cross_match_artefact_of_another_hash_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    settings = settings_of(store, tmp_path, {**CONTENTS, "cross_match": b"#!/bin/sh\n"}, cross_match="f" * 64)
    with pytest.raises(ArtefactRefused, match="artefacts/cross_match/1/cross_match: expected SHA-256 ffff"):
        fetch_all(store, settings)
