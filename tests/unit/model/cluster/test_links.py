"""Links: one type, and its spellings outside."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import (
    read_links,
    write_links,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_text import Section
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.links import MAX_LINKS, Links
from hypothesis import given
from hypothesis import strategies as st

ADDRESSES = st.ip_addresses().map(str) | st.just("pve1-ring0")
LINKS = st.dictionaries(st.integers(0, MAX_LINKS - 1), ADDRESSES).map(Links)


@given(LINKS)
def test_every_spelling_can_be_read_again(links: Links) -> None:
    assert Links.parse(links.document()) == links
    node = Section({"name": "pve1", "ring0_addr": "192.0.2.1", "ring7_addr": "192.0.2.2"})
    write_links(node, links)
    assert read_links(node) == links and node.values["name"] == "pve1"


@given(st.lists(ADDRESSES | st.just(""), max_size=MAX_LINKS))
def test_in_order_is_from_link0_on(addresses: list[str]) -> None:
    links = Links.in_order(addresses)
    assert links.addresses == tuple(addresses)
    assert links.complete is ("" not in addresses)


def test_what_people_read() -> None:
    assert str(Links({1: "10.10.2.11", 0: ""})) == "link0 (none), link1 10.10.2.11"
    assert str(Links({})) == "(none)"


def test_a_link_that_the_node_does_not_have_is_a_gap() -> None:
    links = Links({2: "10.10.3.11"})
    assert links.addresses == ("", "", "10.10.3.11") and links.complete
    assert links == Links({2: "10.10.3.11"}) != Links.in_order(["", "", "10.10.3.11"])
    assert len({links, Links({2: "10.10.3.11"})}) == 1


@pytest.mark.parametrize("name", ["ring0_addr", "0", "link", "linkx"])
def test_what_is_no_link(name: str) -> None:
    with pytest.raises(ValueError, match=f"no link|invalid literal.*{name[4:]}"):
        Links.parse({name: "10.10.1.11"})
