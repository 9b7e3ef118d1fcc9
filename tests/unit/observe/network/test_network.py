"""observe: what is written and what there is, and who needs it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import CLUSTER, NODE, Completed, Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Use
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN, STAGED
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network import kernel, uses
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network.network import (
    CLIENTS,
    NETIF,
    NETWORKCTL,
    NMCLI,
    UDEV,
    observe,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network.uses import (
    CMDLINE,
    ISCSI,
    MOUNTS,
    SESSIONS,
)
from ansible_collections.baremetal.virt.tests.doubles.fake_debian import DPKG
from ansible_collections.baremetal.virt.tests.doubles.support import FakeNode, printed


def link(name: str, mac: str, *addresses: str, **more: Any) -> dict[str, Any]:
    told = [{"local": one.split("/")[0], "prefixlen": int(one.split("/")[1])} for one in addresses]
    return {"ifname": name, "address": mac, "flags": ["UP", "LOWER_UP"], "mtu": 1500, "addr_info": told, **more}


LINKS = [
    link("lo", "00:00:00:00:00:00", "127.0.0.1/8"),
    link("eno1", "02:00:00:00:00:01", master="vmbr0"),
    link("vmbr0", "02:00:00:00:00:01", "192.0.2.11/24", linkinfo={"info_kind": "bridge"}),
    link("eno2", "02:00:00:00:00:02", "10.10.2.11/24"),
]
ROUTES = [
    {"dst": "default", "gateway": "192.0.2.1", "dev": "vmbr0", "protocol": "static", "flags": ["onlink"]},
    {"dst": "10.10.2.0/24", "dev": "eno2", "protocol": "kernel", "flags": []},
    {"type": "blackhole", "dst": "10.0.0.0/8", "dev": "lo", "flags": []},
]


def node(**files: str) -> FakeNode:
    return FakeNode(
        files={"/proc/sys/kernel/hostname": "pve1.example.org\n", **files},
        commands={
            kernel.ADDRESSES: printed(json.dumps(LINKS)),
            kernel.ROUTES[4]: printed(json.dumps(ROUTES)),
            kernel.ROUTES[6]: printed("[]"),
            kernel.VLANS: printed("[]"),
            CLIENTS: printed(""),
            DPKG: printed("ifupdown2\t3.3.0-1+pmx9\tinstalled\n"),
        },
    )


def test_links_routes_and_filters() -> None:
    found = kernel.observe(node())
    assert found.links["eno1"].master == "vmbr0" and found.links["vmbr0"].kind == "bridge"
    assert [str(one) for one in found.links["vmbr0"].addresses] == ["192.0.2.11/24"]
    assert [(str(one.to), str(one.via), one.onlink) for one in found.routes] == [
        ("0.0.0.0/0", "192.0.2.1", True),
        ("10.10.2.0/24", "None", False),
    ]
    assert found.named("eno2") is found.links["eno2"] and found.named("eno9") is None


def test_what_a_vlan_stands_on_is_used_as_well() -> None:
    tagged = link("vmbr0.40", "02:00:00:00:00:01", "10.10.4.11/24", linkinfo={"info_kind": "vlan"}, link="vmbr0")
    pair = link("veth1", "02:00:00:00:00:08", linkinfo={"info_kind": "veth"}, link="eno2")
    found = Kernel(kernel.parse_links([*LINKS, tagged, pair]))
    one = node(**{"/proc/mounts": "10.10.4.1:/iso /mnt nfs4 rw,addr=10.10.4.1 0 0\n"})
    one.commands["ip", "-json", "route", "get", "10.10.4.1"] = printed('[{"dst": "10.10.4.1", "dev": "vmbr0.40"}]')
    assert [use.interface for use in uses.observe(one, found, "pve1")] == ["vmbr0.40", "vmbr0", "eno1"]


def test_a_lease_has_a_lifetime_and_a_port_a_permanent_address() -> None:
    lease = {"local": "192.0.2.50", "prefixlen": 24, "valid_life_time": 3600, "dynamic": True}
    one = {**link("eno1", "02:00:00:00:00:09", permaddr="02:00:00:00:00:01"), "addr_info": [lease]}
    found = kernel.parse_links([one])["eno1"]
    assert found.expiring == found.addresses and found.permanent_mac == "02:00:00:00:00:01"


@pytest.mark.parametrize(
    ("packages", "parser", "program"),
    [
        ("ifupdown\t0.8.44\tinstalled\n", None, "ifupdown"),
        ("ifupdown2\t3.0.0-1.3\tinstalled\nifupdown\t0.8\tconfig-files\n", "class networkInterfaces", "ifupdown2-3.0"),
        ("ifupdown2\t3.3.0-1+pmx9\tinstalled\n", "def process_source_directory", "ifupdown2"),
        ("netplan.io\t1.1\tinstalled\n", None, None),
    ],
)
def test_the_program_that_reads_the_file(packages: str, parser: str | None, program: str | None) -> None:
    one = node(**({"/usr/share/ifupdown2/ifupdown/networkinterfaces.py": parser} if parser else {}))
    one.commands[DPKG] = printed(packages)
    assert observe(one).program == program


def test_all_files_that_any_program_may_read() -> None:
    folder = "/etc/network/interfaces.d"
    files = {
        MAIN: f"source {folder}/*\n\tsource other/*\nsource-directory /run/network/interfaces.d\n",
        STAGED: "auto lo\n",
        f"{folder}/50-cloud-init": "auto eno1\nsource \\\n /etc/network/more/*\n",
        "/etc/network/other/eno6": "w\n",
        f"{folder}/.hidden": "x\n",
        "/run/network/interfaces.d/eno5": "y\n",
        "/etc/network/more/z": "z\n",
        "/etc/network/interfaces.dpkg-old": "old\n",
    }
    found = observe(node(**files))
    assert found.staged == "auto lo\n"
    assert set(found.files) == set(files) - {STAGED, "/etc/network/interfaces.dpkg-old"}


def test_who_manages_an_interface_is_what_runs() -> None:
    one = node(**{f"{NETIF}/4": "ADMIN_STATE=configured\n"})
    one.commands[NETWORKCTL] = printed(
        "  1 lo    loopback carrier  unmanaged\n  4 eno2  ether    routable configured\n"
    )
    one.commands[CLIENTS] = printed("/sbin/init\n/sbin/dhclient -4 -v -i -pf /run/dhclient.vmbr0.pid vmbr0\n")
    assert observe(one).managers == {"eno2": "systemd-networkd", "vmbr0": "dhclient"}
    one.commands[NMCLI] = printed("vmbr0:connected\neno1:connected (externally)\nlo:unmanaged\n")
    assert observe(one).managers == {"eno2": "systemd-networkd", "vmbr0": "NetworkManager"}


@pytest.mark.parametrize(
    ("state", "watched"), [("active", True), ("wait_for_agent_lock", False), ("maintenance", False)]
)
def test_a_node_with_ha_services_watches_itself(state: str, watched: bool) -> None:
    status = json.dumps({"mode": "active", "state": state, "timestamp": 1})
    assert observe(node(**{"/etc/pve/nodes/pve1/lrm_status": status})).watched is watched
    assert not observe(node()).watched


@pytest.mark.parametrize(
    ("files", "writes"),
    [
        ({}, False),
        ({"/etc/cloud/cloud.cfg": "users: []\n"}, True),
        ({"/etc/cloud/cloud.cfg": "", "/etc/cloud/cloud-init.disabled": ""}, False),
        ({"/etc/cloud/cloud.cfg": "", "/etc/cloud/cloud.cfg.d/99.cfg": "network: {config: disabled}\n"}, False),
        ({"/etc/cloud/cloud.cfg": "", "/etc/cloud/cloud.cfg.d/99.cfg": "network:\n  config: disabled\n"}, False),
        ({"/etc/cloud/cloud.cfg": "", "/etc/cloud/cloud.cfg.d/99.txt": "network: {config: disabled}\n"}, True),
    ],
)
def test_cloud_init_may_write_it_anew(files: dict[str, str], writes: bool) -> None:
    assert observe(node(**files)).cloud_init == writes


COROSYNC = """
totem {
  cluster_name: lab
  config_version: 1
}
nodelist {
  node {
    name: pve1
    nodeid: 1
    ring0_addr: 10.10.2.11
  }
}
"""
CEPH = "[global]\nfsid = 1b\npublic_network = 192.0.2.11/24\ncluster_network = 10.99.0.0/16\n"


def test_who_needs_an_interface() -> None:
    one = node(
        **{
            "/etc/pve/corosync.conf": COROSYNC,
            "/etc/pve/ceph.conf": CEPH,
            "/etc/pve/nodes/pve1/qemu-server/101.conf": "name: web\nnet0: virtio=AA,bridge=vmbr0,tag=40\n",
            "/etc/pve/nodes/pve1/lxc/102.conf": "net0: name=eth0,bridge=vmbr1\n",
            MOUNTS: "nas:/a /mnt/a nfs4 rw,vers=4.2,addr=10.10.2.50 0 0\n/dev/sda / ext4 rw 0 0\n",
            f"{SESSIONS}/session1/state": "LOGGED_IN\n",
            CMDLINE: "quiet ip=192.0.2.11::192.0.2.1:255.255.255.0::vmbr0:off root=/dev/sda\n",
        }
    )
    towards = ("ip", "-json", "route", "get")
    one.commands[(*towards, "10.10.2.50")] = printed('[{"dst": "10.10.2.50", "dev": "eno2"}]')
    one.commands[(*towards, "172.16.0.1")] = printed('[{"dst": "172.16.0.1", "dev": "eno2"}]')
    one.commands[ISCSI] = printed("tcp: [1] 172.16.0.1:3260,1 iqn.2020-01.org.example:pve1 (non-flash)\n")
    found = set(observe(one).uses)
    assert Use("eno2", "link0 of the cluster", "corosync", "10.10.2.11") in found
    assert Use("vmbr0", "Ceph's public network", "ceph", "192.0.2.11") in found
    assert Use("eno1", "Ceph's public network", "ceph", "192.0.2.11") in found, "the port below the bridge"
    assert {Use("vmbr0", "VM 101", "guest", tag=40), Use("vmbr1", "container 102", "guest")} <= found
    assert Use("eno2", "what is mounted at /mnt/a (nfs4, nas:/a)", "root") in found
    assert any(use.interface == "eno2" and "iqn.2020-01.org.example:pve1" in use.what for use in found)
    assert {use.interface for use in found if "kernel was started" in use.what} == {"vmbr0", "eno1"}


def test_a_node_without_any_of_it() -> None:
    one = node()
    one.commands[DPKG] = printed("")
    found = observe(one)
    assert (found.program, found.files, found.staged, found.uses, found.netplan) == (None, {}, None, (), ())


def test_bonds_pins_and_rules() -> None:
    lonely = "Bonding Mode: IEEE 802.3ad Dynamic link aggregation\n\tPartner Mac Address: 00:00:00:00:00:00\n"
    one = node(
        **{
            "/proc/net/bonding/bond0": lonely,
            "/proc/net/bonding/bond1": lonely.replace("00:00:00:00:00:00", "02:00:00:00:00:99"),
            "/proc/net/bonding/bond2": "Bonding Mode: fault-tolerance (active-backup)\n",
            "/usr/local/lib/systemd/network/50-pmx-nic0.link": "[Match]\nMACAddress=02:00:00:00:00:01\nType=ether\n"
            "[Link]\nName=nic0\n",
            UDEV: 'SUBSYSTEM=="net", ATTR{address}=="02:00:00:00:00:02", NAME="eth0"\n',
            "/etc/pve/nodes/pve1/host.fw": "[RULES]\nIN ACCEPT -i eno1 -p tcp # x\nIN DROP -p udp\n",
            "/etc/pve/firewall/cluster.fw": "IN SSH(ACCEPT) --iface vmbr0\n",
        }
    )
    found = observe(one)
    assert found.alone == {"bond0"}
    assert [(pin.name, pin.mac) for pin in found.pins] == [
        ("nic0", "02:00:00:00:00:01"),
        ("eth0", "02:00:00:00:00:02"),
    ]
    assert [rule.interface for rule in found.rules] == ["eno1", "vmbr0"]


def test_name_servers_of_resolved() -> None:
    text = "# generated\nnameserver 192.0.2.53\nnameserver fd00::53\nsearch example.org lab.test\n"
    found = observe(node(**{"/run/systemd/resolve/resolv.conf": text}))
    assert (found.dns, found.search) == (("192.0.2.53", "fd00::53"), ("example.org", "lab.test"))
    assert observe(node()).dns == ()


NBD = "/dev/nbd0 / ext4 rw 0 0\n"


def test_firmware_and_nvme() -> None:
    one = node(
        **{
            "/sys/firmware/ibft/ethernet0/mac": "02:00:00:00:00:02\n",
            "/sys/class/nvme/nvme0/transport": "tcp\n",
            "/sys/class/nvme/nvme0/address": "traddr=172.16.0.9,trsvcid=4420\n",
        }
    )
    one.commands["ip", "-json", "route", "get", "172.16.0.9"] = printed('[{"dev": "vmbr0"}]')
    found = {(use.interface, use.what) for use in observe(one).uses}
    assert ("vmbr0", "the disk nvme0 (NVMe over tcp)") in found
    assert ("eno2", "the root file system: the firmware booted over it (iSCSI, iBFT)") in found


@pytest.mark.parametrize(
    "files", [{"/proc/swaps": "Filename Type\n/dev/nbd0 partition 1 0 -2\n"}, {"/proc/mounts": NBD}]
)
def test_a_disk_of_another_machine_may_be_reached_over_any_interface(files: dict[str, str]) -> None:
    uses_of = {use.interface for use in observe(node(**files)).uses if "/dev/nbd0" in use.what and use.kind == "root"}
    assert uses_of == {"vmbr0", "eno1", "eno2"}, "what has an address, and what that stands on"
    local = node(**{"/proc/swaps": "Filename Type\n/dev/dm-1 partition 1 0 -2\n"})
    assert not [use for use in observe(local).uses if "another machine" in use.what]


@pytest.mark.parametrize(
    ("command", "files", "words"),
    [
        (kernel.ADDRESSES, {}, "ip -json"),
        (kernel.ROUTES[4], {}, "ip -json route show"),
        (ISCSI, {f"{SESSIONS}/session1/state": "LOGGED_IN\n"}, "iscsiadm"),
        (NETWORKCTL, {f"{NETIF}/4": "ADMIN_STATE=configured\n"}, "which interfaces it manages"),
    ],
)
def test_a_command_that_fails_is_not_nothing(command: tuple[str, ...], files: dict[str, str], words: str) -> None:
    one = node(**files)
    one.commands[command] = Completed(1, "", "no")
    with pytest.raises(Unreadable, match=words):
        observe(one)


def test_a_kernel_without_ipv6_has_no_routes_of_it() -> None:
    one = node()
    one.commands[kernel.ROUTES[6]] = Completed(2, "", "Operation not supported")
    assert len(kernel.observe(one).routes) == 2
    six = link("eno3", "02:00:00:00:00:03", "2001:db8::1/64")
    one.commands[kernel.ADDRESSES] = printed(json.dumps([*LINKS, six]))
    with pytest.raises(Unreadable, match="ip -6"):
        kernel.observe(one)


def test_who_has_a_new_address_is_asked_on_the_wire() -> None:
    given: list[dict[str, Any]] = [
        {"name": "bond0", "type": "bond", "members": ["eno2"]},
        {"name": "vmbr1", "type": "bridge", "ports": ["bond0"], "addresses": ["10.10.2.99/24", "10.10.2.11/24"]},
        {"name": "vmbr1.40", "type": "vlan", "addresses": ["10.40.0.1/24"]},
    ]
    desired = desired_from({"interfaces": given, "allow_dhcp": False, "timeout": 60})
    one = node()
    told = {"strangers": [["10.10.2.99", "eno2", "02:00:00:00:00:77"]], "unknown": [["fd00::1", "eno2", "down"]]}
    one.commands["find_strangers", "10.10.2.99@eno2"] = printed(json.dumps(told))
    found = observe(one, desired)
    (stranger,) = found.strangers
    assert found.unasked == ("fd00::1 on eno2: down",)
    assert (stranger.address, stranger.interface, stranger.mac) == ("10.10.2.99", "eno2", "02:00:00:00:00:77")
    assert observe(one).strangers == ()
    del one.commands["find_strangers", "10.10.2.99@eno2"]
    with pytest.raises(Unreadable, match="Nobody could be asked"):
        observe(one, desired)


@pytest.mark.parametrize(
    ("driver", "said", "filters"), [("mlx5_core", "on", True), ("mlx5_core", "off [fixed]", False)]
)
def test_a_card_that_filters_by_itself(driver: str, said: str, filters: bool) -> None:
    class Card(FakeNode):
        def _entry(self, argument: tuple[str, ...]) -> Any:
            links = {
                "/sys/class/net/eno2/device": "../../../0000:41:00.0",
                "/sys/class/net/eno2/device/driver": f"../../../../bus/pci/drivers/{driver}",
            }
            found = {"kind": "link", "owner": "root", "group": "root", "mode": 0o777, "size": 0}
            return {**found, "target": links[argument[0]]} if argument[0] in links else None

    one = Card(files=node().files, commands=node().commands)
    one.commands["ethtool", "-k", "eno2"] = printed(f"Features for eno2:\nrx-vlan-filter: {said}\n")
    found = kernel.observe(one).links["eno2"]
    assert (found.pci, found.driver, found.filters_vlans) == ("0000:41:00.0", driver, filters)


def asked_of(files: dict[str, str]) -> list[Question]:
    """All that is asked of a node that has these files, too."""
    asked: list[Question] = []

    class Noting(FakeNode):
        def look(self, question: Question) -> Any:
            asked.append(question)
            return super().look(question)

    observe(
        Noting({**node().files, **files}, commands={**node().commands, ISCSI: printed(""), NETWORKCTL: printed("")})
    )
    return asked


@pytest.mark.parametrize(
    ("files", "more"),
    [
        ({}, []),
        ({f"{NETIF}/2": ""}, [NETWORKCTL]),
        ({f"{SESSIONS}/session1/state": ""}, [ISCSI]),
    ],
)
def test_who_has_nothing_to_tell_is_not_asked(files: dict[str, str], more: list[tuple[str, ...]]) -> None:
    found = [question.argument for question in asked_of(files) if question.argument in (NETWORKCTL, ISCSI)]
    assert found == more


def test_tags_of_open_vswitch_and_who_uses_its_devices() -> None:
    """Every device is in the kernel's ``ovs-system``; the database has the tags, and a set of nothing for none."""
    inner = {"linkinfo": {"info_kind": "openvswitch"}}
    links = [
        link("ovs-system", "02:00:00:00:00:07", **inner),
        link("eno1", "02:00:00:00:00:01", master="ovs-system"),
        link("vmbr2", "02:00:00:00:00:01", **inner),
        link("storage", "02:00:00:00:00:08", "10.10.4.11/24", **inner),
    ]
    one = node(**{"/proc/mounts": "10.10.4.1:/iso /mnt nfs4 rw,addr=10.10.4.1 0 0\n"})
    one.commands[kernel.ADDRESSES] = printed(json.dumps(links))
    with pytest.raises(Unreadable, match="openvswitch-switch|ovs-vsctl"):
        kernel.observe(one)
    ports: list[list[Any]] = [
        ["a", "storage", 50],
        ["b", "eno1", ["set", []]],
        ["c", "vmbr2", ["set", []]],
        ["d", "vmbr3", ["set", []]],
    ]
    told = {"data": [[["uuid", row[0]], *row[1:]] for row in ports], "headings": ["_uuid", "name", "tag"]}
    one.commands[kernel.OVS_PORTS] = printed(json.dumps(told))
    bridges = [["vmbr2", ["set", [["uuid", "a"], ["uuid", "b"], ["uuid", "c"]]]], ["vmbr3", ["uuid", "d"]]]
    one.commands[kernel.OVS_BRIDGES] = printed(json.dumps({"data": bridges, "headings": ["name", "ports"]}))
    found = kernel.observe(one)
    assert found.tags == {"storage": 50}
    assert found.switched == {"storage": "vmbr2", "eno1": "vmbr2", "vmbr2": "vmbr2", "vmbr3": "vmbr3"}
    one.commands["ip", "-json", "route", "get", "10.10.4.1"] = printed('[{"dst": "10.10.4.1", "dev": "storage"}]')
    assert [use.interface for use in uses.observe(one, found, "pve1")] == ["storage", "eno1"]


def test_without_a_bridge_no_port_filters_vlans() -> None:
    one = node()
    one.commands[kernel.VLANS] = printed('[{"ifname": "eno1", "vlans": [{"vlan": 1}]}]')
    assert kernel.observe(one).vlans == {"eno1": (1,)}
    one.commands[kernel.ADDRESSES] = printed(json.dumps([LINKS[0], LINKS[3]]))
    assert kernel.observe(one).vlans == {}


def test_what_is_asked_of_the_cluster_comes_last() -> None:
    """One node answers it for all; another one stops there, and has to have told all of its own by then."""
    guest = {"/etc/pve/nodes/pve1/qemu-server/100.conf": "net0: virtio=AA:BB:CC:00:11:22,bridge=vmbr0\n"}
    scopes = [question.scope for question in asked_of(guest)]
    assert CLUSTER in scopes and NODE not in scopes[scopes.index(CLUSTER) :]
