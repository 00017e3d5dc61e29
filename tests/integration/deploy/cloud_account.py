"""An AWS account that a deployment can be made in: moto over HTTP, with what moto lacks for it."""

from __future__ import annotations

import json
import re
import threading
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import boto3
import pytest
import yaml
from aws_surroundings import aws_surroundings
from batch_cloudformation import batch_by_cloudformation
from moto.awslambda.models import LambdaStorage
from moto.cloudformation import parsing
from moto.cloudformation.models import Change, ChangeSet
from moto.cloudformation.parsing import ResourceMap
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.ec2.models import ec2_backends
from moto.iam.models import Role
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ses.models import ses_backends
from moto.ssm.models import ssm_backends
from werkzeug.serving import make_server

from gems_artefacts.architecture import ARCHITECTURES, Architecture
from gems_deploy import function
from gems_deploy.python_runtime import RUNTIMES
from gems_deploy.site import TEMPLATE

REGION = "eu-central-1"
DATA_BUCKET = "direct.typing"
SENDER = "gems@example.org"


class Account:
    """Moto as a server. It answers what is asked and moto does not know: a function's URL configurations, and Lambda's limits.

    Attributes:
        calls: what was asked, as IAM's actions.
        gateways: the paths that API Gateway was asked for, by action.
        concurrency: the account's.
        build: takes what a deployment to it writes on this machine.
    """

    def __init__(self, build: Path) -> None:
        self.build = build
        self.calls: set[str] = set()
        self.gateways: set[tuple[str, str]] = set()
        self.concurrency = 1000
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True)
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        action = action_of(environ, body)
        self.calls.add(action)
        if action.startswith("apigateway:"):
            self.gateways.add((action, environ["PATH_INFO"]))
        if action in ("lambda:ListFunctionUrlConfigs", "lambda:GetAccountSettings"):
            limits = {"ConcurrentExecutions": self.concurrency, "UnreservedConcurrentExecutions": self.concurrency}
            body = json.dumps({"FunctionUrlConfigs": [], "AccountLimit": limits}).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


_SERVICE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/aws4_request")
# Method and the end of the path, of the services that put the operation there ("Service Authorization Reference").
_REST = {
    "lambda": {
        "GET /functions/[^/]+": "GetFunction",
        "GET /functions/[^/]+/configuration": "GetFunctionConfiguration",
        "PUT /functions/[^/]+/configuration": "UpdateFunctionConfiguration",
        "PUT /functions/[^/]+/code": "UpdateFunctionCode",
        "GET /functions/[^/]+/versions": "ListVersionsByFunction",
        "GET /functions/[^/]+/policy": "GetPolicy",
        "POST /functions/[^/]+/policy": "AddPermission",
        "DELETE /functions/[^/]+/policy/.+": "RemovePermission",
        "GET /functions/[^/]+/urls": "ListFunctionUrlConfigs",
        "GET /functions/[^/]+/aliases/.+": "GetAlias",
        "PUT /functions/[^/]+/aliases/.+": "UpdateAlias",
        "POST /functions/[^/]+/aliases": "CreateAlias",
        "DELETE /functions/[^/]+/concurrency": "DeleteFunctionConcurrency",
        "GET /functions/[^/]+/provisioned-concurrency": "GetProvisionedConcurrencyConfig",
        "DELETE /functions/[^/]+": "DeleteFunction",
        "GET /account-settings/?": "GetAccountSettings",
    },
    "batch": {
        "POST /createcomputeenvironment": "CreateComputeEnvironment",
        "POST /describecomputeenvironments": "DescribeComputeEnvironments",
        "POST /describejobdefinitions": "DescribeJobDefinitions",
        "POST /describejobqueues": "DescribeJobQueues",
        "POST /listjobs": "ListJobs",
        "POST /terminatejob": "TerminateJob",
        "POST /updatejobqueue": "UpdateJobQueue",
    },
    "ses": {"GET /identities/.+": "GetEmailIdentity", "GET /account": "GetAccount"},
}
_S3_OF_BUCKET = {
    "object-lock": "GetBucketObjectLockConfiguration",
    "versioning": "GetBucketVersioning",
    "encryption": "GetEncryptionConfiguration",
    "publicAccessBlock": "GetBucketPublicAccessBlock",
    "policy": "GetBucketPolicy",
    "lifecycle": "GetLifecycleConfiguration",
}


