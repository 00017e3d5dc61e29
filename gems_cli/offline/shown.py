"""A typing without a cloud as people see it: how far it is, what came of it, and whether all is well."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from gems_artefacts.inputs import Tools, tools_told
from gems_cli.exits import JobFailed
from gems_cli.offline.inputs import Inputs
from gems_cli.offline.session import Machine, TypePlan, type_here
from gems_cli.run.calls import calls_view
from gems_cli.run.output import RunState, claimed_output, mark
from gems_cli.run.reads import unread_told
from gems_cli.run.space import full_disk_told
from gems_cli.run.verdict import refusal_of
from gems_core.protocol.done_marker import SampleOutcome

REPORT_JSON, REPORT_HTML = "report.json", "report.html"
MADE_BY = "gems type"


@dataclass(frozen=True)
class Ended:
    """How a typing has ended.

    Attributes:
        typed: samples that were typed.
        samples: all of them.
        refusal: why calls are not to be taken as they stand; '' where nothing is wrong.
        unread: files of reads that nobody types, because they are not read in this form.
    """

    typed: int
    samples: int
    refusal: str
    unread: tuple[str, ...]

    def demand_all(self, output: Path) -> None:
        """See that all was typed, and nothing says that it does not fit.

        Raises:
            JobFailed: something is wrong; the results are there.
        """
        if self.refusal:
            raise JobFailed(f"{self.refusal} {output} has the report.")
        if self.typed < self.samples:
            raise JobFailed(f"not every sample was typed; {output / REPORT_HTML} tells which and why")
        if self.unread:
            raise JobFailed(unread_told(self.unread))


def type_shown(
    inputs_of: Callable[[Path], Inputs],
    tools: Tools,
    output: Path,
    console: Console,
    *,
    hla_class: str = "all",
    machine: Machine | None = None,
    tables: bool = True,
) -> Ended:
    """Type samples, and tell people of it.

    Args:
        inputs_of: gives the samples; gets a folder that it may write to.
        tools: what they are typed with.
        output: the folder for the results.
        console: what people see.
        hla_class: 1, 2 or all.
        machine: what of this machine may be used; None for all of it.
        tables: whether calls are shown.

    Raises:
        InvalidInput: reads, or the output folder, are not what they should be.
        DiskFull: the results do not fit.
        ShareFailed, TyperBroke: no sample can be typed.
    """
    console.print(tools_told(tools), highlight=False, soft_wrap=True)
    began = time.monotonic()
    with (
        full_disk_told(f"the results in {output}", "Make room there, or name another folder with --output."),
        claimed_output(output, MADE_BY),
        tempfile.TemporaryDirectory(dir=output.absolute(), prefix=".typing-", ignore_cleanup_errors=True) as scratch,
    ):
        inputs = inputs_of(Path(scratch))
        for line in inputs.notes:
            console.print(f"note: {line}", markup=False, highlight=False)
        plan = TypePlan(inputs, tools, hla_class, machine or Machine.whole(), Path(scratch))
        with console.status(f"typing {len(inputs.samples)} samples") as status:
            report = type_here(plan, output, status.update)
        mark(output, state=RunState.ENDED)
    document = json.loads((output / REPORT_JSON).read_bytes())
    if tables:
        console.print(calls_view(document))
    typed = sum(one.outcome is SampleOutcome.TYPED for one in report.samples)
    told = f"{typed} of {len(report.samples)} samples typed in {time.monotonic() - began:.1f} s"
    console.print(f"{told}; report: {output / REPORT_HTML}", markup=False, highlight=False, soft_wrap=True)
    return Ended(typed, len(report.samples), refusal_of(document), inputs.unread)
