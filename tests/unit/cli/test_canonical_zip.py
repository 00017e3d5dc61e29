"""The Lambda's zip is the same bytes for the same files."""

from __future__ import annotations

import zipfile
from pathlib import Path

from gems_deploy.lambda_package.canonical import canonical_zip

FILES = {"b/run": b"run", "a.py": b"a" * 1000, "b/c.py": b"c"}


def packed(path: Path, names: list[str], year: int) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if name == "b/run" else 0o100600) << 16
            archive.writestr(entry, FILES[name])
        archive.writestr("b/", b"")
    return path


def test_order_times_and_rights_of_the_builder_do_not_matter(tmp_path: Path) -> None:
    first = canonical_zip(packed(tmp_path / "1.zip", list(FILES), 2020), tmp_path / "first.zip")
    second = canonical_zip(packed(tmp_path / "2.zip", sorted(FILES), 2026), tmp_path / "second.zip")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert modes == {"a.py": 0o644, "b/c.py": 0o644, "b/run": 0o755}
