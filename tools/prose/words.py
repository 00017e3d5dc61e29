"""Words at which a stranger stumbles, and what to say in their place."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Stumble:
    """A phrase that is hard to read, and plainer words for it."""

    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True)
class Found:
    """A phrase that was met, with what to say in its place."""

    phrase: str
    instead: str


def _stumble(pattern: str, instead: str) -> Stumble:
    return Stumble(re.compile(pattern, re.I), instead)


# "There is no bucket" and "it is no longer there" are plain English; "the body is no JSON" is not.
_EXISTENTIAL = r"(?<!there )(?<!where )(?<!this )"
_IDIOMS = "longer|more|less|fewer|later|earlier|older|newer|better|worse|larger|smaller|higher|lower|need|doubt|reason|such|way|one"

STUMBLES = (
    _stumble(rf"{_EXISTENTIAL}\b(?:is|are|was|were) no (?!(?:{_IDIOMS})\b)[`\w]+", "is not a …, is not valid …"),
    _stumble(r"\b(?:that|which|it|one) (?:is|are) none\b(?! of| taken)", "that is not one (say of what)"),
    _stumble(r"(?<!there )\b(?:is|are) none of (?!which|whose|this|these|those|them)\w+", "is not one of …"),
    _stumble(r"(?<!there )\b(?:is|are|was|were) nobody\b", "nobody is …"),
    _stumble(r"\bnot to be had\b", "cannot be reached, is not possible"),
    _stumble(r"\blong since\b|\blong ago since\b", "long ago, or say how long"),
    _stumble(r"\bended around (?:it|them)\b", "ended while it was running"),
    _stumble(r"\bso young that\b", "too recent to …"),
    _stumble(r"\bneeds not\b", "need not"),
    _stumble(r"\b(?:made|make|makes|making|built|builds|written|write|laid|begin|begins|closed|counted|asked|asks|signs|tries|typed) anew\b", "again"),
    _stumble(r"\bfor want of\b|\bwant of\b", "lack of, too little"),
    _stumble(r", for (?:it|they|there|nobody|somebody|EC2|jobs) (?:is|are|was|were|has|have|had|may|can|would)\b", "because"),
    _stumble(r"\bis heeded\b|\bare heeded\b|\bheeds?\b", "is used, is followed"),
    _stumble(r"\bhangs? (?:on it|on being)\b", "depends on"),
    _stumble(r"\b(?:is|are) (?:anybody|nobody|anyone)'s\b", "anyone can take, belongs to no one"),
    _stumble(r"\bcome to that\b", "where needed"),
    _stumble(r"\bwithout a story\b", "of unknown cause"),
    _stumble(r"\bas ever\b", "as always"),
    _stumble(r"\band its kin\b|\band their kin\b", "and related"),
    _stumble(r"\bgrown older\b|\bgrow old\b", "is older than"),
    _stumble(r"\bhitherto\b|\bthereof\b|\bwhereof\b|\bnought\b|\bas yet\b", "plain words"),
    _stumble(r"\b(?:not|no) as far as that\b|\bas far as that until then\b", "say what was not done"),
    _stumble(r"\bone with another\b", "on average"),
    _stumble(r"\bthis deployment's are\b|\ban own\b|\bown one\b", "one of its own"),
)  # fmt: skip


def stumbles(text: str) -> list[Found]:
    """The phrases of a text that stop a stranger, in the order of the list."""
    return [Found(found.group(), each.instead) for each in STUMBLES for found in each.pattern.finditer(text)]
