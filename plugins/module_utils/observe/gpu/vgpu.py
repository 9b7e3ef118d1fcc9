# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask Kubernetes' API which configurations of vGPUs there are, and what nodes have of them."""

from __future__ import annotations

from ...engine.reader import Reader
from ...model.gpu.vgpu import CONFIG_KEY, DesiredVgpus, ObservedVgpus
from . import kubevirt


def observe(reader: Reader, desired: DesiredVgpus) -> ObservedVgpus:
    path = f"/api/v1/namespaces/{desired.namespace}/configmaps/{desired.config_map}"
    found = reader.get(path)
    text = ((found or {}).get("data") or {}).get(CONFIG_KEY)
    return ObservedVgpus(text, found is not None, kubevirt.observe(reader).nodes)
