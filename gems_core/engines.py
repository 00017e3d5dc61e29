"""What launches workers."""

from __future__ import annotations

from enum import StrEnum


class Engine(StrEnum):
    """GeMS itself, with EC2's own calls, or AWS Batch, which queues them (docs/scale.md)."""

    EC2 = "ec2"
    BATCH = "batch"


EC2, BATCH = ENGINES = tuple(engine.value for engine in Engine)
"""The same as texts, as settings, templates and the command line have them."""
