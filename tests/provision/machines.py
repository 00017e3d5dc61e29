"""A machine that boots in a local cloud and types a share, and how long that took."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cloud_site import JobRecord, Site
from waiting import eventually

from gems_artefacts.local_artefact import LocalArtefact
from gems_local.stack import CloudPlan, LocalCloud

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "tools"
SAMPLES = 3


def shell(*command: str | Path, **variables: str) -> str:
    """The last line that a command prints; its standard error is this process's."""
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **variables}
    )
    return done.stdout.strip().rpartition("\n")[2]


@dataclass(frozen=True)
class Booted:
    """How one machine came up and typed a share; times in seconds from the start of its kernel.

    Attributes:
        outcomes: sample to what became of it.
        log: of the bootstrap script and the worker.
        user_id: who wrote that log.
    """

    first_sample_seconds: float
    share_seconds: float
    outcomes: dict[str, str]
    log: str
    user_id: int


def type_a_share(
    folder: Path, files: Mapping[str, bytes], artefacts: list[LocalArtefact], boot: tuple[str, ...]
) -> Booted:
    """One job of one share, on one machine that ``boot`` boots."""
    with LocalCloud(CloudPlan(folder, artefacts, workers=1, boot=boot, api_settings=PATIENT)) as cloud:
        site = Site(cloud)
        site.upload("reads", dict(files))
        record = site.start("reads", samples_per_worker=SAMPLES)
        site.follow(record)
        assert record.last["overall_status"] == "COMPLETE", record.last
        return _booted(site, record)


# Bare, a minute or two pass before the machine speaks.
PATIENT = {"GEMS_LAUNCH_GRACE_SECONDS": "300", "GEMS_LAUNCH_LIMIT_SECONDS": "600"}


def _booted(site: Site, record: JobRecord) -> Booted:
    (instance_id,) = record.instance_ids
    folder = site.cloud.instances_folder / instance_id
    console = (folder / "console.log").read_text()
    up = datetime.fromisoformat(console.partition("boot: ")[2].split()[0])
    objects = site.s3.list_objects_v2(Bucket=site.cloud.control_bucket, Prefix=f"{site.control_folder(record)}done/")
    done = sorted(entry["LastModified"] for entry in objects["Contents"])
    outcomes = {one["sample"]: one["outcome"] for one in site.documents(record, "done/")}
    log = _kept(folder / "bootstrap.log")
    times = ((done[0] - up).total_seconds(), (done[-1] - up).total_seconds())
    return Booted(*times, outcomes, log.read_text(), log.stat().st_uid)


def _kept(log: Path) -> Path:
    """A log of an instance that goes, once it is off."""
    eventually(log.exists, f"the machine left {log}")
    return log


def control_folder(folder: Path, artefacts: list[LocalArtefact]) -> Path:
    """A copy of what the control bucket holds of artefacts."""
    described = {one.kind: one.described() for one in artefacts}
    for one in artefacts:
        target = folder / described[one.kind].key
        target.parent.mkdir(parents=True)
        shutil.copyfile(one.path, target)
    document = {kind: entry.as_json() for kind, entry in described.items()}
    (folder / "artefacts" / "current.json").write_text(json.dumps(document))
    return folder


def bake(bare: Path, folder: Path, artefacts: list[LocalArtefact]) -> Path:
    """A copy of the bare tree after ``provision.sh bake``, as an image builder leaves it."""
    folder.mkdir(exist_ok=True)
    tree, control = folder / "tree", control_folder(folder / "control", artefacts)
    # Not shutil: it would read the tree's devices to their end, and they have none.
    shell("cp", "-a", bare, tree)
    binds = ["--bind", f"{ROOT / 'userdata'}:/mnt/userdata", "--bind", f"{control}:/mnt/control"]
    script = ["bash", "/mnt/userdata/provision.sh", "bake", "--artefacts", "/mnt/control"]
    shell(TOOLS / "in-tree.sh", *binds, tree, *script)
    return tree
