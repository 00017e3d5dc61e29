"""What of the installed packages goes into the zip."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

# What gems_api calls; a test holds this against its sources. All services together are 16 MB.
BOTOCORE_SERVICES = frozenset({"dynamodb", "ec2", "kms", "s3", "ses", "sts"})
# cryptography loads `_cffi_backend` alone; cffi and pycparser write such modules, at build time.
_BUILD_ONLY = frozenset({"bin", "cffi", "pycparser", "pip", "setuptools", "wheel", "pkg_resources"})
_UNREAD = frozenset({"tests", "test", "__pycache__", "include"})
# Descriptions that botocore reads for waiters, pages and endpoints stay; examples are for documentation.
_UNREAD_NAMES = ("examples-1.json", "examples-1.json.gz", ".pyi", "py.typed", ".h", ".c")


def is_wanted(name: str) -> bool:
    """Whether a file belongs into the zip.

    Args:
        name: its path below the folder of packages, with ``/``.
    """
    parts = name.split("/")
    if parts[0] in _BUILD_ONLY or parts[0].endswith((".dist-info", ".egg-info")):
        return False
    if _UNREAD.intersection(parts[:-1]) or name.endswith(_UNREAD_NAMES):
        return False
    match parts:
        case ["botocore", "data", service, _, *_]:
            return service in BOTOCORE_SERVICES
        case ["boto3", "examples", *_]:
            return False
        case ["boto3", "data", service, _, *_]:
            return service in BOTOCORE_SERVICES
    return True


def prune(packages: Path) -> None:
    """Take away what does not belong into the zip, and the prose of what botocore reads."""
    for file in [path for path in packages.rglob("*") if path.is_file()]:
        if not is_wanted(file.relative_to(packages).as_posix()):
            file.unlink()
    for service in (packages / "botocore" / "data").glob("*/"):
        # botocore reads the newest version of a service's description.
        for version in sorted(service.glob("*/"))[:-1]:
            for file in version.iterdir():
                file.unlink()
    for description in (packages / "botocore" / "data").rglob("service-2.json.gz"):
        _without_prose(description)
    for folder in sorted((path for path in packages.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _without_prose(description: Path) -> None:
    """Half of a service's description is documentation, which a client would read and hold at each start."""
    document = _emptied(json.loads(gzip.decompress(description.read_bytes())))
    description.write_bytes(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0))


def _emptied(value: object) -> object:
    """A description whose documentation is empty: botocore asks for the key, in some places."""
    if isinstance(value, dict):
        is_prose = {name: name == "documentation" and isinstance(item, str) for name, item in value.items()}
        return {name: "" if is_prose[name] else _emptied(item) for name, item in value.items()}
    return [_emptied(item) for item in value] if isinstance(value, list) else value
