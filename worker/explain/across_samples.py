"""The results of a run, looked at from one sample to the other."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from gems_core.json_input import ODD_CONTENT
from gems_report.model import SampleResult
from gems_report.typing_json import called_alleles
from worker.explain.other_samples import Typed, typed_of, with_other_samples

_log = logging.getLogger(__name__)


def across_samples(results: Sequence[SampleResult]) -> list[SampleResult]:
    """The results, with the unexplained sequences that are another sample's told so."""
    told = with_other_samples([typed for one in results if (typed := _typed(one)) is not None])
    return [replace(one, unexplained=told.get(one.sample, one.unexplained)) for one in results]


def _typed(result: SampleResult) -> Typed | None:
    """A sample as others are compared with it; None where its calls have another shape than the contract's."""
    try:
        called = called_alleles(call.document for call in result.loci)
    except ODD_CONTENT as error:
        _log.warning("%s is not compared with the other samples: %r", result.sample, error)
        return None
    return typed_of(result.sample, called, result.unexplained)
