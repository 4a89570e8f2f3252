"""Reading the input of an endpoint from its OpenAPI document."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.errors import UnreadableError
from prep.render.drift import drift_text
from prep.specs import load_spec
from prep.specs.drift import compare
from prep.specs.openapi import read_input
from tests.made import SEEDANCE_2
from tests.published import DOCUMENT, published


def _of(schema: Any, **schemas: Any) -> dict[str, Any]:
    body = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    return {"paths": {"/a/b": {"post": body}}, "components": {"schemas": schemas}}


def test_references_are_followed_and_null_is_left_out() -> None:
    found = read_input(DOCUMENT, "doc.json")
    assert (found.endpoint, found.required) == (SEEDANCE_2, ("prompt",))
    images = found.properties["image_urls"]
    assert (images["maxItems"], images["description"]) == (9, "Up to 9 images, 30 MB each.")
    assert found.properties["duration"]["default"] == "auto"
    assert found.properties["aspect_ratio"]["enum"][0] == "auto"
    assert found.properties["aspect_ratio"]["default"] == "auto"
    assert found.properties["bitrate_mode"]["default"] == "standard"


def test_without_a_name_of_its_own_the_path_is_the_endpoint() -> None:
    assert read_input(_of({"properties": {"prompt": {"type": "string"}}}), "doc.json").endpoint == "a/b"


def test_what_refers_to_itself_ends() -> None:
    loop = {"$ref": "#/components/schemas/Loop"}
    found = read_input(_of({"properties": {"prompt": loop, "seed": {"type": "integer"}}}, Loop=loop), "doc.json")
    assert found.properties == {"prompt": {}, "seed": {"type": "integer"}}


def test_what_branches_without_end_ends() -> None:
    schemas = {f"S{at}": {"allOf": [{"$ref": f"#/components/schemas/S{at + 1}"}] * 50} for at in range(50)}
    start = {"$ref": "#/components/schemas/S0"}
    found = read_input(
        _of({"properties": {"seed": {"type": "integer"}, "a": start, "b": start}}, **schemas), "doc.json"
    )
    assert found.properties == {"seed": {"type": "integer"}, "a": {}, "b": {}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["x-fal", "combined", "enum", "default", "items", "maxItems", "max_fps", "$ref", "anyOf"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(name=st.sampled_from(["video_urls", "resolution", "prompt", "other"]), schema=JSON, required=JSON)
@settings(deadline=None)
def test_any_json_is_compared(name: str, schema: Any, required: Any) -> None:
    """Whatever a server sends, the answer is a comparison that can be shown, or a refusal."""
    document = published()
    document["components"]["schemas"]["ReferenceInput"]["properties"][name] = schema
    document["components"]["schemas"]["ReferenceInput"]["required"] = required
    drift = compare(read_input(document, "doc.json"), load_spec())
    assert drift_text(drift, "doc.json")
    assert drift.model_dump_json()


@pytest.mark.parametrize("reference", ["https://example.org/x.json", "other.json#/a", "#/no/such", "#/paths", 5])
def test_nothing_outside_the_document_is_looked_up(reference: Any) -> None:
    found = read_input(_of({"properties": {"a": {"$ref": reference, "type": "string"}}}), "doc.json")
    assert found.properties["a"]["type"] == "string"


def test_one_of_several_operations() -> None:
    document = published()
    document["paths"]["/other/endpoint"] = document["paths"][f"/{SEEDANCE_2}"]
    with pytest.raises(UnreadableError, match=r"it has several: .*other/endpoint; name the ENDPOINT"):
        read_input(document, "doc.json")
    assert "prompt" in read_input(document, "doc.json", SEEDANCE_2).properties


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "not an OpenAPI document"),
        ("paths", "not an OpenAPI document"),
        ({}, "not an OpenAPI document"),
        ({"paths": []}, "not an OpenAPI document"),
        ({"paths": {"/a": {"get": {}}}}, "it has none"),
        ({"paths": {"/a": 5, "/b": {"post": {"requestBody": []}}}}, "it has none"),
        (_of({"properties": "prompt"}), "it has none"),
        (_of({"$ref": "#/components/schemas/Gone"}), "it has none"),
    ],
)
def test_what_describes_no_input(document: Any, told: str) -> None:
    with pytest.raises(UnreadableError, match=told) as caught:
        read_input(document, "doc.json")
    assert str(caught.value).startswith("doc.json: ")
