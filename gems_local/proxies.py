"""The local cloud listens on this machine: no proxy leads there."""

from __future__ import annotations

from collections.abc import Mapping

OWN_ADDRESSES = ("127.0.0.1", "localhost")
# Python and curl take the first that is set, and others know only the one or the other.
_SPELLINGS = ("no_proxy", "NO_PROXY")


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, in which nothing asks a proxy for this machine itself; what else it says of proxies stays."""
    named = next((environment[name] for name in _SPELLINGS if environment.get(name)), "")
    entries = [entry.strip() for entry in named.split(",") if entry.strip()]
    value = ",".join(dict.fromkeys([*entries, *OWN_ADDRESSES]))
    return {**environment, **dict.fromkeys(_SPELLINGS, value)}
