"""What a release consists of beside its tag: ``python -m gems_artefacts.release_files WHEEL JAR FOLDER``.

The wheel, the typer's jar, a bill of materials of each (CycloneDX), and SHA256SUMS. The same commit gives the same bytes.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from gems_artefacts.files import sha256_of
from gems_artefacts.sbom import bill_of_materials
from gems_core import __version__
from gems_core.manifest import Artefact

SUMS = "SHA256SUMS"
# The client brings what a worker imports, so that the bills of both are the same list.
_KINDS = {".whl": "worker", ".jar": "hla-typer"}


def write_release(wheel: Path, jar: Path, folder: Path) -> list[Path]:
    """Put the files of a release into a folder, which is made again.

    Returns:
        all of them, SHA256SUMS last.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written: list[Path] = []
    for source, name in ((wheel, wheel.name), (jar, f"hla-typer-{__version__}.jar")):
        target = folder / name
        shutil.copyfile(source, target)
        bill = bill_of_materials(_KINDS[target.suffix], Artefact(__version__, name, sha256_of(target)))
        beside = folder / f"{name}.cdx.json"
        beside.write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
        written += [target, beside]
    sums = folder / SUMS
    sums.write_text("".join(f"{sha256_of(path)}  {path.name}\n" for path in written), encoding="utf-8")
    return [*written, sums]


if __name__ == "__main__":
    for path in write_release(*map(Path, sys.argv[1:])):
        sys.stdout.write(f"{path}\n")
