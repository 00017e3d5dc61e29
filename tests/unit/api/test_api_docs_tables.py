"""The tables of fields in the docs are those that the parsers and the OpenAPI document are made of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from api_world import World

from gems_api.app import create_app
from gems_api.web.description import schema_fields

DOCS = Path(__file__).parents[3] / "docs"
# A table follows the comment that names its shape.
TABLE = re.compile(r"<!-- fields of (\w+) -->\n((?:\|.*\n)*)")
IN_THE_DOCS = {
    "api.md": {
        "JobRequestBody", "StartedAnswer", "DryRunAnswer", "PlanBody", "EstimateBody", "JobView", "WorkerView", "SampleFailure", "LogPage", "LogPart",
        "CancelledAnswer", "RetriedAnswer", "ProblemDocument", "ProblemItem", "JobReviewView", "SampleReviewView", "ReviewApproval",
        "ReviewedSampleView", "ReviewDocument", "ReviewLogEntry", "ReviewOverride", "ReviewEntry", "ReviewEvent", "ReviewRequest",
        "WorkListView", "WorkRow", "WorkRun", "WorkTimes",
    },
    "contracts.md": {"StatusBody", "FailureBody", "VitalsBody", "StatusAnswer", "GrantedShareBody", "LeaseView", "MailView"},
}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> Any:
    world = World()
    return create_app(world.settings, world.cloud, world.clock).test_client().get("/openapi.json").json


def table(document: Any, name: str) -> str:
    """The table of a shape as it stands in the docs."""
    rows = [
        f"| `{field['name']}`{'' if field['required'] else ' (optional)'} | {field['type']} | {field['description']} |\n"
        for field in schema_fields(document, document["components"]["schemas"][name])
    ]
    return "".join(["| field | type | meaning |\n", "|---|---|---|\n", *rows])


@pytest.mark.parametrize(("page", "names"), IN_THE_DOCS.items())
def test_a_page_has_the_tables_of_its_shapes(document: Any, page: str, names: set[str]) -> None:
    told = dict(TABLE.findall((DOCS / page).read_text(encoding="utf-8")))
    assert set(told) == names
    for name in names:
        expected = table(document, name)
        assert told[name] == expected, f"docs/{page} should say of {name}:\n{expected}"


def test_every_field_of_every_shape_says_what_it_means(document: Any) -> None:
    silent = [
        f"{name}.{field['name']}"
        for name, schema in document["components"]["schemas"].items()
        for field in schema_fields(document, schema)
        if not field["description"]
    ]
    assert silent == []
