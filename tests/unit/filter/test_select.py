"""select and pg_num: filters of the controller."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.baremetal.virt.plugins.filter import pg_num, select

DISKS = [
    {"path": "/dev/sda", "by_id": ["/dev/disk/by-id/a"], "size": 10**12, "used": "mounted", "rotational": False},
    {"path": "/dev/sdb", "by_id": [], "size": 2 * 10**12, "used": None, "rotational": True},
    {"path": "/dev/sdc", "by_id": ["/dev/disk/by-id/c"], "size": 4 * 10**12, "used": None, "rotational": False},
]


class Tagged(str):
    """Ansible's strings are descendants of str."""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[?used==null].path", ["/dev/sdb", "/dev/sdc"]),
        ("[?used==null && size > `3000000000000`].path", ["/dev/sdc"]),
        ("[?used==null].{device: by_id[0] || path}", [{"device": "/dev/sdb"}, {"device": "/dev/disk/by-id/c"}]),
        ("[]", DISKS),
        ("[?starts_with(path, '/dev/sda')].size", [10**12]),
        ("[0].nothing", None),
    ],
)
def test_select(expression: str, expected: Any) -> None:
    tagged = [{**disk, "path": Tagged(disk["path"])} for disk in DISKS]
    assert select.select(tagged, Tagged(expression)) == expected


@pytest.mark.parametrize("expression", ["[?", "nope(@)"])
def test_a_wrong_expression_is_explained(expression: str) -> None:
    with pytest.raises(AnsibleFilterError, match="is not a valid JMESPath expression"):
        select.select(DISKS, expression)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(select, "jmespath", None)
    with pytest.raises(AnsibleFilterError, match="jmespath is missing"):
        select.select(DISKS, "[]")


def test_pg_num() -> None:
    assert pg_num.pg_num(12) == 512
    assert pg_num.pg_num("6", mode="table") == 256
    assert pg_num.pg_num(12, share=0.25, used=2900) == 32


@pytest.mark.parametrize("options", [{"mode": "guess"}, {"size": 0}, {"share": 0}])
def test_pg_num_refuses_nonsense(options: dict[str, Any]) -> None:
    with pytest.raises(AnsibleFilterError):
        pg_num.pg_num(3, **options)


def test_the_filters_have_the_names_of_their_files() -> None:
    assert set(select.FilterModule().filters()) == {"select"}
    assert set(pg_num.FilterModule().filters()) == {"pg_num"}
