"""Checks of the API: its function, schedule and answer, and the mails that it sends."""

from __future__ import annotations

import math

from botocore.exceptions import BotoCoreError, ClientError

from gems_core import __version__
from gems_deploy.facts import Facts
from gems_deploy.findings import Check, Level, Verdict, fail, ok, warn
from gems_deploy.function import drift
from gems_deploy.gateway import WANTED, read_throttle
from gems_deploy.mail_events import is_set_up
from gems_deploy.python_runtime import NEWEST, RUNTIMES
from gems_deploy.site import code_of
from gems_deploy.steps import check_answer

_DEPLOY = "Run `gems deploy`."
# A request's time in the function, rounded up (docs/cost.md: 1,530 s for 8,520 requests).
REQUEST_SECONDS = 0.2
# What the gateway lets through keeps so many executions busy.
BUSY = math.ceil(WANTED.rate * REQUEST_SECONDS)


def _function(facts: Facts) -> Verdict:
    changed = drift(facts.function, facts.settings, None)
    if changed:
        return fail(
            f"other values than this release sets: {', '.join(changed)}",
            f"{_DEPLOY} Change settings there, not in the console.",
        )
    return ok(f"{facts.site.stage.function}, {facts.function.memory_mb} MB")


def _runtime(facts: Facts) -> Verdict:
    if facts.function.runtime != NEWEST.name:
        old = next((each for each in RUNTIMES.values() if each.name == facts.function.runtime), None)
        until = f"; Lambda takes no update of it from {old.last_update}" if old else ""
        repair = (
            f"Deploy from a virtualenv of Python {NEWEST.version}: `rm -rf .venv && make venv`, then `gems deploy`."
        )
        return warn(f"{facts.function.runtime}{until}", repair)
    return ok(NEWEST.name)


def _schedule(facts: Facts) -> Verdict:
    events = facts.site.client("events")
    name = facts.site.stage.function
    rules = [rule for rule in events.list_rules(NamePrefix=f"{name}-")["Rules"] if ".reap" in rule["Name"]]
    if not rules:
        return fail("nothing calls the reaper", f"{_DEPLOY} Without it, machines of a broken job keep running.")
    rule = rules[0]
    targets = [target["Arn"] for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]]
    if rule["State"] != "ENABLED" or not any(arn.split(":function:")[-1].split(":")[0] == name for arn in targets):
        return fail(f"{rule['Name']} is {rule['State'].lower()} with {len(targets)} targets", _DEPLOY)
    return ok(rule["ScheduleExpression"])


def _gateway(facts: Facts) -> Verdict:
    held = read_throttle(facts.site)
    if held != WANTED:
        repair = f"{_DEPLOY} It limits them to {WANTED}. Without it, anybody's requests take the executions that workers need."
        return warn(f"lets through {held or 'what the account may'}", repair)
    return ok(f"lets through {held}")


def _concurrency(facts: Facts) -> Verdict:
    try:
        limits = facts.site.client("lambda").get_account_settings()["AccountLimit"]
    except (ClientError, BotoCoreError) as error:
        return warn(f"cannot be asked: {error}", "Look at it in the AWS console, Service Quotas, Lambda.")
    free = limits["UnreservedConcurrentExecutions"]
    found = f"{free} executions at once for all functions of the account that have none reserved"
    if free < BUSY:
        repair = (
            "Ask AWS for more (Service Quotas, Lambda, Concurrent executions); till then workers of large jobs wait."
        )
        return warn(f"{found}; {WANTED} keep about {BUSY} busy", repair)
    return ok(found)


def _answer(facts: Facts) -> Verdict:
    if not facts.api_url:
        return fail("the API has no address", _DEPLOY)
    found = check_answer(facts.site, facts.api_url)
    if found:
        return fail(
            f"{facts.api_url}/healthz: {found}", f"See the log group {facts.output('ApiLogs')}, or deploy again."
        )
    return ok(f"{facts.api_url} is GeMS {__version__}")


def _sender(facts: Facts) -> Verdict:
    sender = facts.output("MailSender")
    ses = facts.site.client("sesv2")
    for identity in (sender, sender.rpartition("@")[2]):
        try:
            if ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"]:
                return ok(identity)
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
    return fail(
        f"{sender} is not verified", "Follow the link in the mail that SES sent there. No report is mailed till then."
    )


def _sandbox(facts: Facts) -> Verdict:
    try:
        account = facts.site.client("sesv2").get_account()
    except ClientError as error:
        return warn(f"cannot be asked: {error}", "Look in the AWS console, SES, Account dashboard.")
    if not account.get("ProductionAccessEnabled"):
        repair = "Ask for production access in the SES console; till then only verified recipients get mails."
        return warn("SES is in its sandbox", repair)
    return ok("SES mails to everybody")


def _mail_events(facts: Facts) -> Verdict:
    configuration_set = facts.stack.outputs.get("MailEvents", "")
    if not configuration_set:
        return warn("the stack has no configuration set: nothing reports a mail that comes back", _DEPLOY)
    if not is_set_up(facts.site, configuration_set):
        return warn("nothing tells what becomes of mails", _DEPLOY)
    return ok(f"{configuration_set} tells what becomes of mails")


CHECKS = (
    Check("function", _function),
    Check("runtime", _runtime, worst=Level.WARN),
    Check("schedule", _schedule),
    Check("gateway", _gateway, worst=Level.WARN),
    Check("concurrency", _concurrency, worst=Level.WARN),
    Check("API", _answer),
    Check("mail sender", _sender),
    Check("mail recipients", _sandbox, worst=Level.WARN),
    Check("mail events", _mail_events, worst=Level.WARN),
)
