"""The worker's proof of which instance it is: signed by its role, bound to its job, renewed before it ages."""

from __future__ import annotations

import pytest
from botocore.credentials import ReadOnlyCredentials
from worker_fakes import SESSION_KEY, Signer

from gems_core.errors import CloudRefused
from gems_core.identity import LIFE_SECONDS, IdentityProof
from worker.cloud import sign_identity
from worker.identity import RENEWED_AFTER_SECONDS, Identity

ROLE = ReadOnlyCredentials("ASIA1234567890123456", "secret-key", "FQoGZXIv+/=")


def test_what_the_role_signs_is_what_the_api_reads() -> None:
    proof = sign_identity(ROLE, "eu-west-1", "https://sts.eu-west-1.amazonaws.com", SESSION_KEY)
    assert IdentityProof.parse(proof.encode()) == proof
    assert "/eu-west-1/sts/aws4_request" in proof.authorization
    assert "secret-key" not in proof.encode()
    assert len(proof.encode()) < 2000


def test_a_users_credentials_prove_no_instance() -> None:
    with pytest.raises(CloudRefused, match="Give the instance a role"):
        sign_identity(
            ReadOnlyCredentials("AKIA1234567890123456", "secret-key", None), "eu-west-1", "https://x", SESSION_KEY
        )


def test_a_proof_is_used_until_it_ages_and_well_before_it_expires_another_is_signed() -> None:
    signer, now = Signer(), [0.0]
    identity = Identity(signer, lambda: now[0])
    first = identity.header()
    now[0] = RENEWED_AFTER_SECONDS
    assert identity.header() == first
    now[0] += 1
    assert identity.header() != first
    assert signer.made == 2
    assert RENEWED_AFTER_SECONDS < LIFE_SECONDS - 240, "a claim's patience and a slow API fit in between"


def test_two_threads_that_were_refused_the_same_proof_share_the_next_one() -> None:
    signer = Signer()
    identity = Identity(signer)
    refused = identity.header()
    assert identity.renew(refused) == identity.renew(refused)
    assert signer.made == 2
