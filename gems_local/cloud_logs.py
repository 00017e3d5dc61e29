"""Where a local cloud's logs are, and how they are copied while it is at work.

A service writes ``<name>.log`` in the cloud's folder, an instance's host in ``instances/<instance id>``, and what runs on the
instance in ``root/gems`` of that. The fleet agent moves the logs off an instance's disk, ``root``, and then removes the disk, at
any moment.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

INSTANCES = "instances"
DISK = "root"
GEMS_ROOT = "gems"


def keep_disk_logs(instance: Path) -> None:
    """Of an instance that is off, move the logs off its disk, and remove the disk."""
    for log in _logs_in(instance / DISK / GEMS_ROOT):
        log.replace(instance / log.name)
    shutil.rmtree(instance / DISK, ignore_errors=True)


def set_aside_logs(instance: Path, told: str) -> None:
    """Rename the logs of a machine that starts once more: ``worker.log`` becomes ``worker.<told>.log``."""
    for log in _logs_in(instance):
        if "." not in log.stem:
            log.replace(log.with_name(f"{log.stem}.{told}.log"))


def copy_logs(cloud: Path, target: Path) -> None:
    """Copy all logs: a service's into ``target``, an instance's into ``target/instances/<instance id>``.

    An instance's disk comes before its folder: what is moved off the disk meanwhile is met again where it went. Nothing
    else of the disk is looked at, because it may be half removed.
    """
    for instance in _entries(cloud / INSTANCES):
        kept = target / INSTANCES / instance.name
        _copy(instance / DISK / GEMS_ROOT, kept)
        _copy(instance, kept)
    _copy(cloud, target)


def _copy(folder: Path, target: Path) -> None:
    for log in _logs_in(folder):
        target.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # moved since it was listed
            shutil.copyfile(log, target / log.name)


def _logs_in(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.suffix == ".log"]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:  # not there yet, or no more
        return []
