"""cni_trials: a plugin is called rightly and wrongly in namespaces that end with the trials."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import cni_trials

#: Makes a wire and hands out one address after the other; DEL takes the wire away.
PLUGIN = """#!/bin/sh
config=$(cat)
case "$CNI_COMMAND" in
VERSION) echo '{"cniVersion": "1.0.0", "supportedVersions": ["1.0.0"]}' ;;
ADD)
  if [ -z "$CNI_NETNS" ]; then echo '{"code": 4, "msg": "no namespace"}'; exit 1; fi
  [ -e "$CNI_NETNS" ] || { echo '{"code": 999, "msg": "not there"}'; exit 1; }
  ip link add "v$CNI_CONTAINERID" type veth peer name "$CNI_IFNAME" netns "$(basename "$CNI_NETNS")" ||
    { echo '{"code": 999, "msg": "it is there"}'; exit 1; }
  echo "{\\"cniVersion\\": \\"1.0.0\\", \\"ips\\": [{\\"address\\": \\"$CNI_CONTAINERID\\"}]}" ;;
DEL) ip link delete "v$CNI_CONTAINERID" 2>/dev/null; exit 0 ;;
CHECK) exit 0 ;;
esac
"""
INSIDE = ("unshare", "--user", "--map-root-user", "--net", "--mount", "--propagation", "private", "sh", "-c")
USABLE = subprocess.run([*INSIDE, "mount -t tmpfs t /run"], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not USABLE, reason="this kernel gives users no namespaces of their own")
def test_a_plugin_is_tried(tmp_path: Path) -> None:
    plugin = tmp_path / "own"
    plugin.write_text(PLUGIN)
    plugin.chmod(0o755)
    document = {"cniVersion": "1.0.0", "name": "t", "plugins": [{"type": "own"}]}
    program = (sys.executable, "-I", str(Path(cni_trials.__file__)), "inside", str(tmp_path), json.dumps(document))
    script = 'mount -t tmpfs t /run; mount -t tmpfs t /var/lib; exec "$@"'
    done = subprocess.run([*INSIDE, script, "sh", *program], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["version"]["versions"] == ["1.0.0"]
    assert told["without_CNI_NETNS"] == {"rc": 1, "code": 4, "msg": "no namespace"}
    assert told["add_without_namespace"]["msg"] == "not there"
    assert told["add"]["addresses"] == ["trial0"]
    assert (told["add_twice"]["rc"], told["check_tampered"]["rc"]) == (1, 0)
    assert (told["del"]["left"], told["del_twice"]["rc"], told["del_without_namespace"]["rc"]) == ([], 0, 0)
    assert (len(set(told["parallel"]["addresses"])), told["parallel"]["failed"]) == (cni_trials.AT_ONCE, 0)


def test_an_answer_that_is_no_error_has_no_code() -> None:
    assert cni_trials.Answer(1, '{"code": 7, "msg": "x"}', "").told == {"rc": 1, "code": 7, "msg": "x"}
    assert cni_trials.Answer(1, "", '{"code": 7, "msg": "x"}').told["code"] == 7
    assert cni_trials.Answer(2, "", "panic").told == {"rc": 2, "code": 0, "msg": "panic"}
    assert cni_trials.Answer(0, "[]", "").told == {"rc": 0, "code": 0, "msg": ""}


def test_nothing_is_tried_where_the_node_keeps_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mount = tmp_path / "mount"
    mount.write_text("#!/bin/sh\necho mount: permission denied >&2\nexit 32\n")
    mount.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(cni_trials, "PRIVATE", (str(tmp_path / "private"),))
    with pytest.raises(OSError, match="permission denied"):
        cni_trials.main("inside", "/opt/cni/bin", "{}")