def action_of(environ: dict[str, Any], body: bytes) -> str:
    """IAM's action for a request; what is not known comes as it is, and is granted to nobody."""
    signed = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service, method, path = signed[1] if signed else "nobody", environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if "HTTP_X_AMZ_TARGET" in environ:
        return f"{service}:{environ['HTTP_X_AMZ_TARGET'].rsplit('.', 1)[-1]}"
    if service == "apigateway":
        return f"apigateway:{method}"
    if service == "s3":
        return f"s3:{_s3_action(method, path, environ['QUERY_STRING'])}"
    for pattern, name in _REST.get(service, {}).items():
        verb, _, end = pattern.partition(" ")
        if method == verb and re.fullmatch(f"/[^/]+(/email)?{end}", path):
            return f"{service}:{name}"
    found = dict(parse_qsl(body.decode(errors="replace")))
    return f"{service}:{found.get('Action', f'{method} {path}')}"


def _s3_action(method: str, path: str, query: str) -> str:
    if path.strip("/").count("/"):
        return {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}.get(
            method, method
        )
    subresource = query.partition("=")[0].partition("&")[0]
    return _S3_OF_BUCKET.get(subresource, "ListBucket") if method in ("GET", "HEAD") else f"{method} bucket"


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


@contextmanager
def updating_stacks() -> Iterator[None]:
    """Let moto update a stack as CloudFormation does.

    The previous value of a list it keeps as one and then splits at commas, a role's new policies and trust it forgets, and a resource whose
    condition does not hold it would update. A new value of a parameter it finds only where a resource names it by itself, not by a
    condition, and shows it in no change set; outputs it leaves as they were.
    """
    load, update, modify = (
        ResourceMap.load_parameters,
        Role.update_from_cloudformation_json,
        parsing.parse_and_update_resource,
    )

    def joined(stack: ResourceMap) -> None:
        given = stack.input_parameters
        stack.input_parameters = {
            name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in given.items()
        }
        load(stack)

    def with_policies(original_resource: Role, **wanted: Any) -> Role:
        update(original_resource=original_resource, **wanted)
        original_resource.assume_role_policy_document = wanted["cloudformation_json"]["Properties"][
            "AssumeRolePolicyDocument"
        ]
        for policy in wanted["cloudformation_json"]["Properties"].get("Policies", ()):
            original_resource.put_policy(policy["PolicyName"], policy["PolicyDocument"])
        return original_resource

    def where_it_holds(name: str, wanted: dict[str, Any], stack: ResourceMap, **account: Any) -> Any:
        condition = wanted.get("Condition")
        return None if condition and not stack.lazy_condition_map[condition] else modify(name, wanted, stack, **account)

    apply = ChangeSet.apply

    def with_outputs(change: ChangeSet) -> None:
        apply(change)
        change.stack.output_map = change.stack._create_output_map()

    remove = LambdaStorage.del_function

    def once_each(storage: LambdaStorage, name: str, qualifier: str | None = None) -> None:
        # A version that is removed leaves its number to the next one, and two of one ARN moto cannot remove.
        for group in storage._functions.values():
            group["versions"] = [*{version.function_arn: version for version in group["versions"]}.values()]
        remove(storage, name, qualifier)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LambdaStorage, "del_function", once_each)
        patch.setattr(ResourceMap, "build_resource_diff", resource_diff)
        patch.setattr(ChangeSet, "diff", change_set_diff)
        patch.setattr(ChangeSet, "apply", with_outputs)
        patch.setattr(parsing, "parse_and_update_resource", where_it_holds)
        patch.setattr(ResourceMap, "load_parameters", joined)
        patch.setattr(Role, "update_from_cloudformation_json", staticmethod(with_policies))
        with batch_by_cloudformation():
            yield


def resource_diff(stack: ResourceMap, template: dict[str, Any], parameters: Mapping[str, Any] | None = None) -> Any:
    """The names of a stack's resources that another template or other values of parameters would make otherwise, by action."""
    old, new = stack._resource_json_map, template["Resources"]
    held = {name: _text(value) for name, value in stack.input_parameters.items()}
    changed = {name for name, value in (parameters or {}).items() if _text(value) != held.get(name, "")}
    conditions = {name for name, rule in template.get("Conditions", {}).items() if _names(rule, changed, set())}
    return {
        "Add": [name for name in new if name not in old],
        "Modify": [
            name for name in new if name in old and (new[name] != old[name] or _names(new[name], changed, conditions))
        ],
        "Remove": [name for name in old if name not in new],
    }


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _names(item: Any, parameters: set[str], conditions: set[str]) -> bool:
    """Whether a part of a template depends on one of these parameters or conditions."""
    match item:
        case {"Ref": str(name)} if len(item) == 1:
            return name in parameters
        case {"Fn::If": [str(name), *rest]}:
            return name in conditions or _names(rest, parameters, conditions)
        case {"Fn::Sub": str(text)}:
            return any(f"${{{name}}}" in text for name in parameters)
        case dict():
            own = item.get("Condition")
            return (isinstance(own, str) and own in conditions) or _names([*item.values()], parameters, conditions)
        case list():
            return any(_names(part, parameters, conditions) for part in item)
    return False


