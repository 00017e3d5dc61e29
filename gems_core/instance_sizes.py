"""How many virtual processors an EC2 instance type has, by its name's size (EC2 user guide, "Instance types")."""

from __future__ import annotations

import re

_TIMES_XLARGE = re.compile(r"(?P<times>[0-9]{0,3})xlarge")
_XLARGE = 4
_SMALLER = frozenset({"nano", "micro", "small", "medium", "large"})
# Those of Graviton have one below "large"; where a cap is kept, one too many is counted rather than one too few.
_OF_SMALLER = 2


def vcpus_of(instance_type: str) -> int:
    """The virtual processors of a type such as ``c7i.xlarge`` (4), by default.

    Raises:
        ValueError: its name does not tell, as that of a metal type.
    """
    size = instance_type.partition(".")[2]
    if size in _SMALLER:
        return _OF_SMALLER
    found = _TIMES_XLARGE.fullmatch(size)
    if found is None:
        raise ValueError(f"expected an instance type with a size such as xlarge or 2xlarge, found {instance_type!r}")
    return _XLARGE * int(found["times"] or 1)
