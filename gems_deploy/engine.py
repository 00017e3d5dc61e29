"""Who launches a stage's workers: GeMS itself on EC2, or AWS Batch."""

from __future__ import annotations

from collections.abc import Mapping

from gems_core.engines import BATCH, EC2


def engine_of(outputs: Mapping[str, str]) -> str:
    """The engine of a stage by its outputs; a stack of an older release has EC2's."""
    return outputs.get("Engine", EC2)


def is_batch(outputs: Mapping[str, str]) -> bool:
    """Whether AWS Batch places the workers."""
    return engine_of(outputs) == BATCH
