"""What anybody may read of what AWS, or a worker's tool, has said."""

from __future__ import annotations

import re

# Signs that end an address or a name of AWS's where a sentence, a list or JSON goes on.
_END = r"\s<>()\[\]{}\"',;"
_SECRETS = re.compile(
    rf"""
      (?P<message>(?<=authorization\ failure\ message:)\s*\S+)   # EC2 user guide, "Decode authorization messages"
    | (?P<arn>\barn:[\w-]*:[^{_END}]*[^{_END}.:])                # IAM user guide, "Amazon Resource Names"
    | (?P<address>(?:"[^"@\n]*"|(?<![^{_END}:=])[^{_END}:=@]+)@[^{_END}:@]+[^{_END}:@.])
    | (?P<account>\b(?:[0-9]{{12}}|[0-9]{{4}}-[0-9]{{4}}-[0-9]{{4}})\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_INSTEAD = {"message": " (left out)", "arn": "(an ARN)", "address": "(an address)", "account": "(an account)"}


def publishable(text: str) -> str:
    """A text without e-mail addresses, ARNs, account numbers and encoded authorization messages.

    Use it for whatever leaves for who is not a user: ``GET /job`` may be anybody's, and its documents are shared by all who ask.
    Users' own answers and the log have the words as they came.
    """
    return _SECRETS.sub(lambda found: _INSTEAD[found.lastgroup or ""], text)
