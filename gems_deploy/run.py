"""One deployment under way, and what a step of it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gems_artefacts.architecture import X86_64, Architecture
from gems_artefacts.local_artefact import LocalArtefact
from gems_deploy import artefacts
from gems_deploy.address import public_url
from gems_deploy.parameters import Wishes
from gems_deploy.settings import zappa_settings
from gems_deploy.site import Site
from gems_deploy.stack import Outputs, StackChange


@dataclass
class Run:
    """One deployment under way.

    Attributes:
        collect: finds or builds the artefacts for workers of an architecture, of library and panel only the kinds that it is
            called with.
        named: the kinds that the command line named.
        despite_jobs: whether the stack may change under jobs that are at work.
        outputs: the stack's, once there is one.
        batch_outputs: those of the stack of infra/batch.yaml, where AWS Batch places the workers.
        architecture: of the workers, once the stack has been looked at.
        publication: of the artefacts, once they have been looked at.
        pack: builds the function's zip; called at most once.
    """

    site: Site
    wishes: Wishes
    collect: Callable[[Collection[str], Architecture], list[LocalArtefact]]
    pack: Callable[[], Path]
    named: Collection[str] = ()
    despite_jobs: bool = False
    outputs: Mapping[str, str] = field(default_factory=dict)
    batch_outputs: Mapping[str, str] = field(default_factory=dict)
    architecture: Architecture = X86_64
    change: StackChange | None = None
    batch_change: StackChange | None = None
    publication: artefacts.Publication | None = None
    _zip: Path | None = None

    @property
    def zip_path(self) -> Path:
        """The function's code."""
        if self._zip is None:
            self._zip = self.pack()
        return self._zip

    @property
    def api_url(self) -> str:
        """The API's public address, '' while it has none."""
        return public_url(self.site)

    def zappa(self) -> dict[str, Any]:
        """Zappa's settings as they should be now."""
        return zappa_settings(self.site.stage, Outputs({**self.outputs, **self.batch_outputs}), self.api_url)

    @property
    def changes(self) -> tuple[StackChange, ...]:
        """What is planned of the stacks and not yet done."""
        planned = (change for change in (self.change, self.batch_change) if change is not None)
        return tuple(change for change in planned if change.kind != "none")


@dataclass(frozen=True)
class Step:
    """One step of the way.

    Attributes:
        look: a line for each thing that is left to do; none when all is done. Changes nothing.
        act: does it.
        needs_stack: whether it can look before there is a stack.
        follows_stack: whether a change of the stack may leave it more to do.
        staying: what stays as it is, for people; asked after ``look``.
    """

    name: str
    look: Callable[[Run], list[str]]
    act: Callable[[Run], None]
    needs_stack: bool = True
    follows_stack: bool = False
    staying: Callable[[Run], tuple[str, ...]] = lambda _run: ()