def change_set_diff(change: ChangeSet) -> list[Change]:
    """What a change set would do, told of parameters' new values too."""
    found = resource_diff(change.stack.resource_map, change.template_dict, change.parameters)
    held = change.stack.resource_map._resource_json_map
    kinds = {name: item["Type"] for name, item in {**held, **change.template_dict["Resources"]}.items()}
    return [Change(action, name, kinds[name]) for action, names in found.items() for name in names]


def furnish() -> None:
    """What an account has before GeMS comes: an image, the public parameter that names it, and a bucket with reads."""
    for architecture in ARCHITECTURES.values():
        _furnish_image(architecture)
    client("s3").create_bucket(Bucket=DATA_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def _furnish_image(architecture: Architecture) -> None:
    made = client("ec2").register_image(Name=f"debian-{architecture.debian}", RootDeviceName="/dev/xvda")
    image, name = made["ImageId"], f"/gems/image-{architecture.debian}"
    ec2_backends[ACCOUNT][REGION].amis[image].architecture = architecture.name  # moto does not take it
    client("ssm").put_parameter(Name=name, Value=image, Type="String", Overwrite=True)
    parameters = ssm_backends[ACCOUNT][REGION]._parameters
    # The first are names that moto lets nobody put; the last it looks up as a stack's previous value.
    for other in (*(runtime.image(architecture) for runtime in RUNTIMES.values()), image):
        parameters[other] = parameters[name]


def complete_bucket(outputs: dict[str, str]) -> None:
    """Set on the control bucket what moto's CloudFormation leaves out, from the template's own text."""
    resources = _template()["Resources"]
    bucket, s3 = outputs["ControlBucket"], client("s3")
    made = resources["ControlBucket"]["Properties"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=made["VersioningConfiguration"])
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=made["PublicAccessBlockConfiguration"])
    rules = [{"ID": rule["Id"], "Status": "Enabled", "Prefix": rule.get("Prefix", ""), "Expiration": {"Days": 400}} for rule in made["LifecycleConfiguration"]["Rules"]]  # fmt: skip
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def verify_sender() -> None:
    """Make the sender's identity, as the stack does, and follow the link in SES's mail, which moto has no way to do."""
    client("sesv2").create_email_identity(EmailIdentity=SENDER)
    ses_backends[ACCOUNT][REGION].email_identities[SENDER].verified_for_sending_status = True


@contextmanager
def tls_only(bucket: str) -> Iterator[None]:
    """The template's policy for a while: moto takes no condition for what it is, and would let nobody in."""
    policy = _template()["Resources"]["ControlBucketPolicy"]["Properties"]["PolicyDocument"]
    arn = f"arn:aws:s3:::{bucket}"
    statements = [{**statement, "Resource": [arn, f"{arn}/*"]} for statement in policy["Statement"]]
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": statements}))
    try:
        yield
    finally:
        client("s3").delete_bucket_policy(Bucket=bucket)


class Loader(yaml.SafeLoader):
    """Reads over CloudFormation's short forms."""


Loader.add_multi_constructor("!", lambda _loader, suffix, node: f"{suffix} {node.value}")


def _template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader)
    return loaded


def function_zip(folder: Path, text: str = "first") -> Path:
    """A function's code, small."""
    path = folder / f"{text}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py"), f"# {text}\ndef lambda_handler(event, context): ...\n")
    return path


@contextmanager
def surroundings(account: Account) -> Iterator[None]:
    """The environment of whoever deploys to the account; it is gone again when the tests of this folder are over."""
    with aws_surroundings(REGION, account.endpoint) as environment:
        # Zappa reads its settings there; another process of the suite deploys a stage of the same name.
        environment.setattr(function, "BUILD", account.build)
        yield
