"""How a credential is sealed in CredStash, and how it is sent."""

from __future__ import annotations

WEBHOOK_CREDENTIAL = "gems.webhook.secret"
"""Under what webhooks are signed; ``infra/gems.yaml`` grants it by this name."""


def encryption_context(name: str) -> dict[str, str]:
    """KMS's encryption context of a credential: its own name, so that a role can be let open one and no other.

    ``infra/gems.yaml`` grants ``kms:Decrypt`` by it. On the command line: ``credstash put NAME VALUE gems_credential=NAME``.
    """
    return {"gems_credential": name}


def launch_context(session_id: str) -> dict[str, str]:
    """KMS's encryption context of a person's token at BaseSpace: the launch that it is for."""
    return {"gems_basespace": session_id}


def bearer_header(token: str) -> dict[str, str]:
    """The request header that shows a credential (RFC 6750, section 2.1).

    Args:
        token: the credential; '' gives no header, for what needs none.
    """
    return {"Authorization": f"Bearer {token}"} if token else {}
