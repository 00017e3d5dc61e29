"""Puts the artefacts into the control bucket and names them in ``artefacts/current.json``."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from gems_artefacts.bundle import SOURCE_ROOT, build_bundle
from gems_artefacts.files import sha256_of
from gems_artefacts.reference import library_version, pack_library
from gems_core.errors import one_problem
from gems_core.layout import CURRENT_ARTEFACTS_KEY, artefact_key
from gems_core.manifest import Artefact
from gems_reference.library import open_library
from gems_reference.panel import check_panel

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUILT_JAR = SOURCE_ROOT / "hla-typer" / "target" / "hla-typer.jar"
OLDEST_JAVA = 17
# Java 8 and older call themselves 1.8 and so on.
_JAVA_VERSION = re.compile(r'version "(?P<version>(?P<major>\d+)[^"]*)"')


@dataclass(frozen=True)
class LocalArtefact:
    """A file on this machine that workers shall fetch.

    Attributes:
        kind: one of ``gems_core.layout.ARTEFACT_KINDS``.
        file_name: the last part of its key.
    """

    kind: str
    version: str
    path: Path
    file_name: str

    def described(self) -> Artefact:
        """The entry of ``current.json``; reads the whole file once."""
        return Artefact(self.version, artefact_key(self.kind, self.version, self.file_name), sha256_of(self.path))


def collect_artefacts(jar: Path, library: Path | None, panel: Path | None, cache: Path) -> list[LocalArtefact]:
    """Build or find the four artefacts.

    Args:
        jar: the typer.
        library: a library's folder; None for no reference among them.
        panel: a panel's file; None for no panel among them.
        cache: the folder that keeps what was packed.

    Raises:
        InvalidInput: one of them is not what it should be.
        BundleProblem: the worker's dependencies cannot be had.
    """
    check_jar(jar)
    reference = open_library(library) if library else None
    if panel:
        check_panel(panel)
    with ThreadPoolExecutor() as pool:
        bundle = pool.submit(build_bundle, cache)
        packed = pool.submit(pack_library, reference, cache) if reference else None
        found = [
            LocalArtefact("worker", bundle.result().version, bundle.result().path, bundle.result().path.name),
            LocalArtefact("hla-typer", sha256_of(jar)[:12], jar, "hla-typer.jar"),
        ]
        if reference and packed:
            found.append(LocalArtefact("reference", library_version(reference), packed.result(), "library.tar.gz"))
        if panel:
            found.append(LocalArtefact("panel", sha256_of(panel)[:12], panel, "panel.tsv"))
        return found


def publish_artefacts(
    s3: S3Client, bucket: str, artefacts: list[LocalArtefact], kept: Mapping[str, Artefact] = MappingProxyType({})
) -> dict[str, Artefact]:
    """Upload artefacts, then name them all in one document, so that a job never meets half a set.

    Args:
        s3: of the deployment.
        bucket: the control bucket.
        artefacts: of this machine.
        kept: of other kinds, published before; they stay named.
    """
    described = {artefact.kind: artefact.described() for artefact in artefacts}
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda local: s3.upload_file(str(local.path), bucket, described[local.kind].key), artefacts))
    document = {kind: entry.as_json() for kind, entry in {**kept, **described}.items()}
    s3.put_object(Bucket=bucket, Key=CURRENT_ARTEFACTS_KEY, Body=json.dumps(document, indent=1).encode())
    return described


def check_jar(jar: Path) -> None:
    """See that there is a typer, and a Java to run it.

    Raises:
        InvalidInput: one of them is missing, or the Java is too old.
    """
    if not jar.is_file():
        raise one_problem(
            "typer_jar",
            str(jar),
            "the typer's jar",
            "no file",
            "Build it with `mvn -q -f hla-typer/pom.xml package`, or name one with --typer-jar.",
        )
    if found := java_problem():
        raise one_problem(
            "java", "PATH", f"Java {OLDEST_JAVA} or newer", found, f"Install a Java runtime (JRE {OLDEST_JAVA})."
        )


def java_problem() -> str:
    """What this machine has in place of a `java` that runs the typer; '' where it has one."""
    java = shutil.which("java")
    if java is None:
        return "no java"
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = _JAVA_VERSION.search(told)
    if version is None:
        return f"{java}, which does not tell its version"
    return "" if int(version["major"]) >= OLDEST_JAVA else f"Java {version['version']} ({java})"
