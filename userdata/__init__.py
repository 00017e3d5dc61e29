"""The script that makes a machine or a container a worker, and the values that it is given."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gems_core.layout import ARTEFACT_KINDS, OPTIONAL_ARTEFACT_KINDS, job_prefix
from gems_core.manifest import Artefact
from gems_core.session_key import SessionKey

LARGEST_USER_DATA_BYTES = 16384
"""EC2's limit on user data before base64 (EC2 user guide, "Run commands when you launch an EC2 instance")."""

_SCRIPT = Path(__file__).with_name("bootstrap.sh")
_PROVISION = Path(__file__).with_name("provision.sh")
_ONLY_IN_IMAGES = re.compile(r"^# BEGIN IMAGES.*?^# END IMAGES\n", re.MULTILINE | re.DOTALL)
_COMMENT_LINES = re.compile(r"^ *#(?!!).*\n", re.MULTILINE)
VARIABLES_BEGIN = "GEMS_BOOT_"
"""How the names of a container's variables begin; the rest is a value's name in capitals."""
_BEGIN, _END = "# BEGIN VALUES\n", "# END VALUES\n"


@dataclass(frozen=True)
class Bootstrap:
    """What a worker's machine must know before it can ask anybody.

    Attributes:
        api_url: base URL of the API.
        artefacts: by kind, all of ``gems_core.layout.ARTEFACT_KINDS`` and any optional ones; their keys are in the
            control bucket.
        worker_credential: the *name* of the worker's credential in CredStash, never the credential.
        credential_table: CredStash's DynamoDB table.
        log_group: of CloudWatch Logs, which the worker's log goes to; '' for none.
        dead_man_seconds: after this the machine ends itself, whatever it is doing.

    Raises:
        ValueError: an artefact is missing, or the time is not positive.
    """

    session_key: str
    api_url: str
    region: str
    control_bucket: str
    artefacts: Mapping[str, Artefact]
    worker_credential: str
    credential_table: str
    dead_man_seconds: int
    log_group: str = ""

    def __post_init__(self) -> None:
        missing = [kind for kind in ARTEFACT_KINDS if kind not in self.artefacts]
        if missing:
            raise ValueError(
                f"artefacts: expected {', '.join(ARTEFACT_KINDS)}, found none for {', '.join(missing)}. "
                "Publish them before a job is started."
            )
        if self.dead_man_seconds < 1:
            raise ValueError(f"dead_man_seconds: expected at least 1, found {self.dead_man_seconds}")


def render(bootstrap: Bootstrap) -> str:
    """The script without its comments, ready to be given to RunInstances.

    Raises:
        InvalidInput: the session key is none.
        ValueError: a value holds a control character, or the script is larger than EC2 takes.
    """
    head, rest = _SCRIPT.read_text(encoding="utf-8").split(_BEGIN)
    tail = rest.split(_END)[1]
    head, tail = (_COMMENT_LINES.sub("", part) for part in (head, tail))
    provision = base64.b64encode(gzip.compress(provision_script().encode(), mtime=0)).decode()
    values = {**_values(bootstrap), "provision_gzip": provision}
    script = f"{head}{_BEGIN}{_assignments(values)}{_END}{tail}"
    size_bytes = len(script.encode())
    if size_bytes > LARGEST_USER_DATA_BYTES:
        raise ValueError(
            f"user data: expected at most {LARGEST_USER_DATA_BYTES} bytes, found {size_bytes}. "
            "Shorten the prefix or the artefacts' keys."
        )
    return script


def variables(bootstrap: Bootstrap) -> dict[str, str]:
    """The same values as a container's environment variables: its image has the script, and what it installs.

    Raises:
        InvalidInput: the session key is none.
        ValueError: a value holds a control character.
    """
    return {f"{VARIABLES_BEGIN}{name.upper()}": _printable(name, text) for name, text in _values(bootstrap).items()}


def _values(bootstrap: Bootstrap) -> dict[str, str]:
    """The script's variables; object names are percent-encoded as S3's signature wants them."""
    worker = bootstrap.artefacts["worker"]
    for kind, artefact in bootstrap.artefacts.items():
        for name, value in artefact.as_json().items():
            _printable(f"artefact {kind}, {name}", value)
    events = f"{job_prefix(SessionKey.parse(bootstrap.session_key))}events/"
    kinds = [kind for kind in (*ARTEFACT_KINDS, *OPTIONAL_ARTEFACT_KINDS) if kind in bootstrap.artefacts]
    artefacts = {kind: bootstrap.artefacts[kind].as_json() for kind in kinds}
    return {
        "session_key": bootstrap.session_key,
        "api_url": bootstrap.api_url,
        "region": bootstrap.region,
        "control_bucket": bootstrap.control_bucket,
        "artefacts": json.dumps(artefacts, separators=(",", ":"), ensure_ascii=False),
        "worker_object": quote(worker.key, safe="/-_.~"),
        "worker_sha256": worker.sha256,
        "worker_credential": bootstrap.worker_credential,
        "credential_table": bootstrap.credential_table,
        "events_object": quote(events, safe="/-_.~"),
        "log_group": bootstrap.log_group,
        "dead_man_seconds": str(bootstrap.dead_man_seconds),
    }


def provision_script() -> str:
    """What a booting machine runs of ``provision.sh``: the parts for images are left out, and comments."""
    return _COMMENT_LINES.sub("", _ONLY_IN_IMAGES.sub("", _PROVISION.read_text(encoding="utf-8")))


def _assignments(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(_printable(name, value))}\n" for name, value in values.items())


def _printable(name: str, value: str) -> str:
    for position, character in enumerate(value):
        if not character.isprintable():
            raise ValueError(
                f"{name}: expected printable characters only, found {character!r} at position {position} (from 0). "
                "Remove it."
            )
    return value
