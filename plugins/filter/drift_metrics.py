# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..module_utils.report.metrics import plan_metrics

DOCUMENTATION = r"""
name: drift_metrics
short_description: A plan as numbers for Prometheus
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Gives the text of a file for the textfile collector of Prometheus' node_exporter.
options:
  _input:
    description:
      - The plan, as M(baremetal.virt.run_plan) writes it to O(baremetal.virt.run_plan#module:plan_to).
      - Of one that is not whole, or was refused, only this is told.
    type: dict
    required: true
  site:
    description: The value of the label C(site).
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Tell Prometheus how far the site is from what is declared
  ansible.builtin.copy:
    content: "{{ lookup('ansible.builtin.file', 'drift.json') | from_json | baremetal.virt.drift_metrics('campus') }}"
    dest: /var/lib/prometheus/node-exporter/drift.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: Lines in Prometheus' text format.
  type: str
"""


def drift_metrics(plan: dict[str, Any], site: str = "") -> str:
    """The plan as of now."""
    return plan_metrics(plan, site, time.time())


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"drift_metrics": drift_metrics}
