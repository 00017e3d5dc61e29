"""Archives and the worker's dependencies."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from gems_artefacts.dependencies import BundleProblem, Pin, is_wanted, read_pins
from gems_artefacts.files import write_atomically
from gems_artefacts.tarball import write_tarball


def test_the_same_files_give_the_same_bytes_whenever_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    first = write_tarball(tmp_path / "1.tar.gz", {"x/a": tmp_path / "a"}).read_bytes()
    os.utime(tmp_path / "a", (1, 1))
    (tmp_path / "a").chmod(0o600)
    assert write_tarball(tmp_path / "2.tar.gz", {"x/a": tmp_path / "a"}).read_bytes() == first
    with tarfile.open(tmp_path / "1.tar.gz") as archive:
        assert archive.getnames() == ["x/a"]


def test_an_archive_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_tarball(tmp_path / "1.tar.gz", {"a": tmp_path / "absent"})
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_replaced_is_whole_at_every_moment(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    write_atomically(
        target, lambda file: (file.write(b"n"), target.read_bytes() == b"old" or pytest.fail("half written"))
    )
    assert target.read_bytes() == b"n"


def test_pins_are_read_with_their_versions_and_without_hashes(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("six==1.17.0 \\\n    --hash=sha256:aa\ncffi==2.1.1 ; platform_python == 'x' \\\n")
    assert read_pins(tmp_path / "r.txt") == [Pin("cffi", "2.1.1"), Pin("six", "1.17.0")]


def test_missing_pins_are_told_with_the_repair(tmp_path: Path) -> None:
    with pytest.raises(BundleProblem, match="make lock"):
        read_pins(tmp_path / "absent.txt")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requests/api.py", True),
        ("botocore/data/s3/2006-03-01/service-2.json.gz", True),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", False),
        ("botocore/data/endpoints.json", True),
        ("requests/__pycache__/api.pyc", False),
        ("../../bin/credstash", False),
        ("numpy/ma/core.py", True),
        ("numpy/ma/tests/test_core.py", False),
        ("pyopal/lib.cpython-313-x86_64-linux-gnu.so", True),
        ("pyopal/tests/test_aligner.py", False),
        ("archspec/json/cpu/microarchitectures.json", True),
        ("archspec/json/tests/targets/linux-rhel7-zen", False),
        ("PIL/Image.py", True),
        ("PIL/_avif.cpython-311-x86_64-linux-gnu.so", False),
        ("pillow.libs/libavif-c6062d5f.so.16.4.2", False),
        ("pillow.libs/libjpeg-6dc8d115.so.62.4.0", True),
        ("requests-2.34.2.dist-info/RECORD", False),
        ("requests-2.34.2.dist-info/METADATA", True),
    ],
)
def test_the_bundle_takes_what_a_worker_reads(name: str, wanted: bool) -> None:
    assert is_wanted(name) is wanted
