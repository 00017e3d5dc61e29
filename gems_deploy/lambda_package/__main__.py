"""Builds the zip of a stage: ``python -m gems_deploy.lambda_package STAGE FOLDER``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from gems_artefacts.cache import cache_folder
from gems_artefacts.dependencies import BundleProblem
from gems_deploy.lambda_package.build import built_zip

# What the project asks of itself (docs/adr/0006); Lambda itself takes 50 MB.
LARGEST_ZIP_BYTES = 25_000_000


def main(stage: str, folder: str) -> None:
    """Build it, or take it from the cache, and say how large it is."""
    try:
        built = built_zip(stage, cache_folder() / "lambda")
    except BundleProblem as problem:
        sys.exit(str(problem))
    target = Path(folder) / f"gems-api-{stage}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(built, target)
    size_bytes = target.stat().st_size
    sys.stdout.write(f"{target}: {size_bytes:,} bytes\n")
    if size_bytes > LARGEST_ZIP_BYTES:
        sys.exit(f"{target}: expected at most {LARGEST_ZIP_BYTES:,} bytes, found {size_bytes:,}")


if __name__ == "__main__":
    main(*sys.argv[1:])
