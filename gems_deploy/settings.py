"""The API's environment and Zappa's settings, rendered from the stack's outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gems_api.settings import Settings
from gems_artefacts.carried import carried
from gems_core.errors import one_problem
from gems_deploy.engine import is_batch
from gems_deploy.python_runtime import runtime_here
from gems_deploy.site import Stage

ZAPPA_SETTINGS = carried("zappa_settings.json")
BASE = "base"
# Until API Gateway has given the API an address.
NO_ADDRESS = "https://not-yet.invalid"
OUTPUT_OF = {
    "GEMS_CONTROL_BUCKET": "ControlBucket",
    "GEMS_REGION": "Region",
    "GEMS_WORKER_ROLE": "WorkerRoleArn",
    "GEMS_JOB_ROLE": "JobRoleArn",
    "GEMS_LAUNCH_TEMPLATE": "LaunchTemplate",
    "GEMS_INSTANCE_TYPES": "InstanceTypes",
    "GEMS_SUBNETS": "Subnets",
    "GEMS_SPOT": "Spot",
    "GEMS_DATA_BUCKETS": "DataBucketArns",
    "GEMS_MAIL_SENDER": "MailSender",
    "GEMS_USER_CREDENTIAL": "UserCredential",
    "GEMS_WORKER_CREDENTIAL": "WorkerCredential",
    "GEMS_CREDENTIAL_TABLE": "CredentialTable",
}

# Outputs that an older stack lacks, and those of one where jobs may be started from BaseSpace.
OPTIONAL_OUTPUT_OF = {
    "GEMS_ENGINE": "Engine",
    "GEMS_WORKER_LOGS": "WorkerLogs",
    "GEMS_MAIL_EVENTS": "MailEvents",
    "GEMS_BASESPACE_URL": "BaseSpaceUrl",
    "GEMS_BASESPACE_SITE_URL": "BaseSpaceSiteUrl",
    "GEMS_BASESPACE_API": "BaseSpaceApi",
    "GEMS_BASESPACE_CREDENTIAL": "BaseSpaceCredential",
    "GEMS_BASESPACE_KEY": "BaseSpaceKey",
}
# Outputs of the stack of infra/batch.yaml, where AWS Batch places the workers.
BATCH_OUTPUT_OF = {"GEMS_BATCH_QUEUE": "JobQueue", "GEMS_BATCH_JOB_DEFINITION": "JobDefinition"}


def environment(stage: Stage, outputs: Mapping[str, str], api_url: str) -> dict[str, str]:
    """The function's environment: zappa_settings.json's own variables, the stack's facts over them.

    Raises:
        InvalidInput: they are not settings that the API would start with.
    """
    own: Mapping[str, str] = zappa_stage(stage).get("aws_environment_variables", {})
    rendered = {variable: outputs[output] for variable, output in OUTPUT_OF.items()}
    rendered |= {variable: outputs[output] for variable, output in OPTIONAL_OUTPUT_OF.items() if output in outputs}
    if is_batch(outputs):
        rendered |= {variable: outputs[output] for variable, output in BATCH_OUTPUT_OF.items()}
    found = {**own, "GEMS_STAGE": stage.name, **rendered, "GEMS_API_URL": api_url or NO_ADDRESS}
    Settings.from_environment(found)
    return found


def zappa_stage(stage: Stage) -> dict[str, Any]:
    """A stage of zappa_settings.json with what it extends; its runtime is the Python that the zip is built with.

    Raises:
        InvalidInput: the file is not JSON, or does not name the stage, which Zappa then cannot pack.
    """
    document = _zappa_document()
    own = _part(document, stage.name)
    merged = {**_part(document, own.get("extends", BASE)), **own}
    merged.pop("extends", None)
    here = runtime_here()
    return merged | ({"runtime": here.name} if here else {})


def _zappa_document() -> dict[str, dict[str, Any]]:
    try:
        document: dict[str, dict[str, Any]] = json.loads(ZAPPA_SETTINGS.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise one_problem("zappa_settings", str(ZAPPA_SETTINGS), "JSON", str(error), "Repair the file.") from error
    return document


def _part(document: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    if name not in document:
        others = ", ".join(sorted(document.keys() - {BASE}))
        repair = f'Name one of these with --stage, or add "{name}": {{"extends": "{BASE}"}} to the file.'
        raise one_problem("zappa_settings", str(ZAPPA_SETTINGS), f"the stage {name}", f"the stages {others}", repair)
    return document[name]


def zappa_settings(stage: Stage, outputs: Mapping[str, str], api_url: str) -> dict[str, Any]:
    """The settings that Zappa deploys the stage with."""
    frame = zappa_frame(stage, outputs["Region"], outputs["PackagesBucket"], outputs["ApiRole"])
    return {stage.name: {**frame, "aws_environment_variables": environment(stage, outputs, api_url)}}


def zappa_frame(stage: Stage, region: str, packages_bucket: str, role: str) -> dict[str, Any]:
    """The settings of the stage but the function's environment; enough to remove it with."""
    return {**zappa_stage(stage), "aws_region": region, "s3_bucket": packages_bucket, "role_name": role}


def write_zappa_settings(folder: Path, settings: Mapping[str, Any]) -> Path:
    """Put them where `zappa` looks, which is the folder it is started in."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "zappa_settings.json"
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    return path
