#!/bin/bash
# Run molecule scenarios (all, or those named), each as a check of its own, on a lab of their own that is removed after.
# usage: molecule.sh [SCENARIO...]       KEEP_LAB=1 keeps the lab for a look at what went wrong
set -euo pipefail

export LAB_NAME=${LAB_NAME:-molecule}
scenarios=("$@")
if [ ${#scenarios[@]} = 0 ]; then
    # The whole bring-up first: the scenarios of single roles start from the state it leaves.
    scenarios=(default)
    for file in molecule/*/molecule.yml; do
        name=$(basename "$(dirname "$file")")
        # nfs_vm is on a machine of its own, and slow: `make nfs-vm`
        [[ "$name" =~ ^(default|nfs_vm)$ ]] || scenarios+=("$name")
    done
fi

# The end of the name of a scenario's own lab; nothing for the lab that the others share.
suffix() { sed -n 's/^ *LAB_NAME: .*}//p' "molecule/$1/molecule.yml"; }

if [ -n "${KEEP_LAB:-}" ]; then
    echo "The lab will be kept: LAB_NAME=$LAB_NAME tests/lab/lab status"
else
    # Scenarios with a lab of their own remove it, unless they are cut short.
    labs=("$LAB_NAME")
    for scenario in "${scenarios[@]}"; do
        [ -z "$(suffix "$scenario")" ] || labs+=("$LAB_NAME$(suffix "$scenario")")
    done
    trap 'for LAB_NAME in "${labs[@]}"; do tests/lab/lab down; done' EXIT
fi

verdict=0
shared=0
for scenario in "${scenarios[@]}"; do
    # Molecule would skip create and prepare, should it remember that it did them in another lab or another run.
    molecule reset --scenario-name "$scenario" > /dev/null 2>&1
    # When a scenario fails, molecule would remove the lab: the others go on with it, or somebody wants to look at it.
    if [ -n "${KEEP_LAB:-}" ] || [ -z "$(suffix "$scenario")" ]; then destroy=never; else destroy=always; fi
    python tests/tools/check.py "molecule-$scenario" -- molecule test --destroy "$destroy" --scenario-name "$scenario" || verdict=1
    [ -n "$(suffix "$scenario")" ] || shared=1
done
# What the stand-ins of the shared lab were asked by all this: Proxmox VE itself would have understood it.
if [ "$shared" = 1 ]; then
    python tests/tools/check.py molecule-calls -- python tests/contract/calls.py || verdict=1
fi
exit "$verdict"
