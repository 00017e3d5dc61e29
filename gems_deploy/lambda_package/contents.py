"""What of the installed packages goes into the zip."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader

Json = dict[str, Any]

# What gems_api calls; a test holds this against its sources. All services together are 16 MB.
BOTOCORE_SERVICES = frozenset({"batch", "dynamodb", "ec2", "ecs", "kms", "s3", "ses", "sts"})
_LARGE_SERVICES = ("batch", "ec2", "ecs", "s3")
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


def operations_called(sources: str) -> dict[str, list[str]]:
    """The operations of the large services whose Python name is a word of the API's sources."""
    words = frozenset(re.findall(r"[a-z][a-z0-9_]+", sources))
    known = {service: Loader().load_service_model(service, "service-2")["operations"] for service in _LARGE_SERVICES}
    return {service: sorted(name for name in names if xform_name(name) in words) for service, names in known.items()}


def prune(packages: Path, called: dict[str, list[str]]) -> None:
    """Take away what does not belong into the zip, and of what botocore reads the prose and what is never called.

    Args:
        packages: the folder of installed packages.
        called: the operations of a service that stay. EC2 has 700: 20 MB once they are read, and a tenth of a second.
    """
    _drop_files(packages)
    data = packages / "botocore" / "data"
    for service in BOTOCORE_SERVICES:
        _rewrite(data / service, _emptied)
    for service, operations in called.items():
        _rewrite(data / service, partial(_called_only, called=operations))
    endpoints = json.loads((data / "endpoints.json").read_text())
    (data / "endpoints.json").write_text(json.dumps(_endpoints_called(endpoints), separators=(",", ":")))


def _drop_files(packages: Path) -> None:
    for file in [path for path in packages.rglob("*") if path.is_file()]:
        if not is_wanted(file.relative_to(packages).as_posix()):
            file.unlink()
    for service in (packages / "botocore" / "data").glob("*/"):
        # botocore reads the newest version of a service's description.
        for version in sorted(service.glob("*/"))[:-1]:
            shutil.rmtree(version)
    for folder in sorted((path for path in packages.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _called_only(service: Json, called: list[str]) -> Json:
    """A service's description with these operations and the shapes that they need."""
    operations = {name: item for name, item in service["operations"].items() if name in called}
    shapes: dict[str, Json] = {}
    queue = [*_shape_names(operations)]
    while queue:
        name = queue.pop()
        if name not in shapes:
            shapes[name] = service["shapes"][name]
            queue += _shape_names(shapes[name])
    return {**service, "operations": operations, "shapes": shapes}


def _endpoints_called(endpoints: Json) -> Json:
    """Where the services that are called are found; botocore reads it at each start."""
    kept = BOTOCORE_SERVICES | {"email"}  # SES's name there
    partitions = [
        {**partition, "services": {name: item for name, item in partition["services"].items() if name in kept}}
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _shape_names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("shape"), str):
            yield value["shape"]
        for item in value.values():
            yield from _shape_names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _shape_names(item)


def _rewrite(service: Path, change: Callable[[Json], Json]) -> None:
    for description in service.rglob("service-2.json.gz"):
        document = change(json.loads(gzip.decompress(description.read_bytes())))
        description.write_bytes(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0))


def _emptied(value: Any) -> Any:  # noqa: ANN401 - any part of a description, and the same part again
    """A description whose documentation is empty, which is half of it; botocore asks for the key in some places."""
    if isinstance(value, dict):
        is_prose = {name: name == "documentation" and isinstance(item, str) for name, item in value.items()}
        return {name: "" if is_prose[name] else _emptied(item) for name, item in value.items()}
    return [_emptied(item) for item in value] if isinstance(value, list) else value
