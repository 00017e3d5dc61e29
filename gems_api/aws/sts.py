"""STS behind the Identifier protocol: replays a worker's signed ``GetCallerIdentity`` request."""

from __future__ import annotations

import re
from functools import cached_property

from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.session import Session

from gems_api.services.ports import IdentityRefused, IdentityUnchecked
from gems_core.identity import BODY, LIFE_SECONDS, PATH, IdentityProof

# To connect and to read. A worker waits for this, and it says the same again soon.
TIMEOUT_SECONDS = (2, 4)
_ARN = re.compile(r"<Arn>([^<]{1,2000})</Arn>")
_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_INSTANCE_ID = re.compile(r"i-[0-9a-f]{8,17}")
NOT_A_WORKER = "the proof of identity was not signed with the credentials of a worker's role"
_THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded"})
_OK, _TOO_MANY, _FIRST_SERVER_ERROR = 200, 429, 500


class StsIdentifier:
    """EC2's workers: EC2 names the session of an instance's role after the instance."""

    def __init__(self, sessions: WorkerSessions) -> None:
        self._sessions = sessions

    def instance_id(self, proof: IdentityProof, claimed: str) -> str:  # noqa: ARG002 - the session says it all
        """See Identifier."""
        name = self._sessions.name(proof)
        if not _INSTANCE_ID.fullmatch(name):
            raise IdentityRefused(NOT_A_WORKER)
        return name


class WorkerSessions:
    """Asks the STS of one region who signed a request.

    The request goes to that region's endpoint, whatever the proof says: path, body and ``Host`` are ours, so a signature for
    another host does not fit.

    Args:
        session: knows the endpoint (``AWS_ENDPOINT_URL`` and related ones included).
        region: of the deployment.
        worker_role: ARN of the role that the deployment's workers have.
    """

    def __init__(self, session: Session, region: str, worker_role: str) -> None:
        self._session = session
        self._region = region
        self._worker = re.compile(rf"{re.escape(_session_prefix(worker_role))}([\w+=,.@-]{{2,64}})", re.ASCII)
        self._http = URLLib3Session(timeout=TIMEOUT_SECONDS)  # type: ignore[arg-type]  # the stubs forget the pair

    def name(self, proof: IdentityProof) -> str:
        """The name of the worker role's session whose credentials signed a proof.

        Raises:
            IdentityRefused: nobody did, or somebody else, or too long ago.
            IdentityUnchecked: STS does not answer, or is asked too much.
        """
        arn = self._caller(proof)
        match = self._worker.fullmatch(arn)
        if match is None:
            raise IdentityRefused(NOT_A_WORKER)
        return match[1]

    @cached_property
    def _endpoint(self) -> str:
        return str(self._session.create_client("sts", region_name=self._region).meta.endpoint_url).rstrip("/") + PATH

    def _caller(self, proof: IdentityProof) -> str:
        try:
            answer = self._http.send(self._request(proof))
            status, text = answer.status_code, answer.content.decode("utf-8", "replace")
        except BotoCoreError as error:
            raise IdentityUnchecked(f"STS did not answer ({type(error).__name__})") from None
        found, code = _ARN.findall(text), _first(_CODE, text)
        if status == _OK and len(found) == 1:
            return str(found[0])
        if status in (_OK, _TOO_MANY) or status >= _FIRST_SERVER_ERROR or code in _THROTTLED:
            raise IdentityUnchecked(f"STS answered {status} {code}".rstrip())
        # STS's own message may quote the request, security token and all.
        raise IdentityRefused(
            f"STS refused the proof of identity ({status} {code}); it was signed at {proof.signed_at:%Y-%m-%dT%H:%M:%SZ} "
            f"and is good for {LIFE_SECONDS // 60} minutes. Sign it again with the instance role's credentials"
        )

    def _request(self, proof: IdentityProof) -> AWSPreparedRequest:
        return AWSRequest(method="POST", url=self._endpoint, headers=proof.headers(), data=BODY).prepare()


def _session_prefix(role_arn: str) -> str:
    """What the ARNs of a role's sessions begin with; a role's path is not in them."""
    _, partition, _, _, account, resource = role_arn.split(":", 5)
    return f"arn:{partition}:sts::{account}:assumed-role/{resource.rsplit('/', 1)[-1]}/"


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
