"""The API's function: packed, put on Lambda by Zappa, and compared with what it should be."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from gems_artefacts.cache import cache_folder
from gems_core.errors import DeploymentFailed
from gems_deploy.settings import write_zappa_settings
from gems_deploy.site import Site, Stage, code_of, doing

BUILD = cache_folder() / "deploy"
LOG_TAIL_LINES = 15
_ABSENT = "ResourceNotFoundException"


@dataclass(frozen=True)
class Function:
    """The function as Lambda has it."""

    code_sha256: str
    environment: Mapping[str, str]
    runtime: str
    memory_mb: int
    timeout_seconds: int
    role: str


def read_function(site: Site) -> Function | None:
    """The function of the stage, or None."""
    try:
        found = site.client("lambda").get_function_configuration(FunctionName=site.stage.function)
    except ClientError as error:
        if code_of(error) == _ABSENT:
            return None
        raise
    return Function(
        found["CodeSha256"],
        found.get("Environment", {}).get("Variables", {}),
        found["Runtime"],
        found["MemorySize"],
        found["Timeout"],
        found["Role"].rsplit("/", 1)[-1],
    )


def drift(function: Function, settings: Mapping[str, Any], zip_path: Path | None) -> list[str]:
    """What the function is otherwise than the rendered settings (and the packed code) say; values are not told.

    The Python is that of who deploys, so it counts only together with code.
    """
    wanted = {
        "runtime": (function.runtime, settings["runtime"] if zip_path else function.runtime),
        "memory": (function.memory_mb, settings["memory_size"]),
        "timeout": (function.timeout_seconds, settings["timeout_seconds"]),
        "role": (function.role, settings["role_name"]),
    }
    found = [name for name, (have, want) in wanted.items() if have != want]
    rendered: Mapping[str, str] = settings["aws_environment_variables"]
    names = sorted(function.environment.keys() | rendered.keys())
    found += [name for name in names if function.environment.get(name) != rendered.get(name)]
    if zip_path is not None and function.code_sha256 != sha256_as_lambda(zip_path):
        found.append("code")
    return found


def sha256_as_lambda(path: Path) -> str:
    """A file's SHA-256 as Lambda writes it."""
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def package(stage: Stage) -> Path:
    """Build the function's zip from a virtualenv of its own.

    Raises:
        DeploymentFailed: with the end of the log.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "gems_deploy.lambda_package", stage.name, str(BUILD)]
    _run(command, BUILD, "packing the API", {})
    return BUILD / f"gems-api-{stage.name}.zip"


def deploy_function(site: Site, settings: Mapping[str, Any], zip_path: Path, *, exists: bool) -> None:
    """Have Zappa make the function, its gateway and its schedule, or bring them up to date.

    Raises:
        DeploymentFailed: with the end of Zappa's log.
    """
    folder = BUILD / site.stage.name
    write_zappa_settings(folder, settings)
    command = "update" if exists else "deploy"
    zappa = str(Path(sys.executable).with_name("zappa"))
    found = [zappa, command, site.stage.name, "--zip", str(zip_path), "--disable_progress"]
    _run(found, folder, f"zappa {command}", _credentials(site))
    _forget_others(site, settings[site.stage.name]["aws_environment_variables"])


def _forget_others(site: Site, wanted: Mapping[str, str]) -> None:
    """Take variables from the function that it should have no more: Zappa keeps all that it finds there."""
    function = read_function(site)
    if function is None or function.environment.keys() <= wanted.keys():
        return
    with doing(f"setting the variables of {site.stage.function}", "Let the credentials change the function."):
        client, name = site.client("lambda"), {"FunctionName": site.stage.function}
        client.get_waiter("function_updated").wait(**name)
        client.update_function_configuration(**name, Environment={"Variables": dict(wanted)})
        client.get_waiter("function_updated").wait(**name)


def remove_function(site: Site, settings: Mapping[str, Any]) -> None:
    """Have Zappa remove the function, its gateway and its schedule."""
    folder = BUILD / site.stage.name
    write_zappa_settings(folder, settings)
    zappa = str(Path(sys.executable).with_name("zappa"))
    _run([zappa, "undeploy", site.stage.name, "--yes"], folder, "zappa undeploy", _credentials(site))


def _credentials(site: Site) -> dict[str, str]:
    """What this process knows of AWS, for another one: an assumed role too."""
    held = site.session.get_credentials()
    if held is None:
        return {}
    frozen = held.get_frozen_credentials()
    found = {
        "AWS_ACCESS_KEY_ID": frozen.access_key,
        "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
        "AWS_SESSION_TOKEN": frozen.token,
        "AWS_DEFAULT_REGION": site.region,
    }
    return {name: value for name, value in found.items() if value}


def _run(command: list[str], folder: Path, what: str, variables: Mapping[str, str]) -> None:
    # Zappa wants a virtualenv to be active, though with a zip it packs nothing of it.
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix, **variables}
    if variables:
        environment.pop("AWS_PROFILE", None)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LOG_TAIL_LINES:])
        raise DeploymentFailed(f"{what}: expected exit code 0, found {done.returncode}:\n{tail}")
