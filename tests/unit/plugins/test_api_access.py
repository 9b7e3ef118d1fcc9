"""The program by which a node vouches for a run."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.plugin_utils.api_access import node_program


def test_it_means_the_same_in_every_encoding() -> None:
    """Whatever characters its own comments have, it goes to the node as bytes."""
    program = node_program(bytes(16))
    assert program.isascii()
    compile(program, "<stdin>", "exec")
    assert f"tell({bytes(16).hex()!r})" in program
