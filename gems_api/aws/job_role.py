"""STS behind the Issuer protocol: takes the job's role for one instance, narrowed to one job by a session policy.

What the role and the session policy both allow is allowed (IAM user guide, "Session policies"). The role is infra/gems.yaml's.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from gems_api.aws.errors import code_of, refused
from gems_api.services.ports import JobRoleRefused
from gems_core.job_credentials import JobCredentials
from gems_core.layout import JOBS_PREFIX, manifest_key
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey

if TYPE_CHECKING:
    from mypy_boto3_sts.client import STSClient

# The most that STS gives to who holds a role already, as the API's function does.
LIFE_SECONDS = 3600
LONGEST_POLICY = 2048
# Of a prefix as the policy writes it. Two of these, three session keys and the buckets' names fit into the longest policy.
LONGEST_PREFIX = 160
_VERSION = "2012-10-17"
# STS API reference, "AssumeRole: Errors", and what IAM says: none of them passes by itself.
_LASTING = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "MalformedPolicyDocument",
        "PackedPolicyTooLarge",
        "RegionDisabledException",
        "ValidationError",
    }
)
# Characters that stand together and are no printable ASCII, and what they are taken for: one that no prefix holds.
_ANY_OTHERS, _OTHERS = re.compile("[^ -~]+"), "\0"
# IAM user guide, "Policy variables: specifying special characters".
_SPECIAL = {"*": "${*}", "?": "${?}", "$": "${$}"}


class StsIssuer:
    """Hands out the job's role.

    Args:
        client: of the deployment's region.
        job_role: ARN of the role.
        control_bucket: of the deployment.
    """

    def __init__(self, client: STSClient, job_role: str, control_bucket: str) -> None:
        self._client = client
        self._job_role = job_role
        self._control_bucket = control_bucket

    def issue(self, manifest: Manifest, instance_id: str) -> JobCredentials:
        """See Issuer. The session is named after the instance, so CloudTrail tells who did what."""
        partition = self._job_role.split(":", 2)[1]
        try:
            answer = self._client.assume_role(
                RoleArn=self._job_role,
                RoleSessionName=instance_id,
                DurationSeconds=LIFE_SECONDS,
                Policy=session_policy(manifest, instance_id, self._control_bucket, partition),
            )
        except (ClientError, BotoCoreError) as error:
            refusal = refused(f"STS AssumeRole of {self._job_role}", error)
            if isinstance(error, ClientError) and code_of(error) in _LASTING:
                raise JobRoleRefused(
                    f"{refusal}. Deploy the stage's infrastructure again, then retry the job"
                ) from error
            raise refusal from error
        given = answer["Credentials"]
        return JobCredentials(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], given["Expiration"]
        )


def session_policy(manifest: Manifest, instance_id: str, control_bucket: str, partition: str = "aws") -> str:
    """What a worker needs of S3 for one job, as an IAM policy of at most ``LONGEST_POLICY`` characters.

    Reads are read wherever they lie below the prefix; everything else is of this session key. The buckets may be listed, for
    else S3 answers 403 for an object that is not there, and it tells no prefix of its own to a condition then. KMS keys are left
    to the role, which has those of the data buckets, through S3 only: what may be opened is then what may be read.

    Args:
        manifest: of the job.
        instance_id: whose logs may be written.
        control_bucket: of the deployment.
        partition: of AWS, such as ``aws`` or ``aws-cn``.
    """
    key = manifest.session_key
    data, control = (f"arn:{partition}:s3:::{bucket}" for bucket in (manifest.bucket, control_bucket))
    folder, anywhere = _folder(manifest.prefix), f"{JOBS_PREFIX}*{_tail(key)}"
    document: dict[str, Any] = {
        "Version": _VERSION,
        "Statement": [
            _allow(["s3:ListBucket"], data, control),
            _allow(["kms:Decrypt", "kms:GenerateDataKey"], "*"),
            _allow(["s3:GetObject"], f"{data}/{folder}*.fastq.gz", f"{control}/{manifest_key(key)}"),
            # Logs are only written: the role itself reads none.
            _allow(
                ["s3:GetObject", "s3:PutObject"],
                f"{data}/{folder}gems/{key}/*",
                f"{control}/{anywhere}/done/*.json",
                f"{control}/{anywhere}/logs/{instance_id}/*",
            ),
        ],
    }
    if manifest.source:
        # The worker copies the reads to where every job's lie.
        document["Statement"].append(_allow(["s3:PutObject"], f"{data}/{folder}*.fastq.gz"))
    return json.dumps(document, separators=(",", ":"))


def _tail(session_key: SessionKey) -> str:
    """The end of a session key. No other job has its random digits, and no label can hold it, because it has colons.

    Whole keys would make the policy too long.
    """
    return str(session_key)[len(session_key.label) :]


def _allow(actions: list[str], *resources: str) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def _folder(prefix: str) -> str:
    """A prefix with its closing slash, as a policy's resource writes it; '' for the whole bucket.

    Characters beyond ASCII, which policies are not sure to take, are written as one ``*`` wherever some stand together, and a
    prefix too long ends in one. A job's results stay its own all the same, for their folder is named after its session key.
    """
    name = prefix.strip("/")
    if not name:
        return ""
    written = ""
    for sign in _ANY_OTHERS.sub(_OTHERS, name):
        more = written + ("*" if sign == _OTHERS else _SPECIAL.get(sign, sign))
        if len(json.dumps(more)) - len('""') > LONGEST_PREFIX:
            return f"{written.removesuffix('*')}*/"
        written = more
    return f"{written}/"
