"""A zip whose bytes depend on nothing but names and contents: Zappa packs in the order of the folder, with its own times."""

from __future__ import annotations

import zipfile
from pathlib import Path

# The first moment that a zip can hold.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_EXECUTABLE = 0o111
_UNIX = 3


def canonical_zip(made: Path, target: Path) -> Path:
    """Write the same files again, in the order of their names, without times, readable by all."""
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w") as result:
        for entry in sorted(source.infolist(), key=lambda entry: entry.filename):
            if entry.is_dir():
                continue
            mode = 0o755 if (entry.external_attr >> 16) & _EXECUTABLE else 0o644
            plain = zipfile.ZipInfo(entry.filename, _NO_TIME)
            plain.external_attr, plain.create_system = (0o100000 | mode) << 16, _UNIX
            plain.compress_type = zipfile.ZIP_DEFLATED
            result.writestr(plain, source.read(entry), compresslevel=9)
    return target
