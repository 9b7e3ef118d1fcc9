#!/bin/bash
# Run molecule scenarios (all, or those named), each as a check of its own, on labs of their own that are removed before
# and after. Scenarios that share the lab follow one another; beside them go, also one by one, those with a lab of their
# own.
# usage: molecule.sh [SCENARIO...]       KEEP_LAB=1 keeps the labs for a look at what went wrong, and begins with kept ones
set -euo pipefail

export LAB_NAME=${LAB_NAME:-molecule}
# molecule, and the scenarios themselves, read what this callback writes.
export ANSIBLE_STDOUT_CALLBACK=ansible.builtin.default
beside=.cache/molecule-beside.log

# The end of the name of a scenario's own lab; nothing for the lab that the others share.
suffix() { sed -n 's/^ *LAB_NAME: .*}//p' "molecule/$1/molecule.yml"; }

scenarios=("$@")
if [ ${#scenarios[@]} = 0 ]; then
    # The whole bring-up first: the scenarios of single roles start from the state it leaves.
    scenarios=(default)
    for file in molecule/*/molecule.yml; do
        name=$(basename "$(dirname "$file")")
        # slow, with targets of their own: `make nfs-vm`, `make ceph-vm`, `make storage-vm`, `make network-vm`,
        # `make network-starts`, `make removals`, `make seven`, `make network`, `make upgrade`, `make sdn` and `make fleet`
        own='default|.*_vm|removals|seven|network|network_starts|upgrade|sdn|fleet|node_removal(_device)?'
        [[ "$name" =~ ^($own)$ ]] || scenarios+=("$name")
    done
    # Last, as the others need the node that it takes away.
    scenarios+=(node_removal)
fi
sharing=()
alone=()
for scenario in "${scenarios[@]}"; do
    if [ -z "$(suffix "$scenario")" ]; then sharing+=("$scenario"); else alone+=("$scenario"); fi
done

# Held by this script alone, not by the nodes that it boots: they may outlive it.
state=${LAB_STATE:-/var/lib/baremetal-virt-lab}
mkdir -p "$state"
exec {lock}> "$state/$LAB_NAME.lock"
if ! flock --nonblock "$lock"; then
    echo "Another run has the labs named $LAB_NAME... Wait until it ends, or give this one its own: LAB_NAME=other." >&2
    exit 1
fi

labs=("$LAB_NAME")
for scenario in "${alone[@]}"; do labs+=("$LAB_NAME$(suffix "$scenario")"); done
remove_labs() {
    local LAB_NAME
    for LAB_NAME in "${labs[@]}"; do tests/lab/lab down {lock}>&-; done
}

if [ -n "${KEEP_LAB:-}" ]; then
    echo "The labs will be kept: LAB_NAME=$LAB_NAME tests/lab/lab status"
else
    # A run that was killed with its machine left nodes that look fresh and are not.
    remove_labs
    # Scenarios with a lab of their own remove it, unless they are cut short.
    trap 'pkill --parent $$ || true; wait; remove_labs' EXIT
fi

run() { # DESTROY SCENARIO...
    local scenario verdict=0
    for scenario in "${@:2}"; do
        # Molecule would skip create and prepare, should it remember that it did them in another lab or another run.
        molecule reset --scenario-name "$scenario" > /dev/null 2>&1
        python tests/tools/check.py "molecule-$scenario" -- \
            molecule test --destroy "$1" --scenario-name "$scenario" {lock}>&- || verdict=1
    done
    return "$verdict"
}

verdict=0
# When a scenario fails, molecule would remove the lab: the others go on with it, or somebody wants to look at it.
if [ -n "${KEEP_LAB:-}" ]; then destroy=never; else destroy=always; fi
if [ ${#sharing[@]} = 0 ]; then
    run "$destroy" "${alone[@]}" || verdict=1
else
    mkdir -p "$(dirname "$beside")"
    run "$destroy" "${alone[@]}" > "$beside" 2>&1 &
    own=$!
    run never "${sharing[@]}" || verdict=1
    wait "$own" || verdict=1
    cat "$beside"
fi
# What the stand-ins of the shared lab were asked by all this: Proxmox VE itself would have understood it.
if [ ${#sharing[@]} != 0 ]; then
    python tests/tools/check.py molecule-calls -- python tests/contract/calls.py || verdict=1
fi
exit "$verdict"
