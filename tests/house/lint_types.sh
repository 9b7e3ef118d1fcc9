#!/bin/bash
# Types of all bodies of code; no function without annotations. Each is checked from where its imports resolve.
set -euo pipefail

root=$PWD
config="$root/pyproject.toml"
verdict=0

(cd .ansible/collections && mypy --config-file "$config" --cache-dir "$root/.cache/mypy/plugins" \
    -p ansible_collections.baremetal.virt.plugins -p ansible_collections.baremetal.virt.extensions) || verdict=1
standin="$root/tests/lab:$root/tests/lab/standin"
(cd .ansible/collections && MYPYPATH="$root/tests/contract:$root/tests/tools:$standin" mypy --config-file "$config" \
    --cache-dir "$root/.cache/mypy/unit" -p ansible_collections.baremetal.virt.tests.unit) || verdict=1
MYPYPATH=tests/lab:tests/lab/standin mypy --config-file "$config" --cache-dir .cache/mypy/lab \
    -p labtool -p pve_standin || verdict=1
MYPYPATH=tests/lab:tests/lab/standin:tests/contract mypy --config-file "$config" --cache-dir .cache/mypy/lab \
    tests/lab/tests tests/lab/standin/loopback.py || verdict=1
MYPYPATH=tests/contract:tests/lab:tests/lab/standin:.ansible/collections mypy --config-file "$config" \
    --cache-dir .cache/mypy/contract tests/contract || verdict=1
(cd .ansible/collections && MYPYPATH="$root/tests/lab:$root/tests/lab/standin:$root/tests/bench" mypy --config-file "$config" \
    --cache-dir "$root/.cache/mypy/grammar" -p ansible_collections.baremetal.virt.tests.grammar \
    -p ansible_collections.baremetal.virt.tests.losses -p ansible_collections.baremetal.virt.tests.community \
    -p ansible_collections.baremetal.virt.tests.fabric -p ansible_collections.baremetal.virt.tests.cni \
    -p ansible_collections.baremetal.virt.tests.kube) || verdict=1
MYPYPATH=tests/tools:tests/house:tests/kill:tests/bench:tests/lab:.ansible/collections mypy --config-file "$config" \
    --cache-dir .cache/mypy/tools tests/tools tests/house tests/kill tests/bench || verdict=1
exit "$verdict"
