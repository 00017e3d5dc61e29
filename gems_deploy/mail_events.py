"""Has EventBridge call the function with what SES tells of mails: a rule, its target, and the function's permission.

None of it can be the stack's: Zappa makes the function after it, and at each deployment removes every rule that calls the function
and clears its policy. So this comes after Zappa, each time, and goes with the function.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from gems_deploy.site import Site

STATEMENT = "mail-events"
_TARGET = "function"


def rule_name(site: Site) -> str:
    """The rule's name, one that the deployer's role may make."""
    return f"{site.stage.function}-mail-events"


def pattern_of(configuration_set: str) -> dict[str, Any]:
    """What the rule lets through: SES's events of mails that were sent with our configuration set."""
    return {"source": ["aws.ses"], "detail": {"mail": {"tags": {"ses:configuration-set": [configuration_set]}}}}


def is_set_up(site: Site, configuration_set: str) -> bool:
    """Whether rule, target and permission are there."""
    events = site.client("events")
    try:
        rule = events.describe_rule(Name=rule_name(site))
        targets = events.list_targets_by_rule(Rule=rule_name(site))["Targets"]
        policy = site.client("lambda").get_policy(FunctionName=site.stage.function)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    let = any(statement.get("Sid") == STATEMENT for statement in json.loads(policy)["Statement"])
    is_right = json.loads(rule.get("EventPattern", "{}")) == pattern_of(configuration_set)
    return let and is_right and bool(targets)


def set_up(site: Site, configuration_set: str) -> None:
    """Make what is missing of them; doing it again changes nothing."""
    events, functions = site.client("events"), site.client("lambda")
    function = functions.get_function_configuration(FunctionName=site.stage.function)["FunctionArn"]
    rule = events.put_rule(
        Name=rule_name(site),
        EventPattern=json.dumps(pattern_of(configuration_set)),
        Description="What became of mails goes to the API's function.",
    )["RuleArn"]
    events.put_targets(Rule=rule_name(site), Targets=[{"Id": _TARGET, "Arn": function}])
    try:
        functions.add_permission(
            FunctionName=site.stage.function,
            StatementId=STATEMENT,
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceConflictException":  # it is there
            raise
