"""How a credential is sealed in CredStash."""

from __future__ import annotations


def encryption_context(name: str) -> dict[str, str]:
    """KMS's encryption context of a credential: its own name, so that a role can be let open one and no other.

    ``infra/gems.yaml`` grants ``kms:Decrypt`` by it. On the command line: ``credstash put NAME VALUE gems_credential=NAME``.
    """
    return {"gems_credential": name}
