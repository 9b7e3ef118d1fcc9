"""Who may import what, what stands where, and what the engine may know: each rule on a made-up file that breaks it."""

from __future__ import annotations

import pytest
from made_up import Breaches

UTILS = "plugins/module_utils"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("engine/plan.py", "from ..model import links"),
        ("engine/plan.py", "import subprocess"),
        ("model/ceph/osd.py", "from ...observe.ceph.osd import observe"),
        ("model/ceph/osd.py", "import os"),
        ("observe/ceph/osd.py", "from ...decide.ceph.osd import decide"),
        ("observe/ceph/osd.py", "from ...transport.node import Node"),
        ("decide/ceph/osd.py", "from ...observe.ceph.osd import observe"),
        ("decide/ceph/osd.py", "from ...site.cluster.view import view"),
        ("decide/ceph/osd.py", "import time"),
        ("decide/ceph/osd.py", "from ansible.module_utils.basic import AnsibleModule"),
        ("site/ceph/osds.py", "from ...observe.ceph.osd import observe"),
        ("site/ceph/osds.py", "from ...report.plan import Plan"),
        ("site/ceph/osds.py", "import socket"),
        ("report/plan.py", "from ..engine.plan import Plan"),
        ("transport/node.py", "from ..decide.ceph.osd import decide"),
        ("transport/node.py", "import proxmoxer"),
        ("transport/node.py", "from .api.client import Api"),
        ("transport/node.py", "import kubernetes"),
        ("transport/node.py", "from .kube.kube import Kube"),
        ("transport/kube/wire.py", "from ..api.api import Api"),
        ("transport/api/wire.py", "from ..kube.kube import Kube"),
        ("transport/node.py", "import rados"),
        ("transport/api/client.py", "from ...model.ceph.osd import Osd"),
    ],
)
def test_a_room_imports_what_it_must_not(breaches: Breaches, path: str, line: str) -> None:
    inner = next((one for one in ("transport/api", "transport/kube") if path.startswith(f"{one}/")), "")
    room = inner or path.partition("/")[0]
    name = line.split()[1]
    assert breaches(f"{UTILS}/{path}", f"{line}\n") == [f"imports {name}, which {UTILS}/{room} may not"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("engine/plan.py", "from .errors import Invalid"),
        ("decide/ceph/osd.py", "from ...model.node.host import Host"),
        ("site/ceph/osds.py", "from ...decide.ceph.osd import decide"),
        ("transport/node.py", "import subprocess"),
        ("transport/programs/rados_report.py", "import rados"),
        ("transport/api/client.py", "import requests"),
        ("transport/kube/wire.py", "import kubernetes"),
    ],
)
def test_what_a_room_may_import(breaches: Breaches, path: str, line: str) -> None:
    assert breaches(f"{UTILS}/{path}", f"{line}\n") == []


def test_a_pure_room_does_no_io(breaches: Breaches) -> None:
    assert breaches(f"{UTILS}/decide/ceph/osd.py", "text = open('/etc/hosts')\n") == [
        "calls open(): this room does no I/O"
    ]


def test_the_product_and_the_lab_know_nothing_of_each_other(breaches: Breaches) -> None:
    assert "the product never imports the lab" in breaches("plugins/action/one.py", "import labtool\n")[0]
    product = "from ansible_collections.baremetal.virt.plugins.module_utils.engine import plan\n"
    assert "the lab never imports the product" in breaches("tests/lab/labtool/one.py", product)[0]


def test_only_one_room_speaks_to_the_api(breaches: Breaches) -> None:
    assert breaches("plugins/action/one.py", "import requests\n") == [
        f"imports requests: {UTILS}/transport/api is the way to the API"
    ]


@pytest.mark.parametrize(
    "word",
    "Proxmox pve pveproxy pmxcfs corosync Ceph ceph-osd OSDs rbd apt qdevice quorum VM Debian storage networks guest"
    " gpu SDN NFS upgrades datacenter kube access".split(),
)
def test_the_engine_names_no_product_and_no_domain(breaches: Breaches, word: str) -> None:
    found = breaches(f"{UTILS}/engine/plan.py", f'"""Where {word} would be named."""\n')
    assert len(found) == 1 and found[0].endswith("the engine knows no domain")


def test_the_engine_has_its_scopes_and_hands_on_topics(breaches: Breaches) -> None:
    text = 'Scope = Literal["node", "cluster"]\nTopic = Literal[\n    "guest",\n    "quorum",\n]\n'
    assert breaches(f"{UTILS}/engine/plan.py", text) == []
    assert breaches(f"{UTILS}/engine/plan.py", f"{text}Other = 'guest'\n") == ["'guest': the engine knows no domain"]


@pytest.mark.parametrize("room", ["model", "observe", "decide", "site"])
@pytest.mark.parametrize("path", ["osd.py", "osds/osd.py", "helpers/text.py"])
def test_a_file_stands_in_no_domain(breaches: Breaches, room: str, path: str) -> None:
    assert "stands in no domain" in breaches(f"{UTILS}/{room}/{path}", "")[0]


def test_files_of_domains_and_their_tests(breaches: Breaches) -> None:
    for room in ("model", "observe", "decide", "site"):
        assert breaches(f"{UTILS}/{room}/ceph/osd.py", "") == []
    assert breaches(f"{UTILS}/site/inventory/document.py", "") == []
    assert breaches(f"{UTILS}/decide/inventory/document.py", "") != []
    assert breaches("tests/unit/decide/__init__.py", "") == breaches("tests/unit/decide/ceph/test_osd.py", "") == []
    assert "stands in no domain" in breaches("tests/unit/decide/test_osd.py", "")[0]


def test_the_collections_own_directory_is_spelled_once(breaches: Breaches) -> None:
    text = 'STATE = "/var/lib/baremetal.virt"\n'
    assert breaches(f"{UTILS}/model/node/state.py", text) == []
    assert "spells the directory" in breaches(f"{UTILS}/model/ceph/osd.py", text)[0]


TOO_MUCH = "81 lines of code besides documentation; at most 80"
DOCUMENTED = 'DOCUMENTATION = """\n' + "text\n" * 100 + '"""\n'


@pytest.mark.parametrize(("lines", "expected"), [(80, []), (81, [TOO_MUCH])])
def test_a_module_is_documentation_and_little_code(breaches: Breaches, lines: int, expected: list[str]) -> None:
    assert breaches("plugins/modules/one.py", DOCUMENTED + "# why\n\nvalue = 1\n" * lines) == expected


def test_ansible_tests_name_for_nothing(breaches: Breaches) -> None:
    assert "ansible-test reserves it" in breaches("plugins/action/one.py", "for _ in ():\n    pass\n")[0]
