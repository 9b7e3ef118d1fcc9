# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How modules speak to Kubernetes' API."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - File on the controller that says which cluster is meant, and who asks. One that does not verify the server
        is refused, unless O(fingerprint) is given.
    type: path
    required: true
  context:
    description: Which context of it; by default the current one.
    type: str
    default: ""
  fingerprint:
    description: SHA-256 of the server's certificate. With it nobody else is spoken to, whoever has signed it.
    type: str
    default: ""
"""
