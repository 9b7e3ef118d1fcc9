"""nfs_server_info: what is told of a node is what nfs_server would take."""

from __future__ import annotations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.nfs_server_info import INQUIRY

from .nfs_server_support import client, export, fresh, params


def test_a_bare_node_has_nothing() -> None:
    told = INQUIRY.answer(fresh(), {})
    assert (told["installed"], told["exports"], told["served"], told["foreign"]) == (False, [], [], {})
    assert told["kernel"] == {"threads": None, "versions": None}


def test_what_is_told_is_what_the_module_takes() -> None:
    wanted = params(
        export("/srv/a b", mode="0770", clients=[client("fd00::/64", "ro"), client("@nodes", "rw")]), threads=16
    )
    node = fresh()
    node.files["/etc/exports"] = "/srv/old 10.9.0.0/16(ro)\n"
    for step in make_plan(SUBJECT, wanted, node).steps:
        node.act(step)
    node.files.update({"/proc/fs/nfsd/threads": "16\n", "/proc/fs/nfsd/versions": "+3 +4 +4.1 +4.2\n"})
    told = INQUIRY.answer(node, {})
    taken = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate({"exports": told["exports"], "threads": 16})
    assert not taken.error_messages
    assert not make_plan(SUBJECT, taken.validated_parameters, node).steps
    assert [other["path"] for other in told["foreign"]["/etc/exports"]] == ["/srv/old"]
    assert [one["host"] for one in told["served"]] == ["@nodes", "fd00::/64", "10.9.0.0/16"]
    assert told["settings"] == {"threads": "16"} and told["kernel"]["threads"] == 16
