"""``gems forget``: a person's results are removed, and the review's log says so."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import boto3
import click

from gems_api.aws.s3 import S3Store
from gems_api.services.storage.people import People
from gems_api.services.storage.read_cache import ReadCache
from gems_api.services.storage.review_log import ReviewLog
from gems_cli.deployment import Deployment, of_a_deployment
from gems_core.errors import UsageProblem
from gems_core.people import Role, is_name
from gems_core.review.events import LONGEST_WORDS
from gems_core.review.lock import EXPECTED, Lock, holding
from gems_core.session_key import SessionKey
from gems_deploy.forget import STAYS, Forgetter, Plan
from gems_deploy.versioned_objects import VersionedObjects


@click.command()
@click.argument("sample")
@click.option("--job", "session_key", metavar="KEY", required=True, help="The job with the sample's results.")
@click.option("--by", metavar="NAME", required=True, help="Your name; you must be an administrator (`gems users`).")
@click.option("--words", required=True, help="Why, for the log; name nobody.")
@click.option("--yes", is_flag=True, help="Do it. Without this the command only tells what it would do.")
@click.option("--lock", envvar="GEMS_REVIEW_LOCK", default="", help="As the deployment's setting, where it has one.")
@of_a_deployment
def forget(*, deployment: Deployment, sample: str, session_key: str, by: str, words: str, yes: bool, lock: str) -> None:
    """Remove a person's results of a job, and say so in the review's log, which goes on to be proven.

    Run it with AWS credentials that may read and write both buckets, their earlier versions too: not the deployer's. It tells what
    it cannot reach. What was broken off is gone on with by running it again.
    """
    if not 1 <= len(words.strip()) <= LONGEST_WORDS:
        raise UsageProblem(f"--words: expected 1 to {LONGEST_WORDS} characters, found {len(words)}.")
    now = datetime.now(UTC)
    hold = holding(_lock(lock), lambda: now)
    store = S3Store(boto3.Session().client("s3", deployment.region), time.sleep)
    _check_administrator(People(store, deployment.bucket), by)
    objects = VersionedObjects(boto3.Session().client("s3", region_name=deployment.region))
    forgetter = Forgetter(objects, deployment.bucket, ReviewLog(store, deployment.bucket, ReadCache(), hold))
    plan = forgetter.plan(SessionKey.parse(session_key), sample)
    _tell(plan)
    if yes and not plan.is_done:
        forgetter.forget(plan, by, words, now)
        click.echo("forgotten", err=True)
    for place in dict.fromkeys(objects.untouched):
        click.echo(f"its earlier versions could not be removed: {place}", err=True)
    if not yes and not plan.is_done:
        click.echo("nothing was changed: this was a dry run. Give --yes to do it.", err=True)


def _lock(text: str) -> Lock | None:
    try:
        return Lock.parse(text) if text else None
    except ValueError as error:
        raise UsageProblem(f"--lock: expected {EXPECTED}, found {text[:100]!r}.") from error


def _check_administrator(people: People, name: str) -> None:
    person = people.find(name) if is_name(name) else None
    if person is None or person.disabled or person.role is not Role.ADMINISTRATOR:
        raise UsageProblem(
            f"--by: expected the name of an administrator, found {name[:100]!r}. `gems users list` shows all."
        )


def _tell(plan: Plan) -> None:
    if plan.is_done:
        click.echo("there is nothing left to forget", err=True)
    if plan.tombstone:
        click.echo("review's log\ttombstone")
    for bucket, key in plan.removed:
        click.echo(f"s3://{bucket}/{key}\tremoved, with all versions")
    for bucket, key in plan.rewritten:
        click.echo(f"s3://{bucket}/{key}\twritten again without the sample; earlier versions removed")
    for bucket, key in plan.stale:
        click.echo(f"s3://{bucket}/{key}\tearlier versions removed")
    for what in STAYS:
        click.echo(f"stays: {what}", err=True)
