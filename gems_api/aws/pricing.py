"""Asking AWS what instances cost: the price list for on demand, EC2's recent prices for spot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3

from gems_api.aws.errors import refusing
from gems_core.errors import CloudRefused
from gems_core.prices import CURRENCY, InstancePrice, PriceTable

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_pricing.client import PricingClient

# The price list of all regions is served here (AWS Billing user guide, "Using the AWS Price List Query API").
PRICING_REGION = "us-east-1"
# What GeMS runs: Linux without extras, on shared hardware, used now.
_KIND = {"operatingSystem": "Linux", "preInstalledSw": "NA", "tenancy": "Shared", "capacitystatus": "Used"}
_SPOT_KIND = "Linux/UNIX"


@dataclass(frozen=True)
class PriceSource:
    """AWS's two sources of prices."""

    pricing: PricingClient
    ec2: EC2Client
    region: str

    @classmethod
    def of(cls, session: boto3.Session, region: str) -> PriceSource:
        """The sources as a session's credentials may read them."""
        return cls(session.client("pricing", PRICING_REGION), session.client("ec2", region), region)

    def read(self, instance_types: Iterable[str], now: datetime) -> PriceTable:
        """The prices of some types now.

        Raises:
            CloudRefused: AWS refused, or knows no on-demand price of a type in this region.
        """
        return PriceTable(self.region, now, {name: self._price(name, now) for name in instance_types})

    def _price(self, instance_type: str, now: datetime) -> InstancePrice:
        return InstancePrice(self._on_demand(instance_type), self._spot(instance_type, now))

    def _on_demand(self, instance_type: str) -> float:
        wanted = {**_KIND, "instanceType": instance_type, "regionCode": self.region}
        with refusing(f"the price list, asked for {instance_type},"):
            pages = self.pricing.get_paginator("get_products").paginate(
                ServiceCode="AmazonEC2",
                Filters=[{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()],
            )
            products = [json.loads(text) for page in pages for text in page["PriceList"]]
        hourly = sorted({price for product in products for price in _hourly(product)})
        if not hourly:
            raise CloudRefused(
                f"the price list has no on-demand price of {instance_type} in {self.region}. Correct the type, or set its price "
                f"with `gems prices set {instance_type} --on-demand USD`."
            )
        return hourly[-1]

    def _spot(self, instance_type: str, now: datetime) -> float | None:
        """The highest of the subnets' zones; None where the type is not sold as spot."""
        with refusing(f"EC2 DescribeSpotPriceHistory of {instance_type}"):
            pages = self.ec2.get_paginator("describe_spot_price_history").paginate(
                InstanceTypes=[instance_type],  # type: ignore[list-item]  # the stubs list today's types only
                ProductDescriptions=[_SPOT_KIND],
                StartTime=now,  # the prices that hold now
            )
            return max((float(item["SpotPrice"]) for page in pages for item in page["SpotPriceHistory"]), default=None)


def _hourly(product: Mapping[str, Any]) -> list[float]:
    """The dollars an hour of a product's on-demand terms; free tiers and other units are none."""
    terms = product.get("terms", {}).get("OnDemand", {}).values()
    dimensions = [dimension for term in terms for dimension in term.get("priceDimensions", {}).values()]
    prices = [
        float(item["pricePerUnit"][CURRENCY])
        for item in dimensions
        if item.get("unit") == "Hrs" and CURRENCY in item["pricePerUnit"]
    ]
    return [price for price in prices if price > 0]
