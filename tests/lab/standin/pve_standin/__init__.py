"""Lab stand-in for Proxmox VE's own programs: same commands, files, texts and exit codes, on real corosync and Ceph."""
