"""What each role may and may not do, judged by the documents of infra/gems.yaml themselves.

Every refusal names the statement that it hangs on, and is shown to turn into a permission when that statement is loosened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from aws_requests import s3
from batch_policy_tables import TABLES
from iam_policy import allows
from policy_tables import STATUS_TAGS, Ask, Refusal, control
from stack_site import BATCH_ROLES, ROLES, Stack

Stacks = Mapping[str, Stack]
_ALLOWED = [
    pytest.param(engine, role_name, ask, id=f"{engine}: {role_name} may {what}")
    for engine, (allowed, _) in TABLES.items()
    for role_name, asked in allowed.items()
    for what, ask in asked
]
_REFUSED = [
    pytest.param(engine, role_name, one, id=f"{engine}: {role_name} must not {one.what}")
    for engine, (_, refused) in TABLES.items()
    for role_name, those in refused.items()
    for one in those
]
_ROLES = [*(("ec2", role) for role in ROLES), *(("batch", role) for role in (*ROLES, *BATCH_ROLES))]


@pytest.mark.parametrize(("engine", "role_name", "ask"), _ALLOWED)
def test_a_role_may_do_its_work(stacks: Stacks, engine: str, role_name: str, ask: Ask) -> None:
    stack = stacks[engine]
    refused = [asked for asked in ask(stack) if not allows(stack.policies[role_name], asked)]
    assert not refused


@pytest.mark.parametrize(("engine", "role_name", "refusal"), _REFUSED)
def test_a_role_is_refused_everything_else(stacks: Stacks, engine: str, role_name: str, refusal: Refusal) -> None:
    stack = stacks[engine]
    assert not all(allows(stack.policies[role_name], asked) for asked in refusal.ask(stack))


@pytest.mark.parametrize(("engine", "role_name", "refusal"), _REFUSED)
def test_a_refusal_ends_when_the_policy_is_loosened(
    stacks: Stacks, engine: str, role_name: str, refusal: Refusal
) -> None:
    stack = stacks[engine]
    loosened = refusal.loosened(stack.policies[role_name])
    assert all(allows(loosened, asked) for asked in refusal.ask(stack))


@pytest.mark.parametrize(("engine", "role_name"), _ROLES)
def test_every_statement_has_a_name_of_its_own(stacks: Stacks, engine: str, role_name: str) -> None:
    policies = stacks[engine].policies[role_name]
    names = [statement["Sid"] for document in policies for statement in document["Statement"]]
    assert len(set(names)) == len(names)


LOOKS = re.compile(r"\w+:(Describe|List|DiscoverPollEndpoint$|GetAuthorizationToken$)")


@pytest.mark.parametrize(("engine", "role_name"), [one for one in _ROLES if one[1] not in ("deployer", "publisher")])
def test_a_statement_for_all_resources_only_looks_or_forbids(stacks: Stacks, engine: str, role_name: str) -> None:
    for document in stacks[engine].policies[role_name]:
        for statement in document["Statement"]:
            if statement["Resource"] == "*" and statement["Effect"] == "Allow":
                actions = statement["Action"]
                assert all(map(LOOKS.match, [actions] if isinstance(actions, str) else actions))


def test_a_worker_of_batch_has_the_rights_of_one_on_ec2_in_its_own_name(stacks: Stacks) -> None:
    ec2, batch = (
        json.dumps(stacks[engine].policies["worker"]).replace(stacks[engine].ids["CredentialKey"], "key")
        for engine in ("ec2", "batch")
    )
    assert batch == ec2.replace("Z-i-*.json", "Z-b-*.json").replace("/logs/i-*/", "/logs/b-*/")


def test_a_worker_without_a_metadata_session_token_is_refused_everything(stack: Stack) -> None:
    artefact = s3("GetObject", control(stack), "artefacts/current.json")
    old = replace(artefact, context={**artefact.context, "ec2:roledelivery": ("1.0",)})
    new = replace(artefact, context={**artefact.context, "ec2:roledelivery": ("2.0",)})
    assert not allows(stack.policies["worker"], old)
    assert allows(stack.policies["worker"], new)


def test_the_tags_that_the_api_may_change_are_those_that_it_writes(stack: Stack) -> None:
    (statement,) = (one for one in stack.policies["api"][0]["Statement"] if one["Sid"] == "TellAWorkersStatusInItsTags")
    assert sorted(statement["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]) == sorted(STATUS_TAGS)
