"""What each role must be able to do and what it must not: rows of requests to IAM, for whoever judges them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from aws_requests import (
    RunInstances,
    create_tags,
    decrypt,
    ec2_arn,
    pass_role,
    read_secret,
    s3,
    terminate,
    use_data_key,
    use_token_key,
)
from iam_policy import Request, request
from stack_site import ACCOUNT, DATA_BUCKETS, REGION, REST_API, SENDER, Stack

from gems_core import tags

JOB = "jobs/2026-11-23/direct.typing-run-class-2-261123-10:00:0123456789"
OTHER_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/somebody-elses"
RESULTS = "run/gems/direct.typing-run-class-2-261123-10:00:0123456789"
THIRD_BUCKET = "somebody.elses"
Ask = Callable[[Stack], list[Request]]


def control(stack: Stack) -> str:
    return stack.outputs["ControlBucket"]


def ours(stack: Stack) -> dict[str, str]:
    return {tags.CONTROL_BUCKET: control(stack)}


def launch(**changes: Any) -> Ask:
    return lambda stack: RunInstances.ours(stack, **changes).requests()


def fleet(**changes: Any) -> Ask:
    return lambda stack: RunInstances.ours(stack, **changes).in_fleet()


def in_control(action: str, key: str = "") -> Ask:
    return lambda stack: [s3(action, control(stack), key)]


def written(key: str, *conditions: str) -> Ask:
    """A PutObject with these conditional headers."""
    return lambda stack: [
        request("s3:PutObject", f"arn:aws:s3:::{control(stack)}/{key}", dict.fromkeys(conditions, '"etag"'))
    ]


def listed(prefix: str) -> Ask:
    return lambda stack: [request("s3:ListBucket", f"arn:aws:s3:::{control(stack)}", {"s3:prefix": prefix})]


def in_data(action: str, key: str = "", bucket: str = DATA_BUCKETS[1]) -> Ask:
    return lambda _stack: [s3(action, bucket, key)]


def send_mail(sender: str) -> Ask:
    arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{sender}"
    return lambda _stack: [request("ses:SendEmail", arn, {"ses:FromAddress": sender})]


def with_configuration_set(name: str) -> Ask:
    """SES asks for the set besides the identity."""
    arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{name}"
    return lambda _stack: [request("ses:SendEmail", arn, {"ses:FromAddress": SENDER})]


def function(action: str, name: str = "gems-dev") -> Ask:
    return lambda _stack: [request(f"lambda:{action}", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")]


def role(action: str, name: str) -> Ask:
    return lambda _stack: [request(f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:role/{name}")]


def parameter(name: str, account: str = ACCOUNT) -> Ask:
    return lambda _stack: [request("ssm:GetParameters", f"arn:aws:ssm:{REGION}:{account}:parameter/{name}")]


def rest_api(method: str, below: str, api_id: str = REST_API) -> Ask:
    return lambda _stack: [request(f"apigateway:{method}", f"arn:aws:apigateway:{REGION}::/restapis/{api_id}{below}")]


def log(action: str, function_name: str) -> Ask:
    """The group's ARN is written with and without the end ``:*``, which CloudWatch Logs asks for differs by action."""
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{function_name}"
    return lambda _stack: [request(f"logs:{action}", arn), request(f"logs:{action}", f"{arn}:*")]


def worker_log(action: str, group: str = "/gems/dev/workers") -> Ask:
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:i-0123456789abcdef0"
    return lambda _stack: [request(f"logs:{action}", arn)]


def take(name: str) -> Ask:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return lambda _stack: [request("sts:AssumeRole", arn, {"sts:RoleSessionName": "i-0123456789abcdef0"})]


def template(action: str, template_id: str = "") -> Ask:
    return lambda stack: [
        request(f"ec2:{action}", ec2_arn("launch-template", template_id or stack.ids["WorkerLaunchTemplate"]))
    ]


STATUS_TAGS = {tags.INSTANCE_INDEX: "0", tags.STATUS: "TYPING", tags.SAMPLES: "a b"}

