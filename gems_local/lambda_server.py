"""The API of the local cloud as it is deployed: the Lambda's zip behind API Gateway's stage. ``python -m`` this.

The schedule of EventBridge is a thread here, whose ticks are events of the same function.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from gems_local.api_server import tick
from gems_local.lambda_runtime.code import obey_file_modes, runtime_folder, unpack
from gems_local.lambda_runtime.environment import Code
from gems_local.lambda_runtime.events import scheduled_event
from gems_local.lambda_runtime.function import Function
from gems_local.lambda_runtime.gateway import Gateway
from gems_local.lambda_runtime.limits import Limits
from gems_local.processes import announce_ready, read_settings, when_parent_ends

# The name that Zappa gives to the rule of the event "reap" in zappa_settings.json.
RULE = "{function}-reap-gems_api.scheduled.reap"


def main() -> None:
    """Serve until the parent ends."""
    settings = read_settings()
    obey_file_modes()
    limits = Limits()
    stage: str = settings["stage"]
    region: str = settings["region"]
    function_name = f"gems-{stage}"
    task_root = unpack(Path(settings["zip"]), Path(settings["folder"]))
    runtime = runtime_folder(Path(settings["cache"]))

    def function_at(url: str) -> Function:
        variables = {**settings["variables"], "GEMS_API_URL": url}
        code = Code(task_root, runtime, "handler.lambda_handler", variables, function_name, region)
        return Function(code, settings["role"], limits, sys.stderr)

    gateway = Gateway(function_at, stage, {}, limits, int(settings["port"]))
    when_parent_ends(lambda: _end(gateway))
    announce_ready({"url": gateway.url})
    event = scheduled_event(region, RULE.format(function=function_name))
    tick(lambda: gateway.function.invoke(event), float(settings["reap_seconds"]), threading.Event())


def _end(gateway: Gateway) -> None:
    try:
        gateway.close()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
