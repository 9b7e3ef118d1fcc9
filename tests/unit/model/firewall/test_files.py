"""Files of the firewall, as upstream has written them."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.files import parse

from ....doubles.support import transcript

FILE = """\
[OPTIONS]

enable: 1
policy_in: DROP

[ALIASES]

office 10.1.0.0/24 # first floor

[IPSET admins] # who may

!10.0.0.9
10.0.0.0/24

[RULES]

IN SSH(ACCEPT) -source +admins
|OUT DROP # not yet

[group web] # pages

IN HTTP(ACCEPT)
"""


def test_a_recorded_file_is_read_and_written_as_it_is() -> None:
    for name in ("api/498-fw-cluster-fw-file", "api/519ct-fw-host-fw-file"):
        text = transcript(name).stdout
        rules = parse(text)
        assert not rules.strange and sorted(rules.text.split()) == sorted(text.split())
    assert (
        parse(transcript("api/498-fw-cluster-fw-file").stdout).text
        == transcript("api/498-fw-cluster-fw-file").stdout.rstrip("\n") + "\n"
    )


def test_everything_is_kept() -> None:
    assert parse(FILE).text == FILE
    assert parse(FILE).enabled and not parse("[OPTIONS]\nenable: 1795987643\n").enabled


def test_what_upstream_skips_is_told_with_its_line() -> None:
    strange = parse("[OPTIONS]\nenable=1\n[RULES]\n# a note\nIN ALOW\n[NOSUCH]\nIN ACCEPT\n").strange
    assert strange == ("line 2: enable=1", "line 5: IN ALOW", "line 6: [NOSUCH]", "line 7: IN ACCEPT")


def test_nothing_is_no_file() -> None:
    assert parse("").text == ""
