"""What is counted and timed of the service: lines of the log in CloudWatch's embedded metric format, which it makes metrics of.

No call is made for a metric, and none can fail. A metric that is nothing most of the time is told only when it is something,
for CloudWatch charges each hour in which a metric is told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

LOG = logging.getLogger(__name__)
NAMESPACE = "GeMS"
_MILLISECONDS = 1000


class Metric(StrEnum):
    """All that is told, each with the dimension ``Stage``; ``StepSeconds`` has ``Step`` too."""

    JOBS_STARTED = "JobsStarted"
    SAMPLES_ASKED = "SamplesAsked"
    JOBS_COMPLETE = "JobsComplete"
    JOBS_COMPLETE_WITH_FAILURES = "JobsCompleteWithFailures"
    JOBS_FAILED = "JobsFailed"
    JOBS_CANCELLED = "JobsCancelled"
    JOB_SECONDS = "JobSeconds"
    SAMPLES_TYPED = "SamplesTyped"
    SAMPLES_FAILED = "SamplesFailed"
    INSTANCES_LAUNCHED = "InstancesLaunched"
    LAUNCH_REFUSALS = "LaunchRefusals"
    STEP_SECONDS = "StepSeconds"
    REAPED = "Reaped"
    JOBS_UNREADABLE = "JobsUnreadable"
    JOBS_LEFT = "JobsLeft"
    INSTANCES_ENDED = "InstancesEnded"
    INSTANCES_TOO_OLD = "InstancesTooOld"
    MAILS_FAILED = "MailsFailed"
    MAILS_BOUNCED = "MailsBounced"
    NOTICES_FAILED = "NoticesFailed"
    LOOKS_NOT_NOTED = "LooksNotNoted"


def tell(stage: str, now: datetime, values: Mapping[Metric, float], *, step: str = "") -> None:
    """Tell metrics of one moment.

    Args:
        stage: the deployment's.
        now: the moment.
        values: by metric; of those that are 0 only the first is told.
        step: the value of the dimension ``Step``, for metrics that have it.
    """
    told = {metric.value: value for place, (metric, value) in enumerate(values.items()) if value or not place}
    dimensions = {"Stage": stage, **({"Step": step} if step else {})}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": "Seconds" if name.endswith("Seconds") else "Count"} for name in told],
    }
    stamp = {"Timestamp": int(now.timestamp() * _MILLISECONDS), "CloudWatchMetrics": [directive]}
    LOG.info("metrics", extra={"facts": {"_aws": stamp, **dimensions, **told}})
