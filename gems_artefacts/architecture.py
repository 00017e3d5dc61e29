"""The processors that a worker may have, and what must be made for each: compiled packages and the image."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

# glibc's versions, newest first, that Debian 12 and Amazon Linux 2023 both have; pip takes only what is named.
_GLIBC = ("2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17")


@dataclass(frozen=True)
class Architecture:
    """A kind of processor.

    Attributes:
        name: EC2's word, ``x86_64`` or ``arm64``.
        machine: the kernel's word (``uname -m``), which wheels are named by too.
        debian: Debian's word.
        mark: what the version of a worker bundle has before its content, so that one release has a bundle for each.
    """

    name: str
    machine: str
    debian: str
    mark: str = ""

    @property
    def wheels(self) -> tuple[str, ...]:
        """The platforms, by pip's names, whose wheels load there, best first."""
        return (*(f"manylinux_{glibc}_{self.machine}" for glibc in _GLIBC), f"manylinux2014_{self.machine}")

    @property
    def is_here(self) -> bool:
        """Whether this process runs on it, so that its packages are those of this environment."""
        return sys.platform == "linux" and platform.machine() == self.machine


X86_64 = Architecture("x86_64", "x86_64", "amd64")
ARM64 = Architecture("arm64", "aarch64", "arm64", "-arm64")
ARCHITECTURES = {each.name: each for each in (X86_64, ARM64)}


def architecture_of_bundle(version: str) -> Architecture:
    """What a published worker bundle was made for, by its version."""
    return ARM64 if version.rpartition("-")[0].endswith(ARM64.mark) else X86_64
