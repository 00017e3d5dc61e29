"""The Lambda's zips in the cache, which several processes keep in order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gems_deploy.lambda_package.build import ZIPS_KEPT, forget_old


def zips(cache: Path, count: int) -> list[Path]:
    """So many zips, the oldest first, and something else."""
    (cache / "gems-api-prod-1.zip").touch()
    made = [cache / f"gems-api-dev-{number:02}.zip" for number in range(count)]
    for seconds, path in enumerate(made):
        path.touch()
        os.utime(path, (seconds, seconds))
    return made


def test_the_newest_zips_of_a_stage_stay(tmp_path: Path) -> None:
    made = zips(tmp_path, ZIPS_KEPT + 2)
    forget_old(tmp_path, "gems-api-dev-*.zip")
    assert set(tmp_path.iterdir()) == {*made[2:], tmp_path / "gems-api-prod-1.zip"}


def test_a_zip_that_another_process_forgets_meanwhile_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = zips(tmp_path, ZIPS_KEPT + 2)
    real = Path.stat

    def stat(path: Path, **options: bool) -> os.stat_result:
        if path == made[0]:
            path.unlink(missing_ok=True)
        return real(path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    forget_old(tmp_path, "gems-api-dev-*.zip")
    monkeypatch.undo()
    assert set(tmp_path.iterdir()) == {*made[2:], tmp_path / "gems-api-prod-1.zip"}
