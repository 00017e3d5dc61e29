"""The API Gateway that Zappa makes: which one it is, its address, and how many requests it lets through."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from gems_deploy.site import Site, code_of, doing

_ABSENT = ("ResourceNotFoundException", "ValidationError", "NotFoundException")
_ALL_METHODS = "*/*"


@dataclass(frozen=True)
class Throttle:
    """What the gateway lets through of all callers together; it answers 429 to the rest, which workers repeat.

    Attributes:
        rate: requests a second in the long run.
        burst: requests at once.
    """

    rate: float
    burst: int

    def __str__(self) -> str:
        return f"{self.rate:.0f} requests a second, {self.burst} at once"


# A thousand workers (a job of 3,000 samples) claim at once; later they send 33 requests a second (docs/cost.md). More than
# this is nobody's work: requests without a token reach the function too, and its concurrency is the account's.
WANTED = Throttle(200.0, 1000)


def gateway_id(site: Site) -> str:
    """The id of the stage's REST API, '' while there is none."""
    try:
        found = site.client("cloudformation").describe_stack_resource(
            StackName=site.stage.function, LogicalResourceId="Api"
        )
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return ""
        raise
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def gateway_url(site: Site) -> str:
    """The address that API Gateway gave the API, or ''."""
    found = gateway_id(site)
    return f"https://{found}.execute-api.{site.region}.amazonaws.com/{site.stage.name}" if found else ""


def read_throttle(site: Site) -> Throttle | None:
    """What is set for the stage; None when only the account's own limit holds, or there is no gateway."""
    found = gateway_id(site)
    if not found:
        return None
    try:
        stage = site.client("apigateway").get_stage(restApiId=found, stageName=site.stage.name)
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return None
        raise
    settings = stage.get("methodSettings", {}).get(_ALL_METHODS, {})
    if "throttlingRateLimit" not in settings:
        return None
    return Throttle(float(settings["throttlingRateLimit"]), int(settings["throttlingBurstLimit"]))


def set_throttle(site: Site) -> None:
    """Let through what is wanted.

    Raises:
        DeploymentFailed: API Gateway refused.
    """
    values = {"rateLimit": f"{WANTED.rate:.0f}", "burstLimit": str(WANTED.burst)}
    changes = [
        {"op": "replace", "path": f"/{_ALL_METHODS}/throttling/{name}", "value": text} for name, text in values.items()
    ]
    with doing("limiting the requests to the API Gateway", "Use the deployer's role, then run `gems deploy` again."):
        site.client("apigateway").update_stage(
            restApiId=gateway_id(site), stageName=site.stage.name, patchOperations=changes
        )
