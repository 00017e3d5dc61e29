"""A judge of policies that is neither moto's nor ours: @cloud-copilot/iam-simulate, which runs in node.

It knows AWS's list of actions, resources and condition keys, and says which part of a request is not on it.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iam_policy import VERSION, Request, allows
from stack_site import ACCOUNT, ISSUER

PROGRAM = Path(__file__).with_name("second_judge.mjs")
TIMEOUT_SECONDS = 120
Document = Mapping[str, Any]
_ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
_LEFT_TO_IAM = {
    service: {"Version": VERSION, "Statement": [{"Effect": "Allow", "Principal": _ROOT, "Action": action, **rest}]}
    for service, action, rest in (("kms", "kms:*", {"Resource": "*"}), ("sts", "sts:AssumeRole", {}))
}
# Keys whose own names are in part the asker's. It knows such names behind a slash only, so these go as names of tags.
_NAMED_BY_THE_ASKER = re.compile(rf'"(?=kms:EncryptionContext:|{re.escape(ISSUER)}:)', re.IGNORECASE)
_YET_TO_BE_MADE = re.compile(r"(?<=[/:])\*$")
_SEVERAL = ("aws:tagkeys", "dynamodb:leadingkeys", "kms:encryptioncontextkeys")


@dataclass(frozen=True)
class Question:
    """One request, and every policy that has a say in it.

    Attributes:
        asker: the ARN of a role, or the name of one of AWS's services.
        policies: those of the role.
        session: the policy that narrows the role's session.
        of_the_resource: the resource's own policy. A key and a role allow nothing without one; by default it leaves the
            decision to the account's IAM.
    """

    asker: str
    policies: Sequence[Document]
    asked: Request
    session: Document | None = None
    of_the_resource: Document | None = None

    def allowed_by_us(self) -> bool:
        """What our own evaluator says of the role's policies and its session's."""
        narrowed = self.session is None or allows([self.session], self.asked)
        return narrowed and allows(self.policies, self.asked)

    def simulation(self) -> str:
        """As the simulator takes it, in JSON."""
        asked, several = self.asked, {key for key in self.asked.context if key in _SEVERAL}
        context = {key: [*values] if key in several else values[0] for key, values in asked.context.items() if values}
        # What is yet to be made has an ARN that ends in a star; the simulator takes a star for all such things at once.
        resource = _YET_TO_BE_MADE.sub("new", asked.resource)
        told = {
            "request": {
                "principal": self.asker, "action": asked.action, "contextVariables": context,
                "resource": {"resource": resource, "accountId": ACCOUNT},
            },
            "identityPolicies": [{"name": str(at), "policy": one} for at, one in enumerate(self.policies)],
            "serviceControlPolicies": [], "resourceControlPolicies": [],
        }  # fmt: skip
        if self.session is not None:
            told["sessionPolicy"] = self.session
        if of_the_resource := self.of_the_resource or _LEFT_TO_IAM.get(asked.action.partition(":")[0]):
            told["resourcePolicy"] = of_the_resource
        return _NAMED_BY_THE_ASKER.sub('"aws:RequestTag/', json.dumps(told))


@dataclass(frozen=True)
class Verdict:
    """What the simulator says.

    Attributes:
        unknown: what of the request AWS's list does not know: ``resource``, or condition keys, which then count as absent.
    """

    allowed: bool
    unknown: tuple[str, ...]


def role_arn(name: str) -> str:
    """The ARN of a stack's role by its short name."""
    return f"arn:aws:iam::{ACCOUNT}:role/gems-dev-{name}"


def judge(questions: Iterable[Question]) -> list[Verdict]:
    """Verdicts in the order of the questions, from one run of node; a question asked twice is judged once.

    Raises subprocess.CalledProcessError where the simulator does not understand a policy or a request.
    """
    simulations = [question.simulation() for question in questions]
    each = list(dict.fromkeys(simulations))
    run = subprocess.run(
        ["node", PROGRAM],
        input=f"[{','.join(each)}]",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=TIMEOUT_SECONDS,
    )
    verdicts = [Verdict(one["allowed"], tuple(one["unknown"])) for one in json.loads(run.stdout)]
    by_simulation = dict(zip(each, verdicts, strict=True))
    return [by_simulation[simulation] for simulation in simulations]