ALLOWED: dict[str, list[tuple[str, Ask]]] = {
    "api": [
        ("launch workers", launch()),
        ("launch the other type in the other subnet", lambda s: RunInstances.ours(s, instance_type="c6i.xlarge", subnet=s.subnets[1]).requests()),
        ("launch by a fleet", fleet()),
        ("launch by a fleet on spot, the other type in the other subnet", lambda s: RunInstances.ours(s, spot=True, instance_type="c6i.xlarge", subnet=s.subnets[1]).in_fleet()),
        ("give a fleet its user data", template("CreateLaunchTemplateVersion")),
        ("remove that version", template("DeleteLaunchTemplateVersions")),
        ("tell a status in tags", lambda s: [create_tags("instance", "i-1", STATUS_TAGS, held=ours(s))]),
        ("terminate its instance", lambda s: [terminate("i-1", ours(s))]),
        ("see instances", lambda _s: [request("ec2:DescribeInstances", "*", {"aws:RequestedRegion": REGION})]),
        ("list a data bucket", in_data("ListBucket")),
        ("read reads", in_data("GetObject", "run/A_S1_L001_R1_001.fastq.gz")),
        ("write a record", in_control("PutObject", f"{JOB}/state.json")),
        ("index an active job", in_control("PutObject", "active/key")),
        ("take it from the index", in_control("DeleteObject", "active/key")),
        ("note a closed job", in_control("PutObject", "closed/key")),
        ("read who somebody is", in_control("GetObject", "people/users/anna.json")),
        ("read how people sign in with accounts", in_control("GetObject", "people/sso.json")),
        ("read whose an account is", in_control("GetObject", "people/accounts/0.json")),
        ("read the client secret at the identity provider", lambda s: read_secret(s, "gems.sso.client")),
        ("keep a password that a person has set", written("people/own/anna.json", "s3:if-match")),
        ("count a failed try to sign in", written("people/failed/0000.json", "s3:if-match")),
        ("add to a review's log", written("review/log/key/9999999999-1.json", "s3:if-none-match")),
        ("lock an entry of a review's log", in_control("PutObjectRetention", "review/log/key/9999999999-1.json")),
        ("read a review's log", in_control("GetObject", "review/log/key/9999999999-1.json")),
        ("note who looked at results", written("seen/2026-11-30/anna/1.json", "s3:if-none-match")),
        ("note what waits for review", in_control("PutObject", "worklist/open/1-key.json")),
        ("note that it waits no more", in_control("DeleteObject", "worklist/open/1-key.json")),
        ("read the current artefacts", in_control("GetObject", "artefacts/current.json")),
        ("read prices", in_control("GetObject", "settings/prices.json")),
        ("read both tokens", lambda s: read_secret(s, "gems.user.token") + read_secret(s, "gems.worker.token")),
        ("read what webhooks are signed with", lambda s: read_secret(s, "gems.webhook.secret")),
        ("open reads that a key of the account's own seals", lambda _s: [use_data_key("Decrypt")]),
        ("mail", send_mail(SENDER)),
        ("have SES tell what becomes of it", with_configuration_set("gems-dev")),
        ("take a job's role for a worker", take("gems-dev-job")),
        ("have a launch wait", in_control("PutObject", "basespace/pending/0.json")),
        ("have it wait no more", in_control("DeleteObject", "basespace/pending/0.json")),
        ("read what BaseSpace knows us by", lambda s: read_secret(s, "gems.basespace.client")),
        ("seal and open a person's token for a launch", lambda s: [use_token_key(s, action, gems_basespace="1") for action in ("Encrypt", "Decrypt")]),
    ],
    "worker": [
        ("read an artefact", in_control("GetObject", "artefacts/worker/1/worker.tar.gz")),
        ("leave a failure event", in_control("PutObject", f"{JOB}/events/20261123T100000.1Z-i-1.json")),
        ("begin a stream of its log", worker_log("CreateLogStream")),
        ("log", worker_log("PutLogEvents")),
        ("keep its boot's log", in_control("PutObject", f"{JOB}/logs/i-1/bootstrap.log")),
        ("read its own token", lambda s: read_secret(s, "gems.worker.token")),
    ],
    "job": [
        ("read the manifest", in_control("GetObject", f"{JOB}/job.json")),
        ("look for a done-marker", in_control("GetObject", f"{JOB}/done/A.json")),
        ("keep a log", in_control("PutObject", f"{JOB}/logs/i-1/worker/1.jsonl")),
        ("write a done-marker", in_control("PutObject", f"{JOB}/done/A.json")),
        ("tell a missing object", in_control("ListBucket")),
        ("read reads", in_data("GetObject", "run/A_S1_L001_R1_001.fastq.gz")),
        ("write a result", in_data("PutObject", f"{RESULTS}/samples/A/typing.json")),
        ("open reads that a key of the account's own seals", lambda _s: [use_data_key("Decrypt")]),
        ("seal results with it", lambda _s: [use_data_key("GenerateDataKey")]),
        ("copy reads from BaseSpace", in_data("PutObject", "basespace/90001/1/A_S1_L001_R1_001.fastq.gz")),
        ("write a report at the top of a bucket", in_data("PutObject", "gems/key/report.json", DATA_BUCKETS[0])),
    ],
    "deployer": [
        ("publish", in_control("PutObject", "artefacts/current.json")),
        ("prune an artefact", in_control("DeleteObject", "artefacts/panel/kit-1/panel.tsv")),
        ("see what a job uses", in_control("GetObject", f"{JOB}/job.json")),
        ("add a person", written("people/users/anna.json", "s3:if-none-match")),
        ("read a person's record", in_control("GetObject", "people/users/anna.json")),
        ("say how people sign in with accounts", written("people/sso.json", "s3:if-none-match")),
        ("say whose an account is", written("people/accounts/0.json", "s3:if-none-match")),
        ("read the client secret at the identity provider", lambda s: read_secret(s, "gems.sso.client")),
        ("prove a review's log", in_control("GetObject", "review/log/key/9999999999-1.json")),
        ("read who looked at results", in_control("GetObject", "seen/2026-11-30/anna/1.json")),
        ("write prices", in_control("PutObject", "settings/prices.json")),
        ("update the function", function("UpdateFunctionCode")),
        ("give it the API's role", lambda _s: [pass_role("gems-dev-api", "lambda.amazonaws.com")]),
        ("make a new template version the default", template("ModifyLaunchTemplate")),
        ("make a new deployment of its gateway", rest_api("POST", "/deployments")),
        ("limit its gateway's requests", rest_api("PATCH", "/stages/dev")),
        ("find its gateway among others", lambda _s: [request("apigateway:GET", f"arn:aws:apigateway:{REGION}::/restapis")]),
        ("read the API's log", log("FilterLogEvents", "gems-dev")),
        ("see the role of spot", role("GetRole", "aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot")),
        ("see that there is no role of spot, which has no path then", role("GetRole", "AWSServiceRoleForEC2Spot")),
        ("look up the distribution's image", parameter("aws/service/debian/release/13/latest/amd64", account="")),
        ("look up its own", parameter("gems/dev/worker-image")),
        ("read both tokens", lambda s: read_secret(s, "gems.user.token") + read_secret(s, "gems.worker.token")),
        ("read what BaseSpace knows us by", lambda s: read_secret(s, "gems.basespace.client")),
    ],
    "publisher": [
        ("publish a version", written("artefacts/worker/1/worker.tar.gz", "s3:if-none-match")),
        ("log a move", written("artefacts/log/1.json", "s3:if-none-match")),
        ("move what is current", written("artefacts/current.json", "s3:if-match")),
        ("see what is published", in_control("GetObject", "artefacts/worker/1/artefact.json")),
        ("list what is published", listed("artefacts/worker/")),
    ],
}  # fmt: skip


