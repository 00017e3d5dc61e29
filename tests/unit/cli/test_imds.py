"""What an instance's metadata service knows."""

from __future__ import annotations

import json

import pytest

from gems_local.imds import InstanceFacts, MetadataTree

FACTS = InstanceFacts(
    instance_id="i-1",
    launch_index=3,
    region="eu-central-1",
    availability_zone="eu-central-1a",
    instance_type="c7i.large",
    image_id="ami-1",
    account_id="123456789012",
    launched_at="2026-01-02T03:04:05Z",
    tags={"gems:session_key": "k"},
    role="gems-worker",
    credentials={"AccessKeyId": "AK", "SecretAccessKey": "SK", "Token": "T", "Expiration": "2026-01-02T15:04:05Z"},
    user_data="#!/bin/bash\n",
)


@pytest.fixture
def tree() -> MetadataTree:
    return MetadataTree(FACTS.documents())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("meta-data/instance-id", "i-1"),
        ("/meta-data/ami-launch-index/", "3"),
        ("meta-data/placement/region", "eu-central-1"),
        ("meta-data/tags/instance/gems:session_key", "k"),
        ("meta-data/iam/security-credentials/", "gems-worker"),
        ("meta-data/placement", "availability-zone\nregion"),
        ("user-data", "#!/bin/bash\n"),
    ],
)
def test_documents_and_the_listings_of_folders_are_read_by_path(tree: MetadataTree, path: str, text: str) -> None:
    assert tree.read(path) == text


@pytest.mark.parametrize("path", ["meta-data/spot/instance-action", "meta-data/inst", "meta-data/mac"])
def test_what_an_instance_does_not_have_is_absent(tree: MetadataTree, path: str) -> None:
    assert tree.read(path) is None


def test_the_roles_credentials_have_the_shape_that_botocore_reads(tree: MetadataTree) -> None:
    found = json.loads(tree.read("meta-data/iam/security-credentials/gems-worker") or "")
    assert found["Code"] == "Success"
    assert found["Token"] == "T"


def test_only_a_token_that_was_given_out_and_lives_is_admitted(tree: MetadataTree) -> None:
    assert tree.admits(tree.new_token(60))
    assert not tree.admits(tree.new_token(0))
    assert not tree.admits("made up")
    assert not tree.admits(None)
