"""The Python that a stage runs: the one that deploys it, for compiled packages and byte code load into no other."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from gems_artefacts.architecture import Architecture
from gems_artefacts.dependencies import BundleProblem


@dataclass(frozen=True)
class PythonRuntime:
    """A Python that both Lambda and an image for workers have.

    Attributes:
        version: such as ``3.13``.
        debian: the release of Debian that has it.
        last_update: the day from which Lambda updates no function of it, as AWS has announced it.
    """

    version: str
    debian: int
    last_update: str

    @property
    def name(self) -> str:
        """What Lambda and Zappa call it."""
        return f"python{self.version}"

    def image(self, architecture: Architecture) -> str:
        """The public parameter that names Debian's newest image with this Python."""
        return f"/aws/service/debian/release/{self.debian}/latest/{architecture.debian}"


# The days are those of cfn-lint's table of runtimes.
RUNTIMES = {
    (3, 11): PythonRuntime("3.11", 12, "31 August 2027"),
    (3, 13): PythonRuntime("3.13", 13, "31 August 2029"),
}
NEWEST = RUNTIMES[max(RUNTIMES)]


def runtime_here() -> PythonRuntime | None:
    """That of this interpreter; None where Lambda and the workers' images have none such."""
    return RUNTIMES.get(sys.version_info[:2])


def runtime_to_build() -> PythonRuntime:
    """That of this interpreter, whose packages and byte code go into what is deployed.

    Raises:
        BundleProblem: Lambda and the workers' images have none such.
    """
    runtime = runtime_here()
    if runtime is None:
        known = " or ".join(each.version for each in RUNTIMES.values())
        raise BundleProblem(
            "the Lambda's zip: expected Python {}, found {}.{}. Install one of them; then `rm -rf .venv && make venv`.".format(
                known, *sys.version_info[:2]
            )
        )
    return runtime
