"""qdevice and qnetd: from nothing to a vote from outside, over the pieces that each side hands to the other."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed, Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster import qdevice as names
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.qdevice import observe_node, parse_voting
from ansible_collections.baremetal.virt.plugins.modules import qdevice, qdevice_info, qnetd

from ....doubles import cluster_nodes as lab
from ....doubles.equal_models import assert_equal_models_mean_equal_plans
from ....doubles.support import FakeNode, assert_converges_from_every_kill, printed

NET = "net {\n      algorithm: ffsplit\n      host: 10.10.1.14\n    }"
NAMED = lab.TWO.replace("quorum {", f"quorum {{\n  device {{\n    model: net\n    {NET}\n    votes: 1\n  }}", 1)


def tally(flags: str, device: str) -> str:
    """What `corosync-quorumtool -l` of corosync 3.1 prints on the first of two nodes."""
    return (
        "\nMembership information\n----------------------\n    Nodeid      Votes    Qdevice Name\n"
        f"         1          1 {flags:>10} pve1 (local)\n         2          1 {flags:>10} pve2\n{device}\n"
    )


VOTES = tally("A,V,NMW", "         0          1            Qdevice")
#: When the host of the device has gone.
SILENT = tally("A,NV,NMW", "         0          0            Qdevice (votes 1)")
TALLY = ("corosync-quorumtool", "-l")
DATABASE = f"{names.DATABASE}/cert9.db"
CERTUTIL = ("certutil", "-L", "-d", names.DATABASE, "-n", "Cluster Cert")


def params(**changes: Any) -> dict[str, Any]:
    return {"state": "voting", "host": "10.10.1.14", "lead": False, "ca": None, "certificate": None, **changes}


def node(config: str = lab.TWO, number: int = 1, told: str = VOTES) -> FakeNode:
    """A member of a cluster of two; what certutil and systemctl do to it is described here."""
    found = lab.member(number, config, lab.STATUS_REMOVED)
    found.commands[TALLY] = lambda at: printed(told if names.ENABLED in at.files else SILENT)
    found.commands[CERTUTIL] = lambda at: (
        printed("") if "Cluster Cert" in at.files.get(DATABASE, "") else Completed(255, "", "")
    )
    found.commands["systemctl", "is-active", names.NODE_SERVICE] = lambda at: printed(
        "active\n" if names.ENABLED in at.files else "inactive\n"
    )
    for path in (names.REQUEST, names.CERTIFICATE):
        found.commands["base64", "--wrap=0", path] = _content(path)
    found.effects = {**found.effects, **EFFECTS}
    return found


def _content(path: str) -> Any:
    return lambda at: printed(at.files[path])


def _put(path: str, text: str) -> Any:
    def effect(at: FakeNode) -> None:
        at.files[path] = text

    return effect


def _import_signed(at: FakeNode) -> None:
    at.files[DATABASE] = "Cluster Cert"
    at.files[names.BUNDLE] = "key"


def _aside(at: FakeNode) -> None:
    for path in (DATABASE, names.REQUEST, names.BUNDLE):
        at.files.pop(path, None)


EFFECTS: dict[tuple[str, ...], Any] = {
    ("apt-get",): _put("/usr/sbin/corosync-qdevice", ""),
    ("corosync-qdevice-net-certutil", "-i"): _put(DATABASE, "empty"),
    ("corosync-qdevice-net-certutil", "-r"): _put(names.REQUEST, "REQUEST"),
    ("corosync-qdevice-net-certutil", "-M"): _import_signed,
    ("corosync-qdevice-net-certutil", "-m"): _put(DATABASE, "Cluster Cert"),
    ("cp", names.BUNDLE): _put(names.SHARED_BUNDLE, "key"),
    ("mv",): _aside,
    ("systemctl", "enable", names.NODE_SERVICE): _put(names.ENABLED, ""),
    ("systemctl", "restart", names.NODE_SERVICE): lambda at: None,
    ("systemctl", "disable", "--now", names.NODE_SERVICE): lambda at: at.files.pop(names.ENABLED),
}


def plan(at: FakeNode, **changes: Any) -> Plan:
    return make_plan(qdevice.SUBJECT, params(**changes), at)


def carry_out(at: FakeNode, **changes: Any) -> list[str]:
    made = plan(at, **changes)
    assert not made.refusals
    for step in made.steps:
        at.act(step)
    assert not plan(at, **changes).steps
    return made.sentences


def test_from_nothing_to_a_vote() -> None:
    lead, other = node(number=1), node(number=2)
    for one in (lead, other):
        said = carry_out(one, state="requested", ca="CA", lead=one is lead)
        assert said[0] == "install corosync-qdevice"
    assert qdevice_info.answer(lead, {"cluster": None})["request"] == "REQUEST"
    assert names.REQUEST not in other.files
    carry_out(lead, state="certified", lead=True, certificate="SIGNED")
    other.files[names.SHARED_BUNDLE] = lead.files[names.SHARED_BUNDLE]
    assert carry_out(other, state="certified") == ["take in the cluster's certificate and key"]
    for one in (other, lead):
        one.files[lab.CONFIG] = NAMED
        carry_out(one, lead=one is lead)
    lead.files[names.SHARED_BUNDLE] = "left by a run that was cut short"
    assert carry_out(lead, lead=True) == [f"remove {names.SHARED_BUNDLE}"]
    for state in ("prepared", "requested", "certified", "voting"):
        assert plan(lead, state=state, ca="CA", lead=True).steps == ()
    assert_equal_models_mean_equal_plans(qdevice.SUBJECT, params(state="voting", ca="CA", lead=True), lead)


@pytest.mark.parametrize("lead", [True, False])
@pytest.mark.parametrize("state", ["prepared", "requested"])
def test_the_end_is_the_same_after_every_kill(state: str, lead: bool) -> None:
    assert_converges_from_every_kill(qdevice.SUBJECT, params(state=state, lead=lead, ca="CA"), node)


def test_another_host_needs_another_database_of_keys() -> None:
    at = node()
    carry_out(at, state="requested", ca="OLD", lead=True)
    carry_out(at, state="certified", lead=True, certificate="SIGNED")
    said = carry_out(at, state="requested", ca="NEW", lead=True)
    assert said[0].startswith(f"put {names.DATABASE} aside")
    assert said[-1] == "make a key and a request for the cluster's certificate"


@pytest.mark.parametrize(
    ("changes", "config", "reason"),
    [
        ({"state": "certified", "lead": True}, lab.TWO, "has no certificate for the cluster yet"),
        ({"state": "certified"}, lab.TWO, f"{names.SHARED_BUNDLE}, which is missing"),
        ({}, lab.TWO, "does not name this quorum device"),
        ({"host": "10.10.1.15"}, NAMED, "does not name this quorum device"),
        ({"state": "absent"}, NAMED, "still names the quorum device"),
    ],
)
def test_refusals(changes: dict[str, Any], config: str, reason: str) -> None:
    at = node(config)
    at.files[DATABASE] = "empty"
    assert reason in plan(at, **changes).refusals[0].reason


def test_a_node_alone_is_refused_and_a_device_goes() -> None:
    assert "not a member" in make_plan(qdevice.SUBJECT, params(), lab.standalone(1)).refusals[0].reason
    at = node()
    at.files.update({"/usr/sbin/corosync-qdevice": "", names.ENABLED: ""})
    assert carry_out(at, state="absent") == [f"stop {names.NODE_SERVICE}"]


def test_a_service_that_runs_and_does_not_vote_is_restarted() -> None:
    at = node(NAMED, told=SILENT)
    at.files.update({"/usr/sbin/corosync-qdevice": "", names.ENABLED: ""})
    assert plan(at).sentences == [f"restart {names.NODE_SERVICE}, so that the device votes"]


@pytest.mark.parametrize(("text", "voting"), [(VOTES, True), (SILENT, False), ("", False)])
def test_who_votes(text: str, voting: bool) -> None:
    assert parse_voting(text) is voting


def test_a_cluster_without_a_device_is_asked_for_one_file() -> None:
    """Also when there is to be none; so what was read before suffices for that."""
    recorder = Recorder(lab.member(1))
    assert not observe_node(recorder).voting
    assert make_plan(qdevice.SUBJECT, params(state="absent"), Replay(recorder.recording)) == Plan()


def test_a_stage_without_what_it_needs_is_invalid() -> None:
    with pytest.raises(Invalid, match="needs ca"):
        plan(node(), state="prepared")
    with pytest.raises(Invalid, match="give its name"):
        make_plan(qnetd.SUBJECT, {"cluster": None, "request": "R"}, outside())


def outside(installed: bool = False, cluster: Optional[str] = None) -> FakeNode:
    at = lab.bare(4)
    request, certificate = names.server_request("lab"), names.server_certificate("lab")
    at.effects = {
        ("apt-get",): _put("/usr/bin/corosync-qnetd", ""),
        ("systemctl", "enable", "--now", names.SERVER_SERVICE): lambda one: None,
        ("corosync-qnetd-certutil", "-s", "-c", request, "-n", "lab"): _put(certificate, "SIGNED"),
    }
    at.commands["systemctl", "is-active", names.SERVER_SERVICE] = printed("active\n")
    for path in (request, certificate):
        at.commands["base64", "--wrap=0", path] = _content(path)
    if installed:
        at.files["/usr/bin/corosync-qnetd"] = ""
    if cluster is not None:
        at.files[lab.CONFIG] = lab.TWO
    return at


def test_the_host_outside_signs_each_request_once() -> None:
    wish = {"cluster": "lab", "request": "REQUEST"}
    at = outside()
    made = make_plan(qnetd.SUBJECT, wish, at)
    assert made.sentences[-1] == "sign the certificate of the cluster lab"
    for step in made.steps:
        at.act(step)
    assert not make_plan(qnetd.SUBJECT, wish, at).steps
    assert len(make_plan(qnetd.SUBJECT, {**wish, "request": "OTHER"}, at).steps) == 3
    assert qdevice_info.answer(at, {"cluster": "lab"})["certificate"] == "SIGNED"
    assert_converges_from_every_kill(qnetd.SUBJECT, {**wish, "request": "OTHER"}, lambda: at)


def test_a_node_cannot_vote_for_itself() -> None:
    made = make_plan(qnetd.SUBJECT, {"cluster": "lab", "request": None}, outside(True, "lab"))
    assert "its vote would fail with it" in made.refusals[0].reason
