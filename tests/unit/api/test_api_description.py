"""The OpenAPI description, and the links of the pages, wherever the API stands."""

from __future__ import annotations

from enum import StrEnum

import pytest
from api_world import World
from flask import Flask
from flask.testing import FlaskClient

from gems_api.app import create_app
from gems_api.web.description import DescribedBlueprint, answer, array_of, describe
from gems_core.fields import TEXT, Field, Shape, by_name, items, nested, optional, whole, word


class Colour(StrEnum):
    GREEN = "green"
    RED = "red"


LEAF: Shape[object] = Shape("Leaf", "leaf", (Field("colour", word(Colour), nullable=True),))
TREE: Shape[object] = Shape(
    "Tree",
    "tree",
    (
        optional("age", whole(1, 900), "years"),
        Field("leaves", items(LEAF)),
        optional("tallest", nested(LEAF), nullable=True),
        optional("names", by_name(TEXT)),
    ),
)


def test_a_view_is_described_by_its_decorators_with_all_shapes_that_it_names() -> None:
    blueprint = DescribedBlueprint("trees", __name__)

    @blueprint.post("/trees/<int:number>")
    @blueprint.input(LEAF, location="query")
    @blueprint.input(LEAF)
    @blueprint.doc(
        summary="Plant", responses=answer(200, "Grown", array_of(TREE)), security=["gardener"], tags=["Wood"]
    )
    def plant(number: int) -> str:
        """Plant a tree."""
        return str(number)

    app = Flask(__name__)
    app.register_blueprint(blueprint)
    spec = describe(app, {"title": "Wood", "version": "1"}, {}, "https://wood.example.org/dev")
    operation = spec["paths"]["/trees/{number}"]["post"]
    assert (operation["operationId"], operation["summary"]) == ("plant", "Plant")
    assert operation["description"] == "Plant a tree."
    assert [(item["name"], item["in"]) for item in operation["parameters"]] == [("number", "path"), ("colour", "query")]
    assert operation["security"] == [{"gardener": []}]
    shapes = spec["components"]["schemas"]
    assert set(shapes) == {"Leaf", "Tree"}
    assert shapes["Leaf"]["properties"]["colour"]["type"] == ["string", "null"]
    assert shapes["Tree"]["properties"]["age"] == {
        "type": "integer", "minimum": 1, "maximum": 900, "description": "years",
    }  # fmt: skip
    assert spec["servers"] == [{"url": "https://wood.example.org/dev"}]


@pytest.mark.parametrize("stage", ["", "/dev"])
def test_every_link_begins_with_the_stage(world: World, stage: str) -> None:
    client: FlaskClient = create_app(world.settings, world.cloud, world.clock).test_client()
    base = f"https://gems.example.org{stage}"
    links = client.get("/", base_url=base).json
    assert [links[name] for name in ("jobs", "docs", "openapi")] == [
        f"{stage}/job", f"{stage}/docs", f"{stage}/openapi.json",
    ]  # fmt: skip
    front = client.get("/", base_url=base, headers={"Accept": "text/html"})
    assert (front.status_code, front.headers["Location"]) == (303, f"{stage}/sign-in")
    page = client.get("/sign-in", base_url=base).text
    for address in ("docs", "jobs", "static/"):
        assert f'="{stage}/{address}' in page
    assert f'href="{stage}/openapi.json"' in client.get("/docs", base_url=base).text
    assert client.get("/nothing", base_url=base).json["instance"] == f"{stage}/nothing"


def test_two_shapes_of_one_name_are_a_mistake_of_ours() -> None:
    blueprint = DescribedBlueprint("trees", __name__)
    other: Shape[object] = Shape("Leaf", "leaf", (Field("colour", TEXT),))

    @blueprint.post("/trees")
    @blueprint.input(LEAF)
    @blueprint.doc(summary="Plant", responses=answer(200, "Grown", other))
    def plant() -> str:
        return ""

    app = Flask(__name__)
    app.register_blueprint(blueprint)
    with pytest.raises(ValueError, match="one shape of the name Leaf"):
        describe(app, {"title": "Wood", "version": "1"}, {}, "https://wood.example.org/dev")
