"""S3 is given to the owners of its parts in one place; no other service takes it out of the cloud."""

from __future__ import annotations

import ast
from pathlib import Path

import gems_api.services

SERVICES = Path(gems_api.services.__file__).parent


def takes_the_store(module: Path) -> bool:
    """Whether a module reads ``….cloud.store`` or ``cloud.store``."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "store"
        and (
            (isinstance(node.value, ast.Attribute) and node.value.attr == "cloud")
            or (isinstance(node.value, ast.Name) and node.value.id == "cloud")
        )
        for node in ast.walk(ast.parse(module.read_text()))
    )


def test_only_the_context_takes_the_store_out_of_the_cloud() -> None:
    found = {str(module.relative_to(SERVICES)) for module in SERVICES.rglob("*.py") if takes_the_store(module)}
    assert found == {"context.py"}
