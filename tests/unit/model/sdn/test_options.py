"""Two spellings of one meaning are one value, and each is written as the API takes it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.sdn.options import (
    SUBNET,
    ZONES,
    Option,
    meaning,
    meanings,
    spelled,
)


@pytest.mark.parametrize(
    ("form", "spellings", "meant"),
    [
        ("words", ["pve2,pve1", "pve1;pve2", ["pve2", "pve1", "pve1"], {"pve1": 1, "pve2": 1}], ("pve1", "pve2")),
        ("addresses", ["2001:DB8::1, 10.0.0.1", ["10.0.0.1", "2001:db8:0::1"]], ("10.0.0.1", "2001:db8::1")),
        ("flag", [1, "1", True], True),
        ("flag", [0, "0", False], False),
        ("number", ["1400", 1400], 1400),
        ("mac", ["BC:24:11:AA:00:01", "bc:24:11:aa:00:01"], "bc:24:11:aa:00:01"),
        ("network", ["10.0.0.0/24"], "10.0.0.0/24"),
        (
            "ranges",
            [
                ["start-address=10.0.0.5,end-address=10.0.0.9"],
                [{"start-address": "10.0.0.5", "end-address": "10.0.0.9"}],
                ["10.0.0.5-10.0.0.9"],
                "end-address=10.0.0.9,start-address=10.0.0.5",
            ],
            ("10.0.0.5-10.0.0.9",),
        ),
        (
            "interfaces",
            [["ip=10.0.0.1/31,name=eno3"], [{"name": "eno3", "ip": "10.0.0.1/31", "ip6": None}]],
            ("name=eno3,ip=10.0.0.1/31",),
        ),
    ],
)
def test_spellings_of_one_meaning(form: Any, spellings: list[Any], meant: Any) -> None:
    assert [meaning(Option(form), one) for one in spellings] == [meant] * len(spellings)


@pytest.mark.parametrize(
    ("form", "meant", "written"),
    [
        ("words", ("a", "b"), "a,b"),
        ("flag", False, False),
        (
            "ranges",
            ("10.0.0.5-10.0.0.9", "10.0.1.5-10.0.1.9"),
            ("start-address=10.0.0.5,end-address=10.0.0.9", "start-address=10.0.1.5,end-address=10.0.1.9"),
        ),
        ("interfaces", ("name=eno3",), ("name=eno3",)),
    ],
)
def test_how_the_api_takes_it(form: Any, meant: Any, written: Any) -> None:
    assert spelled(Option(form), meant) == written


def test_what_is_the_default_is_not_said() -> None:
    assert meanings(ZONES["vxlan"], {"vxlan-port": 4789, "peers": "10.0.0.1", "zone": "vx", "mtu": None}) == {
        "peers": ("10.0.0.1",)
    }
    assert meanings(SUBNET, {"snat": 0, "dhcp-range": []}) == {}


def test_what_is_no_range() -> None:
    with pytest.raises(Invalid, match="no range"):
        meaning(Option("ranges"), ["10.0.0.1"])
