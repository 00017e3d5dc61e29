from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from worker_fakes import MemoryStore

from worker.errors import ObjectMissing, TransferBroken
from worker.store import download


def test_a_download_cut_short_is_tried_again_until_it_is_whole(store: MemoryStore, tmp_path: Path) -> None:
    store.objects["b", "k"] = b"0123456789"
    store.cut["k"] = 3
    assert download(store, "b", "k", tmp_path / "file") == hashlib.sha256(b"0123456789").hexdigest()
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_a_download_that_is_always_cut_is_given_up_and_leaves_no_file(store: MemoryStore, tmp_path: Path) -> None:
    store.objects["b", "k"] = b"0123456789"
    store.cut["k"] = 101  # the last of five attempts is one that ends silently
    with pytest.raises(TransferBroken, match="expected 10 bytes, found 5"):
        download(store, "b", "k", tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_download_whose_bytes_differ_from_the_etag_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    store.objects["b", "k"] = b"0123456789"
    store.etags["k"] = "0" * 32
    with pytest.raises(TransferBroken, match=f"expected MD5 {'0' * 32}"):
        download(store, "b", "k", tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_an_etag_that_is_no_md5_is_not_compared(store: MemoryStore, tmp_path: Path) -> None:
    store.objects["b", "k"] = b"0123456789"
    store.etags["k"] = None
    download(store, "b", "k", tmp_path / "file")
    assert (tmp_path / "file").exists()


def test_an_object_that_is_not_there_is_told_by_its_address(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing, match="s3://b/k"):
        download(store, "b", "k", tmp_path / "file")
