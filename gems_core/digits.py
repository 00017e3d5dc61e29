"""Digits of outside texts: 0 to 9. Python takes those of every script, in patterns, in ``isdigit`` and in ``int``."""

from __future__ import annotations


def is_digits(text: str) -> bool:
    """Whether a text is one or more of the digits 0 to 9, and nothing else."""
    return text.isascii() and text.isdecimal()
