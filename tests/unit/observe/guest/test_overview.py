"""What a node shows of the cluster's guests, as far as other tests do not read it."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.overview import ResourceAffinity
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.overview import (
    parse_affinities,
    parse_starts,
)


@pytest.mark.parametrize(("line", "disabled"), [("", False), ("\tdisable\n", True), ("\tdisable 1\n", True)])
def test_rules_that_keep_guests_together_or_apart(line: str, disabled: bool) -> None:
    """A flag may be its mere name, as the HA manager reads it."""
    text = f"resource-affinity: apart\n\taffinity negative\n\tresources vm:100, ct:101\n{line}\nnode-affinity: near\n"
    wanted = ResourceAffinity("apart", frozenset(("vm:100", "ct:101")), together=False, disabled=disabled)
    assert list(parse_affinities(text)) == [wanted]


def test_the_last_start_that_tasks_tell_of() -> None:
    """One that failed started nothing."""
    line = "UPID:pve1:0000{pid}:0000AAAA:{began}:{kind}:{vmid}:root@pam!run: 6B0D0000 {status}\n"
    lines = [("6A000000", "qmstart", "1201", "OK"), ("6A000100", "qmstart", "1201", "OK")]
    lines += [("6A000200", "qmstart", "1201", "start failed"), ("6A000300", "qmshutdown", "1201", "OK")]
    lines += [("6A000400", "vzstart", "1300", "OK")]
    texts = [line.format(pid=1000, began=a, kind=b, vmid=c, status=d) for a, b, c, d in lines]
    assert parse_starts(["".join(texts[:1]), "".join(texts[1:])]) == {1201: 0x6A000100, 1300: 0x6A000400}
    assert parse_starts(["", "no such line\n"]) == {}
