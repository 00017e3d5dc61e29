"""What an instance costs an hour, by type and market: ``settings/prices.json`` of the control bucket."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gems_core.errors import InvalidInput, Problem
from gems_core.fields import MOMENT, TEXT, Field, FieldKind, Shape
from gems_core.json_input import parse_json

CURRENCY = "USD"
ON_DEMAND = "on-demand"
SPOT = "spot"
_DEAREST = 1000.0
_WHAT = "price table"


@dataclass(frozen=True)
class InstancePrice:
    """US dollars an hour; None where it is not known."""

    on_demand: float | None = None
    spot: float | None = None

    def of(self, market: str) -> float | None:
        """The price in a market, ``on-demand`` or ``spot``."""
        return self.spot if market == SPOT else self.on_demand


@dataclass(frozen=True)
class PriceTable:
    """The prices of one region.

    Attributes:
        as_of: when they were read or set.
        instance_types: by name, such as ``c7i.xlarge``.
    """

    region: str
    as_of: datetime
    instance_types: Mapping[str, InstancePrice] = field(default_factory=dict)

    def usd_per_hour(self, instance_type: str, market: str) -> float | None:
        """What an instance costs, or None when the table does not say."""
        return self.instance_types.get(instance_type, InstancePrice()).of(market)

    @property
    def dearest(self) -> float | None:
        """The highest price of all, or None when the table knows none."""
        known = [price for item in self.instance_types.values() for price in (item.on_demand, item.spot)]
        return max((price for price in known if price is not None), default=None)

    def with_price(self, instance_type: str, price: InstancePrice, as_of: datetime) -> PriceTable:
        """The table with what is known of one type's price replaced."""
        before = self.instance_types.get(instance_type, InstancePrice())
        on_demand = before.on_demand if price.on_demand is None else price.on_demand
        spot = before.spot if price.spot is None else price.spot
        merged = {**self.instance_types, instance_type: InstancePrice(on_demand, spot)}
        return replace(self, instance_types=merged, as_of=as_of)

    def to_bytes(self) -> bytes:
        """``settings/prices.json``."""
        return json.dumps(PRICE_TABLE.write(self), indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> PriceTable:
        """Read ``settings/prices.json``.

        Raises:
            InvalidInput: it is not such a document, or in another currency.
        """
        try:
            document = parse_json(data)
        except ValueError:
            document = None
        found = PRICE_TABLE.read(document)
        currency, listed = found["currency"], found["instance_types"]
        if currency != CURRENCY or not isinstance(listed, dict):
            raise InvalidInput(
                [_problem("currency USD and an object instance_types", f"{currency!r}, {type(listed).__name__}")]
            )
        return cls(
            found["region"], found["as_of"], {str(name): _price(str(name), value) for name, value in listed.items()}
        )


def _written(prices: Mapping[str, InstancePrice]) -> dict[str, object]:
    return {name: {"on_demand": price.on_demand, "spot": price.spot} for name, price in sorted(prices.items())}


PRICE_TABLE: Shape[PriceTable] = Shape(
    "PriceTable",
    _WHAT,
    (
        Field("currency", TEXT, "USD", source=lambda _: CURRENCY),
        Field("region", TEXT, "whose prices they are"),
        Field("as_of", MOMENT, "when they were read or set"),
        Field(
            "instance_types",
            FieldKind({"type": "object"}, "prices by instance type", write=_written, nested=True),
            "dollars an hour, by instance type and market",
            absent=None,
        ),
    ),
)


def _price(name: str, value: object) -> InstancePrice:
    if not isinstance(value, dict):
        raise InvalidInput([_problem(f"an object as the price of {name}", repr(value)[:120])])
    return InstancePrice(*(_dollars(name, value.get(market)) for market in ("on_demand", "spot")))


def _dollars(name: str, value: object) -> float | None:
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not 0 < value <= _DEAREST
    ):
        raise InvalidInput([_problem(f"dollars an hour, at most {_DEAREST:.0f}, for {name}", repr(value)[:120])])
    return float(value)


def _problem(expected: str, found: str) -> Problem:
    return Problem("invalid_prices", _WHAT, expected, found, "Write it again with `gems prices`.")
