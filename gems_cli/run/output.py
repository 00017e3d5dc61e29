"""The output folder of a run: it holds this run's files, or it is not written to."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gems_cli.files import write_atomically
from gems_core.errors import one_problem

MARKER = "gems-run.json"
REPORTS = ("report.json", "report.csv", "report.xml.gz")
SAMPLES = "samples"
LOGS = "logs"


def claim_output(folder: Path) -> None:
    """Make the folder ours: it is new, empty, or the output of an earlier `gems run`, whose files are replaced.

    Raises:
        InvalidInput: somebody else's files are in it.
    """
    if folder.exists() and not folder.is_dir():
        raise one_problem("output", str(folder), "a folder", "a file", "Name another output folder.")
    strangers = [] if (folder / MARKER).exists() else sorted(path.name for path in _existing(folder))
    if strangers:
        found = ", ".join(strangers[:5]) + (", ..." if len(strangers) > 5 else "")  # noqa: PLR2004 - enough to know them by
        raise one_problem(
            "output", str(folder), "an empty folder, or an earlier run's", found, "Name another output folder."
        )
    for name in (*REPORTS, SAMPLES, LOGS):
        _remove(folder / name)
    write_marker(folder, {"state": "running"})


def write_marker(folder: Path, facts: dict[str, object]) -> None:
    """Note in the folder what it is."""
    text = json.dumps({"made_by": "gems run", **facts}, indent=1) + "\n"
    write_atomically(folder / MARKER, lambda file: file.write(text.encode()))


@contextmanager
def incoming(folder: Path) -> Iterator[Path]:
    """A hidden folder whose entries are moved into the output together when all are there."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".incoming-") as name:
        arrived = Path(name)
        yield arrived
        for path in arrived.iterdir():
            _remove(folder / path.name)
            path.replace(folder / path.name)


def keep_logs(folder: Path, cloud: Path) -> Path:
    """Copy the local cloud's logs into the output; returns where they are."""
    target = folder / LOGS
    _remove(target)
    for log in cloud.rglob("*.log"):
        copy = target / log.relative_to(cloud)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, copy)
    return target


def _existing(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
