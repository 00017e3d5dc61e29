"""py-ard, which knows NMDP's multiple allele codes and serology; an optional part, loaded when a name asks for it.

It brings tables of a release of IPD-IMGT/HLA, which it fetches once into the folder that ``GEMS_ARD_DATA`` names. The
release is the one that the calls were made with, so that a name never comes of other tables than the call.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

from gems_report.errors import ArdFailed, ArdMissing

INSTALL = 'pip install "gems-hla[ard]"'
DATA_VARIABLE = "GEMS_ARD_DATA"


class Ard(Protocol):
    """What is asked of py-ard."""

    def code(self, names: Sequence[str]) -> str:
        """The multiple allele code of some two-field names of one gene."""

    def antigen(self, name: str) -> str:
        """The antigen of a two-field name; '' where none is known."""


@cache
def open_ard(release: str) -> Ard:
    """py-ard with the tables of a release such as ``3.51.0``.

    Raises:
        ArdMissing: it is not installed.
        ArdFailed: it has no tables of this release, and cannot get them.
    """
    try:
        import pyard  # noqa: PLC0415 - optional
    except ImportError as error:
        raise ArdMissing(
            f"Multiple allele codes and serology need py-ard, which is not installed. Type: {INSTALL}"
        ) from error
    digits = release.replace(".", "")
    try:
        return _PyArd(pyard.init(digits, data_dir=os.environ.get(DATA_VARIABLE) or None))
    except Exception as error:  # whatever a foreign library and its downloads raise
        raise ArdFailed(f"py-ard has no tables of release {release or 'unknown'}: {error}") from error


class _PyArd:
    """py-ard's own object behind the two questions."""

    def __init__(self, ard: Any) -> None:  # noqa: ANN401 - py-ard has no types
        self._ard = ard

    def code(self, names: Sequence[str]) -> str:
        if len(names) == 1:
            return names[0]
        try:
            return str(self._ard.lookup_mac("/".join(names)))
        except Exception as error:
            raise ArdFailed(f"py-ard has no multiple allele code of {'/'.join(names)[:200]}: {error}") from error

    def antigen(self, name: str) -> str:
        try:
            found = str(self._ard.redux(name, "S"))
        except Exception:
            return ""
        return "" if "*" in found else found