def free(*elements: str) -> Callable[[dict[str, Any]], None]:
    """Loosens a statement: its conditions gone, any resource."""

    def loosen(statement: dict[str, Any]) -> None:
        if "Condition" in elements:
            statement.pop("Condition", None)
        if "Resource" in elements:
            statement["Resource"] = "*"
        if "Action" in elements:
            statement["Action"] = "*"

    return loosen


@dataclass(frozen=True)
class Refusal:
    """Something that a role must not do.

    Attributes:
        hangs_on: the statements that would let it if they were loosened so.
    """

    what: str
    ask: Ask
    hangs_on: tuple[str, ...]
    loosen: Callable[[dict[str, Any]], None]

    def loosened(self, policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The policies that would let it."""
        documents = copy.deepcopy(policies)
        statements = {statement["Sid"]: statement for document in documents for statement in document["Statement"]}
        for sid in self.hangs_on:
            self.loosen(statements[sid])
        return documents


FROM_TEMPLATE = (
    "LaunchTaggedInstances",
    "LaunchWithWhatTheTemplateHas",
    "LaunchWithADiskAndAnInterface",
    "LaunchInOurSubnets",
)
RECORDS = ("WriteRecords",)

REFUSED: dict[str, list[Refusal]] = {
    "api": [
        Refusal("launch without our tags", launch(tags={}), ("LaunchTaggedInstances",), free("Condition")),
        Refusal("launch for another control bucket", launch(tags={tags.CONTROL_BUCKET: "gems-other"}), ("LaunchTaggedInstances",), free("Condition")),
        Refusal("launch another template", launch(launch_template="lt-0other"), ("LaunchOurTemplateOnly", *FROM_TEMPLATE), free("Condition", "Resource")),
        Refusal("launch without a template", launch(launch_template=""), FROM_TEMPLATE, free("Condition")),
        Refusal("launch another image", launch(image="ami-0other", overridden=frozenset({"image"})), ("LaunchWithWhatTheTemplateHas",), free("Condition")),
        Refusal("launch behind another security group", launch(security_group="sg-0open", overridden=frozenset({"security-group"})), ("LaunchWithWhatTheTemplateHas",), free("Condition", "Resource")),
        Refusal("launch in another subnet", launch(subnet="subnet-0other"), ("LaunchInOurSubnets",), free("Condition")),
        Refusal("launch a dear machine", launch(instance_type="p5.48xlarge"), ("LaunchTaggedInstances",), free("Condition")),
        Refusal("launch with IMDSv1", launch(http_tokens="optional"), ("LaunchTaggedInstances",), free("Condition")),
        Refusal("launch with another role", launch(role="admin"), ("GiveInstancesTheWorkersRoleOnly",), free("Resource")),
        Refusal("launch with its own role", launch(role="gems-dev-api"), ("GiveInstancesTheWorkersRoleOnly",), free("Resource")),
        Refusal("hand the worker's role to Lambda", lambda _s: [pass_role("gems-dev-worker", "lambda.amazonaws.com")], ("GiveInstancesTheWorkersRoleOnly",), free("Condition")),
        Refusal("launch another template by a fleet", fleet(launch_template="lt-0other"), ("LaunchOurTemplateOnly", *FROM_TEMPLATE), free("Condition", "Resource")),
        Refusal("launch a dear machine by a fleet", fleet(instance_type="p5.48xlarge"), ("LaunchTaggedInstances",), free("Condition")),
        Refusal("launch by a fleet without our tags", fleet(tags={}), ("LaunchTaggedInstances",), free("Condition")),
        Refusal("launch another image by a fleet", fleet(image="ami-0other", overridden=frozenset({"image"})), ("LaunchWithWhatTheTemplateHas",), free("Condition")),
        Refusal("launch in another subnet by a fleet", fleet(subnet="subnet-0other"), ("LaunchInOurSubnets",), free("Condition")),
        Refusal("launch with another role by a fleet", fleet(role="admin"), ("GiveInstancesTheWorkersRoleOnly",), free("Resource")),
        Refusal("change another template", template("CreateLaunchTemplateVersion", "lt-0other"), ("GiveAFleetItsUserData",), free("Resource")),
        Refusal("change the template's default version", template("ModifyLaunchTemplate"), ("GiveAFleetItsUserData",), free("Action")),
        Refusal("terminate an untagged instance", lambda _s: [terminate("i-1", {})], ("EndOurInstances",), free("Condition")),
        Refusal("terminate another deployment's instance", lambda _s: [terminate("i-1", {tags.CONTROL_BUCKET: "gems-other"})], ("EndOurInstances",), free("Condition")),
        Refusal("tag an untagged instance", lambda _s: [create_tags("instance", "i-1", STATUS_TAGS)], ("TellAWorkersStatusInItsTags",), free("Condition")),
        Refusal("make an instance its own by a tag", lambda s: [create_tags("instance", "i-1", ours(s))], ("TellAWorkersStatusInItsTags",), free("Condition")),
        Refusal("move its instance to another job", lambda s: [create_tags("instance", "i-1", {tags.SESSION_KEY: "other"}, held=ours(s))], ("TellAWorkersStatusInItsTags",), free("Condition")),
        Refusal("read another bucket", in_data("GetObject", "run/A.fastq.gz", THIRD_BUCKET), ("ReadReadsAndReports",), free("Resource")),
        Refusal("list another bucket", in_data("ListBucket", bucket=THIRD_BUCKET), ("ListBuckets",), free("Resource")),
        Refusal("write results", in_data("PutObject", f"{RESULTS}/report.json"), RECORDS, free("Resource")),
        Refusal("remove reads", in_data("DeleteObject", "run/A.fastq.gz"), ("RemoveRecords",), free("Resource")),
        Refusal("replace an artefact", in_control("PutObject", "artefacts/current.json"), RECORDS, free("Resource")),
        Refusal("make somebody an approver", written("people/users/anna.json", "s3:if-none-match", "s3:if-match"), RECORDS, free("Resource")),
        Refusal("give somebody's account to another", written("people/accounts/0.json", "s3:if-none-match", "s3:if-match"), RECORDS, free("Resource")),
        Refusal("name another identity provider", written("people/sso.json", "s3:if-none-match", "s3:if-match"), RECORDS, free("Resource")),
        Refusal("remove a password that a person has set", in_control("DeleteObject", "people/own/anna.json"), ("RemoveRecords",), free("Resource")),
        Refusal("replace an entry of a review's log", written("review/log/key/9999999999-1.json"), ("AddToTheReviewLog",), free("Condition")),
        Refusal("replace an entry of the access log", written("seen/2026-11-30/anna/1.json"), ("AddToTheReviewLog",), free("Condition")),
        Refusal("remove an entry of the access log", in_control("DeleteObject", "seen/2026-11-30/anna/1.json"), ("RemoveRecords",), free("Resource")),
        Refusal("remove an entry of a review's log", in_control("DeleteObject", "review/log/key/9999999999-1.json"), ("RemoveRecords",), free("Resource")),
        Refusal("unlock an entry of a review's log", in_control("BypassGovernanceRetention", "review/log/key/9999999999-1.json"), ("LockTheReviewLog",), free("Action")),
        Refusal("lock a job's record", in_control("PutObjectRetention", f"{JOB}/job.json"), ("LockTheReviewLog",), free("Resource")),
        Refusal("remove a bucket's versions", in_control("DeleteObjectVersion", f"{JOB}/job.json"), ("RemoveRecords",), free("Action")),
        Refusal("read another secret", lambda s: read_secret(s, "somebody.elses"), ("ReadTokensSealed", "OpenTokens"), free("Condition")),
        Refusal("open another secret", lambda s: [decrypt(s, "somebody.elses")], ("OpenTokens",), free("Condition")),
        Refusal("seal a token", lambda s: [replace(decrypt(s, "gems.user.token"), action="kms:GenerateDataKey")], ("OpenTokens",), free("Action")),
        Refusal("open what another key of the account seals", lambda _s: [use_data_key("Decrypt", OTHER_KEY)], ("OpenReadsAndReports",), free("Resource")),
        Refusal("use the data's key outside S3", lambda _s: [use_data_key("Decrypt", service="ec2")], ("OpenReadsAndReports",), free("Condition")),
        Refusal("seal with the data's key", lambda _s: [use_data_key("GenerateDataKey")], ("OpenReadsAndReports",), free("Action")),
        Refusal("seal a person's token without saying for what", lambda s: [use_token_key(s, "Encrypt")], ("SealAndOpenPeoplesTokens",), free("Condition")),
        Refusal("seal one for more than a launch", lambda s: [use_token_key(s, "Encrypt", gems_basespace="1", gems_credential="gems.user.token")], ("SealAndOpenPeoplesTokens",), free("Condition")),
        Refusal("forget which answers were used", in_control("DeleteObject", "basespace/used/0"), ("RemoveLaunches",), free("Resource")),
        Refusal("mail with another stage's configuration set", with_configuration_set("gems-prod"), ("MailFromOneAddress",), free("Resource")),
        Refusal("mail in another's name", send_mail("director@example.org"), ("MailFromOneAddress",), free("Condition")),
        Refusal("take the deployer's role", take("gems-dev-deployer"), ("TakeTheJobsRole",), free("Resource")),
        Refusal("call another function", function("InvokeFunction", "payroll"), ("LetTheGatewayCallTheFunction",), free("Resource")),
    ],
    "worker": [
        Refusal("launch anything", launch(), ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("terminate even a worker", lambda s: [terminate("i-1", ours(s))], ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("tag even itself", lambda s: [create_tags("instance", "i-1", STATUS_TAGS, held=ours(s))], ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("read the users' token", lambda s: read_secret(s, "gems.user.token"), ("ReadItsOwnTokenSealed", "OpenItsOwnToken"), free("Condition")),
        Refusal("open the users' token", lambda s: [decrypt(s, "gems.user.token")], ("OpenItsOwnToken",), free("Condition")),
        Refusal("scan all tokens", lambda s: [replace(read_secret(s, "gems.worker.token")[0], action="dynamodb:Scan", context={})], ("ReadItsOwnTokenSealed",), free("Condition", "Action")),
        Refusal("read a manifest without the job's credentials", in_control("GetObject", f"{JOB}/job.json"), ("ReadArtefacts",), free("Resource")),
        Refusal("write a done-marker without them", in_control("PutObject", f"{JOB}/done/A.json"), ("SayWhyAWorkerEnded",), free("Resource")),
        Refusal("read reads without them", in_data("GetObject", "run/A_S1_L001_R1_001.fastq.gz"), ("ReadArtefacts",), free("Resource")),
        Refusal("write a result without them", in_data("PutObject", f"{RESULTS}/report.json"), ("SayWhyAWorkerEnded",), free("Resource")),
        Refusal("see what jobs there are", in_control("ListBucket"), ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("replace an artefact", in_control("PutObject", "artefacts/worker/1/worker.tar.gz"), ("SayWhyAWorkerEnded",), free("Resource")),
        Refusal("change a job's state", in_control("PutObject", f"{JOB}/state.json"), ("SayWhyAWorkerEnded",), free("Resource")),
        Refusal("forge an event of the API", in_control("PutObject", f"{JOB}/events/20261123T100000.1Z-api.json"), ("SayWhyAWorkerEnded",), free("Resource")),
        Refusal("log among the API's lines", worker_log("PutLogEvents", "/aws/lambda/gems-dev"), ("WriteItsLog",), free("Resource")),
        Refusal("read what workers logged", worker_log("GetLogEvents"), ("WriteItsLog",), free("Action")),
        Refusal("begin a log group", worker_log("CreateLogGroup"), ("WriteItsLog",), free("Action")),
        Refusal("log in another stage", worker_log("PutLogEvents", "/gems/prod/workers"), ("WriteItsLog",), free("Resource")),
        Refusal("write a worker's log without the job's credentials", in_control("PutObject", f"{JOB}/logs/i-1/worker/1.jsonl"), ("SayWhyAWorkerEnded",), free("Resource")),
        Refusal("mail", send_mail(SENDER), ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("hand on its role", lambda _s: [pass_role("gems-dev-worker", "ec2.amazonaws.com")], ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("take a job's role by itself", take("gems-dev-job"), ("ReadArtefacts",), free("Action", "Resource")),
        Refusal("take the deployer's role", take("gems-dev-deployer"), ("ReadArtefacts",), free("Action", "Resource")),
    ],
    "job": [
        Refusal("read another bucket", in_data("GetObject", "run/A.fastq.gz", THIRD_BUCKET), ("ReadReadsAndResults",), free("Resource")),
        Refusal("write to another bucket", in_data("PutObject", f"{RESULTS}/report.json", THIRD_BUCKET), ("WriteResults",), free("Resource")),
        Refusal("replace reads", in_data("PutObject", "run/A_S1_L001_R1_001.fastq.gz"), ("WriteResults",), free("Resource")),
        Refusal("see people's tokens", in_control("GetObject", "basespace/bonds/key.json"), ("ReadTheJob",), free("Resource")),
        Refusal("see people's records", in_control("GetObject", "people/users/anna.json"), ("ReadTheJob",), free("Resource")),
        Refusal("write a review's log", written("review/log/key/9999999999-1.json", "s3:if-none-match"), ("SayWhatIsDone",), free("Resource")),
        Refusal("remove results", in_data("DeleteObject", f"{RESULTS}/report.json"), ("WriteResults",), free("Action")),
        Refusal("replace an artefact", in_control("PutObject", "artefacts/worker/1/worker.tar.gz"), ("SayWhatIsDone",), free("Resource")),
        Refusal("change a job's state", in_control("PutObject", f"{JOB}/state.json"), ("SayWhatIsDone",), free("Resource")),
        Refusal("grant itself a share", in_control("PutObject", f"{JOB}/claims/00001.json"), ("SayWhatIsDone",), free("Resource")),
        Refusal("take the merge lease", in_control("PutObject", f"{JOB}/merge.lease"), ("SayWhatIsDone",), free("Resource")),
        Refusal("read anybody's logs", in_control("GetObject", f"{JOB}/logs/i-1/worker/1.jsonl"), ("ReadTheJob",), free("Resource")),
        Refusal("change a manifest", in_control("PutObject", f"{JOB}/job.json"), ("SayWhatIsDone",), free("Resource")),
        Refusal("read users' idempotency keys", in_control("GetObject", "idempotency/0.json"), ("ReadTheJob",), free("Resource")),
        Refusal("read the workers' token", lambda s: read_secret(s, "gems.worker.token"), ("ReadTheJob",), free("Action", "Resource")),
        Refusal("launch anything", launch(), ("ReadTheJob",), free("Action", "Resource")),
        Refusal("open what another key of the account seals", lambda _s: [use_data_key("Decrypt", OTHER_KEY)], ("OpenReadsAndSealResults",), free("Resource")),
        Refusal("use the data's key outside S3", lambda _s: [use_data_key("GenerateDataKey", service="ec2")], ("OpenReadsAndSealResults",), free("Condition")),
        Refusal("take the role for another job", take("gems-dev-job"), ("ReadTheJob",), free("Action", "Resource")),
    ],
    "deployer": [
        Refusal("write a role's policy", role("PutRolePolicy", "gems-dev-api"), ("SeeTheRoles",), free("Action")),
        Refusal("make a role", role("CreateRole", "gems-dev-mine"), ("SeeTheRoles",), free("Action", "Resource")),
        Refusal("give the function another role", lambda _s: [pass_role("admin", "lambda.amazonaws.com")], ("GiveTheFunctionTheApisRoleOnly",), free("Resource")),
        Refusal("give machines the API's role", lambda _s: [pass_role("gems-dev-api", "ec2.amazonaws.com")], ("GiveTheFunctionTheApisRoleOnly",), free("Condition")),
        Refusal("launch machines", launch(), ("NewImageDiskAndNetwork", "GiveTheFunctionTheApisRoleOnly"), free("Condition", "Action", "Resource")),
        Refusal("update another function", function("UpdateFunctionCode", "payroll"), ("DeployTheFunction",), free("Resource")),
        Refusal("change another stack", lambda _s: [request("cloudformation:ExecuteChangeSet", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/payroll/1")], ("ChangeThisStackAndZappas",), free("Resource")),
        Refusal("remove the stack", lambda s: [request("cloudformation:DeleteStack", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/gems-dev-infra/1")], ("ChangeThisStackAndZappas",), free("Action")),
        Refusal("read reads", in_data("GetObject", "run/A.fastq.gz"), ("PublishArtefacts",), free("Resource")),
        Refusal("read a job's records", in_control("GetObject", f"{JOB}/state.json"), ("PublishArtefacts",), free("Resource")),
        Refusal("add to a review's log", written("review/log/key/9999999999-1.json", "s3:if-none-match"), ("PublishArtefacts",), free("Resource")),
        Refusal("change a job's manifest", in_control("PutObject", f"{JOB}/job.json"), ("PublishArtefacts",), free("Resource")),
        Refusal("remove a job's manifest", in_control("DeleteObject", f"{JOB}/job.json"), ("PruneArtefacts",), free("Resource")),
        Refusal("open a bucket to the public", in_control("PutBucketPolicy"), ("SeeBuckets",), free("Action")),
        Refusal("redirect another stage's gateway", rest_api("PUT", "/resources/a/methods/ANY/integration", "production"), ("DeployTheGateway",), free("Resource")),
        Refusal("deploy another stage's gateway", rest_api("POST", "/deployments", "production"), ("DeployTheGateway",), free("Resource")),
        Refusal("change anybody's gateway", rest_api("PATCH", "/stages/prod", "payroll"), ("DeployTheGateway",), free("Resource")),
        Refusal("look into another gateway", rest_api("GET", "/resources", "payroll"), ("DeployTheGateway",), free("Resource")),
        Refusal("remove its gateway", rest_api("DELETE", ""), ("DeployTheGateway",), free("Action")),
        Refusal("make a gateway", lambda _s: [request("apigateway:POST", f"arn:aws:apigateway:{REGION}::/restapis")], ("FindTheGateway",), free("Action")),
        Refusal("read the log of a stage of a longer name", log("FilterLogEvents", "gems-dev2"), ("KeepLogsAsLong",), free("Resource")),
        Refusal("shorten another function's log", log("PutRetentionPolicy", "gems-production"), ("KeepLogsAsLong",), free("Resource")),
        Refusal("change another rule", lambda _s: [request("events:PutRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/payroll")], ("ScheduleTheReaper",), free("Resource")),
        Refusal("read what the account keeps among its parameters", parameter("payroll/password"), ("LookUpTheImage",), free("Resource")),
        Refusal("delete the key", lambda s: [use_token_key(s, "ScheduleKeyDeletion")], ("SealTokens",), free("Action", "Condition")),
    ],
    "publisher": [
        Refusal("overwrite a version", written("artefacts/worker/1/worker.tar.gz"), ("PublishWhatIsNew",), free("Condition")),
        Refusal("move what is current without having looked", written("artefacts/current.json"), ("MoveWhatIsCurrent",), free("Condition")),
        Refusal("remove a version", in_control("DeleteObject", "artefacts/worker/1/worker.tar.gz"), ("SeeWhatIsPublished",), free("Action")),
        Refusal("change a job", written(f"{JOB}/job.json", "s3:if-none-match"), ("PublishWhatIsNew",), free("Resource")),
        Refusal("read a manifest", in_control("GetObject", f"{JOB}/job.json"), ("SeeWhatIsPublished",), free("Resource")),
        Refusal("list jobs", listed("jobs/"), ("ListWhatIsPublished",), free("Condition")),
        Refusal("read reads", in_data("GetObject", "run/A.fastq.gz"), ("SeeWhatIsPublished",), free("Resource")),
        Refusal("publish a program of its own for the licensed one", written("artefacts/cross_match/1/cross_match", "s3:if-none-match"), ("PublishWhatIsNew",), free("Resource")),
    ],
}  # fmt: skip
