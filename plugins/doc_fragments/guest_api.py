# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How modules speak to the API that work from the controller."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api:
    description:
      - How to speak to the API. Without it the run speaks as root@pam, with a ticket that the node makes
        for it and tells through ssh, together with the certificate that its web interface shows.
    type: dict
    suboptions:
      host:
        description: Address of a node; by default that of the task's host.
        type: str
      port:
        description: Port of the web interface.
        type: int
        default: 8006
      fingerprint:
        description: SHA-256 of the node's certificate. With it and a token the node is not asked through ssh.
        type: str
      token_id:
        description:
          - Token to speak with, USER@REALM!NAME. One that O(baremetal.virt.access#module:automation) makes is enough.
        type: str
      token_secret:
        description: Its value.
        type: str
"""
