"""What each role may and may not do, judged by the documents of infra/gems.yaml themselves.

Every refusal names the statement that it hangs on, and is shown to turn into a permission when that statement is loosened.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from aws_requests import s3
from iam_policy import allows
from policy_tables import ALLOWED, REFUSED, STATUS_TAGS, Ask, Refusal, control
from stack_site import ROLES, Stack

_ALLOWED = [
    pytest.param(role_name, ask, id=f"{role_name} may {what}")
    for role_name, asked in ALLOWED.items()
    for what, ask in asked
]
_REFUSED = [
    pytest.param(name, one, id=f"{name} must not {one.what}") for name, those in REFUSED.items() for one in those
]


@pytest.mark.parametrize(("role_name", "ask"), _ALLOWED)
def test_a_role_may_do_its_work(stack: Stack, role_name: str, ask: Ask) -> None:
    refused = [asked for asked in ask(stack) if not allows(stack.policies[role_name], asked)]
    assert not refused


@pytest.mark.parametrize(("role_name", "refusal"), _REFUSED)
def test_a_role_is_refused_everything_else(stack: Stack, role_name: str, refusal: Refusal) -> None:
    assert not all(allows(stack.policies[role_name], asked) for asked in refusal.ask(stack))


@pytest.mark.parametrize(("role_name", "refusal"), _REFUSED)
def test_a_refusal_ends_when_the_policy_is_loosened(stack: Stack, role_name: str, refusal: Refusal) -> None:
    loosened = refusal.loosened(stack.policies[role_name])
    assert all(allows(loosened, asked) for asked in refusal.ask(stack))


@pytest.mark.parametrize("role_name", ROLES)
def test_every_statement_has_a_name_of_its_own(stack: Stack, role_name: str) -> None:
    names = [statement["Sid"] for document in stack.policies[role_name] for statement in document["Statement"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("role_name", ["api", "worker", "job"])
def test_a_statement_for_all_resources_only_looks_or_forbids(stack: Stack, role_name: str) -> None:
    for document in stack.policies[role_name]:
        for statement in document["Statement"]:
            if statement["Resource"] == "*" and statement["Effect"] == "Allow":
                assert all(action.startswith("ec2:Describe") for action in statement["Action"])


def test_a_worker_without_a_metadata_session_token_is_refused_everything(stack: Stack) -> None:
    artefact = s3("GetObject", control(stack), "artefacts/current.json")
    old = replace(artefact, context={**artefact.context, "ec2:roledelivery": ("1.0",)})
    new = replace(artefact, context={**artefact.context, "ec2:roledelivery": ("2.0",)})
    assert not allows(stack.policies["worker"], old)
    assert allows(stack.policies["worker"], new)


def test_the_tags_that_the_api_may_change_are_those_that_it_writes(stack: Stack) -> None:
    (statement,) = (one for one in stack.policies["api"][0]["Statement"] if one["Sid"] == "TellAWorkersStatusInItsTags")
    assert sorted(statement["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]) == sorted(STATUS_TAGS)
