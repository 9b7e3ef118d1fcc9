# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is put away before a change, so that a person can put it back: the objects, as the server has them."""

from __future__ import annotations

import hashlib
import json

from ...model.kube.calico import ObservedCalico


def backup_text(observed: ObservedCalico) -> str:
    return json.dumps(observed.objects, indent=1, sort_keys=True) + "\n"


def backup_name(observed: ObservedCalico) -> str:
    return f"calico-bgp-{hashlib.sha256(backup_text(observed).encode()).hexdigest()[:16]}.json"
