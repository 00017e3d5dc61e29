"""infra/gems.yaml as its text says it, for what the stand-in does not make."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from stack_site import TEMPLATE, Stack

_OF_A_BUCKET = re.compile(r"\$\{(\w+)\.Arn\}")


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms: ``!Ref x`` becomes ``{"Ref": x}``."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {suffix: value}


_Loader.add_multi_constructor("!", _short_form)


def load_template(path: Path = TEMPLATE) -> dict[str, Any]:
    """A whole template, nothing filled in."""
    loaded: dict[str, Any] = yaml.load(path.read_text(), _Loader)
    return loaded


def properties(template: dict[str, Any], name: str) -> dict[str, Any]:
    """Those of a resource by its logical id."""
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def bucket_policy(stack: Stack, bucket: str) -> dict[str, Any]:
    """A bucket's policy by the bucket's logical id, with the ARNs that CloudFormation would fill in."""
    filled: dict[str, Any] = _filled(properties(load_template(), f"{bucket}Policy")["PolicyDocument"], stack)
    return filled


def _filled(value: Any, stack: Stack) -> Any:
    match value:
        case {"GetAtt": str(name)} if name.endswith(".Arn"):
            return _arn(stack, name.removesuffix(".Arn"))
        case {"Sub": str(text)}:
            return _OF_A_BUCKET.sub(lambda found: _arn(stack, found[1]), text)
        case dict():
            return {key: _filled(item, stack) for key, item in value.items()}
        case list():
            return [_filled(item, stack) for item in value]
    return value


def _arn(stack: Stack, bucket: str) -> str:
    return f"arn:aws:s3:::{stack.ids[bucket]}"
