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
        [ "$name" = default ] || scenarios+=("$name")
    done
fi

remove_lab() {
    if [ -z "${KEEP_LAB:-}" ]; then
        tests/lab/lab down
    else
        echo "Kept: LAB_NAME=$LAB_NAME tests/lab/lab status"
    fi
}
trap remove_lab EXIT

verdict=0
for scenario in "${scenarios[@]}"; do
    python tests/tools/check.py "molecule-$scenario" -- molecule test --scenario-name "$scenario" || verdict=1
done
exit "$verdict"
