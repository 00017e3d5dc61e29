"""Whether a failed attempt is tried again (user guide, "Automated job retries").

The first rule whose patterns all fit decides; where none fits, the attempt is tried again. A job that was terminated, or
whose attempt ran out of time, is not.
"""

from __future__ import annotations

from gems_local.strict.batch.model import Attempt, Retry, Rule


def is_retried(retry: Retry, attempts: int, last: Attempt) -> bool:
    """Whether there is another attempt.

    Args:
        retry: the strategy.
        attempts: how many there were.
        last: the one that failed.
    """
    if attempts >= retry.attempts:
        return False
    return next((rule.retry for rule in retry.rules if _fits(rule, last)), True)


def _fits(rule: Rule, attempt: Attempt) -> bool:
    code = "" if attempt.exit_code is None else str(attempt.exit_code)
    pairs = [
        (rule.on_status_reason, attempt.status_reason),
        (rule.on_reason, attempt.reason or ""),
        (rule.on_exit_code, code),
    ]
    return all(pattern is None or _matches(pattern, text) for pattern, text in pairs)


def _matches(pattern: str, text: str) -> bool:
    """Case does not count; a ``*`` at the end stands for anything, and elsewhere for itself."""
    pattern, text = pattern.lower(), text.lower()
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern
