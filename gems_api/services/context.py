"""What every use case is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from gems_api.services.access.identity import Identities
from gems_api.services.access.membership import Members
from gems_api.services.intake.costs import PriceBook
from gems_api.services.intake.idempotency import KeyUses
from gems_api.services.ports import Clock, Cloud
from gems_api.services.state.active_index import ActiveIndex
from gems_api.services.state.job_store import JobStore
from gems_api.services.state.read_cache import ReadCache
from gems_api.services.state.view_memory import ViewMemory
from gems_api.settings import Settings


@dataclass(frozen=True)
class Context:
    """Settings, cloud and clock, and the job store made of them; one for the life of a process."""

    settings: Settings
    cloud: Cloud
    clock: Clock
    cache: ReadCache = field(default_factory=ReadCache)

    @cached_property
    def prices(self) -> PriceBook:
        """What instances cost."""
        return PriceBook(self.cloud.store, self.settings.control_bucket, self.clock)

    @cached_property
    def key_uses(self) -> KeyUses:
        """What users' idempotency keys were used for."""
        return KeyUses(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def views(self) -> ViewMemory:
        """What jobs were shown as a moment ago."""
        return ViewMemory(self.settings.status_cache_seconds)

    @cached_property
    def active(self) -> ActiveIndex:
        """Which jobs may have something running."""
        return ActiveIndex(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def jobs(self) -> JobStore:
        """The jobs of this deployment's control bucket."""
        return JobStore(self.cloud.store, self.settings.control_bucket, self.cache)

    @cached_property
    def identities(self) -> Identities:
        """Which instance a message comes from."""
        return Identities(self.cloud.identifier, self.clock)

    @cached_property
    def members(self) -> Members:
        """Which instance belongs to which job."""
        return Members(self.cloud.fleet, self.clock, self.settings.launch_grace_seconds)
