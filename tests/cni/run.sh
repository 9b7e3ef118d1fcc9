#!/bin/bash
# Run the tests of this folder in network and mount namespaces that end with them: run.sh FOLDER PYTEST-ARGUMENT...
set -euo pipefail
folder=$(realpath "$1")
shift
libraries=$folder/usr/lib/x86_64-linux-gnu
export CNI_PROGRAMS=$folder PATH=$folder/bin:$PATH LD_LIBRARY_PATH=$libraries XTABLES_LIBDIR=$libraries/xtables
mkdir -p /run/netns
exec unshare --net --mount --propagation private bash -c '
  mount -t tmpfs tmpfs /run/netns
  ip link set lo up
  sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1
  exec pytest -n0 -s -p no:cacheprovider "$@"' bash "$@"
