"""The quotas of API Gateway and of Lambda that this stand-in enforces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Quotas of Lambda ("Lambda quotas") and of a REST API ("Quotas for configuring and running a REST API").

    Attributes:
        gateway_seconds: after which API Gateway answers 504, whatever the function does.
        gateway_bytes: largest body of a request or an answer at API Gateway.
        payload_bytes: largest event, and largest answer of the function.
        init_seconds: from the start of an environment to its first request for an event.
        function_seconds: after which the environment is killed; a setting of the function.
        memory_mb: resident memory above which the environment is killed; a setting of the function.
        environments: how many of them run at once; further events wait.
        environment_bytes: names and values of the function's variables together.
    """

    gateway_seconds: float = 29.0
    gateway_bytes: int = 10 * 1024 * 1024
    payload_bytes: int = 6 * 1024 * 1024
    init_seconds: float = 10.0
    function_seconds: float = 30.0
    memory_mb: int = 512
    environments: int = 4
    environment_bytes: int = 4096
