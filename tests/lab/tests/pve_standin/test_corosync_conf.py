"""corosync.conf is read and written exactly as upstream's own writer does."""

from __future__ import annotations

from pathlib import Path

import pytest
from pve_standin.cluster import corosync_conf

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize("sample", ["3nodes", "create-2links-prio", "qdevice", "create-nolink"])
def test_a_file_of_upstream_survives_reading_and_writing(sample: str) -> None:
    text = (DATA / f"corosync.conf.{sample}").read_text(encoding="utf-8")
    assert corosync_conf.dump(corosync_conf.parse(text)) == text


def test_a_new_cluster_is_written_as_pvecm_create_does() -> None:
    links = {0: ("172.10.10.11", 15), 1: ("192.168.29.11", 20)}
    conf = corosync_conf.new("clust1", "pve1", 1, 1, links)
    conf["totem"]["token_coefficient"] = "125"
    assert corosync_conf.dump(conf) == (DATA / "corosync.conf.create-2links-prio").read_text(encoding="utf-8")


def test_bump_raises_the_version_by_one() -> None:
    conf = corosync_conf.parse((DATA / "corosync.conf.3nodes").read_text(encoding="utf-8"))
    before = corosync_conf.version(conf)
    corosync_conf.bump(conf)
    assert corosync_conf.version(conf) == before + 1


def test_verify_names_the_node_without_an_address() -> None:
    conf = corosync_conf.parse((DATA / "corosync.conf.3nodes").read_text(encoding="utf-8"))
    conf["nodelist"]["node"]["pve1"]["ring1_addr"] = "10.0.0.1"
    assert "node 'pve2' is missing address forinterface number 1" in corosync_conf.verify(conf)


@pytest.mark.parametrize("text", ["totem {\n", "}\n", "nonsense\n"])
def test_broken_text_is_refused(text: str) -> None:
    with pytest.raises(corosync_conf.ConfError):
        corosync_conf.parse(text)
