"""The tokens of users and workers in CredStash. A value is never printed, logged or handed on."""

from __future__ import annotations

from collections.abc import Mapping

import credstash

from gems_core.credentials import encryption_context
from gems_deploy.site import Site
from gems_deploy.vault import Vault


def token_names(outputs: Mapping[str, str]) -> tuple[str, str]:
    """The users' and the workers' token."""
    return outputs["UserCredential"], outputs["WorkerCredential"]


def basespace_name(outputs: Mapping[str, str]) -> str:
    """The name of our app's client key and secret at BaseSpace; '' where a stage has no BaseSpace."""
    return outputs.get("BaseSpaceCredential", "")


def missing_tokens(site: Site, outputs: Mapping[str, str]) -> list[str]:
    """The names of the tokens that CredStash does not have yet."""
    vault = vault_of(site, outputs)
    return [name for name in token_names(outputs) if not vault.versions(name)]


def make_token(site: Site, outputs: Mapping[str, str], name: str) -> None:
    """Put a new random token as the first version; one that is there stays."""
    vault_of(site, outputs).make(name)


def vault_of(site: Site, outputs: Mapping[str, str]) -> Vault:
    """Where a stage keeps its tokens."""
    return Vault(site.table(), site.client("kms"), outputs["CredentialTable"], outputs["CredentialKey"])


def opens(site: Site, outputs: Mapping[str, str], name: str) -> str:
    """Whether a token can be decrypted: the reason why not, or ''."""
    try:
        credstash.getSecret(
            name,
            table=outputs["CredentialTable"],
            context=encryption_context(name),
            dynamodb=site.table(),
            kms=site.client("kms"),
        )
    except (credstash.ItemNotFound, credstash.KmsError, credstash.IntegrityError) as error:
        return type(error).__name__
    return ""
