"""The output folder of a run: it holds this run's files, or it is not written to."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from gems_artefacts.files import write_atomically
from gems_cli.exits import ApiRefused
from gems_cli.run.space import full_disk_told
from gems_core.errors import one_problem
from gems_core.layout import REPORT_FORMATS
from gems_local.cloud_logs import copy_logs

MARKER = "gems-run.json"
REPORTS = tuple(f"report.{extension}" for extension in REPORT_FORMATS)
SAMPLES = "samples"
LOGS = "logs"


class RunState(StrEnum):
    """How the latest run into a folder stands, as its marker says it."""

    RUNNING = "running"
    ENDED = "ended"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


def demand_ours(folder: Path) -> None:
    """See that the folder is new, empty, or the output of an earlier run; nothing is changed.

    Folders without any file are as good as empty: schedulers make those of the files that they wait for.

    Raises:
        InvalidInput: somebody else's files are in it.
    """
    if folder.exists() and not folder.is_dir():
        raise one_problem("output", str(folder), "a folder", "a file", "Name another output folder.")
    strangers = [] if (folder / MARKER).exists() else sorted(path.name for path in _existing(folder) if _holds(path))
    if strangers:
        found = ", ".join(strangers[:5]) + (", ..." if len(strangers) > 5 else "")  # noqa: PLR2004 - enough to know them by
        raise one_problem(
            "output", str(folder), "an empty folder, or an earlier run's", found, "Name another output folder."
        )


@contextmanager
def claimed_output(folder: Path, made_by: str = "gems run") -> Iterator[None]:
    """Make the folder ours while a run is at work; an earlier run's files stay until this one's replace them.

    The marker says how the run ended when it brings no results.

    Raises:
        InvalidInput: somebody else's files are in it.
    """
    demand_ours(folder)
    mark(folder, made_by=made_by, state=RunState.RUNNING)
    try:
        yield
    except BaseException as error:
        # A full disk must not hide what went wrong first.
        with suppress(OSError):
            if _facts(folder).get("state") == RunState.RUNNING:
                mark(folder, state=_state_after(error))
        raise


def mark(folder: Path, **facts: str) -> None:
    """Note in the folder what it is; what is not named stays as it was noted."""
    text = json.dumps({**_facts(folder), **facts}, indent=1) + "\n"
    write_atomically(folder / MARKER, lambda file: file.write(text.encode()))


def _facts(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / MARKER).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _state_after(error: BaseException) -> RunState:
    if isinstance(error, KeyboardInterrupt):
        return RunState.INTERRUPTED
    return RunState.REFUSED if isinstance(error, ApiRefused) else RunState.FAILED


@contextmanager
def incoming(folder: Path) -> Iterator[Path]:
    """A hidden folder whose entries replace an earlier run's in the output, together, when all are there.

    Raises:
        DiskFull: they do not fit.
    """
    repair = "Make room there, or name another folder with --output, and run it again; what was there is unchanged."
    with (
        full_disk_told(f"the results in {folder}", repair),
        tempfile.TemporaryDirectory(dir=folder, prefix=".incoming-") as hidden,
    ):
        arrived = Path(hidden)
        yield arrived
        for name in (*REPORTS, SAMPLES, LOGS):
            _remove(folder / name)
        for path in arrived.iterdir():
            path.replace(folder / path.name)


def keep_logs(folder: Path, cloud: Path) -> Path:
    """Copy the local cloud's logs into the output; returns where they are."""
    target = folder / LOGS
    _remove(target)
    copy_logs(cloud, target)
    return target


def _holds(path: Path) -> bool:
    """Whether there is a file, or whether it is one."""
    return not path.is_dir() or path.is_symlink() or any(_holds(below) for below in path.iterdir())


def _existing(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
