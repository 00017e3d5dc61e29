"""What a job will cost, and what it has cost. Pure, but for the book that reads the price table."""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gems_api.services.ports import Clock
from gems_api.services.state.records import LaunchedInstance
from gems_api.services.state.snapshot import Reading, Snapshot
from gems_api.services.store_ports import Store, TooLarge
from gems_api.settings import Settings
from gems_core import layout
from gems_core.errors import CloudRefused, InvalidInput, Problem
from gems_core.fields import COUNT, NUMBER, TEXT, Field, Shape, nested
from gems_core.prices import CURRENCY, ON_DEMAND, SPOT, PriceTable
from gems_core.shares import Share

LOG = logging.getLogger(__name__)
# EC2 bills Linux instances by the second, a minute at least (EC2 pricing page).
LEAST_SECONDS = 60
SECONDS_AN_HOUR = 3600
CACHE_SECONDS = 300
NO_TABLE = "no price table: write one with `gems prices`"


class PriceBook:
    """The price table of the control bucket, read again after five minutes. Its absence or damage stops no job."""

    def __init__(self, store: Store, bucket: str, clock: Clock) -> None:
        self._store, self._bucket, self._clock = store, bucket, clock
        self._held: tuple[PriceTable | None, datetime] | None = None
        self._lock = threading.Lock()

    def table(self) -> PriceTable | None:
        """The prices, or None when nobody has written any."""
        now = self._clock()
        with self._lock:
            if self._held is None or self._held[1] <= now:
                self._held = (self._read(), now + timedelta(seconds=CACHE_SECONDS))
            return self._held[0]

    def _read(self) -> PriceTable | None:
        try:
            stored = self._store.read(self._bucket, layout.PRICES_KEY)
            return PriceTable.from_bytes(stored.body) if stored else None
        except (CloudRefused, InvalidInput, TooLarge):
            LOG.warning("price table not read", exc_info=True)
            return None


@dataclass(frozen=True)
class Estimate:
    """What a job is expected to take.

    Attributes:
        minutes: from launch to report, if all workers are launched at once.
        instance_hours: of all workers together.
        instance_type: the one that the prices are of, the deployment's preferred one.
        usd: by market; None where no price is known.
        hint: why a price is missing; `''` when none is.
    """

    workers: int
    minutes: float
    instance_hours: float
    instance_type: str
    usd: dict[str, float | None]
    hint: str

    def as_json(self) -> dict[str, object]:
        """The estimate as ``POST /job`` answers it."""
        return ESTIMATE.write(self)


_PRICES: Shape[Estimate] = Shape(
    "PricesView",
    "prices",
    (
        Field("currency", TEXT, "USD", source=lambda _: CURRENCY),
        Field("on_demand", NUMBER, "null where no price is known", nullable=True, source=lambda it: it.usd[ON_DEMAND]),
        Field("spot", NUMBER, "null where no price is known", nullable=True, source=lambda it: it.usd[SPOT]),
    ),
)
ESTIMATE: Shape[Estimate] = Shape(
    "EstimateBody",
    "estimate",
    (
        Field("workers", COUNT, "how many are launched"),
        Field("minutes", NUMBER, "from launch to report, if all workers come at once"),
        Field("instance_hours", NUMBER, "of all workers together"),
        Field("instance_type", TEXT, "the one that the prices are of"),
        Field("price", nested(_PRICES), "in each market", source=lambda it: it),
        Field("hint", TEXT, "why a price is missing; `''` when none is"),
    ),
)


def estimate(shares: Sequence[Share], workers: int, settings: Settings, table: PriceTable | None) -> Estimate:
    """What typing these shares takes: each worker starts once, then claims share after share.

    Args:
        shares: the work.
        workers: how many are launched.
        settings: the rate of typing, the time to start, and the preferred instance type.
        table: the prices.
    """
    loads = [0.0] * workers
    for share in shares:
        heapq.heapreplace(loads, loads[0] + share.size_bytes / settings.bytes_per_second)
    seconds = [load + settings.start_seconds for load in loads]
    hours = sum(max(item, LEAST_SECONDS) for item in seconds) / 3600
    instance_type = settings.instance_types[0]
    rates = {market: table.usd_per_hour(instance_type, market) if table else None for market in (ON_DEMAND, SPOT)}
    usd = {market: None if rate is None else round(hours * rate, 4) for market, rate in rates.items()}
    return Estimate(
        workers,
        round(max(seconds, default=0.0) / 60, 1),
        round(hours, 4),
        instance_type,
        usd,
        _hint(table, [(instance_type, market) for market, rate in rates.items() if rate is None]),
    )


