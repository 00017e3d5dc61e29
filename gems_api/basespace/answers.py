"""Reading BaseSpace's answers: everything is hostile until its shape is known, and a change is named by its field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gems_api.services.remote_ports import RemoteChanged
from gems_core.json_input import ODD_CONTENT, parse_json

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_TEXT = 4000
LONGEST_URL = 4096
# Where Illumina keeps files: its own hosts, and S3 (BaseSpace developer portal, "Working with files").
FILE_HOSTS = (".amazonaws.com", ".illumina.com")


@dataclass(frozen=True)
class Node:
    """A part of an answer, and where it stands: ``/samples/1, field Response.Id``."""

    value: Any
    where: str

    @classmethod
    def parse(cls, data: bytes, where: str) -> Node:
        """An answer's whole body.

        Raises:
            RemoteChanged: it is not a JSON object.
        """
        try:
            return cls(dict(parse_json(data)), where)
        except ODD_CONTENT as error:
            raise _changed(where, "a JSON object", repr(data[:80])) from error

    def at(self, name: str) -> Node:
        """A field that must be there; it is read by the methods below."""
        if not isinstance(self.value, dict):
            raise _changed(self.where, "an object", self.value)
        if name not in self.value:
            raise _changed(self._below(name), "a value", "no such field")
        return Node(self.value[name], self._below(name))

    def has(self, name: str) -> bool:
        """Whether a field is there and holds something."""
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def text(self) -> str:
        """A text without control characters, which no text of BaseSpace has."""
        if not isinstance(self.value, str) or len(self.value) > LONGEST_TEXT or not self.value.isprintable():
            raise _changed(self.where, "a text", self.value)
        return self.value

    def identifier(self) -> str:
        """An id, which may become part of an address."""
        if not isinstance(self.value, str) or not _ID.fullmatch(self.value):
            raise _changed(self.where, "an id", self.value)
        return self.value

    def whole(self) -> int:
        """A number of things or bytes."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            raise _changed(self.where, "a whole number of at least 0", self.value)
        return self.value

    def items(self) -> list[Node]:
        """A list's parts."""
        if not isinstance(self.value, list):
            raise _changed(self.where, "a list", self.value)
        return [Node(item, f"{self.where}[{place}]") for place, item in enumerate(self.value)]

    def file_url(self, base_url: str) -> str:
        """An address that a worker may fetch: HTTPS at one of Illumina's hosts, or what stands at our own base address."""
        url = self.value if isinstance(self.value, str) and len(self.value) <= LONGEST_URL else ""
        try:
            parts, base = urlsplit(url), urlsplit(base_url)
            same = (parts.scheme, parts.hostname, parts.port) == (base.scheme, base.hostname, base.port)
            known = (
                parts.scheme == "https" and parts.port in (None, 443) and (parts.hostname or "").endswith(FILE_HOSTS)
            )
        except ValueError:
            same = known = False
        if not url.isprintable() or not (same or known) or parts.username or parts.password:
            raise _changed(self.where, f"an https address at a host of {', '.join(FILE_HOSTS)}", url[:60])
        return url

    def _below(self, name: str) -> str:
        return f"{self.where}.{name}" if ", field " in self.where else f"{self.where}, field {name}"


def is_id(text: str) -> bool:
    """Whether a text may be an id of BaseSpace's."""
    return _ID.fullmatch(text) is not None


def _changed(where: str, expected: str, found: object) -> RemoteChanged:
    return RemoteChanged(
        f"BaseSpace {where}: expected {expected}, found {str(found)[:80]!r}. Its API has changed: tell GeMS's maintainers."
    )
