"""Parameters are checked with upstream's rules and refused in upstream's words."""

from __future__ import annotations

from typing import Any

import pytest
from pve_standin.api import registry, schema
from pve_standin.core.errors import ApiError

CREATE = "/cluster/config"


def problems(verb: str, path: str, values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ApiError) as caught:
        schema.validate(schema.definition_of(verb, path)["parameters"], values)
    assert caught.value.code == 400
    assert caught.value.message == "Parameter verification failed."
    return caught.value.errors


@pytest.mark.parametrize(
    ("values", "name", "reason"),
    [
        ({}, "clustername", "property is missing and it is not optional"),
        ({"clustername": "toolongclustername"}, "clustername", "value may only be 15 characters long"),
        (
            {"clustername": "bad_name"},
            "clustername",
            "invalid format - value does not look like a valid node name\n",
        ),
        ({"clustername": "c", "votes": "0"}, "votes", "value must have a minimum value of 1"),
        ({"clustername": "c", "votes": "x"}, "votes", "type check ('integer') failed - got 'x'"),
        (
            {"clustername": "c", "link0": "10.0.0.1,priority=300"},
            "link0",
            "invalid format - format error\nlink0.priority: value must have a maximum value of 255\n",
        ),
        (
            {"clustername": "c", "link8": "10.0.0.1"},
            "link8",
            "property is not defined in schema and the schema does not allow additional properties",
        ),
    ],
)
def test_reasons(values: dict[str, Any], name: str, reason: str) -> None:
    assert problems("POST", CREATE, values)[name] == reason


def test_values_get_their_types() -> None:
    typed = schema.validate(
        schema.definition_of("POST", CREATE)["parameters"], {"clustername": "c", "votes": "2", "link7": "10.0.0.1"}
    )
    assert typed == {"clustername": "c", "votes": 2, "link7": "10.0.0.1"}


def test_one_parameter_may_require_another() -> None:
    parameters = {"a": {"type": "string", "optional": True, "requires": "b"}, "b": {"type": "string", "optional": True}}
    with pytest.raises(ApiError) as caught:
        schema.validate(parameters, {"a": "1"})
    assert caught.value.errors == {"b": "missing property required by 'a'"}


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("yes", 1), ("on", 1), ("0", 0), ("false", 0)])
def test_booleans(text: str, value: int) -> None:
    assert schema.convert({"type": "boolean"}, text) == value


@pytest.mark.parametrize("cidr", ["10.0.0.0/33", "10.0.0.0", "10.0.0.0/7", "x/24"])
def test_networks_are_checked(cidr: str) -> None:
    with pytest.raises(schema.Invalid, match="value does not look like a valid CIDR network"):
        schema.check_format({"format": "CIDR"}, cidr)


def test_every_served_method_has_a_schema() -> None:
    registry.load_handlers()
    for verb, path in registry.registered():
        assert schema.definition_of(verb, path) is not None


def test_literal_segments_win_over_variables() -> None:
    method, variables = registry.find("GET", "/nodes/pve1/status")
    assert method.path == "/nodes/{node}/status"
    assert variables == {"node": "pve1"}