@dataclass(frozen=True)
class Spending:
    """What instances have cost; ``usd`` is None when it cannot be told, and ``hint`` says whose price is not known."""

    instance_hours: float
    usd: float | None
    hint: str


def spending(
    instances: Sequence[LaunchedInstance],
    ends: Sequence[datetime],
    table: PriceTable | None,
    unknown_usd_per_hour: float | None = None,
) -> Spending:
    """What instances have cost until each one's end. One that AWS Batch has not placed has cost nothing yet.

    Args:
        instances: as the job's state holds them.
        ends: for each, when it ended or until when it is reckoned.
        table: the prices as they are now; the job remembers none of its own.
        unknown_usd_per_hour: what to reckon with where the table knows no price; None: the sum is unknown then.
    """
    placed = [(item, end) for item, end in zip(instances, ends, strict=True) if item.market]
    seconds = [max((end - item.launched_at).total_seconds(), LEAST_SECONDS) for item, end in placed]
    rates = [table.usd_per_hour(item.instance_type, item.market) if table else None for item, _ in placed]
    unknown = [(item.instance_type, item.market) for (item, _), rate in zip(placed, rates, strict=True) if rate is None]
    reckoned = [unknown_usd_per_hour if rate is None else rate for rate in rates]
    paid = [length / 3600 * rate for length, rate in zip(seconds, reckoned, strict=True) if rate is not None]
    usd = round(sum(paid), 4) if len(paid) == len(seconds) else None
    return Spending(round(sum(seconds) / 3600, 4), usd, _hint(table, unknown))


def _hint(table: PriceTable | None, unknown: Sequence[tuple[str, str]]) -> str:
    if not unknown:
        return ""
    if table is None:
        return NO_TABLE
    missing = ", ".join(
        sorted({f"{instance_type or 'an unknown type'} ({market})" for instance_type, market in unknown})
    )
    return f"the price table does not know {missing}: run `gems prices`"


def spent_so_far(snapshot: Snapshot, table: PriceTable | None) -> Spending:
    """What all runs of a job have cost, an instance that may still run until its worker's last sign of life.

    It depends on nothing but what is written down, so that an unchanged job looks unchanged.
    """
    instances = snapshot.state.value.instances if snapshot.state else ()
    seen = {record.value.instance_id: snapshot.last_seen(record.value) for record in snapshot.workers.values()}
    ends = [item.ended_at or seen.get(item.instance_id, item.launched_at) for item in instances]
    return spending(instances, ends, table)


def over_budget(snapshot: Reading, table: PriceTable | None, now: datetime) -> str:
    """Why a run must end for the money it has cost; `''` when it need not, or when no price at all is known.

    An unknown price is reckoned as the dearest that is known, lest one new type or market switch the budget off.
    """
    budget = snapshot.manifest.budget_usd
    if budget is None or snapshot.state is None or table is None:
        return ""
    instances = [item for item in snapshot.state.value.instances if item.run == snapshot.run]
    spent = spending(instances, [item.ended_at or now for item in instances], table, table.dearest)
    if spent.usd is None or spent.usd <= budget:
        return ""
    told = f"{spent.usd:.2f} {CURRENCY} for {spent.instance_hours} instance-hours"
    reckoned = f"; {spent.hint}; until then it counts at the highest price known" if spent.hint else ""
    return f"the job's budget of {budget:.2f} {CURRENCY} is spent ({told}{reckoned})"


def price_problems(budget_usd: float | None, settings: Settings, table: PriceTable | None) -> list[Problem]:
    """Why nobody could keep a budget: prices that are unknown of what a launch may bring.

    Args:
        budget_usd: None needs no price.
        settings: the instance types, and whether spot is asked for; on demand always stands in.
        table: the prices.
    """
    if budget_usd is None:
        return []
    markets = (ON_DEMAND, SPOT) if settings.spot else (ON_DEMAND,)
    pools = [(instance_type, market) for instance_type in settings.instance_types for market in markets]
    hint = _hint(table, [pool for pool in pools if table is None or table.usd_per_hour(*pool) is None])
    where = f"budget of {budget_usd:g} {CURRENCY}"
    expected = "a price of every instance type and market that a launch may bring"
    repair = "Write the price table with `gems prices`, or ask without a budget."
    return [Problem("unknown_price", where, expected, hint, repair)] if hint else []
