# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what cloud-init is told about /etc/hosts and the host's name."""

from __future__ import annotations

from ...engine.reader import Reader
from ...model.debian.cloud_init import (
    CONFIG,
    DIRECTORY,
    DISABLED,
    MANAGE_HOSTS,
    PRESERVE_NAME,
    CloudInit,
    settings_in,
)

#: What was given for the instance holds passwords: only these lines are read. The user's go before the vendor's.
ASK_INSTANCE = (
    "grep", "--no-messages", "--no-filename", "--extended-regexp", f"^({MANAGE_HOSTS}|{PRESERVE_NAME})[[:space:]]*:",
    "/var/lib/cloud/instance/vendor-cloud-config.txt",
    "/var/lib/cloud/instance/vendor2-cloud-config.txt",
    "/var/lib/cloud/instance/cloud-config.txt",
)  # fmt: skip


def observe(reader: Reader) -> CloudInit:
    main = reader.read(CONFIG)
    if main is None or reader.entry(DISABLED) is not None:
        return CloudInit()
    paths = [f"{DIRECTORY}/{name}" for name in reader.names(DIRECTORY) if name.endswith(".cfg")]
    texts = {CONFIG: main, **{path: reader.read(path) or "" for path in sorted(paths)}}
    found = {path: settings_in(text) for path, text in texts.items()}
    return CloudInit(
        system={path: settings for path, settings in found.items() if settings},
        instance=settings_in(reader.run(*ASK_INSTANCE).stdout),
    )
