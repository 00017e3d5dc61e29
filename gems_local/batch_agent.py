"""Runs the containers of the local AWS Batch: one container host for each task. ``python -m`` this.

It watches what the scheduler wants (``gems_local/strict/batch/pages.py``), as ECS's agents would: a new task is started, one
that is to stop is asked to, one that is wanted no more is switched off at once. The scheduler is told what became of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from gems_core.batch_ids import worker_of
from gems_core.errors import CloudUnreachable
from gems_local.aws import LocalAws
from gems_local.cloud_logs import DISK, keep_disk_logs, set_aside_logs
from gems_local.machines import BOOT_SECONDS, disk_environment, role_credentials, run_agent, say
from gems_local.processes import Service, read_settings
from gems_local.strict.batch.pages import BATCH_PATH, ENDED_PATH, RUNNING_PATH

# What the worker's image says of itself (Dockerfile); where its files lie is each container's own.
IMAGE_VARIABLES = {"GEMS_ON_END": "exit", "GEMS_INSTALL": "no"}
_TIMEOUT_SECONDS = 30


def batch_variables(task: Mapping[str, Any]) -> dict[str, str]:
    """What AWS Batch tells a container of its job (user guide, "Job environment variables")."""
    variables = {
        "AWS_BATCH_JOB_ID": task["job"],
        "AWS_BATCH_JOB_ATTEMPT": str(task["attempt"]),
        "AWS_BATCH_JQ_NAME": task["queue"],
        "AWS_BATCH_CE_NAME": task["environment"],
        "AWS_EXECUTION_ENV": "AWS_ECS_EC2",
    }
    if task["index"] is not None:
        variables |= {"AWS_BATCH_JOB_ARRAY_INDEX": str(task["index"])}
        variables |= {"AWS_BATCH_JOB_ARRAY_SIZE": str(task["array_size"])}
    return variables


@dataclass
class _Container:
    """A container of a task: its folder, and the host that runs it."""

    folder: Path
    host: Service
    asked: bool = False


class _Scheduler:
    """The local AWS Batch, as who runs its containers sees it. An answer that does not come is a CloudUnreachable."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._http = requests.Session()
        self._http.trust_env = False

    def tasks(self) -> dict[str, dict[str, Any]]:
        """By id."""
        return {task["task"]: task for task in self._ask("GET", BATCH_PATH)["tasks"]}

    def running(self, task_id: str) -> None:
        self._ask("POST", RUNNING_PATH, {"task": task_id})

    def ended(self, task_id: str, **how: object) -> None:
        self._ask("POST", ENDED_PATH, {"task": task_id, **how})

    def _ask(self, method: str, path: str, sent: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._http.request(method, self._endpoint + path, json=sent, timeout=_TIMEOUT_SECONDS)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise CloudUnreachable(f"the local AWS Batch was expected to answer {method} {path}: {error}") from error
        told: dict[str, Any] = answer.json()
        return told


class BatchAgent:
    """Keeps one running container for each task.

    Args:
        aws: the local AWS.
        folder: takes ``<worker id>/`` of each container: its ``console.log``, and while it runs its disk, ``root``.
        environment: what every container finds in its environment, besides what is its own.
    """

    def __init__(self, aws: LocalAws, folder: Path, environment: dict[str, str]) -> None:
        self._scheduler = _Scheduler(aws.endpoint)
        self._sts = aws.sts()
        self._folder = folder
        self._environment = environment
        self._containers: dict[str, _Container] = {}

    def tick(self) -> None:
        """Bring the containers into line with the scheduler, once."""
        tasks = self._scheduler.tasks()
        for task_id, container in list(self._containers.items()):
            if not container.host.running:
                self._record_end(task_id)
            elif task_id not in tasks:
                container.host.hang_up()
            elif tasks[task_id]["wanted"] == "stop" and not container.asked:
                container.asked = True
                container.host.ask_to_end()
        for task_id, task in tasks.items():
            if task["status"] == "STARTING" and task_id not in self._containers:
                self._begin(task)
        for task_id, task in tasks.items():
            if task["status"] == "STARTING" and task_id in self._containers:
                self._see_started(task_id)

    def stop(self) -> None:
        """Switch every container off."""
        for container in self._containers.values():
            container.host.hang_up()
        for container in self._containers.values():
            container.host.stop()
            keep_disk_logs(container.folder)
        self._containers.clear()

    def _begin(self, task: Mapping[str, Any]) -> None:
        folder = self._folder / worker_of(task["job"])
        if task["wanted"] == "stop":
            self._scheduler.ended(
                task["task"], reason="CannotStartContainerError: the task was stopped before it started"
            )
        # An attempt whose host was taken away may still be ending; the next one has the same folder.
        elif all(container.folder != folder for container in self._containers.values()):
            self._containers[task["task"]] = _Container(folder, self._start(task, folder))
            say(f"{folder.name} starts, attempt {task['attempt']}")

    def _start(self, task: Mapping[str, Any], folder: Path) -> Service:
        root = folder / DISK
        root.mkdir(parents=True)
        set_aside_logs(folder, f"attempt-{task['attempt'] - 1}")
        settings = {
            "command": task["command"],
            "root": str(root),
            "console_log": str(folder / "console.log"),
            "role": task["role"],
            "credentials": role_credentials(self._sts, task["role"], task["task"]) if task["role"] else {},
            "environment": {
                **self._environment,
                **IMAGE_VARIABLES,
                **disk_environment(root),
                **task["variables"],
                **batch_variables(task),
            },
        }
        return Service.start(f"container {folder.name}", "gems_local.container_host", settings, folder / "host.log")

    def _see_started(self, task_id: str) -> None:
        try:
            self._containers[task_id].host.wait_until_ready(BOOT_SECONDS)
            self._scheduler.running(task_id)
        except CloudUnreachable as error:
            container = self._containers.pop(task_id)
            keep_disk_logs(container.folder)
            say(str(error))
            self._scheduler.ended(task_id, reason=f"CannotStartContainerError: {str(error).splitlines()[-1]}")

    def _record_end(self, task_id: str) -> None:
        container = self._containers.pop(task_id)
        container.host.stop()
        keep_disk_logs(container.folder)
        code = container.host.exit_code
        say(f"{container.folder.name} has ended with exit code {code}")
        self._scheduler.ended(task_id, exit_code=code)


def main() -> None:
    """Run until the parent ends, then switch every container off."""
    settings = read_settings()
    run_agent(
        "batch agent",
        lambda: BatchAgent(LocalAws(settings["endpoint"]), Path(settings["folder"]), settings["environment"]),
    )


if __name__ == "__main__":
    main()
