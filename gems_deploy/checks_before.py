"""Checks of the machine that deploys and of the account: all can be made before anything is there."""

from __future__ import annotations

import shutil
import sys
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from gems_artefacts.checks import BUILT_JAR
from gems_artefacts.java import java_problem
from gems_deploy.facts import Facts
from gems_deploy.findings import Check, Verdict, fail, ok, warn
from gems_deploy.settings import zappa_stage

# AWS refuses a signature that is more than five minutes off (IAM user guide, "Signature Version 4").
WORST_SKEW = timedelta(minutes=5)
DOUBTFUL_SKEW = timedelta(seconds=30)


def _python(facts: Facts) -> Verdict:
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    wanted = zappa_stage(facts.site.stage)["runtime"]
    if here != wanted:
        return fail(here, f"Make the virtualenv with {wanted}: Lambda and the workers run what is compiled here.")
    return ok(here)


def _tools(_facts: Facts) -> Verdict:
    if not Path(sys.executable).with_name("zappa").exists():
        return fail("no zappa", "Run `make venv`.")
    if BUILT_JAR.exists():
        return ok("zappa, and the typer's jar")
    if java_problem() or shutil.which("mvn") is None:
        return fail(
            "no typer's jar, and no Java 17 or Maven to build it", "Install JDK 17 and Maven, then run `make jar`."
        )
    return fail("no typer's jar", "Run `make jar`.")


def _credentials(facts: Facts) -> Verdict:
    try:
        return ok(str(facts.caller["Arn"]))
    except (ClientError, BotoCoreError) as error:
        return fail(f"AWS does not know you: {error}", "Set AWS_PROFILE or log in (docs/deploy.md, who may deploy).")


def _region(facts: Facts) -> Verdict:
    zones = facts.site.client("ec2").describe_subnets()["Subnets"]
    if not zones:
        return fail(f"{facts.site.region} without a subnet", "Make a VPC with subnets, or choose another --region.")
    return ok(facts.site.region)


def _clock(facts: Facts) -> Verdict:
    told = parsedate_to_datetime(facts.caller["ResponseMetadata"]["HTTPHeaders"]["date"])
    skew = abs(facts.site.clock() - told)
    found = f"{skew.total_seconds():.0f} s from AWS's"
    if skew >= WORST_SKEW:
        return fail(found, "Set the clock (timedatectl set-ntp true): AWS refuses what is signed now.")
    return warn(found, "Set the clock (timedatectl set-ntp true).") if skew >= DOUBTFUL_SKEW else ok(found)


CHECKS = (
    Check("Python", _python),
    Check("tools", _tools),
    Check("credentials", _credentials, gate=True),
    Check("region", _region),
    Check("clock", _clock),
)
