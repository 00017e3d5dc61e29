"""A group of commands that are imported when they are called, so that help answers at once and needs no extra's packages."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, not when they are listed.

    Args:
        parts: by name, where the click command is (``module:name``), and the line that help shows without importing it.
    """

    def __init__(self, *args: Any, parts: Mapping[str, tuple[str, str]], **more: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **more)
        self.parts = parts

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in order."""
        return list(self.parts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command, imported now."""
        if cmd_name not in self.parts:
            return None
        module, name = self.parts[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list that help shows."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.parts.items()])
