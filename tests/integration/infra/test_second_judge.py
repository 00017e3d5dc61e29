"""The tables of this folder, judged by another simulator of IAM beside our evaluator; and what only that one can judge.

That is the policies of the resources: who may take a role, who may use the key, and what the buckets refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from subprocess import CalledProcessError
from types import MappingProxyType
from typing import Any

import pytest
from aws_requests import s3, use_token_key
from batch_policy_tables import TABLES
from iam_policy import Request, request
from job_requests import BUCKET, OTHER_DIGITS, manifest, own, policy, shared
from policy_tables import JOB
from second_judge import Document, Question, Verdict, judge, role_arn
from stack_site import ACCOUNT, CI_SUBJECT, ISSUER, Stack
from template_file import bucket_policy

# What our tables ask and AWS's list of actions ("Service Authorization Reference") does not know, with the reason.
NOT_ON_THE_LIST = {
    ("ec2:CreateFleet", "network-interface"): "asked for by EC2 all the same, as our launches by fleets are written",
    ("ec2:CreateFleet", "security-group"): "the same",
    ("ssm:GetParameters", "parameter"): "the ARN of a public parameter has no account, and the list's has one",
    ("apigateway:POST", "/restapis/ID/deployments"): "the list gives deployments an ARN that ends in an id, which one yet to be made has not",
}  # fmt: skip
# None has a star, which the simulator takes for a pattern in what is asked for too; test_job_session.py has such folders.
FOLDERS = ("run", "", "a?b", "a$b", "${aws:userid}", "?", "Ärzte-Labor/2026-11", "日本/1")
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
FOREIGN = "arn:aws:iam::999999999999:role/gems-dev-api"
INSTANCE = {"sts:RoleSessionName": "i-0123456789abcdef0"}


def rows_of_roles(stack: Stack, engine: str) -> dict[str, list[Question]]:
    allowed, refused = TABLES[engine]
    may = {
        f"{engine}: {role} may {what}": [Question(role_arn(role), stack.policies[role], asked) for asked in ask(stack)]
        for role, rows in allowed.items()
        for what, ask in rows
    }
    must_not = {
        f"{engine}: {role} must not {row.what}": [
            Question(role_arn(role), stack.policies[role], asked) for asked in row.ask(stack)
        ]
        for role, rows in refused.items()
        for row in rows
    }
    could = {
        f"{engine}: {role} could {row.what}": [Question(role_arn(role), loosened, asked) for asked in row.ask(stack)]
        for role, rows in refused.items()
        for row in rows
        for loosened in [row.loosened(stack.policies[role])]
    }
    return may | must_not | could


def rows_of_jobs(stack: Stack) -> dict[str, list[Question]]:
    """What a worker of a job in each folder asks for: of its own job, of another and of a folder beside it."""
    control = stack.outputs["ControlBucket"]

    def row(folder: str) -> list[Question]:
        job, other = manifest(folder), manifest(folder, OTHER_DIGITS)
        asked = own(job, control) | shared(job, control) | {f"other: {k}": v for k, v in own(other, control).items()}
        beside = [s3("GetObject", BUCKET, f"{name}/A.fastq.gz") for name in ("axb", "Äther", "x")]
        narrowed = policy(job, control)
        return [Question(role_arn("job"), stack.policies["job"], one, narrowed) for one in [*asked.values(), *beside]]

    return {f"a worker of a job in the folder {folder!r}": row(folder) for folder in FOLDERS}


NAMES = [
    *(
        f"{engine}: {role} may {what}"
        for engine, (allowed, _) in TABLES.items()
        for role, rows in allowed.items()
        for what, _ in rows
    ),
    *(
        f"{engine}: {role} {how} {row.what}"
        for engine, (_, refused) in TABLES.items()
        for how in ("must not", "could")
        for role, rows in refused.items()
        for row in rows
    ),
    *(f"a worker of a job in the folder {folder!r}" for folder in FOLDERS),
]
Judged = Mapping[str, list[tuple[Question, Verdict]]]


@pytest.fixture(scope="module")
def judged(stack: Stack, stacks: Mapping[str, Stack]) -> Judged:
    rows = {name: row for engine, each in stacks.items() for name, row in rows_of_roles(each, engine).items()}
    rows |= rows_of_jobs(stack)
    verdicts = iter(judge(question for questions in rows.values() for question in questions))
    return {name: [(question, next(verdicts)) for question in questions] for name, questions in rows.items()}


@pytest.mark.parametrize("name", NAMES)
def test_both_judges_say_the_same(judged: Judged, name: str) -> None:
    for question, verdict in judged[name]:
        assert verdict.allowed == question.allowed_by_us(), question.asked


def test_aws_knows_all_that_the_tables_ask_for_but_what_is_explained(judged: Judged) -> None:
    unknown = {
        (question.asked.action, what if what != "resource" else kind_of(question.asked))
        for row in judged.values()
        for question, verdict in row
        for what in verdict.unknown
    }
    assert unknown == set(NOT_ON_THE_LIST)


@pytest.mark.parametrize(("version", "allowed"), [("1.0", False), ("2.0", True)])
def test_a_worker_by_imds_v1_is_refused_by_both(stack: Stack, version: str, allowed: bool) -> None:
    arn = f"arn:aws:s3:::{stack.ids['ControlBucket']}/artefacts/current.json"
    asked = request("s3:GetObject", arn, {"ec2:RoleDelivery": version})
    question = Question(WORKER, stack.policies["worker"], asked)
    assert question.allowed_by_us() == allowed
    assert judge([question]) == [Verdict(allowed, ())]


def kind_of(asked: Request) -> str:
    """A resource's kind, without names of one stack."""
    kind, slash, rest = asked.resource.split(":", 5)[5].partition("/")
    if kind:
        return kind
    folder, _, below = rest.partition("/")
    return f"{slash}{folder}/ID/{below.partition('/')[2]}"


