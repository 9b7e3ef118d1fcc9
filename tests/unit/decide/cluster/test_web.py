"""What is said of web interfaces: those that answer, those that do not, and versions that differ."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.web import summarize_web
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.web import Guests, WebInterface

ONE = WebInterface("pve1", "https://10.10.2.11:8006", "9.2.11")
TWO = WebInterface("pve2", "https://10.10.2.12:8006", "9.2.11")


def test_all_answer() -> None:
    assert summarize_web([ONE, TWO], Guests(12, 9, 0)) == {
        "web interface": "https://10.10.2.11:8006 or https://10.10.2.12:8006",
        "Proxmox VE": "9.2.11",
        "guests": "9 of 12 run",
    }


def test_one_does_not_answer() -> None:
    broken = WebInterface("pve2", TWO.url, problem="https://10.10.2.12:8006 does not tell /version: refused.")
    assert summarize_web([ONE, broken], Guests(0, 0, 0)) == {
        "web interface": "https://10.10.2.11:8006",
        "web interface of pve2": "NOT AS IT SHOULD BE: https://10.10.2.12:8006 does not tell /version: refused.",
        "Proxmox VE": "9.2.11",
    }


def test_a_controller_that_has_no_way_but_ssh() -> None:
    """Then the addresses that the node itself gives stay in the summary."""
    far = WebInterface("pve1", ONE.url, problem="no connection in time.", reached=False)
    assert summarize_web([far], None) == {
        "web interface of pve1": "not tried, as this controller does not reach it: no connection in time."
    }


def test_none_answers_and_nothing_is_known() -> None:
    assert summarize_web([WebInterface("pve1", ONE.url, problem="no.")], None) == {
        "web interface of pve1": "NOT AS IT SHOULD BE: no."
    }


def test_versions_differ_and_some_guests_are_on_a_node_that_is_off() -> None:
    lines = summarize_web([ONE, TWO, WebInterface("pve3", "https://10.10.2.13:8006", "9.1.4")], Guests(3, 1, 1))
    assert lines["Proxmox VE"] == "NOT THE SAME VERSION: 9.1.4 on pve3; 9.2.11 on pve1, pve2"
    assert lines["guests"] == "1 of 3 run; the state of 1 is unknown"
