"""Checks of what the stack made: the stack itself, buckets, tokens, artefacts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from gems_api.aws.s3 import S3Store
from gems_api.services.access.single_sign_on import CREDENTIAL
from gems_api.services.storage.sso import SsoRecords
from gems_artefacts.architecture import architecture_of_bundle
from gems_artefacts.bundle import bundle_version
from gems_core.layout import ARTEFACT_KINDS
from gems_deploy import review_lock
from gems_deploy.artefacts import absent_objects, published
from gems_deploy.facts import Facts, NoStack
from gems_deploy.findings import Check, Level, Verdict, fail, ok, warn
from gems_deploy.site import BATCH, STAGE, Blueprint, code_of
from gems_deploy.tokens import opens, token_names, vault_of

_DEPLOY = "Run `gems deploy`."


def _stack(facts: Facts) -> Verdict:
    try:
        return ok(f"{facts.site.stage.stack}, {facts.stack.status}")
    except NoStack as error:
        return fail(str(error), f"{_DEPLOY} Is there such a stage, see --stage and --region.")


def _template(facts: Facts) -> Verdict:
    stack = facts.stack
    if not stack.is_settled:
        return fail(stack.status, "See the stack's events in the AWS console.")
    for blueprint in (STAGE, BATCH) if facts.batch else (STAGE,):
        if _template_of(facts, blueprint) != blueprint.text():
            return warn(f"{stack.status}, of another {blueprint} than this one", _DEPLOY)
    return ok(stack.status)


def _template_of(facts: Facts, blueprint: Blueprint) -> str:
    client, name = facts.site.client("cloudformation"), facts.site.stage.stack_of(blueprint)
    return str(client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"])


def _control_bucket(facts: Facts) -> Verdict:
    bucket, s3 = facts.output("ControlBucket"), facts.site.client("s3")
    looks: dict[str, Callable[[], bool]] = {
        "versioned": lambda: s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled",
        "encrypted": lambda: bool(s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]),
        "closed to the public": lambda: all(
            s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()
        ),
        "TLS only": lambda: _tls_only(s3.get_bucket_policy(Bucket=bucket)["Policy"]),
        "emptied of old jobs": lambda: bool(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]),
    }
    wrong = [what for what, look in looks.items() if not _holds(look)]
    if wrong:
        return fail(
            f"{bucket} is not {', not '.join(wrong)}", "Somebody changed it: run `gems deploy` as an administrator."
        )
    return ok(bucket)


def _holds(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except ClientError as error:
        if code_of(error).startswith(("NoSuch", "ServerSideEncryptionConfigurationNotFound")):
            return False
        raise


def _tls_only(policy: str) -> bool:
    statements: list[dict[str, Any]] = json.loads(policy)["Statement"]
    wanted = {"Bool": {"aws:SecureTransport": "false"}}
    return any(one["Effect"] == "Deny" and one.get("Condition") == wanted for one in statements)


def _data_buckets(facts: Facts) -> Verdict:
    names = [arn.rsplit(":", 1)[-1] for arn in facts.listed("DataBucketArns")]
    s3, wrong = facts.site.client("s3"), []
    for name in names:
        try:
            s3.head_bucket(Bucket=name)
        except ClientError as error:
            wrong.append(f"{name} ({code_of(error)})")
    if wrong:
        return fail(", ".join(wrong), "Make the bucket, or name the right ones with `gems deploy --data-bucket`.")
    granted = [arn for arn in facts.stack.outputs.get("DataKeyArns", "").split(",") if arn]
    closed = {name: key for name in names if (key := _own_key(facts, name)) and key not in granted}
    if closed:
        found = ", ".join(f"{name} is encrypted with {key}, which no role may use" for name, key in closed.items())
        arns = ",".join([*granted, *sorted(set(closed.values()))])
        return fail(found, f"As an administrator: gems deploy --parameter DataKeyArns={arns}")
    return ok(", ".join(names))


def _own_key(facts: Facts, bucket: str) -> str:
    """The ARN of the KMS key of the account's own that seals a bucket's new objects, '' where S3's or AWS's own key does."""
    try:
        found = facts.site.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    except ClientError as error:
        if code_of(error).startswith("ServerSideEncryptionConfigurationNotFound"):
            return ""
        raise
    name = str(found["Rules"][0].get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID", ""))
    if not name or name.endswith("alias/aws/s3"):
        return ""
    try:
        key = facts.site.client("kms").describe_key(KeyId=name)["KeyMetadata"]
    except ClientError:  # another account's, which may not be looked at
        return name
    return "" if key["KeyManager"] == "AWS" else str(key["Arn"])


def _tokens(facts: Facts) -> Verdict:
    names = token_names(facts.stack.outputs)
    wrong = [f"{name} ({reason})" for name in names if (reason := opens(facts.site, facts.stack.outputs, name))]
    if wrong:
        return fail(", ".join(wrong), f"{_DEPLOY} It makes those that are missing.")
    vault = vault_of(facts.site, facts.stack.outputs)
    rotating = [name for name in names if len(vault.versions(name)) > 1]
    if rotating:
        found = f"an older version is in force beside the newest: {', '.join(rotating)}"
        which = "--user" if rotating[0] == facts.output("UserCredential") else "--worker"
        retire = f"gems credentials retire {which} --stage {facts.site.stage.name}"
        return warn(found, f"When nobody holds it any more, remove it with `{retire}`.")
    return ok(", ".join(names))


def _basespace(facts: Facts) -> Verdict:
    """Whether launches can be taken, where they may be."""
    outputs = facts.stack.outputs
    url, name = outputs.get("BaseSpaceUrl", ""), outputs.get("BaseSpaceCredential", "")
    if not url:
        return ok("off: no jobs are started from there")
    store = f"gems credentials basespace --stage {facts.site.stage.name}"
    reason = opens(facts.site, outputs, name)
    if reason:
        return warn(
            f"{url}, but {name} cannot be read ({reason})", f"Store the app's client key and secret: `{store}`."
        )
    if len(vault_of(facts.site, outputs).versions(name)) > 1:
        retire = f"gems credentials retire --basespace --stage {facts.site.stage.name}"
        return warn(f"{url}; an older version of {name} is in force beside the newest", f"Remove it with `{retire}`.")
    return ok(f"{url}, {name}")


def _single_sign_on(facts: Facts) -> Verdict:
    """Whether people can sign in with accounts of an identity provider, where they may."""
    store = S3Store(facts.site.client("s3"), time.sleep)
    settings = SsoRecords(store, facts.output("ControlBucket")).settings()
    if settings is None:
        return ok("off: people sign in with passwords")
    found, stage = f"{settings.name}, {settings.issuer}", facts.site.stage.name
    if not settings.has_secret:
        return ok(found)
    reason = opens(facts.site, facts.stack.outputs, CREDENTIAL)
    if reason:
        repair = f"Store the client secret: `gems credentials sso --stage {stage}`."
        return warn(f"{found}, but {CREDENTIAL} cannot be read ({reason})", repair)
    if len(vault_of(facts.site, facts.stack.outputs).versions(CREDENTIAL)) > 1:
        retire = f"gems credentials retire --sso --stage {stage}"
        return warn(
            f"{found}; an older version of {CREDENTIAL} is in force beside the newest", f"Remove it with `{retire}`."
        )
    return ok(found)


def _review_log(facts: Facts) -> Verdict:
    """Whether entries can be locked, where the stage says that they are."""
    lock = review_lock.wished(facts.settings["aws_environment_variables"])
    if lock is None:
        return ok("not locked: S3 keeps what is replaced or removed for 30 days")
    if not review_lock.is_on(facts.site, facts.output("ControlBucket")):
        return fail(
            f"{review_lock.SETTING}={lock}, but the control bucket has no Object Lock: nobody can review",
            "Run `gems deploy` as an administrator.",
        )
    return ok(f"entries are locked for {lock.days} days ({lock.mode.lower()})")


def _artefacts(facts: Facts) -> Verdict:
    bucket = facts.output("ControlBucket")
    held = published(facts.site, bucket)
    missing = [kind for kind in ARTEFACT_KINDS if kind not in held] or absent_objects(facts.site, bucket, held)
    if missing:
        return fail(f"not published: {', '.join(missing)}", _DEPLOY)
    worker = held["worker"].version
    here = bundle_version(architecture=architecture_of_bundle(worker))
    if worker != here:
        return warn(f"worker {worker}, here is {here}", _DEPLOY)
    return ok(", ".join(f"{kind} {entry.version}" for kind, entry in held.items()))


CHECKS = (
    Check("stack", _stack, gate=True),
    Check("template", _template),
    Check("control bucket", _control_bucket),
    Check("data buckets", _data_buckets),
    Check("review log", _review_log),
    Check("tokens", _tokens),
    Check("artefacts", _artefacts),
    Check("BaseSpace", _basespace, worst=Level.WARN),
    Check("single sign-on", _single_sign_on, worst=Level.WARN),
)
