"""Prices from AWS, and the table they are kept in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from gems_api.aws.pricing import PriceSource
from gems_core.errors import CloudRefused, InvalidInput
from gems_core.prices import InstancePrice, PriceTable

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEYS = {"aws_access_key_id": "x", "aws_secret_access_key": "y"}


def product(*prices: str, unit: str = "Hrs", currency: str = "USD") -> str:
    dimensions = {str(place): {"unit": unit, "pricePerUnit": {currency: price}} for place, price in enumerate(prices)}
    return json.dumps({"product": {}, "terms": {"OnDemand": {"a": {"priceDimensions": dimensions}}}})


@pytest.fixture
def source() -> Any:
    pricing = boto3.client("pricing", region_name="us-east-1", **KEYS)
    return PriceSource(pricing, boto3.client("ec2", region_name="eu-west-1", **KEYS), "eu-west-1")


def spot(*prices: str) -> dict[str, Any]:
    return {
        "SpotPriceHistory": [
            {"SpotPrice": price, "AvailabilityZone": f"z{place}"} for place, price in enumerate(prices)
        ]
    }


def test_on_demand_is_the_price_lists_and_spot_the_dearest_zones(source: PriceSource) -> None:
    wanted = {
        "operatingSystem": "Linux", "preInstalledSw": "NA", "tenancy": "Shared", "capacitystatus": "Used",
        "instanceType": "c7i.large", "regionCode": "eu-west-1",
    }  # fmt: skip
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
    with Stubber(source.pricing) as price_list, Stubber(source.ec2) as ec2:
        answer = {"PriceList": [product("0.0", "0.0893"), product("7", unit="Quantity"), product("1", currency="CNY")]}
        price_list.add_response("get_products", answer, {"ServiceCode": "AmazonEC2", "Filters": filters})
        asked = {"InstanceTypes": ["c7i.large"], "ProductDescriptions": ["Linux/UNIX"], "StartTime": NOW}
        ec2.add_response("describe_spot_price_history", spot("0.031", "0.044"), asked)
        table = source.read(["c7i.large"], NOW)
    assert table == PriceTable("eu-west-1", NOW, {"c7i.large": InstancePrice(0.0893, 0.044)})


def test_a_type_that_is_not_sold_as_spot_has_no_spot_price(source: PriceSource) -> None:
    with Stubber(source.pricing) as price_list, Stubber(source.ec2) as ec2:
        price_list.add_response("get_products", {"PriceList": [product("0.1")]})
        ec2.add_response("describe_spot_price_history", spot())
        assert source.read(["x.y"], NOW).instance_types == {"x.y": InstancePrice(0.1, None)}


def test_a_type_that_the_price_list_does_not_know_is_told_with_the_repair(source: PriceSource) -> None:
    with Stubber(source.pricing) as price_list:
        price_list.add_response("get_products", {"PriceList": []})
        with pytest.raises(CloudRefused, match=r"no on-demand price of z9.huge in eu-west-1.*gems prices set z9.huge"):
            source.read(["z9.huge"], NOW)
        price_list.add_client_error("get_products", "AccessDeniedException", "no")
        with pytest.raises(CloudRefused, match=r"asked for z9.huge, was refused \(AccessDeniedException\)"):
            source.read(["z9.huge"], NOW)


def test_a_table_is_read_as_it_was_written() -> None:
    table = PriceTable("eu-west-1", NOW, {"a": InstancePrice(0.2), "b": InstancePrice(0.1, 0.05)})
    assert PriceTable.from_bytes(table.to_bytes()) == table


def test_setting_one_markets_price_keeps_the_other() -> None:
    table = PriceTable("eu-west-1", NOW, {"a": InstancePrice(0.2, 0.1)})
    assert table.with_price("a", InstancePrice(spot=0.05), NOW).instance_types == {"a": InstancePrice(0.2, 0.05)}


@pytest.mark.parametrize(
    "price", [{"on_demand": 0}, {"on_demand": -1}, {"spot": "0.1"}, {"spot": True}, {"on_demand": 1e9}, 5]
)
def test_a_price_that_is_none_is_refused(price: object) -> None:
    document = {"currency": "USD", "region": "r", "as_of": NOW.isoformat(), "instance_types": {"a": price}}
    with pytest.raises(InvalidInput, match="gems prices"):
        PriceTable.from_bytes(json.dumps(document).encode())


def test_not_a_number_is_no_price() -> None:
    text = f'{{"currency": "USD", "region": "r", "as_of": "{NOW.isoformat()}", "instance_types": {{"a": {{"spot": NaN}}}}}}'
    with pytest.raises(InvalidInput, match="dollars an hour"):
        PriceTable.from_bytes(text.encode())
