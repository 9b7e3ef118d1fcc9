"""Fleets: users, pools, rights and machines, in numbers that nobody loses and nobody gets from another."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.modules.access import SUBJECT as ACCESS
from ansible_collections.baremetal.virt.plugins.modules.guest_fleet_info import INQUIRY

from ....doubles.access_api import params as access_params
from ....doubles.fleet_cluster import DAY, FLEET, FleetCluster, Machine, User, made, params, planned, released

TWENTY = [f"stu{number:02}" for number in range(1, 21)]


@pytest.fixture
def cluster() -> FleetCluster:
    return FleetCluster()


def refused(cluster: FleetCluster, *fleets: dict[str, Any], confirm: Any = None) -> str:
    return " ".join(planned(cluster, *fleets, confirm=confirm).refusals)


def test_an_owner_is_a_user_a_pool_a_right_and_machines(cluster: FleetCluster) -> None:
    data = planned(cluster, {**FLEET, "owners": [{"login": "stu01", "name": "Ann", "email": "ann@example.org"}]})
    assert data.access == {
        "groups": [{"id": "os"}],
        "users": [
            {
                "id": "stu01@pve",
                "groups": ["os"],
                "firstname": "Ann",
                "email": "ann@example.org",
                "expire": 1803859200,
            }
        ],
        "roles": [{"id": "FleetOwner", "preset": "student"}],
        "pools": [
            {"id": "os", "comment": "baremetal.virt: fleet=os ids=1200-1299 next=0"},
            {"id": "os/stu01", "comment": "baremetal.virt: fleet=os owner=stu01@pve numbers=vm:0"},
        ],
        "acl": [{"path": "/pool/os/stu01", "user": "stu01@pve", "role": "FleetOwner"}],
    }
    assert data.vms == [
        {
            "vmid": 1200,
            "name": "stu01-vm",
            "pool": "os/stu01",
            "tags": ["fleet-os", "own-stu01"],
            "mark": {"fleet": "os", "owner": "stu01@pve", "machine": "vm", "expires": "2027-02-28"},
            "clone": {"vmid": 900},
            "cores": 2,
            "memory": 2048,
            "nets": [{"slot": "net0", "bridge": "vmbr0"}],
            "cloud_init": {
                "upgrade": False,
                "addresses": [{"net": "net0", "ip": "10.20.0.10/24", "gw": "10.20.0.1"}],
            },
        }
    ]
    assert (data.refusals, data.containers) == ([], [])


def test_the_subject_of_access_takes_what_it_is_given(cluster: FleetCluster) -> None:
    found = ACCESS.desired(access_params(**planned(cluster, FLEET).access))
    assert sorted(found.users) == ["stu01@pve", "stu02@pve", "stu03@pve"]


def test_what_is_there_is_not_made_again(cluster: FleetCluster) -> None:
    first = made(cluster, FLEET)
    second = planned(cluster, FLEET)
    assert second == first


def test_a_container_is_connected_its_own_way(cluster: FleetCluster) -> None:
    machine = {"name": "ct", "container": True, "cores": 1, "nets": [{"slot": "net0", "firewall": True}]}
    network = {**FLEET["network"], "nameservers": ["10.20.0.1"], "vlan": 100}
    (wish,) = planned(cluster, {**FLEET, "owners": ["ann"], "per_owner": [machine], "network": network}).containers
    assert wish["nets"] == [
        {
            "slot": "net0",
            "name": "eth0",
            "bridge": "vmbr0",
            "ip": "10.20.0.10/24",
            "gw": "10.20.0.1",
            "tag": 100,
            "firewall": True,
        }
    ]
    assert wish["nameservers"] == ["10.20.0.1"] and "clone" not in wish


@pytest.mark.parametrize(
    ("network", "found"), [({"vlan": 100}, ("tag", [100, 101, 102])), ({"vnet": "c"}, ("bridge", ["c0", "c1", "c2"]))]
)
def test_each_owner_has_a_network_of_his_own(cluster: FleetCluster, network: dict[str, Any], found: Any) -> None:
    data = planned(cluster, {**FLEET, "network": {**FLEET["network"], **network}})
    assert [wish["nets"][0][found[0]] for wish in data.vms] == found[1]


def test_removing_one_and_adding_another_moves_nobody(cluster: FleetCluster) -> None:
    made(cluster, {**FLEET, "owners": TWENTY})
    data = planned(cluster, {**FLEET, "owners": [one for one in TWENTY if one != "stu03"] + ["aaa"]})
    assert not data.refusals
    ids = {wish["name"]: wish["vmid"] for wish in data.vms}
    assert ids == {
        **{f"{name}-vm": 1200 + number for number, name in enumerate(TWENTY) if name != "stu03"},
        "aaa-vm": 1220,
    }
    (left,) = [state for state in data.states if state["state"] == "not listed"]
    assert left["owner"] == "stu03@pve" and left["machines"] == {"vm": 1202}


def test_a_number_is_never_given_again_though_its_owner_is_gone(cluster: FleetCluster) -> None:
    made(cluster, {**FLEET, "owners": TWENTY})
    for days in (15, 15):
        released(cluster, {**FLEET, "owners": TWENTY}, owners=["stu20@pve"])
        cluster.now += days * DAY
    assert "os/stu20" not in cluster.pools
    data = planned(cluster, {**FLEET, "owners": [*TWENTY[:19], "new"]})
    assert {wish["name"]: wish["vmid"] for wish in data.vms}["new-vm"] == 1220


def test_a_new_machine_of_each_gets_a_new_number_and_the_old_ones_keep_theirs(cluster: FleetCluster) -> None:
    made(cluster, FLEET)
    fleet = {**FLEET, "per_owner": [{"name": "db"}, *FLEET["per_owner"]]}
    ids = {wish["name"]: wish["vmid"] for wish in made(cluster, fleet).vms}
    assert ids == {
        "stu01-db": 1203,
        "stu01-vm": 1200,
        "stu02-db": 1204,
        "stu02-vm": 1201,
        "stu03-db": 1205,
        "stu03-vm": 1202,
    }


def test_the_block_of_a_term_is_never_given_again(cluster: FleetCluster) -> None:
    made(cluster, FLEET)
    assert "were given to the fleet os" in refused(cluster, {**FLEET, "id": "os-2028"})
    assert not refused(cluster, {**FLEET, "id": "os-2028", "ids": {"first": 1300, "count": 10}, "owners": ["x01"]})
    assert "begin at 1200" in refused(cluster, {**FLEET, "ids": {"first": 1500, "count": 100}})
    assert not refused(cluster, {**FLEET, "ids": {"first": 1200, "count": 150}})


def test_an_id_that_something_still_bears_is_refused(cluster: FleetCluster) -> None:
    cluster.machines[1201] = Machine(1201, "pve1", "qemu", {"name": "mailserver"})
    assert "1201" in refused(cluster, FLEET) and "mailserver" in refused(cluster, FLEET)
    del cluster.machines[1201]
    kept = Machine(1202, "pve1", "qemu", {"name": "x", "scsi0": "vms:vm-1202-disk-0"})
    cluster._back_up(kept, "pve1", {"storage": "backups", "protected": 1})
    assert "a backup of an earlier guest" in refused(cluster, FLEET)


def test_more_machines_than_ids_are_refused(cluster: FleetCluster) -> None:
    assert "do not suffice" in refused(cluster, {**FLEET, "ids": {"first": 1200, "count": 2}})


def test_pools_of_others_are_not_taken(cluster: FleetCluster) -> None:
    cluster.pools = {"os": "The operating systems", "os/stu01": ""}
    told = refused(cluster, FLEET)
    assert "take another id for the fleet" in told and "the pool os/stu01 is there" in told


def test_marks_that_contradict_each_other_are_refused(cluster: FleetCluster) -> None:
    made(cluster, FLEET)
    cluster.pools["os/stu01"] = cluster.pools["os/stu01"].replace("vm:0", "vm:1")
    told = refused(cluster, FLEET)
    assert "the number 1 stands in two pools" in told and "guest 1200" in told


def test_a_user_of_another_realm_is_another_owner(cluster: FleetCluster) -> None:
    made(cluster, FLEET)
    assert "is that of stu01@pve, and not of stu01@school" in refused(cluster, {**FLEET, "realm": "school"})


@pytest.mark.parametrize(
    ("owners", "confirm", "told"),
    [
        ([], None, "the list of owners is empty"),
        ([], 20, "the list of owners is empty"),
        ([], 0, ""),
        (TWENTY[:18], None, ""),
        (TWENTY[:17], None, "3 of 20 owners are no longer on the list"),
        (TWENTY[:17], 3, "confirm_owners=17"),
        (TWENTY[:17], 17, ""),
        ([*TWENTY[:10], *(f"new{n}" for n in range(10))], None, "10 of 20 owners"),
    ],
)
def test_a_list_that_is_much_shorter_is_confirmed_by_number(
    cluster: FleetCluster, owners: list[str], confirm: Any, told: str
) -> None:
    made(cluster, {**FLEET, "owners": TWENTY})
    found = refused(cluster, {**FLEET, "owners": owners}, confirm=confirm)
    assert told in found and bool(told) == bool(found)


def test_a_list_that_is_not_understood_is_not_an_empty_one(cluster: FleetCluster) -> None:
    fleet = {**FLEET, "owners": "class.csv"}
    assert "there is no such file" in refused(cluster, fleet)
    cluster.files["class.csv"] = "name;mail\nann;ann@example.org\n"
    told = refused(cluster, fleet, confirm=0)
    assert "header is not understood" in told and "empty" not in told
    cluster.files["class.csv"] = "login;name\nann;Ann\n"
    assert [wish["name"] for wish in planned(cluster, fleet).vms] == ["ann-vm"]


def test_two_machines_never_share_a_name(cluster: FleetCluster) -> None:
    fleet = {**FLEET, "owners": ["a", "a-b"], "per_owner": [{"name": "b-c"}, {"name": "c"}]}
    assert "would both have a machine a-b-c" in refused(cluster, fleet)
    other = {**FLEET, "id": "db", "ids": {"first": 1500, "count": 9}}
    assert "would both have a machine stu01-vm" in refused(cluster, FLEET, other)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"network": {"bridge": "vmbr0", "first_address": "10.20.0.253/24"}}, "is none of 10.20.0.0/24"),
        ({"network": {"bridge": "vmbr0", "first_address": "10.20.0.1/24", "gateway": "10.20.0.2"}}, "the gateway"),
        ({"per_owner": [{"name": "workstation-1", "ostype": "win11"}]}, "Windows cannot be called stu01-workstation-1"),
        ({"network": {"bridge": "vmbr0", "vnet": "classes0"}}, "more than 8 letters"),
        ({"network": {"bridge": "vmbr0", "vlan": 4093}}, "the VLAN 4095"),
        ({"expires": "2026-02-28"}, "is over"),
        ({"owners": [{"login": "ann", "expires": "28.2.2027"}]}, "ann@pve: expires cannot be '28.2.2027'"),
    ],
)
def test_what_there_cannot_be_is_refused(cluster: FleetCluster, change: dict[str, Any], told: str) -> None:
    assert told in refused(cluster, {**FLEET, **change})


def test_without_quorum_nothing_is_known(cluster: FleetCluster) -> None:
    cluster.quorate = False
    assert "no quorum" in refused(cluster, FLEET)


def test_a_guest_on_a_node_that_is_off_is_not_seen_and_keeps_its_number(cluster: FleetCluster) -> None:
    first = made(cluster, FLEET)
    cluster.nodes["pve1"] = False
    data = planned(cluster, FLEET)
    assert data.not_seen == ["1200: not seen, pve1 is off", "1202: not seen, pve1 is off"]
    assert data.vms == first.vms and not data.refusals


# Days.


def test_whoever_has_had_his_time_is_left_as_he_is(cluster: FleetCluster) -> None:
    made(cluster, FLEET)
    cluster.now = 1803859200 - 10 * DAY
    assert {state["state"] for state in planned(cluster, FLEET).states} == {"ending"}
    cluster.now = 1803859200
    data = planned(cluster, FLEET)
    assert {state["state"] for state in data.states} == {"over"}
    assert (data.vms, data.acl, data.users) == ([], [], {})
    assert [pool["id"] for pool in data.pools] == ["os"]


def test_an_owner_may_have_a_day_of_his_own_and_one_may_be_put_off(cluster: FleetCluster) -> None:
    made(cluster, {**FLEET, "owners": ["stu01", {"login": "stu02", "expires": "2027-03-31"}]})
    cluster.pools["os/stu01"] += " extended=2027-04-30"
    data = planned(cluster, {**FLEET, "owners": ["stu01", {"login": "stu02", "expires": "2027-03-31"}]})
    assert [wish["mark"]["expires"] for wish in data.vms] == ["2027-04-30", "2027-03-31"]
    assert data.users["stu01@pve"]["expire"] == data.users["stu02@pve"]["expire"] + 30 * DAY
    assert data.pools[1]["comment"].endswith(" extended=2027-04-30")


def test_never_is_written_nowhere_and_the_past_neither(cluster: FleetCluster) -> None:
    assert "expire" not in made(cluster, {**FLEET, "expires": "never"}).users["stu01@pve"]
    other = FleetCluster()
    made(other, FLEET)
    other.now = 1803859200 + DAY
    assert not planned(other, FLEET).users


def test_a_user_in_two_fleets_expires_with_the_last(cluster: FleetCluster) -> None:
    later = {
        **FLEET,
        "id": "db",
        "ids": {"first": 1500, "count": 9},
        "per_owner": [{"name": "db"}],
        "expires": "2027-07-31",
    }
    user = planned(cluster, FLEET, later).users["stu01@pve"]
    assert user["expire"] == 1817078400 and user["groups"] == ["db", "os"]
    assert "expire" not in planned(cluster, FLEET, {**later, "expires": "never"}).users["stu01@pve"]


def test_a_user_who_never_expired_still_does_not(cluster: FleetCluster) -> None:
    cluster.users["stu01@pve"] = User()
    data = planned(cluster, FLEET)
    assert "expire" not in data.users["stu01@pve"] and "stu01@pve is there and never expires" in data.warnings[0]


@pytest.mark.parametrize(
    "options",
    [{"sync-defaults-options": "scope=both,remove-vanished=acl;properties"}, {"sync-defaults-options": "full=1"}],
)
def test_where_a_sync_would_remove_it_no_end_is_written(cluster: FleetCluster, options: dict[str, str]) -> None:
    cluster.realms["school"] = {"type": "ldap", **options}
    data = planned(cluster, {**FLEET, "realm": "school"})
    assert set(data.users["stu01@school"]) == {"id", "groups"}
    assert any("stu01@school does not expire" in warning for warning in data.warnings)


@pytest.mark.parametrize(("release", "kept"), [("9.2", False), ("7.4", True)])
def test_neither_where_a_job_says_otherwise_than_its_realm(release: str, kept: bool) -> None:
    """Releases before 8 have no such jobs."""
    cluster = FleetCluster(release)
    cluster.realms["school"] = {"type": "ldap", "sync-defaults-options": "scope=both,remove-vanished=acl"}
    assert "expire" in planned(cluster, {**FLEET, "realm": "school"}).users["stu01@school"]
    cluster.sync_jobs = [{"id": "nightly", "realm": "school", "remove-vanished": "acl;entry;properties"}]
    assert ("expire" in planned(cluster, {**FLEET, "realm": "school"}).users["stu01@school"]) is kept


# Quota.


@pytest.mark.parametrize(
    ("quota", "told"),
    [
        ({"cores": 2, "memory": 2048, "disk": "10G"}, ""),
        ({"cores": 1}, "take 2 cores, and may take 1 cores"),
        ({"memory": 1024}, "take 2G of memory, and may take 1G of memory"),
        ({"disk": "9G"}, "take 10G of disk, and may take 9G of disk"),
    ],
)
def test_the_sum_is_held_against_the_quota_before_anything_is_made(
    cluster: FleetCluster, quota: dict[str, Any], told: str
) -> None:
    template = {"name": "debian13", "template": "1", "scsi0": "vms:base-900-disk-0,size=10G"}
    cluster.machines[900] = Machine(900, "pve1", "qemu", template)
    found = refused(cluster, {**FLEET, "quota": quota})
    assert told in found and bool(told) == bool(found)


def test_gpus_are_counted_as_declared_and_as_they_are(cluster: FleetCluster) -> None:
    cluster.machines[900] = Machine(900, "pve1", "qemu", {"name": "debian13", "template": "1"})
    machine = {**FLEET["per_owner"][0], "hostpci": [{"slot": "hostpci0", "mapping": "t4"}]}
    fleet = {**FLEET, "per_owner": [machine], "quota": {"gpus": 0}}
    assert "the machines of stu01@pve take 1 GPUs, and may take 0 GPUs" in refused(cluster, fleet)
    assert refused(cluster, {**fleet, "quota": {"gpus": 1}}) == ""
    cluster.machines[900].config["hostpci1"] = "mapping=t4"
    assert "take 2 GPUs, and may take 1 GPUs" in refused(cluster, {**fleet, "quota": {"gpus": 1}})
    without = {**machine, "hostpci": [*machine["hostpci"], {"slot": "hostpci1", "state": "absent"}]}
    assert refused(cluster, {**fleet, "per_owner": [without], "quota": {"gpus": 1}}) == ""
    del cluster.machines[900].config["hostpci1"]
    made(cluster, FLEET)
    cluster.machines[1200].config.update({"hostpci0": "mapping=t4", "hostpci1": "mapping=t4"})
    assert "take 2 GPUs, and may take 1 GPUs" in refused(cluster, {**FLEET, "quota": {"gpus": 1}})
    del cluster.machines[1200].config["hostpci0"]
    assert "take 2 GPUs, and may take 1 GPUs" in refused(cluster, {**fleet, "quota": {"gpus": 1}})


def test_what_is_there_counts_and_what_is_not_used_too(cluster: FleetCluster) -> None:
    made(cluster, FLEET)
    cluster.machines[1200].config["unused0"] = "vms:vm-1200-disk-3"
    cluster.machines[1201].config["scsi1"] = "vms:vm-1200-disk-4,size=5G"
    fleet = {**FLEET, "quota": {"disk": "13G"}}
    assert "the machines of stu01@pve take 14G of disk" in refused(cluster, fleet)
    assert "stu02@pve" not in refused(cluster, fleet), "a volume counts for whose number is in its name"


@pytest.mark.parametrize("unknown", ["template", "size", "unused", "cores"])
def test_what_cannot_be_known_is_refused(cluster: FleetCluster, unknown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = {**FLEET, "quota": {"disk": "100G"}, "template": None}
    machine = {
        "template": {"name": "vm", "clone": {"template": "debian13", "version": "9"}},
        "size": {"name": "vm", "disks": [{"slot": "scsi0", "import_from": "local:import/a.qcow2"}]},
        "unused": {"name": "vm", "disks": [{"slot": "scsi0", "size": "8G"}]},
        "cores": {"name": "ct", "container": True, "rootfs": {"size": "8G"}},
    }[unknown]
    if unknown == "unused":
        made(cluster, FLEET)
        cluster.machines[1200].config["unused0"] = "vms:vm-1200-disk-3"
        monkeypatch.setattr(FleetCluster, "_images", lambda self: [])
    assert "is unknown" in refused(cluster, {**fleet, "per_owner": [machine]})


def test_releases_before_8_know_no_pool_in_a_pool() -> None:
    cluster = FleetCluster("7.4-17")
    assert [pool["id"] for pool in planned(cluster, FLEET).pools][:2] == ["os", "os-stu01"]


def test_whoever_sees_little_is_told_so(cluster: FleetCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {"/": {"VM.Audit": 1}, "/access": {}, "/access/groups": {}}
    told = FleetCluster.look
    monkeypatch.setattr(
        FleetCluster,
        "look",
        lambda self, question: (
            {path: held for path, held in shown.items() if f"path={path.replace('/', '%2F')}" in question.argument[0]}
            if question.argument[0].startswith("/access/permissions")
            else told(self, question)
        ),
    )
    given = params(INQUIRY.argument_spec, fleets=[FLEET], api={"token_id": "ann@pve!x", "token_secret": "y"})
    with pytest.raises(Exception, match="ann@pve!x lacks .*Pool.Audit on /"):
        INQUIRY.answer(cluster, given)