@dataclass(frozen=True)
class Row:
    """Somebody asks something of what has a policy of its own.

    Attributes:
        of: gives that policy.
        may: whether the asker's own policies let it do everything; else it has none.
    """

    what: str
    allowed: bool
    asker: str
    ask: Callable[[Stack], Request]
    of: Callable[[Stack], Document]
    may: bool = False

    def question(self, stack: Stack) -> Question:
        return Question(self.asker, [ANYTHING] if self.may else [], self.ask(stack), of_the_resource=self.of(stack))


def taking(role: str, action: str = "AssumeRole", keys: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """The part of a row that says which role is taken, and with which condition keys."""
    asked = request(f"sts:{action}", role_arn(role), keys)
    return {"ask": lambda _stack: asked, "of": lambda stack: stack.trusts[role]}


def signed_in(subject: str = CI_SUBJECT, audience: str = "sts.amazonaws.com") -> dict[str, Any]:
    """The same for the publisher's, with a token of these claims."""
    return taking("publisher", "AssumeRoleWithWebIdentity", keys={f"{ISSUER}:sub": subject, f"{ISSUER}:aud": audience})


def opening() -> dict[str, Any]:
    """The part of a row that says that something is opened with the tokens' key."""
    return {"ask": lambda stack: use_token_key(stack, "Decrypt"), "of": lambda stack: stack.key_policy}


def in_bucket(bucket: str, action: str, key: str, *, tls: bool) -> dict[str, Any]:
    """The part of a row that says what is asked of a bucket."""
    keys = {"aws:SecureTransport": str(tls).lower()}
    return {
        "ask": lambda stack: request(f"s3:{action}", f"arn:aws:s3:::{stack.ids[bucket]}/{key}", keys),
        "of": lambda stack: bucket_policy(stack, bucket),
    }


def issuer(host: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"


API, WORKER, DEPLOYER = (role_arn(name) for name in ("api", "worker", "deployer"))
OF_RESOURCES = [
    *(Row(f"{service} runs the API", True, f"{service}.amazonaws.com", **taking("api")) for service in ("lambda", "apigateway", "events")),
    Row("EC2 cannot run as the API", False, "ec2.amazonaws.com", **taking("api")),
    Row("no role runs as the API", False, WORKER, **taking("api"), may=True),
    Row("EC2 gives a machine the worker's role", True, "ec2.amazonaws.com", **taking("worker")),
    Row("Lambda cannot run as a worker", False, "lambda.amazonaws.com", **taking("worker")),
    Row("the API takes a job's role for an instance", True, API, **taking("job", keys=INSTANCE)),
    Row("the API takes it in no other name", False, API, **taking("job", keys={"sts:RoleSessionName": "me"})),
    Row("a worker cannot take a job's role", False, WORKER, **taking("job", keys=INSTANCE), may=True),
    Row("the deployer cannot take a job's role", False, DEPLOYER, **taking("job", keys=INSTANCE), may=True),
    Row("whom the account lets takes the deployer's role", True, role_arn("administrator"), **taking("deployer"), may=True),
    Row("whom it does not let cannot", False, role_arn("somebody"), **taking("deployer")),
    Row("nor can another account", False, FOREIGN, **taking("deployer"), may=True),
    Row("continuous integration of our branch publishes", True, issuer(ISSUER), **signed_in()),
    Row("not that of another branch", False, issuer(ISSUER), **signed_in("repo:lab/gems:ref:refs/heads/other")),
    Row("not that of another repository", False, issuer(ISSUER), **signed_in("repo:else/gems:ref:refs/heads/main")),
    Row("not with a token for somebody else", False, issuer(ISSUER), **signed_in(audience="else.example.org")),
    Row("not with a token of another issuer", False, issuer("oidc.circleci.com/org/1"), **signed_in()),
    Row("whom the account lets opens tokens", True, role_arn("administrator"), **opening(), may=True),
    Row("whom it does not let opens none", False, role_arn("somebody"), **opening()),
    Row("another account opens none", False, FOREIGN, **opening(), may=True),
    *(
        Row(f"{bucket} is {what} with TLS and refused without: {tls}", tls, API, **in_bucket(bucket, action, key, tls=tls), may=True)
        for bucket, what, action, key in (
            ("ControlBucket", "written", "PutObject", f"{JOB}/state.json"),
            ("ControlBucket", "read", "GetObject", "artefacts/current.json"),
            ("PackagesBucket", "written", "PutObject", "template.json"),
        )
        for tls in (True, False)
    ),
    Row("the control bucket is nobody's beside", False, FOREIGN, **in_bucket("ControlBucket", "GetObject", "artefacts/current.json", tls=True), may=True),
]  # fmt: skip


OURS, FOREIGN_ACCOUNT = {"aws:SourceAccount": ACCOUNT}, {"aws:SourceAccount": "999999999999"}
WITH_BATCH = [
    Row("ECS gives a container the worker's role", True, "ecs-tasks.amazonaws.com", **taking("worker", keys=OURS)),
    Row("not for a task of another account", False, "ecs-tasks.amazonaws.com", **taking("worker", keys=FOREIGN_ACCOUNT)),
    Row("EC2 gives no machine the worker's role with Batch", False, "ec2.amazonaws.com", **taking("worker")),
    Row("Batch itself cannot run as a worker", False, "batch.amazonaws.com", **taking("worker")),
    Row("a machine cannot run as a worker", False, role_arn("instance"), **taking("worker"), may=True),
    Row("EC2 gives a machine of Batch its role", True, "ec2.amazonaws.com", **taking("instance")),
    Row("a container cannot have a machine's role", False, "ecs-tasks.amazonaws.com", **taking("instance", keys=OURS)),
    Row("ECS starts a container", True, "ecs-tasks.amazonaws.com", **taking("execution", keys=OURS)),
    Row("EC2 does not", False, "ec2.amazonaws.com", **taking("execution")),
    Row("the API takes a job's role for a job of Batch", True, API, **taking("job", keys={"sts:RoleSessionName": "b-0f1e-3"})),
    Row("with Batch the API takes it for no instance", False, API, **taking("job", keys=INSTANCE)),
]  # fmt: skip
# By the engine of the stage.
ROWS = {"ec2": OF_RESOURCES, "batch": WITH_BATCH}


@pytest.fixture(scope="module")
def of_resources(stacks: Mapping[str, Stack]) -> dict[str, Verdict]:
    questions = [row.question(stacks[engine]) for engine, rows in ROWS.items() for row in rows]
    verdicts = judge(questions)
    return {row.what: verdict for row, verdict in zip([*OF_RESOURCES, *WITH_BATCH], verdicts, strict=True)}


@pytest.mark.parametrize("row", [*OF_RESOURCES, *WITH_BATCH], ids=lambda row: row.what)
def test_a_resource_lets_only_whom_it_is_for(of_resources: dict[str, Verdict], row: Row) -> None:
    assert of_resources[row.what] == Verdict(row.allowed, ())


def test_the_second_judge_takes_no_policy_that_it_does_not_understand(stack: Stack) -> None:
    broken = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Akshun": "*", "Resource": "*"}]}
    with pytest.raises(CalledProcessError):
        judge([Question(API, [broken], s3("GetObject", BUCKET, "a"))])
